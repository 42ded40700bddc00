//! Fixtures of the IPLD codecs: one block for a value, in DAG-CBOR and in DAG-JSON.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use cacao::UnixTime;
use dag_jws::Cid;
use dag_jws::{DagJws, Error, Ipld, UnsignedDagJws, UnsignedJws, Verification, dag_json};
use data_encoding::HEXLOWER;
use didkey::Ed25519SigningKey;
use serde_json::Value;
use sha2::{Digest, Sha256};

fn cases(kind: &str) -> Vec<(String, Vec<u8>, Value)> {
    let file: Value = serde_json::from_str(include_str!("data/dag_cbor.json")).unwrap();
    let cases = file[kind].as_array().unwrap();
    assert!(!cases.is_empty());
    let text = |case: &Value, member: &str| case[member].as_str().unwrap().to_owned();
    cases
        .iter()
        .map(|case| {
            let block = HEXLOWER.decode(text(case, "hex").as_bytes()).unwrap();
            (text(case, "name"), block, case.clone())
        })
        .collect()
}

fn key() -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed(&[7; 32])
}

/// The value in a block that somebody signed, whatever the block holds.
fn read(block: &[u8]) -> Result<Ipld, Error> {
    let link = cacao::car::dag_cbor_cid(block).to_bytes();
    let input = UnsignedJws::bytes(&link)?.prepare(key().did_key())?;
    let signature = key().sign(input.as_bytes());
    let jws = DagJws::from_jws(input.finish(signature.as_ref())?)?;
    jws.verify(
        block,
        &Verification::new(UnixTime::from_secs(0), cacao::Requirement::any_domain()),
    )?
    .to_ipld()
}

/// The block of a value.
fn written(value: &Ipld) -> Vec<u8> {
    let input = UnsignedDagJws::new(value).unwrap();
    let input = input.prepare(key().did_key()).unwrap();
    let signature = key().sign(input.as_bytes());
    let signed = input.finish(signature.as_ref()).unwrap();
    signed.linked_block().to_vec()
}

/// A CID of version 1 with sha2-256.
fn cid(codec: u64, bytes: &[u8]) -> String {
    const SHA2_256: u64 = 0x12;
    let hash = cid::multihash::Multihash::wrap(SHA2_256, &Sha256::digest(bytes)).unwrap();
    Cid::new_v1(codec, hash).to_string()
}

#[test]
fn blocks_are_read_and_written() {
    for (name, block, case) in cases("accepted") {
        let value = read(&block).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(written(&value), block, "{name}");
        let link = cacao::car::dag_cbor_cid(&block);
        assert_eq!(link.to_string(), case["dag_cbor_cid"], "{name}");
    }
}

#[test]
fn values_are_written_and_read_as_dag_json() {
    const DAG_JSON: u64 = 0x0129;
    for (name, block, case) in cases("accepted") {
        let value = read(&block).unwrap();
        let text = dag_json::to_string(&value).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            cid(DAG_JSON, text.as_bytes()),
            case["dag_json_cid"],
            "{name}: {text}"
        );
        let again = dag_json::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(written(&again), block, "{name}");
    }
}

#[test]
fn what_is_no_block_is_refused() {
    for (name, block, _) in cases("refused") {
        let code = read(&block).map_err(|error| error.code());
        assert_eq!(code, Err("malformed_cbor"), "{name}");
    }
}
