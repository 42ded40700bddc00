//! What a client does about a response.

use crate::names::SCHEME;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, Method, StatusCode};

/// What a client does about a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Nothing: it is the answer.
    Take,
    /// Proves the request anew with the nonce that came along, and sends it again, once.
    RetryWithNonce,
    /// Registers the capability, and then proves and sends the request again, once.
    Register,
    /// Proves the request anew and sends it again, once, since its method is idempotent.
    RetryAnew,
    /// Sends it again when the connection is not early any more.
    RetryLater,
    /// The user must log in again.
    LogIn,
    /// The user must be asked for more.
    AskForMore,
}

impl Advice {
    /// By status, `WWW-Authenticate` and method (`docs/http.md`, section 7).
    #[must_use]
    pub fn of(method: &Method, status: StatusCode, headers: &HeaderMap) -> Self {
        let challenges = headers.get_all(WWW_AUTHENTICATE).iter();
        let mut ours = challenges.filter_map(|challenge| {
            let text = challenge.to_str().ok()?;
            let (scheme, parameters) = text.split_once(' ').unwrap_or((text, ""));
            scheme.eq_ignore_ascii_case(SCHEME).then_some(parameters)
        });
        let error = ours.next().map(|parameters| {
            let error = parameters.split(',').find_map(|parameter| {
                let value = parameter.trim().strip_prefix("error=\"")?;
                value.strip_suffix('"')
            });
            error.unwrap_or_default()
        });
        match (status, error) {
            (StatusCode::TOO_EARLY, _) => Self::RetryLater,
            (StatusCode::UNAUTHORIZED, Some("use_nonce")) => Self::RetryWithNonce,
            (StatusCode::UNAUTHORIZED, Some("capability_required")) => Self::Register,
            (StatusCode::UNAUTHORIZED, Some("replayed")) if method.is_idempotent() => {
                Self::RetryAnew
            }
            (
                StatusCode::UNAUTHORIZED,
                Some("" | "invalid_token" | "insufficient_user_authentication"),
            ) => Self::LogIn,
            (StatusCode::FORBIDDEN, Some("insufficient_scope")) => Self::AskForMore,
            _ => Self::Take,
        }
    }
}
