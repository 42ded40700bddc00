//! CAIP-74's test case, a codec vector. Its `version` is the number 1, where the schema of the same
//! document and the text that is signed have a string.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use cacao::car::{Car, has_cid};
use cacao::siwx::Variation;
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

/// A payload's `version` is `1`, however it is spelled; the capability keeps its bytes.
#[test]
fn its_version_is_a_number_which_is_read_in_both_forms() {
    let file = file();
    let archive = car(&file);
    let root = archive.roots()[0];
    let block = archive.block(&root).unwrap();
    for read in [
        Cacao::from_car(&archive).unwrap(),
        Cacao::from_dag_cbor(block).unwrap(),
    ] {
        assert_eq!(read.cid(), root);
        assert_eq!(read.to_dag_cbor(), block);
        assert!(read.variations().eq([Variation::IntegerVersion]));
        let mended = Cacao::from_dag_cbor(&mended(&archive)).unwrap();
        assert_eq!(read.payload(), mended.payload());
        assert_eq!(read.identity(), mended.identity());
    }
    let json = Cacao::from_json(&file["cacao"].to_string()).unwrap();
    assert!(json.variations().eq([Variation::IntegerVersion]));
    for version in [
        "2",
        "0",
        "1.0",
        "true",
        "[1]",
        "\"01\"",
        "\"1 \"",
        "18446744073709551617",
    ] {
        let spoiled = file["cacao"].to_string();
        let spoiled = spoiled.replace("\"version\":1", &format!("\"version\":{version}"));
        assert!(Cacao::from_json(&spoiled).is_err(), "{version}");
    }
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
