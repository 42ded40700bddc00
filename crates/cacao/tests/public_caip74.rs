//! CAIP-74's test case, a codec vector: the archive and its block are read, the capability is
//! refused for one thing. Its `version` is the number 1, where the schema of the same document and
//! the text that is signed have a string.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use cacao::car::{Car, has_cid};
use cacao::{Cacao, SignatureValue};
use serde_json::Value;

fn file() -> Value {
    serde_json::from_str(include_str!("data/caip74.json")).unwrap()
}

fn car(file: &Value) -> Car {
    Car::from_base64url(file["car"].as_str().unwrap()).unwrap()
}

/// The same block, but for the version as a string: `61 31` in place of `01`.
fn mended(car: &Car) -> Vec<u8> {
    let block = car.block(&car.roots()[0]).unwrap();
    let number = b"gversion\x01";
    let at = block
        .windows(number.len())
        .position(|part| part == number)
        .unwrap();
    let (before, after) = block.split_at(at);
    [before, b"gversion\x611", &after[number.len()..]].concat()
}

#[test]
fn the_archive_is_read_and_written() {
    let file = file();
    let text = file["car"].as_str().unwrap();
    let car = car(&file);
    assert_eq!(car.roots().len(), 1);
    let blocks: Vec<_> = car.blocks().collect();
    assert_eq!(blocks.len(), 1);
    let (cid, block) = blocks[0];
    assert_eq!(cid, &car.roots()[0]);
    assert!(has_cid(block, cid));
    assert_eq!(Some(car.to_base64url().as_str()), text.strip_prefix('u'));
}

#[test]
fn its_version_is_a_number_which_is_refused_in_both_forms() {
    let file = file();
    let mut codes = Vec::new();
    let refusals = [
        Cacao::from_json(&file["cacao"].to_string()),
        Car::from_base64url(file["car"].as_str().unwrap()).and_then(|car| Cacao::from_car(&car)),
        Cacao::from_dag_cbor(car(&file).block(&car(&file).roots()[0]).unwrap()),
    ];
    for refusal in refusals {
        let error = refusal.unwrap_err();
        assert!(error.to_string().contains('1'), "{error}");
        codes.push(error.code());
    }
    assert_eq!(
        codes,
        ["malformed_json", "malformed_cbor", "malformed_cbor"]
    );
}

#[test]
fn with_a_version_that_is_a_string_both_forms_are_the_same_capability() {
    let file = file();
    let block = mended(&car(&file));
    let cacao = Cacao::from_dag_cbor(&block).unwrap();
    assert_eq!(cacao.to_dag_cbor(), block);
    // JSON has no bytes: the signature's stand there in hex
    let mut json = file["cacao"].clone();
    json["p"]["version"] = "1".into();
    let read = Cacao::from_json(&json.to_string()).unwrap();
    assert_eq!(read.payload(), cacao.payload());
    let (Some(SignatureValue::Bytes(bytes)), SignatureValue::Text(hex)) = (
        cacao.signature().map(cacao::Signature::value),
        read.signature().unwrap().value(),
    ) else {
        panic!("bytes in the block, a text in JSON");
    };
    assert_eq!(data_encoding::HEXLOWER.encode(bytes), **hex);
}
