//! JWS and DagJWS: one text for one signature, in each form, and a payload that is what was signed.

use cacao::{Requirement, UnixTime};
use dag_jws::{
    DagJws, GeneralJws, Jws, StrictJson, UnsignedDagJws, UnsignedJws, Verification, dag_json,
};
use didkey::Ed25519SigningKey;

/// Reads the bytes as a JWS in either form, as a DAG-JOSE block, and as a payload to be signed.
/// Tells whether they were a signed object.
pub fn laws(data: &[u8]) -> bool {
    let text = std::str::from_utf8(data).ok();
    if let Some(text) = text {
        object_payload(text);
        dag_payload(text);
    }
    let block = DagJws::from_dag_jose(data);
    if let Ok(dag) = &block {
        assert_eq!(dag.to_dag_jose(), data);
        dag_forms(dag);
    }
    text.is_some_and(signed) || block.is_ok()
}

fn signed(text: &str) -> bool {
    if let Ok(dag) = DagJws::parse(text) {
        dag_forms(&dag);
    }
    match Jws::parse(text) {
        Ok(jws) => {
            if !text.starts_with('{') {
                assert_eq!(jws.as_compact(), text);
            } else {
                let general = GeneralJws::parse(text).expect("one signature is one of several");
                assert_eq!(general.signature_count(), 1);
                assert_eq!(general.signature(0).ok().as_ref(), Some(&jws));
            }
            forms(&jws);
            true
        }
        Err(error) => crate::refused(&error, error.code()),
    }
}

fn forms(jws: &Jws) {
    assert_eq!(Jws::parse(jws.as_compact()).ok().as_ref(), Some(jws));
    assert_eq!(Jws::parse(&jws.to_general()).ok().as_ref(), Some(jws));
    let verification = Verification::new(
        UnixTime::from_secs(1_700_000_000),
        Requirement::any_domain(),
    );
    match (jws.verify(&verification), jws.verify(&verification)) {
        (Ok(verified), Ok(_)) => {
            assert_eq!(verified.payload(), jws.payload_bytes());
            assert_eq!(jws.header().key().as_ref().ok(), Some(verified.key()));
        }
        (Err(one), Err(other)) => {
            assert_eq!(one.code(), other.code());
            crate::refused(&one, one.code());
        }
        _ => panic!("two judgements differ"),
    }
}

fn dag_forms(dag: &DagJws) {
    assert_eq!(DagJws::parse(&dag.to_general()).ok().as_ref(), Some(dag));
    assert_eq!(
        DagJws::from_dag_jose(&dag.to_dag_jose()).ok().as_ref(),
        Some(dag)
    );
    forms(dag.jws());
}

fn key() -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed(&[7; 32])
}

/// An object that can be signed is signed in a form that reads back as itself.
fn object_payload(text: &str) {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else {
        return;
    };
    let Ok(unsigned) = UnsignedJws::object(&value) else {
        return;
    };
    let key = key();
    let input = unsigned
        .prepare(key.did_key())
        .expect("a plain header is accepted");
    let signature = key.sign(input.as_bytes());
    let jws = input
        .finish(signature.as_ref())
        .expect("its own signature is accepted");
    let verification = Verification::new(UnixTime::from_secs(0), Requirement::any_domain());
    let verified = jws
        .verify(&verification)
        .expect("its own signature verifies");

    if let Ok(strict) = StrictJson::parse(text) {
        assert_eq!(*strict.value(), value, "a strict reader reads the same");
        assert!(UnsignedJws::json(text).is_ok());
    }
    let payload = verified.payload_json().expect("the payload is JSON");
    let again = UnsignedJws::object(&payload).expect("and can be signed again");
    let again = again
        .prepare(key.did_key())
        .expect("a plain header is accepted");
    assert_eq!(
        again.finish(signature.as_ref()).ok().as_ref(),
        Some(&jws),
        "to the same bytes"
    );
    forms(&jws);
}

/// A value of the data model is signed with its block, and comes back from every form of it.
fn dag_payload(text: &str) {
    let value = match dag_json::parse(text) {
        Ok(value) => value,
        Err(error) => {
            crate::refused(&error, error.code());
            return;
        }
    };
    if let Ok(written) = dag_json::to_string(&value) {
        let again = dag_json::parse(&written).expect("what is written is read");
        assert_eq!(dag_json::to_string(&again).ok().as_ref(), Some(&written));
    }
    let Ok(unsigned) = UnsignedDagJws::new(&value) else {
        return;
    };
    let key = key();
    let input = unsigned
        .prepare(key.did_key())
        .expect("a plain header is accepted");
    let signature = key.sign(input.as_bytes());
    let made = input
        .finish(signature.as_ref())
        .expect("its own signature is accepted");
    let verification = Verification::new(UnixTime::from_secs(0), Requirement::any_domain());
    let verified = made
        .verify(&verification)
        .expect("its own signature verifies");
    assert_eq!(verified.to_ipld().ok().as_ref(), Some(&value));
    dag_forms(made.jws());
}
