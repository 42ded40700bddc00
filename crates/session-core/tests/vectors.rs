//! Every case of `sessions.json`: strings byte for byte, what a session says of itself at each
//! time, hand-made strings, and sessions made anew from the recorded inputs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::wallets;

use cacao::{Provers, Timestamp};
use serde_json::Value;
use session_core::{Context, DidSession, ManualClock, Request, SessionRecord};
use std::sync::Arc;
use std::time::Duration;
use test_support::{Failures, hold_reasons, text, vectors};

/// The kinds of capability that this build verifies; the other cases are listed, not dropped.
fn is_verified(case: &Value) -> bool {
    let kind = text(&case["cacao"]["s"], "t");
    Provers::all_compiled_in()
        .kinds()
        .any(|known| known.signature == kind)
}

pub(crate) fn hex<const N: usize>(value: &Value, member: &str) -> [u8; N] {
    let bytes = data_encoding::HEXLOWER
        .decode(text(value, member).as_bytes())
        .unwrap();
    bytes.try_into().unwrap()
}

fn clock_at(time: &str) -> Arc<ManualClock> {
    Arc::new(ManualClock::new(
        time.parse::<Timestamp>().unwrap().unix_time(),
    ))
}

fn context_at(time: &str) -> Context {
    Context::with_shared_clock(clock_at(time), Provers::all_compiled_in())
}

/// For every chain: reading and writing the string needs no verifier.
#[test]
fn strings_byte_for_byte() {
    let file = vectors("sessions.json");
    let (mut ran, mut failures) = (0, Failures::default());
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        let session = text(case, "session");
        ran += 1;
        match SessionRecord::from_session_string_unverified(session) {
            Err(error) if text(case, "verdict") == "reject" => println!("{name}: {error}"),
            Err(error) => failures.add(name, error),
            Ok(record) => {
                let capability = record.capability();
                let payload = capability.payload();
                let block = data_encoding::HEXLOWER.encode(&capability.to_dag_cbor());
                let written = record.to_session_string();
                let passkey_array =
                    session != written.as_str() && payload.issuer().account().is_none();
                failures.check(
                    name,
                    *written == session || passkey_array,
                    "written otherwise",
                );
                failures.check(
                    name,
                    record.key().did_key().as_str() == text(case, "did_id"),
                    "key",
                );
                failures.check(name, block == text(case, "block_hex"), "block");
                failures.check(
                    name,
                    capability.cid().to_string() == text(case, "cid"),
                    "cid",
                );
                failures.check(
                    name,
                    payload.issuer().did() == text(case, "issuer"),
                    "issuer",
                );
            }
        }
    }
    failures.finish(ran);
}

/// The bytes of a passkey's `aad` are read in the spelling of `JSON.stringify` and written as
/// DAG-JSON: the session is the same.
#[test]
fn passkey_strings_read_the_same() {
    let file = vectors("sessions.json");
    let (mut ran, mut failures) = (0, Failures::default());
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        if !text(&case["cacao"]["p"], "iss").starts_with("did:key:") {
            continue;
        }
        ran += 1;
        let record = SessionRecord::from_session_string_unverified(text(case, "session")).unwrap();
        let again =
            SessionRecord::from_session_string_unverified(&record.to_session_string()).unwrap();
        failures.check(
            name,
            again.capability() == record.capability(),
            "reads otherwise",
        );
    }
    failures.finish(ran);
}

#[test]
fn what_a_session_says_of_itself() {
    let file = vectors("sessions.json");
    let (mut ran, mut failures, mut waiting) = (0, Failures::default(), Vec::new());
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        let made = context_at(text(&case["inputs"], "now"));
        if text(case, "verdict") == "accept" && !is_verified(case) {
            waiting.push(name);
            continue;
        }
        let opened = DidSession::from_session(&made, text(case, "session"));
        match (text(case, "verdict"), &opened) {
            ("accept", Err(error)) => failures.add(name, error),
            ("reject", Ok(_)) => failures.add(name, "accepted"),
            ("either", answer) => println!("{name}: {}", answer.is_ok()),
            _ => {}
        }
        let Ok(session) = opened else { continue };
        ran += 1;
        let granted: Vec<_> = session.authorizations().collect();
        failures.check(
            name,
            granted == strings(&case["authorizations"]),
            "authorizations",
        );
        failures.check(name, session.id() == text(case, "session_id"), "id");
        for observed in case["observed"].as_array().unwrap() {
            let name = format!("{name} / {}", text(observed, "label"));
            observe(&name, &session, observed, &mut failures);
        }
    }
    println!("waiting for their verifier:\n  {}", waiting.join("\n  "));
    failures.finish(ran);
}

fn observe(
    name: &str,
    session: &DidSession<didkey::Ed25519SigningKey>,
    observed: &Value,
    failures: &mut Failures,
) {
    let now = text(observed, "now")
        .parse::<Timestamp>()
        .unwrap()
        .unix_time();
    let expired = observed["is_expired"].as_bool().unwrap();
    failures.check(name, session.is_expired_at(now) == expired, "is_expired");
    if let Some(secs) = observed["expire_in_secs"].as_f64() {
        let left = session.expires_in_at(now).unwrap();
        failures.check(
            name,
            left == Duration::from_secs_f64(secs.max(0.0)),
            format!("{left:?}"),
        );
    }
    for asked in observed["is_authorized"].as_array().unwrap() {
        let expected = asked["result"].as_bool().unwrap();
        let resources = strings(&asked["resources"]);
        let answer = session.is_authorized_at(resources, now);
        failures.check(
            name,
            answer == expected,
            format!("is_authorized {}", asked["resources"]),
        );
    }
}

fn strings(list: &Value) -> Vec<&str> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn hand_made_strings() {
    let file = vectors("sessions.json");
    let (mut ran, mut failures, mut reasons) = (0, Failures::default(), Vec::new());
    for case in file["strings"].as_array().unwrap() {
        let name = text(case, "name");
        let context = context_at(text(case, "now"));
        let answer = DidSession::from_session(&context, text(case, "session"));
        ran += 1;
        let code = answer
            .as_ref()
            .map_or_else(session_core::Error::code, |_| "loaded");
        reasons.push((name.to_owned(), code));
        match (text(case, "verdict"), answer) {
            ("accept", Err(error)) => failures.add(name, error),
            ("reject", Ok(_)) => failures.add(name, "loaded"),
            ("accept", Ok(session)) => {
                let after = &case["after"];
                failures.check(name, session.id() == text(after, "session_id"), "id");
                let same = *session.serialize() == text(case, "session");
                failures.check(
                    name,
                    same == (after["serialize_equal"] == true),
                    "serialize",
                );
            }
            _ => {}
        }
    }
    failures.finish(ran);
    hold_reasons("reasons.txt", &reasons);
}

/// The peer's own snapshot of a session string. A codec vector only: its key is not its audience,
/// so no verified session is made of it.
#[test]
fn the_golden_string() {
    let file = vectors("golden.json");
    let golden = text(&file, "session");
    let record = SessionRecord::from_session_string_unverified(golden).unwrap();
    assert_eq!(*record.to_session_string(), golden);
    let payload = record.capability().payload();
    assert_eq!(payload.domain(), "service.org");
    assert!(
        payload
            .resources()
            .all(|resource| resource.starts_with("`ceramic://"))
    );
    let error = DidSession::from_session(&context_at("2021-09-30T16:25:24Z"), golden);
    assert_eq!(error.unwrap_err().code(), "key_mismatch");
}

/// No seed of a vector is in the text of an error about its string.
#[test]
fn errors_keep_the_secret() {
    let file = vectors("sessions.json");
    let mut ran = 0;
    for case in file["strings"].as_array().unwrap() {
        let context = context_at(text(case, "now"));
        let Err(error) = DidSession::from_session(&context, text(case, "session")) else {
            continue;
        };
        ran += 1;
        let mut told = format!("{error} {error:?}");
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            told.push_str(&error.to_string());
            source = error.source();
        }
        for seed in ["FdaTvDU2", "Fda4vDU2", "15d6b8bc"] {
            assert!(!told.contains(seed), "{}: {told}", text(case, "name"));
        }
    }
    assert!(ran > 0);
}

fn options_statement(opts: &Value) -> Option<&str> {
    opts["statement"].as_str()
}

/// The same wallet, key, nonce and time give the recorded string, to the byte.
#[tokio::test]
async fn sessions_made_anew() {
    let file = vectors("sessions.json");
    let (mut ran, mut failures) = (0, Failures::default());
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        let inputs = &case["inputs"];
        let opts = &inputs["opts"];
        let recorded_end = opts["expirationTime"].is_string();
        let refused = opts["expiresInSecs"]
            .as_f64()
            .is_some_and(|secs| secs < 0.0);
        let issuer = if recorded_end || refused {
            None
        } else {
            wallets::issuer(case)
        };
        let Some(issuer) = issuer else {
            println!("not made anew: {name}");
            continue;
        };
        let payload = &case["cacao"]["p"];
        let mut request = Request::new(text(payload, "domain"), strings(&opts["resources"]))
            .with_nonce(text(payload, "nonce"));
        match opts["expiresInSecs"].as_f64() {
            None | Some(0.0) => {}
            Some(secs) => request = request.with_lifetime(Duration::from_secs_f64(secs)),
        }
        match options_statement(opts) {
            None => {}
            Some("") => request = request.without_statement(),
            Some(statement) => request = request.with_statement(statement),
        }
        let key = didkey::Ed25519SigningKey::from_seed(&hex(inputs, "session_seed_hex"));
        let context = context_at(text(inputs, "now"));
        let made = DidSession::authorize_key(&context, key, &*issuer, &request).await;
        ran += 1;
        match made {
            Ok(session) => {
                // the recorded string of a passkey spells bytes in another way, see above
                let recorded =
                    SessionRecord::from_session_string_unverified(text(case, "session")).unwrap();
                failures.check(
                    name,
                    *session.serialize() == *recorded.to_session_string(),
                    "differs",
                );
                let passkey = session.issuer().account().is_none();
                failures.check(
                    name,
                    passkey || *session.serialize() == text(case, "session"),
                    "differs as a string",
                );
            }
            Err(error) => {
                // we accept such a statement, yet do not ask for one
                let tezos_beyond_ascii = text(case, "family") == "tezos"
                    && options_statement(opts).is_some_and(|text| !text.is_ascii());
                let our_rule = error.code() == "invalid_option"
                    && (tezos_beyond_ascii || text(case, "verdict") != "accept");
                println!("{name}: {error}");
                failures.check(name, our_rule, error);
            }
        }
    }
    failures.finish(ran);
}
