//! Responses: refusals, and the fields of every response to a proven request.

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_TYPE, ORIGIN, RETRY_AFTER,
    WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue, Response};
use http_body_util::Full;
use session_http::{NONCE_HEADER, PROBLEM_TYPE, Refusal};

/// A refusal as a response: `WWW-Authenticate` and a problem document.
pub(crate) fn refuse(refusal: &Refusal, nonce: Option<&str>) -> Response<Full<Bytes>> {
    let problem = Bytes::from(refusal.to_problem());
    let mut response = Response::new(Full::new(problem));
    *response.status_mut() = refusal.status();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(challenge) = refusal.www_authenticate() {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if let Some(retry_after) = refusal.retry_after() {
        headers.insert(RETRY_AFTER, retry_after);
    }
    put_nonce(headers, nonce);
    response
}

/// A nonce is for one client: no cache may keep it.
pub(crate) fn put_nonce(headers: &mut HeaderMap, nonce: Option<&str>) {
    if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok()) {
        headers.insert(NONCE_HEADER, nonce);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Lets pages of other origins read what they need, where they may read anything.
pub(crate) fn expose(headers: &mut HeaderMap) {
    const NAMES: &str = "WWW-Authenticate, DID-Session-Nonce, Retry-After";
    // the routes that manage sessions say it, and so does the layer around them
    let said = headers.get_all(ACCESS_CONTROL_EXPOSE_HEADERS);
    if said.iter().any(|said| said == NAMES) {
        return;
    }
    headers.append(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(NAMES),
    );
}

/// Whether a request comes from a page of some origin.
pub(crate) fn is_of_a_page(headers: &HeaderMap) -> bool {
    headers.contains_key(ORIGIN)
}

/// Counts what became of a request.
pub(crate) fn count(code: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("did_session_requests_total", "code" => code).increment(1);
    tracing::debug!(code, "a request was judged");
}
