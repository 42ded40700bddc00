//! DagJWS, their blocks and archives; each test fails without its rule.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::making;

use cacao::Cacao;
use cacao::car::{Car, dag_cbor_cid};
use dag_jws::{Cid, DagJws, Ipld, Jws, SignedDagJws, UnsignedDagJws, UnsignedJws};
use data_encoding::BASE64URL_NOPAD;
use making::{
    ACCOUNT, Delegation, OTHER_ACCOUNT, Requiring as _, account, code, delegation, key, now,
    other_key, signed,
};
use serde_json::json;
use std::collections::BTreeMap;

fn made(capability: Option<&Cacao>) -> SignedDagJws {
    let mut unsigned = UnsignedDagJws::from_dag_json(r#"{"hello":"world"}"#).unwrap();
    if let Some(cacao) = capability {
        unsigned = unsigned.with_capability(cacao);
    }
    let input = unsigned.prepare(key().did_key()).unwrap();
    let signature = key().sign(input.as_bytes());
    input.finish(signature.as_ref()).unwrap()
}

fn dag_jws_of(payload: &[u8]) -> Jws {
    signed(UnsignedJws::bytes(payload).unwrap())
}

#[test]
fn holds_as_made() {
    let cacao = delegation().cacao();
    let verified = made(Some(&cacao)).verify(&now().issuer(account())).unwrap();
    assert_eq!(verified.principal().did(), ACCOUNT);
    assert!(verified.jws().is_capability_bound());
    let value = Ipld::Map(BTreeMap::from([(
        "hello".into(),
        Ipld::String("world".into()),
    )]));
    assert_eq!(verified.to_ipld().unwrap(), value);
    assert_eq!(*verified.link(), dag_cbor_cid(verified.linked_block()));
}

#[test]
fn the_link_is_the_payload() {
    let (jws, block, _) = made(None).into_parts();
    let other = dag_cbor_cid(b"\xa0");
    let stated = DagJws::new(jws.into_jws(), other);
    assert_eq!(code(stated.verify(&block, &now())), "link_mismatch");
    assert_eq!(code(stated.verify(b"\xa0", &now())), "link_mismatch");
}

#[test]
fn the_block_is_the_linked_one() {
    let (jws, mut block, _) = made(None).into_parts();
    assert_eq!(code(jws.verify(b"\xa0", &now())), "block_hash_mismatch");
    block.push(0);
    assert_eq!(code(jws.verify(&block, &now())), "block_hash_mismatch");
    block.pop();
    assert_eq!(code(jws.verify(&block, &now())), "accepted");
}

#[test]
fn only_sha2_256_names_a_block() {
    // identity: the hash is the block
    let bytes = b"\x01\x71\x00\x04\xa0\xa0\xa0\xa0";
    let cid = Cid::try_from(&bytes[..]).unwrap();
    let jws = DagJws::from_jws(dag_jws_of(&cid.to_bytes())).unwrap();
    assert_eq!(
        code(jws.verify(b"\xa0\xa0\xa0\xa0", &now())),
        "block_hash_mismatch"
    );
}

#[test]
fn the_payload_is_a_cid_and_nothing_more() {
    let mut bytes = dag_cbor_cid(b"\xa0").to_bytes();
    bytes.push(0);
    for payload in [&bytes[..], &bytes[..20], b"hello", b"\x00"] {
        let jws = dag_jws_of(payload);
        assert_eq!(code(DagJws::from_jws(jws.clone())), "payload_not_link");
        assert_eq!(code(DagJws::parse(&jws.to_general())), "payload_not_link");
        let stated = DagJws::new(jws, dag_cbor_cid(b"\xa0"));
        assert_eq!(
            code(DagJws::parse(&stated.to_general())),
            "payload_not_link"
        );
        assert_eq!(code(stated.verify(b"\xa0", &now())), "payload_not_link");
    }
}

#[test]
fn the_signature_is_checked() {
    let (jws, block, _) = made(None).into_parts();
    let compact = jws.jws().as_compact();
    let (input, _) = compact.rsplit_once('.').unwrap();
    let signature = other_key().sign(input.as_bytes());
    let signature = BASE64URL_NOPAD.encode(signature.as_ref());
    let jws = Jws::parse(&format!("{input}.{signature}")).unwrap();
    let jws = DagJws::from_jws(jws).unwrap();
    assert_eq!(code(jws.verify(&block, &now())), "invalid_signature");
}

#[test]
fn as_json_the_link_stands_beside() {
    let (jws, ..) = made(None).into_parts();
    let general = jws.to_general();
    assert!(general.ends_with(&format!(r#","link":{{"/":"{}"}}}}"#, jws.link())));
    assert_eq!(DagJws::parse(&general).unwrap(), jws);
    assert_eq!(DagJws::parse(&jws.jws().to_general()).unwrap(), jws);
    assert_eq!(serde_json::from_str::<DagJws>(&general).unwrap(), jws);
    let cid = jws.link().to_string();
    let with = |link: serde_json::Value| {
        let mut object = serde_json::to_value(jws.jws()).unwrap();
        object["link"] = link;
        code(DagJws::parse(&object.to_string()))
    };
    assert_eq!(with(json!(cid)), "accepted");
    // a member that is not known is ignored (RFC 7515, section 7.2.1)
    let more = general.replacen('{', "{\"more\":1,", 1);
    assert_eq!(DagJws::parse(&more).unwrap(), jws);
    assert_eq!(serde_json::from_str::<DagJws>(&more).unwrap(), jws);
    for bad in [
        json!(null),
        json!("x"),
        json!({ "/": 1 }),
        json!({ "/": cid, "more": 1 }),
        json!({ "/": cid.to_uppercase() }),
        json!([cid]),
    ] {
        assert_eq!(with(bad), "malformed_json");
    }
}

#[test]
fn the_block_of_the_capability_is_there() {
    let cacao = delegation().cacao();
    let (jws, block, cacao_block) = made(Some(&cacao)).into_parts();
    let without = SignedDagJws::new(jws.clone(), block.clone(), None);
    assert_eq!(code(without.verify(&now())), "capability_missing");
    // supplied by the caller, it may be absent
    let supplied = now().with_capability(&cacao);
    assert_eq!(code(without.verify(&supplied)), "accepted");
    // the JWS without its bundle claims less
    assert_eq!(code(jws.verify(&block, &now())), "accepted");
    let whole = SignedDagJws::new(jws, block, cacao_block);
    assert_eq!(code(whole.verify(&supplied)), "accepted");
}

#[test]
fn the_block_of_the_capability_is_the_one_named() {
    let cacao = delegation().cacao();
    let other = Delegation {
        issuer: OTHER_ACCOUNT,
        ..delegation()
    }
    .cacao();
    let (jws, block, _) = made(Some(&cacao)).into_parts();
    for wrong in [other.to_dag_cbor(), b"\xa0".to_vec(), Vec::new()] {
        let signed = SignedDagJws::new(jws.clone(), block.clone(), Some(wrong));
        assert_eq!(code(signed.verify(&now())), "capability_mismatch");
        let supplied = now().with_capability(&cacao);
        assert_eq!(code(signed.verify(&supplied)), "capability_mismatch");
    }
}

#[test]
fn a_block_that_is_not_named_is_judged_too() {
    let (jws, block, _) = made(None).into_parts();
    let with =
        |cacao_block: Vec<u8>| SignedDagJws::new(jws.clone(), block.clone(), Some(cacao_block));
    let cacao = delegation().cacao();
    let verified = with(cacao.to_dag_cbor()).verify(&now()).unwrap();
    assert_eq!(verified.principal().did(), ACCOUNT);
    assert!(!verified.jws().is_capability_bound());
    let forged = Delegation {
        signature: "another",
        ..delegation()
    }
    .cacao();
    assert_eq!(
        code(with(forged.to_dag_cbor()).verify(&now())),
        "signature_mismatch"
    );
    // two capabilities, and nothing says which
    let supplied = now().with_capability(&cacao);
    assert_eq!(
        code(with(forged.to_dag_cbor()).verify(&supplied)),
        "capability_mismatch"
    );
    let error = with(b"\xa0".to_vec()).verify(&now()).unwrap_err();
    assert!(!error.is_refusal(), "{error}");
}

#[test]
fn a_car_holds_it_whole() {
    let cacao = delegation().cacao();
    let signed = made(Some(&cacao));
    let text = signed.to_car_base64url();
    assert_eq!(SignedDagJws::from_car_base64url(&text).unwrap(), signed);
    assert_eq!(
        SignedDagJws::from_car_base64url(&format!("u{text}")).unwrap(),
        signed
    );
    assert_eq!(code(SignedDagJws::from_car_base64url("x")), "malformed_car");
}

#[test]
fn blocks_of_a_car_are_found_by_their_cid() {
    let cacao = delegation().cacao();
    let signed = made(Some(&cacao));
    let other = Delegation {
        issuer: OTHER_ACCOUNT,
        ..delegation()
    }
    .cacao();
    let car = signed.to_car();
    let root = car.roots()[0];
    let blocks: Vec<(Cid, Vec<u8>)> = car
        .blocks()
        .map(|(cid, block)| (*cid, block.to_vec()))
        .collect();
    // one of many, in any order
    let mut many = blocks.clone();
    many.push((other.cid(), other.to_dag_cbor()));
    many.reverse();
    let read = SignedDagJws::from_car(&Car::new(root, many)).unwrap();
    assert_eq!(read, signed);
    // the capability's is missing, another one lies there
    let mut missing = blocks.clone();
    missing[2] = (other.cid(), other.to_dag_cbor());
    let read = SignedDagJws::from_car(&Car::new(root, missing)).unwrap();
    assert_eq!(code(read.verify(&now())), "capability_missing");
    // the linked one, the root
    let without = |i: usize| {
        let mut blocks = blocks.clone();
        blocks.remove(i);
        code(SignedDagJws::from_car(&Car::new(root, blocks)))
    };
    assert_eq!(without(1), "block_missing");
    assert_eq!(without(0), "malformed_car");
    // a root that is no dag-jose block
    let car = Car::new(blocks[1].0, blocks.clone());
    assert_eq!(code(SignedDagJws::from_car(&car)), "malformed_car");
    // a block under the CID of another, hashes unchecked
    let mut swapped = blocks.clone();
    swapped[1].1 = b"\xa0".to_vec();
    let read = SignedDagJws::from_car(&Car::new(root, swapped)).unwrap();
    assert_eq!(code(read.verify(&now())), "block_hash_mismatch");
}

type Change<'a> = &'a dyn Fn(&mut BTreeMap<String, Ipld>);

#[test]
fn a_dag_jose_block_has_one_encoding() {
    let (jws, ..) = made(None).into_parts();
    let block = jws.to_dag_jose();
    assert_eq!(DagJws::from_dag_jose(&block).unwrap(), jws);
    assert_eq!(jws.cid().codec(), 0x85);

    let Ipld::Map(map) = serde_ipld_dagcbor::from_slice(&block).unwrap() else {
        panic!("no map");
    };
    let read = |change: Change<'_>| {
        let mut map = map.clone();
        change(&mut map);
        let block = serde_ipld_dagcbor::to_vec(&Ipld::Map(map)).unwrap();
        code(DagJws::from_dag_jose(&block))
    };
    assert_eq!(read(&|_| ()), "accepted");
    let signature = |map: &BTreeMap<String, Ipld>| match &map["signatures"] {
        Ipld::List(list) => list[0].clone(),
        _ => panic!("no list"),
    };
    let changes: [Change<'_>; 7] = [
        &|map| drop(map.insert("link".into(), Ipld::Link(*jws.link()))),
        &|map| drop(map.remove("payload")),
        &|map| drop(map.remove("signatures")),
        &|map| drop(map.insert("payload".into(), Ipld::String("AA".into()))),
        &|map| drop(map.insert("signatures".into(), Ipld::List(vec![]))),
        &|map| {
            let twice = vec![signature(map), signature(map)];
            map.insert("signatures".into(), Ipld::List(twice));
        },
        &|map| {
            let Ipld::Map(mut only) = signature(map) else {
                panic!("no map");
            };
            only.insert("header".into(), Ipld::Map(BTreeMap::new()));
            map.insert("signatures".into(), Ipld::List(vec![Ipld::Map(only)]));
        },
    ];
    for change in changes {
        assert_eq!(read(change), "malformed_dag_jose");
    }
    // the same map with a length in two bytes
    let mut loose = block.clone();
    loose.splice(0..1, [0xb8, 2]);
    assert!(DagJws::from_dag_jose(&loose).is_err());
    let mut trailing = block;
    trailing.push(0);
    assert!(DagJws::from_dag_jose(&trailing).is_err());
}
