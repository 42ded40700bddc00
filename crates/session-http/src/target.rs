//! The origin for which a request is: one of those configured, chosen by the exact authority.

use crate::names::{MAX_TARGET_LEN, METHOD_OVERRIDES};
use crate::refusal::Refusal;
use http::header::HOST;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, Uri};
use std::fmt;

/// An origin such as `https://notes.example.com`, with a port unless it is the default of the
/// scheme.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    text: String,
    authority: usize,
}

/// The text is not an origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not a valid origin: {0}")]
pub struct OriginError(&'static str);

impl Origin {
    /// Reads an origin in the spelling that browsers send: `http` or `https`, the host in lower
    /// case, no default port, no slash at the end.
    ///
    /// # Errors
    /// [`OriginError`] for any other spelling.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let (scheme, authority) = text
            .split_once("://")
            .ok_or(OriginError("it has no scheme"))?;
        let own_port = match scheme {
            "http" => ":80",
            "https" => ":443",
            _ => return Err(OriginError("its scheme is neither http nor https")),
        };
        if authority.is_empty() || authority.contains(['/', '?', '#', '@', ' ']) {
            return Err(OriginError(
                "something but host and port follows the scheme",
            ));
        }
        if authority.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(OriginError("the host is not in lower case"));
        }
        if authority.ends_with(own_port) {
            return Err(OriginError("it has the port that goes without saying"));
        }
        if authority.parse::<http::uri::Authority>().is_err() {
            return Err(OriginError("it has no valid host"));
        }
        Ok(Self {
            text: text.to_owned(),
            authority: scheme.len() + 3,
        })
    }

    /// The origin of an absolute URI, as a client sends it.
    pub(crate) fn of_uri(uri: &Uri) -> Result<Self, OriginError> {
        let scheme = uri.scheme_str().ok_or(OriginError("it has no scheme"))?;
        let authority = uri.authority().ok_or(OriginError("it has no host"))?;
        Self::parse(&format!("{scheme}://{authority}"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Host and port.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.text.get(self.authority..).unwrap_or_default()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The only value of a field. Two fields of a name are one too many: a server and what stands
/// before it could each take another one.
pub(crate) fn only<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Refusal::InvalidRequest("a header field is given twice"));
    }
    let text = value.to_str();
    text.map(Some)
        .map_err(|_| Refusal::InvalidRequest("a header field is not plain text"))
}

/// Which of the origins the request is for. `uri` is the target as it arrived.
pub(crate) fn origin_of<'a>(
    origins: &'a [Origin],
    parts: &Parts,
    uri: &Uri,
) -> Result<&'a Origin, Refusal> {
    if METHOD_OVERRIDES
        .iter()
        .any(|name| parts.headers.contains_key(name))
    {
        return Err(Refusal::InvalidRequest(
            "the method is overridden by a header field",
        ));
    }
    // `CONNECT` names a host alone, and `OPTIONS *` the server: neither is a resource of an origin
    let target = uri.path_and_query().map(PathAndQuery::as_str);
    let target = target
        .filter(|target| target.starts_with(['/', '?']))
        .ok_or(Refusal::InvalidRequest("the target has no path"))?;
    if target.len() > MAX_TARGET_LEN {
        const { assert!(MAX_TARGET_LEN == 8192) };
        return Err(Refusal::InvalidRequest(
            "the target is longer than 8,192 bytes",
        ));
    }
    let host = only(&parts.headers, &HOST)?;
    let authority = match (uri.authority(), host) {
        (Some(authority), Some(host)) if authority.as_str() != host => {
            return Err(Refusal::InvalidRequest(
                "the target and the field Host name different hosts",
            ));
        }
        (Some(authority), _) => authority.as_str(),
        (None, Some(host)) => host,
        (None, None) => return Err(Refusal::InvalidRequest("the request names no host")),
    };
    let found = origins
        .iter()
        .find(|origin| origin.authority() == authority);
    found.ok_or(Refusal::InvalidRequest(
        "the host is not one of this server's",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_spelling() {
        for good in [
            "https://a.example",
            "http://localhost:8080",
            "https://[::1]:8443",
        ] {
            assert_eq!(Origin::parse(good).unwrap().as_str(), good);
        }
        assert_eq!(
            Origin::parse("https://a.example:444").unwrap().authority(),
            "a.example:444"
        );
        for bad in [
            "",
            "a.example",
            "https://",
            "https://a.example/",
            "https://A.example",
            "https://a.example:443",
            "http://a.example:80",
            "ftp://a.example",
            "https://u@a.example",
            "https://a.example?x",
            "https://a example",
        ] {
            assert!(Origin::parse(bad).is_err(), "{bad}");
        }
    }

    fn judged(uri: &str, host: Option<&str>) -> Result<String, Refusal> {
        let origins = ["https://a.example", "https://b.example"];
        let origins = origins.map(|origin| Origin::parse(origin).unwrap());
        let mut request = http::Request::get(uri);
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        origin_of(&origins, &parts, &parts.uri).map(ToString::to_string)
    }

    #[test]
    fn a_target_has_a_longest_length() {
        let of = |len: usize| format!("/{}?{}", "a".repeat(100), "b".repeat(len - 102));
        assert_eq!(
            judged(&of(MAX_TARGET_LEN), Some("a.example")).as_deref(),
            Ok("https://a.example")
        );
        assert_eq!(
            judged(&of(MAX_TARGET_LEN + 1), Some("a.example")),
            Err(Refusal::InvalidRequest(
                "the target is longer than 8,192 bytes"
            ))
        );
    }

    #[test]
    fn the_host_decides_which_origin_it_is() {
        for (uri, host, expected) in [
            ("/x", Some("a.example"), Ok("https://a.example")),
            ("/x", Some("b.example"), Ok("https://b.example")),
            ("https://b.example/x", None, Ok("https://b.example")),
            (
                "https://b.example/x",
                Some("b.example"),
                Ok("https://b.example"),
            ),
            (
                "https://b.example/x",
                Some("a.example"),
                Err("the target and the field Host name different hosts"),
            ),
            ("/x", None, Err("the request names no host")),
            (
                "/x",
                Some("c.example"),
                Err("the host is not one of this server's"),
            ),
            ("*", Some("a.example"), Err("the target has no path")),
        ] {
            let expected = expected.map(str::to_owned).map_err(Refusal::InvalidRequest);
            assert_eq!(judged(uri, host), expected, "{uri} {host:?}");
        }
    }

    #[test]
    fn a_method_that_is_overridden_is_refused() {
        let origins = [Origin::parse("https://a.example").unwrap()];
        for name in METHOD_OVERRIDES {
            let request = http::Request::get("/").header(HOST, "a.example");
            let request = request.header(name, "DELETE").body(()).unwrap();
            let (parts, ()) = request.into_parts();
            let problem = "the method is overridden by a header field";
            assert_eq!(
                origin_of(&origins, &parts, &parts.uri),
                Err(Refusal::InvalidRequest(problem))
            );
        }
    }

    #[test]
    fn a_field_stands_once_and_is_text() {
        let name = HeaderName::from_static("x");
        let mut headers = HeaderMap::new();
        assert_eq!(only(&headers, &name), Ok(None));
        headers.append(&name, "a".parse().unwrap());
        assert_eq!(only(&headers, &name), Ok(Some("a")));
        headers.append(&name, "a".parse().unwrap());
        let twice = Refusal::InvalidRequest("a header field is given twice");
        assert_eq!(only(&headers, &name), Err(twice));
        let value = http::HeaderValue::from_bytes(b"\xe9").unwrap();
        headers.insert(&name, value);
        let no_text = Refusal::InvalidRequest("a header field is not plain text");
        assert_eq!(only(&headers, &name), Err(no_text));
    }
}
