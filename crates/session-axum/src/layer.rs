//! The layer: judges each request, reads its content, and hands it on with its caller.

use crate::content::{Limits, ProvenBody, read};
use crate::response::{count, expose, is_of_a_page, put_nonce, refuse};
use crate::{BoxError, BoxFuture};
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, Uri};
use http_body::Body;
use http_body_util::{Either, Full};
use session_http::{Accepted, Expected, Refusal, Route, Server};
use std::task::{Context, Poll};
use std::time::Duration;
use tower_layer::Layer;
use tower_service::Service;
use tracing::Instrument;

/// Accepts requests that prove their session, and refuses all others.
///
/// The content is read before the handler runs, up to [2 MiB](Self::with_content_limit) and for
/// [30 seconds](Self::with_content_timeout), and compared with what was signed; only a
/// [stream](Self::with_streams) is passed on as it comes.
#[derive(Clone, Debug)]
#[must_use]
pub struct SessionLayer {
    server: Server,
    route: Route,
    limits: Limits,
    optional: bool,
}

impl SessionLayer {
    /// Judges by this server.
    pub const fn new(server: Server) -> Self {
        Self {
            server,
            route: Route::new(),
            limits: Limits::DEFAULT,
            optional: false,
        }
    }

    /// Accepts only proofs with a nonce of the server.
    pub const fn with_nonce_required(mut self) -> Self {
        self.route = self.route.with_nonce_required();
        self
    }

    /// Accepts content that the proof does not cover. The handler must not trust such content
    /// because of the proof.
    pub const fn with_streams(mut self) -> Self {
        self.route = self.route.with_streams();
        self
    }

    /// Accepts content of at most so many bytes; the default is 2 MiB.
    pub const fn with_content_limit(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// Waits at most this long for the content; the default is 30 seconds.
    pub const fn with_content_timeout(mut self, time: Duration) -> Self {
        self.limits.time = time;
        self
    }

    /// Also accepts requests without any proof, which then have no caller. If there is a proof, it
    /// must be valid.
    pub const fn with_unproven_requests(mut self) -> Self {
        self.optional = true;
        self
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> SessionService<S> {
        SessionService {
            inner,
            layer: self.clone(),
        }
    }
}

/// A service behind the [`SessionLayer`].
#[derive(Clone, Debug)]
pub struct SessionService<S> {
    inner: S,
    layer: SessionLayer,
}

impl<S, B, R> Service<Request<B>> for SessionService<S>
where
    S: Service<Request<ProvenBody<B>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Either<R, Full<Bytes>>>;
    type Error = S::Error;
    type Future = BoxFuture<Result<Self::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // the one that was ready, and not its clone
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let of_a_page = is_of_a_page(&parts.headers);
            let mut response = match layer.admit(&mut parts, body).await {
                Ok((body, admitted)) => {
                    count("accepted");
                    let span = span(admitted.as_ref());
                    let request = Request::from_parts(parts, body);
                    let response = inner.call(request).instrument(span).await?;
                    let mut response = response.map(Either::Left);
                    let nonce = admitted.as_ref().and_then(Accepted::nonce);
                    put_nonce(response.headers_mut(), nonce);
                    response
                }
                Err(refusal) => layer.refuse(&parts, &refusal).map(Either::Right),
            };
            if of_a_page {
                expose(response.headers_mut());
            }
            Ok(response)
        })
    }
}

impl SessionLayer {
    async fn admit<B>(
        &self,
        parts: &mut Parts,
        body: B,
    ) -> Result<(ProvenBody<B>, Option<Accepted>), Refusal>
    where
        B: Body + Unpin,
        B::Error: Into<BoxError>,
    {
        let uri = target(parts);
        let accepted = match self.server.judge(parts, &uri, self.route).await {
            Err(Refusal::NoCredentials) if self.optional => {
                return Ok((ProvenBody::stream(body), None));
            }
            verdict => verdict?,
        };
        let is_slow = !body.is_end_stream() && body.size_hint().exact() != Some(0);
        let body = match accepted.expected_content() {
            Expected::Anything => ProvenBody::stream(body),
            _ => ProvenBody::read(read(body, accepted.content_check(), self.limits).await?),
        };
        if is_slow {
            // whoever sends slowly must not stay logged in by that
            self.server.check_still(accepted.caller()).await?;
        }
        parts.extensions.insert(accepted.caller().clone());
        Ok((body, Some(accepted)))
    }

    fn refuse(&self, parts: &Parts, refusal: &Refusal) -> Response<Full<Bytes>> {
        refuse_with_nonce(&self.server, parts, refusal)
    }
}

pub(crate) fn refuse_with_nonce(
    server: &Server,
    parts: &Parts,
    refusal: &Refusal,
) -> Response<Full<Bytes>> {
    count(refusal.code());
    let nonce = match refusal {
        Refusal::UseNonce => server.nonce_for(parts, &target(parts)),
        _ => None,
    };
    refuse(refusal, nonce.as_deref())
}

/// The target as it arrived: a nested router takes its own path off.
pub(crate) fn target(parts: &Parts) -> Uri {
    #[cfg(feature = "axum")]
    if let Some(original) = parts.extensions.get::<axum::extract::OriginalUri>() {
        return original.0.clone();
    }
    parts.uri.clone()
}

fn span(accepted: Option<&Accepted>) -> tracing::Span {
    let Some(accepted) = accepted else {
        return tracing::Span::none();
    };
    let caller = accepted.caller();
    tracing::info_span!(
        "session",
        issuer = %caller.issuer(),
        identity = %caller.identity(),
    )
}
