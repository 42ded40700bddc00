//! Targets as servers receive them: in absolute form, with a fragment.

use crate::changes::{Change, member};
use serde_json::Value;

/// Takes the field `Host` away, as HTTP/2 and later do.
fn without_host(change: Change) -> Change {
    Box::new(move |request| {
        let headers = request["headers"].as_array_mut().unwrap();
        headers.retain(|header| header[0] != "host");
        change(request);
    })
}

fn and(one: Change, other: Change) -> Change {
    Box::new(move |request: &mut Value| {
        one(request);
        other(request);
    })
}

fn target(text: &'static str) -> Change {
    member("target", text)
}

/// Changes of a request for `/api/notes?limit=10`, each with its verdict.
pub(crate) fn changed() -> Vec<(&'static str, &'static str, Change)> {
    let other_host = || crate::changes::header("host", |_| "other.example.com".into());
    vec![
        (
            "a target in absolute form",
            "accepted",
            target("https://notes.example.com/api/notes?limit=10"),
        ),
        // where TLS ends before the server, clients and proxies need not agree on the scheme
        (
            "a target in absolute form with another scheme",
            "accepted",
            target("http://notes.example.com/api/notes?limit=10"),
        ),
        (
            "a target in absolute form without Host",
            "accepted",
            without_host(target("https://notes.example.com/api/notes?limit=10")),
        ),
        (
            "a target in absolute form with another path",
            "invalid_proof",
            target("https://notes.example.com/api/note?limit=10"),
        ),
        (
            "a target in absolute form without its query",
            "invalid_proof",
            target("https://notes.example.com/api/notes"),
        ),
        (
            "a target in absolute form of another host than Host",
            "invalid_request",
            target("https://other.example.com/api/notes?limit=10"),
        ),
        (
            "a target in absolute form of another origin of the server",
            "invalid_proof",
            and(
                other_host(),
                target("https://other.example.com/api/notes?limit=10"),
            ),
        ),
        (
            "a target in absolute form of another origin, without Host",
            "invalid_proof",
            without_host(target("https://other.example.com/api/notes?limit=10")),
        ),
        (
            "a target in absolute form, and another Host",
            "invalid_request",
            and(
                other_host(),
                target("https://notes.example.com/api/notes?limit=10"),
            ),
        ),
        (
            "a target in absolute form of a host that is not the server's",
            "invalid_request",
            without_host(target("https://evil.example/api/notes?limit=10")),
        ),
        (
            "a target in absolute form with a host in other letters",
            "invalid_request",
            without_host(target("https://Notes.example.com/api/notes?limit=10")),
        ),
        (
            "a target in absolute form with a port",
            "invalid_request",
            target("https://notes.example.com:443/api/notes?limit=10"),
        ),
        (
            "a target in absolute form with a user",
            "invalid_request",
            target("https://u@notes.example.com/api/notes?limit=10"),
        ),
        (
            "no host at all",
            "invalid_request",
            without_host(target("/api/notes?limit=10")),
        ),
        (
            "a target with a fragment, which is no part of it",
            "accepted",
            target("/api/notes?limit=10#part?x=1"),
        ),
        (
            "a target in absolute form with a fragment",
            "accepted",
            target("https://notes.example.com/api/notes?limit=10#part"),
        ),
        (
            "a fragment in the place of the query",
            "invalid_proof",
            target("/api/notes#?limit=10"),
        ),
        (
            "an escaped number sign, which is part of it",
            "invalid_proof",
            target("/api/notes?limit=10%23part"),
        ),
        (
            "a target that is a host alone",
            "invalid_request",
            target("notes.example.com:443"),
        ),
        ("a target that is a star", "invalid_request", target("*")),
    ]
}

/// Changes of a request for the root, which has no path in absolute form.
pub(crate) fn of_root() -> Vec<(&'static str, &'static str, Change)> {
    vec![
        (
            "a target in absolute form without a path",
            "accepted",
            target("https://notes.example.com"),
        ),
        (
            "a target in absolute form with a query and no path",
            "invalid_proof",
            target("https://notes.example.com?x=1"),
        ),
        (
            "a target in absolute form with a fragment and no path",
            "accepted",
            target("https://notes.example.com#part"),
        ),
    ]
}
