//! Why a request is refused: a code for machines, a status, and what the client may do about it.

use crate::names::SCHEME;
use http::{HeaderValue, StatusCode};
use std::time::Duration;

/// Why a request is refused.
///
/// Codes and statuses are those of RFC 6750, section 3.1, of RFC 9449 (without the `dpop` in their
/// names) and of RFC 9470, where these have one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no proof at all.
    #[error("the request has no proof of a session")]
    NoCredentials,
    /// The proof is too old, its clock is wrong, or a nonce is wanted here.
    #[error("the proof needs a nonce: prove the request again with that of DID-Session-Nonce")]
    UseNonce,
    /// The capability is not known here.
    #[error("the capability is not known: register it, or send it along")]
    CapabilityRequired,
    /// The proof is not one for this request.
    #[error("{0}")]
    InvalidProof(&'static str),
    /// The proof was used before.
    #[error("the proof was used before")]
    Replayed,
    /// The capability does not hold here and now; the reason is a code of `cacao`.
    #[error("the capability is not accepted: {0}")]
    InvalidToken(&'static str),
    /// The issuer must have signed more recently.
    #[error("the issuer must have signed within the last {} seconds", .max_age.as_secs())]
    InsufficientUserAuthentication {
        /// How long ago at most.
        max_age: Duration,
    },
    /// The capability does not grant this.
    #[error("the capability does not grant what this route requires")]
    InsufficientScope {
        /// The resources that are required, with a space between two.
        scope: String,
    },
    /// The request is not a valid one.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// The request came as TLS early data, which anybody can send again.
    #[error("the request came as TLS early data: send it again after the handshake")]
    TooEarly,
    /// The content is longer than this route takes.
    #[error("the content is longer than this route accepts")]
    ContentTooLarge,
    /// The content did not arrive in time.
    #[error("the content did not arrive in time")]
    ContentTimeout,
    /// There are too many requests.
    #[error("there are too many requests; try again later")]
    TooManyRequests {
        /// When to try again.
        retry_after: Duration,
    },
    /// What must be known cannot be read or written.
    #[error("the server cannot read or write what it keeps; try again later")]
    Unavailable {
        /// When to try again.
        retry_after: Duration,
    },
}

impl Refusal {
    /// A stable name in snake case: `error` of `WWW-Authenticate` where it stands there.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoCredentials => "no_credentials",
            Self::UseNonce => "use_nonce",
            Self::CapabilityRequired => "capability_required",
            Self::InvalidProof(_) => "invalid_proof",
            Self::Replayed => "replayed",
            Self::InvalidToken(_) => "invalid_token",
            Self::InsufficientUserAuthentication { .. } => "insufficient_user_authentication",
            Self::InsufficientScope { .. } => "insufficient_scope",
            Self::InvalidRequest(_) => "invalid_request",
            Self::TooEarly => "too_early",
            Self::ContentTooLarge => "content_too_large",
            Self::ContentTimeout => "content_timeout",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::Unavailable { .. } => "unavailable",
        }
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NoCredentials
            | Self::UseNonce
            | Self::CapabilityRequired
            | Self::InvalidProof(_)
            | Self::Replayed
            | Self::InvalidToken(_)
            | Self::InsufficientUserAuthentication { .. } => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope { .. } => StatusCode::FORBIDDEN,
            Self::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            Self::TooEarly => StatusCode::TOO_EARLY,
            Self::ContentTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ContentTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// `WWW-Authenticate` (RFC 9110, section 11.6.1), where the refusal is about the credentials.
    #[must_use]
    pub fn www_authenticate(&self) -> Option<HeaderValue> {
        let code = self.code();
        let text = match self {
            Self::NoCredentials => format!("{SCHEME} algs=\"EdDSA ES256\""),
            Self::InsufficientUserAuthentication { max_age } => {
                format!(
                    "{SCHEME} error=\"{code}\", max_age=\"{}\"",
                    max_age.as_secs()
                )
            }
            Self::InsufficientScope { scope } => {
                // a scope has these characters and no others (RFC 6749, section 3.3); what cannot
                // be one stands in the problem document alone
                let is_scope = |byte: u8| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte);
                match scope.bytes().all(is_scope) {
                    true => format!("{SCHEME} error=\"{code}\", scope=\"{scope}\""),
                    false => format!("{SCHEME} error=\"{code}\""),
                }
            }
            Self::UseNonce
            | Self::CapabilityRequired
            | Self::InvalidProof(_)
            | Self::Replayed
            | Self::InvalidToken(_)
            | Self::InvalidRequest(_) => format!("{SCHEME} error=\"{code}\""),
            _ => return None,
        };
        HeaderValue::try_from(text).ok()
    }

    /// `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(&self) -> Option<HeaderValue> {
        match self {
            Self::TooManyRequests { retry_after } | Self::Unavailable { retry_after } => {
                Some(HeaderValue::from(retry_after.as_secs().max(1)))
            }
            _ => None,
        }
    }

    /// The phrase of the status: the problem has no `type` (RFC 9457, section 4.2.1).
    fn title(&self) -> &'static str {
        match self.status() {
            // its name since RFC 9110, section 15.5.14
            StatusCode::PAYLOAD_TOO_LARGE => "Content Too Large",
            status => status.canonical_reason().unwrap_or("Refused"),
        }
    }

    /// The problem document (RFC 9457).
    #[must_use]
    pub fn to_problem(&self) -> String {
        let mut problem = serde_json::json!({
            "title": self.title(),
            "status": self.status().as_u16(),
            "code": self.code(),
            "detail": self.to_string(),
        });
        let more = match self {
            Self::InvalidToken(reason) => Some(("reason", serde_json::json!(reason))),
            Self::InsufficientScope { scope } => Some(("scope", serde_json::json!(scope))),
            Self::InsufficientUserAuthentication { max_age } => {
                Some(("max_age", serde_json::json!(max_age.as_secs())))
            }
            _ => None,
        };
        if let (Some((name, value)), Some(problem)) = (more, problem.as_object_mut()) {
            problem.insert(name.to_owned(), value);
        }
        problem.to_string()
    }
}

/// A store that fails: the request is refused, and may be tried again.
impl From<session_core::StoreError> for Refusal {
    fn from(error: session_core::StoreError) -> Self {
        tracing::error!(code = error.code(), %error, "a store of the server failed");
        Self::Unavailable {
            retry_after: Duration::from_secs(1),
        }
    }
}

/// A capability that is refused.
impl From<cacao::Error> for Refusal {
    fn from(error: cacao::Error) -> Self {
        match error {
            cacao::Error::Chain(_) => {
                tracing::warn!(%error, "a chain did not answer");
                Self::Unavailable {
                    retry_after: Duration::from_secs(2),
                }
            }
            cacao::Error::ResourceNotGranted { resource } => {
                Self::InsufficientScope { scope: resource }
            }
            error => Self::InvalidToken(error.code()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_stands_in_the_field_where_it_can() {
        let field = |scope: &str| {
            let refusal = Refusal::InsufficientScope {
                scope: scope.to_owned(),
            };
            assert!(refusal.to_problem().contains(r#""scope":"#));
            let value = refusal.www_authenticate().unwrap();
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(
            field("app://notes/write urn:x"),
            r#"DIDSession error="insufficient_scope", scope="app://notes/write urn:x""#
        );
        for other in ["a\"b", "a\\b", "caf\u{e9}", "a\nb", "a\tb"] {
            assert_eq!(field(other), r#"DIDSession error="insufficient_scope""#);
        }
    }

    /// Code, status, `WWW-Authenticate` and `Retry-After` of each, as `docs/http.md` has them.
    #[test]
    fn a_refusal_is_said_in_each_place() {
        let seconds = Duration::from_secs;
        let bare = |code: &str| Some(format!("DIDSession error=\"{code}\""));
        let max_age = seconds(300);
        for (refusal, code, status, challenge, retry_after) in [
            (
                Refusal::NoCredentials,
                "no_credentials",
                401,
                Some("DIDSession algs=\"EdDSA ES256\"".to_owned()),
                None,
            ),
            (Refusal::UseNonce, "use_nonce", 401, bare("use_nonce"), None),
            (
                Refusal::CapabilityRequired,
                "capability_required",
                401,
                bare("capability_required"),
                None,
            ),
            (
                Refusal::InvalidProof("x"),
                "invalid_proof",
                401,
                bare("invalid_proof"),
                None,
            ),
            (Refusal::Replayed, "replayed", 401, bare("replayed"), None),
            (
                Refusal::InvalidToken("expired"),
                "invalid_token",
                401,
                bare("invalid_token"),
                None,
            ),
            (
                Refusal::InsufficientUserAuthentication { max_age },
                "insufficient_user_authentication",
                401,
                Some(
                    "DIDSession error=\"insufficient_user_authentication\", max_age=\"300\""
                        .to_owned(),
                ),
                None,
            ),
            (
                Refusal::InsufficientScope { scope: "a".into() },
                "insufficient_scope",
                403,
                Some("DIDSession error=\"insufficient_scope\", scope=\"a\"".to_owned()),
                None,
            ),
            (
                Refusal::InvalidRequest("x"),
                "invalid_request",
                400,
                bare("invalid_request"),
                None,
            ),
            (Refusal::TooEarly, "too_early", 425, None, None),
            (
                Refusal::ContentTooLarge,
                "content_too_large",
                413,
                None,
                None,
            ),
            (Refusal::ContentTimeout, "content_timeout", 408, None, None),
            (
                Refusal::TooManyRequests {
                    retry_after: seconds(60),
                },
                "too_many_requests",
                429,
                None,
                Some("60"),
            ),
            (
                Refusal::Unavailable {
                    retry_after: Duration::from_millis(10),
                },
                "unavailable",
                503,
                None,
                Some("1"),
            ),
        ] {
            let text = |value: HeaderValue| value.to_str().unwrap().to_owned();
            assert_eq!(refusal.code(), code);
            assert_eq!(refusal.status(), status, "{code}");
            assert_eq!(refusal.www_authenticate().map(text), challenge, "{code}");
            let retry = refusal.retry_after().map(text);
            assert_eq!(retry.as_deref(), retry_after, "{code}");
            let problem: serde_json::Value = serde_json::from_str(&refusal.to_problem()).unwrap();
            assert_eq!(problem["code"], code);
            assert_eq!(problem["status"], status, "{code}");
            assert_eq!(problem["detail"], refusal.to_string(), "{code}");
            assert_eq!(problem["title"], refusal.title(), "{code}");
        }
    }

    #[test]
    fn a_problem_says_more_where_there_is_more() {
        let of = |refusal: Refusal| -> serde_json::Value {
            serde_json::from_str(&refusal.to_problem()).unwrap()
        };
        let problem = of(Refusal::InvalidToken("expired"));
        assert_eq!(problem["reason"], "expired");
        let problem = of(Refusal::InsufficientScope {
            scope: "a\"b".into(),
        });
        assert_eq!(problem["scope"], "a\"b");
        let max_age = Duration::from_secs(300);
        let problem = of(Refusal::InsufficientUserAuthentication { max_age });
        assert_eq!(problem["max_age"], 300);
        let problem = of(Refusal::Replayed);
        assert_eq!(problem.as_object().unwrap().len(), 4, "{problem}");
    }

    /// What cannot be known may be asked again; what the capability lacks is said.
    #[test]
    fn what_failed_is_told_apart() {
        let away = session_core::StoreError::medium("cannot read", "it is away");
        let retry_after = Duration::from_secs(1);
        assert_eq!(Refusal::from(away), Refusal::Unavailable { retry_after });
        let outage = cacao::Error::chain(session_core::Outage::new("1", "no connection"));
        let retry_after = Duration::from_secs(2);
        assert_eq!(Refusal::from(outage), Refusal::Unavailable { retry_after });
        let lacking = cacao::Error::ResourceNotGranted {
            resource: "a".into(),
        };
        let scope = "a".to_owned();
        assert_eq!(Refusal::from(lacking), Refusal::InsufficientScope { scope });
        assert_eq!(
            Refusal::from(cacao::Error::SignatureMismatch),
            Refusal::InvalidToken("signature_mismatch")
        );
    }

    #[test]
    fn a_title_is_the_phrase_of_its_status() {
        assert_eq!(Refusal::ContentTooLarge.title(), "Content Too Large");
        assert_eq!(Refusal::TooEarly.title(), "Too Early");
        assert_eq!(Refusal::Replayed.title(), "Unauthorized");
    }
}
