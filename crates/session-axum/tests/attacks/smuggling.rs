//! Fields that stand twice, fields that say two things, and what is not a proof.

use crate::world::{World, code, proven, refusal};
use data_encoding::BASE64URL_NOPAD;
use didkey::Ed25519SigningKey;
use http::{HeaderValue, Request, StatusCode};

fn append(request: &mut Request<Vec<u8>>, name: &'static str, value: &str) {
    let value = HeaderValue::try_from(value).unwrap();
    request.headers_mut().append(name, value);
}

#[tokio::test]
async fn fields_that_stand_twice_are_refused() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let other = world.log_in(&["app://notes/write"]).await;
    let second = proven(&other, "POST", "/notes", "hello").await;
    for name in ["authorization", "content-digest", "content-type", "host"] {
        for value in [
            "Basic eDp5",
            second
                .headers()
                .get(name)
                .map_or("x", |v| v.to_str().unwrap()),
        ] {
            let mut request = proven(&signer, "POST", "/notes", "hello").await;
            let own = HeaderValue::from_static("notes.example.com");
            request.headers_mut().insert("host", own);
            append(&mut request, name, value);
            assert_eq!(
                refusal(&world.call(request).await),
                (400, "invalid_request".into()),
                "{name}"
            );
        }
    }
    assert_eq!(world.effects(), 0);
}

#[tokio::test]
async fn a_list_of_proofs_is_not_a_proof() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let mut request = proven(&signer, "GET", "/notes", "").await;
    let value = request.headers()["authorization"]
        .to_str()
        .unwrap()
        .to_owned();
    for bad in [
        format!("{value}, {value}"),
        format!("{value},Basic eDp5"),
        format!("{value} "),
        value.replacen(' ', "  ", 1),
        format!("{value}="),
        "DIDSession".to_owned(),
        "DIDSession ".to_owned(),
        "DIDSession a.b.c".to_owned(),
        format!("DIDSession {}", "a".repeat(2000)),
    ] {
        let bad_value = HeaderValue::try_from(&bad).unwrap();
        request.headers_mut().insert("authorization", bad_value);
        assert_eq!(
            code(&world.call(request.clone()).await),
            "invalid_proof",
            "{bad}"
        );
    }
    for other in ["Bearer x", "DPoP x", "Basic eDp5", ""] {
        let value = HeaderValue::try_from(other).unwrap();
        request.headers_mut().insert("authorization", value);
        assert_eq!(
            refusal(&world.call(request.clone()).await),
            (401, "no_credentials".into())
        );
    }
}

#[tokio::test]
async fn a_method_that_a_field_overrides_is_refused() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    for name in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
    ] {
        let mut request = proven(&signer, "POST", "/notes", "").await;
        append(&mut request, name, "DELETE");
        assert_eq!(
            code(&world.call(request).await),
            "invalid_request",
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_target_and_a_host_that_differ_are_refused() {
    use axum::body::Body;
    use tower::ServiceExt;
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    // as HTTP/2 has it, or a target in absolute form
    for (host, expected) in [
        (None, StatusCode::OK),
        (Some("notes.example.com"), StatusCode::OK),
        (Some("other.example.com"), StatusCode::BAD_REQUEST),
    ] {
        let mut request = proven(&signer, "GET", "/notes", "").await.map(Body::from);
        if let Some(host) = host {
            request
                .headers_mut()
                .insert("host", HeaderValue::from_static(host));
        }
        let response = world.app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), expected, "{host:?}");
    }
}

/// A proof of other parts, signed by the very key of the session.
pub(crate) async fn forged(
    key: &Ed25519SigningKey,
    proven: &Request<Vec<u8>>,
    change: impl Fn(&str, &str) -> (String, String),
) -> Request<Vec<u8>> {
    let value = proven.headers()["authorization"].to_str().unwrap();
    let mut parts = value.strip_prefix("DIDSession ").unwrap().split('.');
    let mut next = || {
        let bytes = BASE64URL_NOPAD
            .decode(parts.next().unwrap().as_bytes())
            .unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let (header, claims) = (next(), next());
    let (header, claims) = change(&header, &claims);
    let encode = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let input = format!("{}.{}", encode(&header), encode(&claims));
    let signature = BASE64URL_NOPAD.encode(key.sign(input.as_bytes()).as_bytes());
    let mut request = proven.clone();
    let value = format!("DIDSession {input}.{signature}");
    request
        .headers_mut()
        .insert("authorization", value.parse().unwrap());
    request
}

#[tokio::test]
async fn alg_typ_and_other_members_are_not_confused() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let key = signer.session().key();
    let proven = proven(&signer, "GET", "/notes", "").await;
    let other = Ed25519SigningKey::generate().unwrap();
    let other_did = other.did_key().as_str().to_owned();
    let own_did = key.did_key().as_str().to_owned();
    type Pair = (String, String);
    let header = |from: &'static str, to: String| {
        move |header: &str, claims: &str| -> Pair {
            assert!(header.contains(from), "{header}");
            (header.replace(from, &to), claims.to_owned())
        }
    };
    for (from, to) in [
        ("EdDSA", "none".to_owned()),
        ("EdDSA", "ES256".to_owned()),
        ("EdDSA", "HS256".to_owned()),
        ("EdDSA", "ES256K".to_owned()),
        ("EdDSA", "eddsa".to_owned()),
        (
            "did-session-proof+jwt",
            "did-session-revocation+jwt".to_owned(),
        ),
        ("did-session-proof+jwt", "JWT".to_owned()),
        (
            "did-session-proof+jwt",
            "application/did-session-proof+jwt".to_owned(),
        ),
        ("did-session-proof+jwt", "DID-Session-Proof+JWT".to_owned()),
        (r#","typ":"did-session-proof+jwt""#, String::new()),
        (r#"{"alg""#, r#"{"crit":["x"],"alg""#.to_owned()),
        (r#"{"alg""#, r#"{"b64":false,"alg""#.to_owned()),
        (r#"{"alg""#, r#"{"jwk":{},"alg""#.to_owned()),
        (r#"{"alg""#, r#"{"alg":"none","alg""#.to_owned()),
        (r#""cap":""#, r#""cap":"ipfs://ipfs://"#.to_owned()),
        (r#""cap":"b"#, r#""cap":"B"#.to_owned()),
        // of a block that is not DAG-CBOR
        (r#""cap":"bafyrei"#, r#""cap":"bafkrei"#.to_owned()),
        (r#""kid":""#, r#""kid":" "#.to_owned()),
    ] {
        let request = forged(key, &proven, header(from, to.clone())).await;
        assert_eq!(
            code(&world.call(request).await),
            "invalid_proof",
            "{from} -> {to}"
        );
    }
    let claims = |from: &'static str, to: String| {
        move |header: &str, claims: &str| -> Pair {
            assert!(claims.contains(from), "{claims}");
            (header.to_owned(), claims.replace(from, &to))
        }
    };
    for (from, to) in [
        (r#""iat":1700000010"#, r#""iat":"1700000010""#.to_owned()),
        (r#""iat":1700000010"#, r#""iat":1700000010.0"#.to_owned()),
        (r#""iat":1700000010"#, r#""iat":1.70000001e9"#.to_owned()),
        (r#""iat":1700000010"#, r#""iat":-1"#.to_owned()),
        (r#""iat":1700000010,"#, String::new()),
        (r#"{"htd""#, r#"{"exp":1,"htd""#.to_owned()),
        (r#""jti":""#, r#""jti":"" ,"jti":""#.to_owned()),
        (r#""jti":""#, r#""jti":"\u0041"#.to_owned()),
        (r#"{"htd":""#, r#"{"htd":"A"#.to_owned()),
    ] {
        let request = forged(key, &proven, claims(from, to.clone())).await;
        assert_eq!(
            code(&world.call(request).await),
            "invalid_proof",
            "{from} -> {to}"
        );
    }
    // another key signs in the name of this one, or in its own under a capability of this one
    let same = |header: &str, claims: &str| (header.to_owned(), claims.to_owned());
    let request = forged(&other, &proven, same).await;
    assert_eq!(code(&world.call(request).await), "invalid_proof");
    let own =
        |header: &str, claims: &str| (header.replace(&own_did, &other_did), claims.to_owned());
    let request = forged(&other, &proven, own).await;
    assert_eq!(
        crate::world::reason(&world.call(request).await),
        "audience_mismatch"
    );
    // nor can it register what was signed for this one
    let uri = crate::world::ORIGIN.parse().unwrap();
    let registration = signer.post_capability(&uri, "/session/capability").await;
    let request = forged(&other, &registration.unwrap(), own).await;
    assert_eq!(
        crate::world::reason(&world.call(request).await),
        "audience_mismatch"
    );
    // nothing of all that has used the proof up; and both spellings of kid and cap are read
    let fragment = own_did.replace("did:key:", "#");
    let peer = |header: &str, claims: &str| {
        let header = header.replace(&own_did, &format!("{own_did}{fragment}"));
        (
            header.replace(r#""cap":""#, r#""cap":"ipfs://"#),
            claims.to_owned(),
        )
    };
    let request = forged(key, &proven, peer).await;
    assert_eq!(world.call(request).await.status(), StatusCode::OK);
    assert_eq!(code(&world.call(proven).await), "replayed");
}

/// What an application signs, or a statement, is no proof, and it cannot sign one by accident.
#[tokio::test]
async fn other_signatures_of_the_key_are_not_proofs() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let session = signer.session();
    let payload =
        serde_json::json!({ "htd": "A".repeat(43), "iat": 1_700_000_010, "jti": "a".repeat(16) });
    let jws = session.create_jws(&payload).await.unwrap().to_compact();
    let statement = session.revocation_of_itself().await.unwrap();
    for text in [jws, statement] {
        let mut request = proven(&signer, "GET", "/notes", "").await;
        let value = format!("DIDSession {text}");
        request
            .headers_mut()
            .insert("authorization", value.parse().unwrap());
        assert_eq!(code(&world.call(request).await), "invalid_proof");
    }
    for typ in [
        "did-session-proof+jwt",
        "application/DID-Session-Proof+jwt",
        "did-session-proof+jwt; x=y",
    ] {
        let unsigned = dag_jws::UnsignedJws::object(&payload)
            .unwrap()
            .with_header_member("typ", typ);
        assert_eq!(
            session.sign(unsigned).await.unwrap_err().code(),
            "invalid_option",
            "{typ}"
        );
    }
}
