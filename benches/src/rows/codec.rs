//! The encodings of a capability, both ways.

use crate::Row;
use crate::fixtures::{session, session_of, wallet};
use cacao::car::{self, Car};
use cacao::{Cacao, HeaderType, MemberOrder};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::hint::black_box;

/// A capability in the shape of serde: what decoding costs when nothing is checked.
#[derive(Deserialize, Serialize)]
struct Shape {
    h: Header,
    p: Body,
    s: Sealed,
}

#[derive(Deserialize, Serialize)]
struct Header {
    t: String,
}

#[derive(Deserialize, Serialize)]
struct Sealed {
    s: String,
    t: String,
}

#[derive(Deserialize, Serialize)]
struct Body {
    aud: String,
    exp: Option<String>,
    iat: String,
    iss: String,
    nbf: Option<String>,
    nonce: String,
    domain: String,
    version: String,
    resources: Vec<String>,
    statement: Option<String>,
}

/// A capability of which nothing was computed yet.
fn fresh(cacao: &Cacao) -> Cacao {
    Cacao::new(
        HeaderType::Eip4361,
        cacao.payload().clone(),
        cacao.signature().cloned(),
    )
}

pub(super) fn rows() -> Vec<Row> {
    let cacao = session_of(&wallet()).cacao().clone();
    let block = cacao.to_dag_cbor();
    let mut rows = Vec::new();
    let (ours, theirs) = (block.clone(), block.clone());
    rows.push(Row::new(
        "F19",
        "DAG-CBOR decoded, every rule checked",
        "serde_ipld_dagcbor into the same shape",
        move || Cacao::from_dag_cbor(black_box(&ours)).unwrap(),
        move || serde_ipld_dagcbor::from_slice::<Shape>(black_box(&theirs)).unwrap(),
    ));
    let (ours, theirs) = (cacao.clone(), block.clone());
    rows.push(Row::new(
        "F20",
        "DAG-CBOR encoded, and its CID",
        "SHA-256 of the same bytes",
        move || car::dag_cbor_cid(&black_box(&ours).to_dag_cbor()),
        move || Sha256::digest(black_box(&theirs)),
    ));
    let (ours, theirs) = (cacao.clone(), fresh(&cacao));
    rows.push(Row::new(
        "cid-kept",
        "CID of a capability that was asked before",
        "encode + CID",
        move || black_box(&ours).cid(),
        move || car::dag_cbor_cid(&black_box(&theirs).to_dag_cbor()),
    ));
    let json = cacao.to_json(MemberOrder::DagJson);
    let theirs = json.clone();
    rows.push(Row::new(
        "json-decode",
        "DAG-JSON decoded, every rule checked",
        "serde_json into the same shape",
        move || Cacao::from_json(black_box(&json)).unwrap(),
        move || serde_json::from_str::<Shape>(black_box(&theirs)).unwrap(),
    ));
    let ours = cacao.clone();
    let shape: Shape = serde_ipld_dagcbor::from_slice(&block).unwrap();
    rows.push(Row::new(
        "json-encode",
        "DAG-JSON encoded",
        "serde_json of the same shape",
        move || black_box(&ours).to_json(MemberOrder::DagJson),
        move || serde_json::to_string(black_box(&shape)).unwrap(),
    ));
    rows.extend(cars(session().cacao()));
    rows
}

fn cars(cacao: &Cacao) -> Vec<Row> {
    let text = cacao.to_car_base64url();
    let (decoded, hashed) = (text.clone(), cacao.to_dag_cbor());
    let mut rows = vec![Row::new(
        "car-decode",
        "CAR in base64url decoded, CIDs checked",
        "base64url + SHA-256 of the block",
        move || Cacao::from_car(&Car::from_base64url(black_box(&decoded)).unwrap()).unwrap(),
        {
            let (text, hashed) = (text[1..].to_owned(), hashed.clone());
            move || {
                (
                    BASE64URL_NOPAD.decode(black_box(text.as_bytes())),
                    Sha256::digest(black_box(&hashed)),
                )
            }
        },
    )];
    let ours = cacao.clone();
    rows.push(Row::new(
        "car-encode",
        "CAR in base64url encoded",
        "base64url + SHA-256 of the block",
        move || black_box(&ours).to_car_base64url(),
        move || {
            (
                BASE64URL_NOPAD.encode(black_box(&hashed)),
                Sha256::digest(black_box(&hashed)),
            )
        },
    ));
    rows
}
