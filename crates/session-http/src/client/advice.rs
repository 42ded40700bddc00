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
    /// Prove the request anew with the nonce of the response, and send it again, once.
    RetryWithNonce,
    /// Register the capability, and then prove and send the request again, once.
    Register,
    /// Prove the request anew and send it again, once, since its method is idempotent.
    RetryAnew,
    /// Send it again when the TLS handshake is done.
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
        let fields = headers.get_all(WWW_AUTHENTICATE).iter();
        let error = fields
            .filter_map(|field| error_of(field.to_str().ok()?))
            .next();
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

/// `error` of our challenge in a field, empty where it has none. A field may hold the challenges of
/// several schemes, with commas between them as between parameters (RFC 9110, section 11.6.1).
fn error_of(field: &str) -> Option<&str> {
    let mut is_ours = false;
    let mut found = None;
    for item in items(field) {
        let is_of_token =
            |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter);
        let rest = item.trim_start_matches(is_of_token);
        let mut parameter = item;
        // what is followed by no `=` is the name of a scheme
        if !rest.trim_start().starts_with('=') {
            if is_ours {
                break;
            }
            let scheme = item.strip_suffix(rest).unwrap_or_default();
            is_ours = scheme.eq_ignore_ascii_case(SCHEME);
            parameter = rest.trim_start();
            if is_ours {
                found = Some("");
            }
        }
        if let (true, Some((name, value))) = (is_ours, parameter.split_once('='))
            && name.trim_end().eq_ignore_ascii_case("error")
        {
            let value = value.trim_start().strip_prefix('"')?.strip_suffix('"')?;
            return Some(value);
        }
    }
    found
}

/// What stands between commas that are not in a quoted string.
fn items(field: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let items = field.split(move |letter| {
        let was_escaped = std::mem::take(&mut is_escaped);
        match letter {
            _ if was_escaped => {}
            '\\' => is_escaped = is_quoted,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        letter == ',' && !is_quoted
    });
    items.map(str::trim).filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_found_among_those_of_others() {
        for (field, error) in [
            (r#"DIDSession error="use_nonce""#, Some("use_nonce")),
            (
                r#"Bearer realm="x", DIDSession error="use_nonce""#,
                Some("use_nonce"),
            ),
            (
                r#"Basic abc==,didsession  max_age="3" , error="use_nonce", Bearer error="x""#,
                Some("use_nonce"),
            ),
            (
                r#"Negotiate, DIDSession algs="EdDSA ES256", Bearer error="invalid_token""#,
                Some(""),
            ),
            (r#"Bearer realm="a, DIDSession error=\"use_nonce\"""#, None),
            (r#"Bearer error="use_nonce""#, None),
            (r#"DIDSession algs="a\", error=\"x""#, Some("")),
            ("DIDSession", Some("")),
            ("", None),
        ] {
            assert_eq!(error_of(field), error, "{field}");
            let mut headers = HeaderMap::new();
            headers.append(WWW_AUTHENTICATE, "Bearer".parse().unwrap());
            headers.append(WWW_AUTHENTICATE, field.parse().unwrap());
            let advice = Advice::of(&Method::POST, StatusCode::UNAUTHORIZED, &headers);
            assert_eq!(
                advice == Advice::RetryWithNonce,
                error == Some("use_nonce"),
                "{field}"
            );
        }
    }
}
