//! What operators see: a span with issuer and identity, counts by code, and nothing secret.
#![cfg(feature = "axum")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

#[path = "attacks/world.rs"]
#[allow(dead_code, reason = "shared with the attacks")]
mod world;

use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use http::{Request, StatusCode};
use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use world::{ORIGIN, World, code, proven, request};

/// Keeps all that is traced, as text, a line for each thing.
#[derive(Clone, Default)]
struct Traced {
    lines: Arc<Mutex<Vec<String>>>,
    spans: Arc<AtomicU64>,
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Traced {
    fn push(&self, what: &str, record: impl FnOnce(&mut Fields)) {
        let mut fields = Fields(what.to_owned());
        record(&mut fields);
        self.lines.lock().unwrap().push(fields.0);
    }

    fn text(&self) -> String {
        self.lines().join("\n")
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

impl Subscriber for Traced {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let name = format!("span {}", span.metadata().name());
        self.push(&name, |fields| span.record(fields));
        Id::from_u64(self.spans.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.push("record", |fields| values.record(fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.push("event", |fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {
        self.push("enter", |_| ());
    }

    fn exit(&self, _: &Id) {
        self.push("exit", |_| ());
    }
}

/// 32 secret bytes in every form that a log could show them in.
fn spelled(secret: &[u8; 32]) -> Vec<String> {
    let list = format!("{secret:?}");
    vec![
        HEXLOWER.encode(secret),
        HEXUPPER.encode(secret),
        BASE64URL_NOPAD.encode(secret),
        BASE64.encode(secret),
        BASE32_NOPAD.encode(secret),
        format!("{secret:02x?}"),
        list.trim_matches(['[', ']']).to_owned(),
    ]
}

/// What of a request is nobody's business: the proof and its parts, its id and its nonce.
fn secrets(request: &Request<Vec<u8>>) -> Vec<String> {
    let value = request.headers()["authorization"].to_str().unwrap();
    let proof = value.strip_prefix("DIDSession ").unwrap();
    let parts: Vec<_> = proof.split('.').collect();
    let claims = BASE64URL_NOPAD.decode(parts[1].as_bytes()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    let mut secrets: Vec<_> = parts.iter().map(|part| (*part).to_owned()).collect();
    for name in ["jti", "htd", "nonce"] {
        secrets.extend(claims[name].as_str().map(str::to_owned));
    }
    secrets
}

/// What one thread of this program has seen decides for all whether an event is of interest, for as
/// long as nobody else asks: so these tests run one after the other.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test]
async fn a_span_names_issuer_and_identity_and_nothing_secret() {
    let _alone = ALONE.lock().await;
    let world = World::new();
    let traced = Traced::default();
    let guard = tracing::subscriber::set_default(traced.clone());
    // everything from the challenge on, at every level
    let signer = world.challenged(&["app://notes/write"]).await;
    let uri = ORIGIN.parse().unwrap();
    let login = signer.post_capability(&uri, "/session/login").await;
    let login = login.unwrap();
    let mut hidden = secrets(&login);
    assert_eq!(world.call(login).await.status(), StatusCode::OK);
    let identity = signer.session().cacao().identity();
    let named = format!("identity={identity}");
    let is_login = |line: &String| line.contains("a session logged in") && line.contains(&named);
    assert!(traced.lines().iter().any(is_login), "{}", traced.text());
    assert!(traced.text().contains("code=\"managed\""));
    hidden.extend(spelled(&signer.session().key().to_seed()));
    hidden.extend(spelled(&world::SECRET));
    hidden.push(signer.session().serialize().to_string());
    let accepted = proven(&signer, "POST", "/notes", "a private note").await;
    hidden.extend(secrets(&accepted));
    assert_eq!(world.call(accepted.clone()).await.status(), StatusCode::OK);
    let lines = traced.lines();
    let spans: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("span session "))
        .collect();
    let capability = signer.session().cacao();
    let issuer = capability.payload().issuer().normalized();
    let identity = capability.identity();
    assert_eq!(
        spans,
        [&format!("span session issuer={issuer} identity={identity}")]
    );
    assert!(lines.iter().any(|line| line == "enter"), "{lines:?}");

    // refused, of every kind that a client can cause
    assert_eq!(code(&world.call(accepted).await), "replayed");
    let mut other = proven(&signer, "POST", "/notes", "a private note").await;
    hidden.extend(secrets(&other));
    *other.method_mut() = http::Method::PUT;
    assert_eq!(code(&world.call(other).await), "invalid_proof");
    let unknown = world.session(&["app://notes/write"]).await;
    let login = unknown
        .post_capability(&uri, "/session/login")
        .await
        .unwrap();
    hidden.extend(secrets(&login));
    assert_eq!(code(&world.call(login).await), "invalid_token");
    let unknown = proven(&unknown, "GET", "/notes", "").await;
    hidden.extend(secrets(&unknown));
    assert_eq!(code(&world.call(unknown).await), "capability_required");
    let listed = world
        .send(&signer, request("GET", "/session/devices", ""))
        .await;
    assert_eq!(listed.unwrap().status(), StatusCode::OK);
    drop(guard);

    hidden.push(capability.to_car_base64url());
    hidden.push("a private note".to_owned());
    hidden.push("DIDSession".to_owned());
    let text = traced.text();
    for code in [
        "accepted",
        "replayed",
        "invalid_proof",
        "capability_required",
    ] {
        assert!(text.contains(&format!("code=\"{code}\"")), "{code}: {text}");
    }
    for hidden in hidden {
        assert!(!text.contains(&hidden), "{hidden} in {text}");
    }
}

#[cfg(feature = "metrics")]
mod counts {
    use crate::world::{World, proven};
    use metrics::{
        Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    };
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    /// Counts by name and labels.
    #[derive(Clone, Default)]
    struct Counts(Arc<Mutex<BTreeMap<String, u64>>>);

    struct One(Counts, String);

    impl CounterFn for One {
        fn increment(&self, value: u64) {
            let mut counts = self.0.0.lock().unwrap();
            *counts.entry(self.1.clone()).or_default() += value;
        }

        fn absolute(&self, _: u64) {
            panic!("what is counted is counted up");
        }
    }

    impl Recorder for Counts {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            let labels = key
                .labels()
                .map(|label| format!(" {}={}", label.key(), label.value()));
            let name = format!("{}{}", key.name(), labels.collect::<String>());
            Counter::from_arc(Arc::new(One(self.clone(), name)))
        }

        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }

        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    #[tokio::test]
    async fn requests_are_counted_by_code_and_by_nothing_that_a_client_chooses() {
        let _alone = crate::ALONE.lock().await;
        let world = World::new();
        let counts = Counts::default();
        let guard = metrics::set_default_local_recorder(&counts);
        let signer = world.log_in(&["app://notes/write"]).await;
        let accepted = proven(&signer, "GET", "/notes", "").await;
        for _ in 0..3 {
            world.call(accepted.clone()).await;
        }
        let mut spoiled = proven(&signer, "GET", "/notes", "").await;
        *spoiled.method_mut() = http::Method::PUT;
        world.call(spoiled).await;
        world
            .call(proven(&signer, "POST", "/notes/7", "x").await)
            .await;
        drop(guard);
        let counts = counts.0.lock().unwrap().clone();
        let expected = [
            // the layer accepts what the route then does not grant
            ("accepted", 2),
            ("insufficient_scope", 1),
            ("invalid_proof", 1),
            ("managed", 1),
            ("replayed", 2),
        ];
        let expected = expected
            .map(|(code, count)| (format!("did_session_requests_total code={code}"), count));
        assert_eq!(counts, BTreeMap::from(expected));
    }
}
