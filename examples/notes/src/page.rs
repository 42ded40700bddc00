//! The page: plain files that are part of this program, so that nothing need be built or served
//! from elsewhere.

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::app::App;
use crate::authority;

const FILES: [(&str, &str, &str); 5] = [
    ("/style.css", "text/css", include_str!("../page/style.css")),
    ("/app.js", "text/javascript", include_str!("../page/app.js")),
    (
        "/session.js",
        "text/javascript",
        include_str!("../page/session.js"),
    ),
    (
        "/wallets.js",
        "text/javascript",
        include_str!("../page/wallets.js"),
    ),
    (
        "/bytes.js",
        "text/javascript",
        include_str!("../page/bytes.js"),
    ),
];

pub(crate) fn routes() -> Router<App> {
    let mut router = Router::new().route("/", get(index));
    for (path, kind, text) in FILES {
        let answer = move || async move { ([(CONTENT_TYPE, kind)], text) };
        router = router.route(path, get(answer));
    }
    router
}

/// Proofs are for the origins that the server was told; a browser that came by another name of
/// this machine (127.0.0.1 for localhost) is sent there.
async fn index(State(app): State<App>, headers: HeaderMap) -> Response {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_ours = |origin: &String| Some(authority(Some(origin))) == host;
    match app.origins.first() {
        Some(origin) if !app.origins.iter().any(is_ours) => {
            Redirect::temporary(&format!("{origin}/")).into_response()
        }
        _ => {
            let html = include_str!("../page/index.html");
            ([(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
        }
    }
}

/// What a page may load and who may frame it.
pub(crate) async fn secure(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
        connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
        frame-ancestors 'none'";
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
