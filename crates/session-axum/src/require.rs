//! What a route requires of its caller: resources that the session must grant.

use crate::BoxFuture;
use crate::response::{count, expose, is_of_a_page, refuse};
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{Either, Full};
use session_http::{Caller, Refusal};
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

type Resource = dyn Fn(&mut Parts) -> Result<String, Refusal> + Send + Sync;

/// Requires a resource of the caller, whom the [`SessionLayer`](crate::SessionLayer) outside of it
/// finds.
#[derive(Clone)]
#[must_use]
pub struct RequireLayer(Arc<Resource>);

impl RequireLayer {
    /// Requires the resource that this function makes from a request.
    pub fn new(
        resource: impl Fn(&mut Parts) -> Result<String, Refusal> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(resource))
    }

    fn check(&self, parts: &mut Parts) -> Result<(), Refusal> {
        let caller = parts.extensions.get::<Caller>().cloned();
        let caller = caller.ok_or(Refusal::NoCredentials)?;
        caller.require(&(self.0)(parts)?)
    }
}

impl fmt::Debug for RequireLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequireLayer")
    }
}

impl<S> Layer<S> for RequireLayer {
    type Service = RequireService<S>;

    fn layer(&self, inner: S) -> RequireService<S> {
        RequireService {
            inner,
            layer: self.clone(),
        }
    }
}

/// A service behind a [`RequireLayer`].
#[derive(Clone, Debug)]
pub struct RequireService<S> {
    inner: S,
    layer: RequireLayer,
}

impl<S, B, R> Service<Request<B>> for RequireService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    R: 'static,
{
    type Response = Response<Either<R, Full<Bytes>>>;
    type Error = S::Error;
    type Future = BoxFuture<Result<Self::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let verdict = self.layer.check(&mut parts);
        let of_a_page = is_of_a_page(&parts.headers);
        match verdict {
            Ok(()) => {
                let response = self.inner.call(Request::from_parts(parts, body));
                Box::pin(async move { Ok(response.await?.map(Either::Left)) })
            }
            Err(refusal) => Box::pin(async move {
                count(refusal.code());
                let mut response = refuse(&refusal, None).map(Either::Right);
                if of_a_page {
                    expose(response.headers_mut());
                }
                Ok(response)
            }),
        }
    }
}

/// Requires a resource, in which `{name}` is the path parameter of this name: for the routes of
/// `axum`, as `post(handler).layer(require("app://notes/{id}/write"))`.
///
/// All characters of a parameter except letters, digits and `-._~` are percent-encoded, so that it
/// is one segment and cannot pretend to be more.
#[cfg(feature = "axum")]
pub fn require(template: &str) -> RequireLayer {
    let template = template.to_owned();
    RequireLayer::new(move |parts| fill(&template, parts))
}

#[cfg(feature = "axum")]
fn fill(template: &str, parts: &mut Parts) -> Result<String, Refusal> {
    use axum::extract::{FromRequestParts, RawPathParams};
    use futures_util::FutureExt;
    const MISSING: Refusal = Refusal::InvalidRequest("the path has no such parameter");
    let mut rest = template;
    let mut filled = String::with_capacity(template.len() + 16);
    let Some(first) = rest.find('{') else {
        return Ok(rest.to_owned());
    };
    // it waits for nothing
    let parameters = RawPathParams::from_request_parts(parts, &()).now_or_never();
    let parameters = parameters.and_then(Result::ok).ok_or(MISSING)?;
    let mut at = Some(first);
    while let Some(start) = at {
        let (before, after) = rest.split_at(start);
        filled.push_str(before);
        let (name, after) = after
            .strip_prefix('{')
            .and_then(|after| after.split_once('}'))
            .ok_or(MISSING)?;
        let value = parameters.iter().find(|(key, _)| *key == name);
        encode(value.ok_or(MISSING)?.1, &mut filled);
        rest = after;
        at = rest.find('{');
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(feature = "axum")]
fn encode(value: &str, out: &mut String) {
    use std::fmt::Write;
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // writing to a text does not fail
            let _ = write!(out, "%{byte:02X}");
        }
    }
}
