//! A proof is for one request: method, URL, host, query, content, type.

use crate::world::{World, code, proven};
use http::{HeaderValue, Request, StatusCode};

type Change = (&'static str, fn(&mut Request<Vec<u8>>));

fn header(request: &mut Request<Vec<u8>>, name: &'static str, value: &str) {
    let value = HeaderValue::try_from(value).unwrap();
    request.headers_mut().insert(name, value);
}

fn uri(request: &mut Request<Vec<u8>>, uri: &str) {
    *request.uri_mut() = uri.parse().unwrap();
}

#[tokio::test]
async fn what_is_swapped_is_refused_and_has_no_effect() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let changes: [Change; 12] = [
        ("method", |request| {
            *request.method_mut() = http::Method::PUT;
        }),
        ("path", |request| {
            uri(request, "https://notes.example.com/write?limit=10");
        }),
        ("query", |request| {
            uri(request, "https://notes.example.com/notes?limit=11");
        }),
        ("no query", |request| {
            uri(request, "https://notes.example.com/notes");
        }),
        ("more query", |request| {
            uri(request, "https://notes.example.com/notes?limit=10&");
        }),
        ("spelling", |request| {
            uri(request, "https://notes.example.com/%6Eotes?limit=10");
        }),
        ("tenant", |request| {
            uri(request, "https://other.example.com/notes?limit=10");
        }),
        ("content", |request| *request.body_mut() = b"other".to_vec()),
        ("more content", |request| request.body_mut().push(b'!')),
        ("no content", |request| request.body_mut().clear()),
        ("type", |request| {
            header(request, "content-type", "application/json");
        }),
        ("digest", |request| {
            let digest = session_http::content_digest(b"other");
            header(request, "content-digest", &digest);
            *request.body_mut() = b"other".to_vec();
        }),
    ];
    for (what, change) in changes {
        let mut request = proven(&signer, "POST", "/notes?limit=10", "hello").await;
        change(&mut request);
        let response = world.call(request).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{what}");
        assert_eq!(code(&response), "invalid_proof", "{what}");
    }
    assert_eq!(world.effects(), 0);
}

#[tokio::test]
async fn a_host_that_is_not_configured_is_refused() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    for host in [
        "evil.example",
        "notes.example.com:443",
        "NOTES.example.com",
        "notes.example.com.",
        "notes.example.com:8443",
        "",
    ] {
        let mut request = proven(&signer, "GET", "/notes", "").await;
        header(&mut request, "host", host);
        assert_eq!(
            code(&world.call(request).await),
            "invalid_request",
            "{host}"
        );
    }
    // unsigned fields of proxies choose no tenant
    let mut request = proven(&signer, "GET", "/notes", "").await;
    header(&mut request, "x-forwarded-host", "other.example.com");
    header(&mut request, "forwarded", "host=other.example.com");
    assert_eq!(world.call(request).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn content_that_was_not_signed_is_refused() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let mut request = proven(&signer, "POST", "/notes", "").await;
    *request.body_mut() = b"planted".to_vec();
    assert_eq!(code(&world.call(request).await), "invalid_proof");
    assert_eq!(world.effects(), 0);
    // a digest of nothing is not signed by two lines
    let mut request = proven(&signer, "POST", "/notes", "").await;
    let digest = session_http::content_digest(b"");
    header(&mut request, "content-digest", &digest);
    assert_eq!(code(&world.call(request).await), "invalid_proof");
}

#[tokio::test]
async fn nested_routes_see_the_target_as_it_arrived() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let request = proven(&signer, "GET", "/nested/deep?x=1", "").await;
    assert_eq!(world.call(request).await.status(), StatusCode::OK);
    let mut request = proven(&signer, "GET", "/deep?x=1", "").await;
    uri(&mut request, "https://notes.example.com/nested/deep?x=1");
    assert_eq!(code(&world.call(request).await), "invalid_proof");
}
