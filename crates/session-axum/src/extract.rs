//! The extractor: who a request is from.

use crate::response::{count, refuse};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use session_http::Refusal;
use std::convert::Infallible;
use std::ops::Deref;

/// Who a request is from, as the [`SessionLayer`](crate::SessionLayer) judged it. Without the layer
/// a request has no caller and is refused; `Option<Caller>` is for routes behind a layer that is
/// [optional](crate::SessionLayer::with_unproven_requests).
#[derive(Clone, Debug)]
pub struct Caller(session_http::Caller);

impl Deref for Caller {
    type Target = session_http::Caller;

    fn deref(&self) -> &session_http::Caller {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let caller = parts.extensions.get::<session_http::Caller>();
        caller
            .cloned()
            .map(Self)
            .ok_or(Refused(Refusal::NoCredentials))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get().cloned().map(Self))
    }
}

/// A refusal as a response, for handlers that require more of their caller, with `?`.
#[derive(Clone, Debug)]
pub struct Refused(pub Refusal);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        count(self.0.code());
        refuse(&self.0, None).into_response()
    }
}
