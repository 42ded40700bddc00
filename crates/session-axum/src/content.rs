//! The content of a request: read and compared with what was signed, before anybody acts on it.

use crate::BoxError;
use bytes::{Buf, Bytes, BytesMut};
use futures_timer::Delay;
use futures_util::future::{Either, select};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use session_http::{ContentCheck, Refusal};
use std::fmt;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

/// How much is read, and for how long is waited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

impl Limits {
    pub(crate) const DEFAULT: Self = Self {
        bytes: 2 << 20,
        time: Duration::from_secs(30),
    };

    #[cfg(feature = "axum")]
    pub(crate) const fn with_bytes(bytes: usize) -> Self {
        Self {
            bytes,
            ..Self::DEFAULT
        }
    }
}

/// Reads the whole content and compares it with what was promised.
pub(crate) async fn read<B>(body: B, check: ContentCheck, limits: Limits) -> Result<Bytes, Refusal>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    if body.is_end_stream() {
        return match check.finish() {
            true => Ok(Bytes::new()),
            false => Err(MISMATCH),
        };
    }
    // what says that it is too long is not read at all
    if body.size_hint().lower() > limits.bytes as u64 {
        return Err(Refusal::ContentTooLarge);
    }
    match select(
        pin!(collect(body, check, limits.bytes)),
        Delay::new(limits.time),
    )
    .await
    {
        Either::Left((content, _)) => content,
        Either::Right(_) => Err(Refusal::ContentTimeout),
    }
}

const MISMATCH: Refusal = Refusal::InvalidProof("the content is not what was signed");

async fn collect<B>(mut body: B, mut check: ContentCheck, limit: usize) -> Result<Bytes, Refusal>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    let mut content = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(Refusal::InvalidRequest("the content ended too early"));
        };
        // trailers are not signed, and nobody is shown them
        let Ok(mut data) = frame.into_data() else {
            continue;
        };
        if data.remaining() > limit - content.len() {
            return Err(Refusal::ContentTooLarge);
        }
        let bytes = data.copy_to_bytes(data.remaining());
        if !check.update(&bytes) {
            return Err(MISMATCH);
        }
        content.extend_from_slice(&bytes);
    }
    match check.finish() {
        true => Ok(content.freeze()),
        false => Err(MISMATCH),
    }
}

/// The content of a request that went through the [`SessionLayer`](crate::SessionLayer).
pub struct ProvenBody<B>(Kind<B>);

enum Kind<B> {
    /// It was read, and is what was signed.
    Read(Bytes),
    /// It is not covered by the proof.
    Stream(B),
}

impl<B> ProvenBody<B> {
    pub(crate) const fn read(content: Bytes) -> Self {
        Self(Kind::Read(content))
    }

    pub(crate) const fn stream(body: B) -> Self {
        Self(Kind::Stream(body))
    }
}

impl<B> Body for ProvenBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Kind::Read(content) if content.is_empty() => Poll::Ready(None),
            Kind::Read(content) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(content))))),
            Kind::Stream(body) => Pin::new(body).poll_frame(context).map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Read(content) => content.is_empty(),
            Kind::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Read(content) => SizeHint::with_exact(content.len() as u64),
            Kind::Stream(body) => body.size_hint(),
        }
    }
}

impl<B> fmt::Debug for ProvenBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Kind::Read(_) => "ProvenBody::Read",
            Kind::Stream(_) => "ProvenBody::Stream",
        })
    }
}
