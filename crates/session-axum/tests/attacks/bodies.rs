//! Content that is too long, too slow, broken off, or a stream.

use crate::world::{World, call, code, proven, refusal, request};
use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::StatusCode;
use session_http::client::Content;
use std::convert::Infallible;
use std::time::Duration;

fn drops(parts: &[&str], pause: Duration) -> Body {
    let parts: Vec<_> = parts
        .iter()
        .map(|part| Bytes::from((*part).to_owned()))
        .collect();
    Body::from_stream(stream::iter(parts).then(move |part| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, Infallible>(part)
    }))
}

#[tokio::test]
async fn content_that_is_too_long_is_refused() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let long = "x".repeat(100_001);
    let response = world
        .call(proven(&signer, "POST", "/notes", &long).await)
        .await;
    assert_eq!(refusal(&response), (413, "content_too_large".into()));
    // and where nobody says how long it is
    let request = proven(&signer, "POST", "/notes", &long).await;
    let request = request.map(|_| drops(&[&long[..60_000], &long[60_000..]], Duration::ZERO));
    assert_eq!(code(&call(&world.app, request).await), "content_too_large");
    let fits = &long[..100_000];
    let response = world
        .call(proven(&signer, "POST", "/notes", fits).await)
        .await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(world.effects(), 1);
}

#[tokio::test]
async fn a_capability_that_is_too_long_is_refused() {
    let world = World::new();
    let signer = world.session(&["app://notes/write"]).await;
    let long = "x".repeat(65 << 10);
    let response = world
        .call(proven(&signer, "POST", "/session/capability", &long).await)
        .await;
    assert_eq!(refusal(&response), (413, "content_too_large".into()));
    let garbage = world
        .call(proven(&signer, "POST", "/session/login", "garbage").await)
        .await;
    assert_eq!(refusal(&garbage), (400, "invalid_request".into()));
}

#[tokio::test]
async fn content_that_is_too_slow_is_refused() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let request = proven(&signer, "POST", "/notes", "hello").await;
    let slow = request.map(|_| drops(&["he", "ll", "o"], Duration::from_millis(200)));
    assert_eq!(
        refusal(&call(&world.app, slow).await),
        (408, "content_timeout".into())
    );
    assert_eq!(world.effects(), 0);
    let request = proven(&signer, "POST", "/notes", "hello").await;
    let fast = request.map(|_| drops(&["he", "ll", "o"], Duration::from_millis(5)));
    assert_eq!(call(&world.app, fast).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn content_that_breaks_off_has_no_effect() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let request = proven(&signer, "POST", "/notes", "hello").await;
    let parts = [Ok(Bytes::from("he")), Err(std::io::Error::other("gone"))];
    let broken = request.map(|_| Body::from_stream(stream::iter(parts)));
    assert_eq!(code(&call(&world.app, broken).await), "invalid_request");
    let request = proven(&signer, "POST", "/notes", "hello").await;
    let short = request.map(|_| drops(&["he"], Duration::ZERO));
    assert_eq!(code(&call(&world.app, short).await), "invalid_proof");
    assert_eq!(world.effects(), 0);
}

/// The session is ended while the content of a request is still on its way.
#[tokio::test]
async fn who_is_logged_out_while_a_request_is_in_flight_is_refused() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let request = proven(&signer, "POST", "/notes", "hello").await;
    let slow = request.map(|_| drops(&["he", "llo"], Duration::from_millis(100)));
    let in_flight = call(&world.app, slow);
    let log_out = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let response = world
            .send(&signer, self::request("POST", "/session/logout", ""))
            .await;
        assert_eq!(response.unwrap().status(), StatusCode::NO_CONTENT);
    };
    let (response, ()) = tokio::join!(in_flight, log_out);
    assert_eq!(crate::world::reason(&response), "revoked");
    assert_eq!(world.effects(), 0);
}

#[tokio::test]
async fn a_stream_is_taken_where_the_route_says_so() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    for (path, expected) in [
        ("/stream", StatusCode::OK),
        ("/notes", StatusCode::UNAUTHORIZED),
    ] {
        let mut request = request("POST", path, "hello");
        signer.prove(&mut request, Content::Stream).await.unwrap();
        assert!(!request.headers().contains_key("content-digest"));
        let streamed = request.map(|_| drops(&["any", "thing"], Duration::ZERO));
        assert_eq!(
            call(&world.app, streamed).await.status(),
            expected,
            "{path}"
        );
    }
    // what promises a digest must keep it, there too
    let mut request = proven(&signer, "POST", "/stream", "hello").await;
    *request.body_mut() = b"other".to_vec();
    assert_eq!(code(&world.call(request).await), "invalid_proof");
    // a digest cannot be taken away to make a stream of it
    let mut request = proven(&signer, "POST", "/stream", "hello").await;
    request.headers_mut().remove("content-digest");
    assert_eq!(code(&world.call(request).await), "invalid_proof");
}
