//! `proptest` strategies: valid values of every kind, and near-valid encodings, for the tests of
//! those who build on this crate.

use crate::recap::Recap;
use crate::{
    AccountId, Cacao, HeaderType, Issuer, MemberOrder, Payload, Signature, SignatureKind,
    SignatureValue, Timestamp, UnixTime,
};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::json;

/// A text that may stand in a payload: not empty, no control character.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[!-~]{1,40}",
        1 => "\\PC{1,40}",
        1 => Just(String::from("URI: not a field")),
        1 => Just(String::from("x wants you to sign in with your Solana account:")),
    ]
}

/// An account of a namespace that has a sign-in text, in any letter case that is allowed.
pub fn account_id() -> impl Strategy<Value = AccountId> {
    let text = prop_oneof![
        3 => "(0|[1-9][0-9]{0,8})".prop_flat_map(|chain| {
            "[0-9a-fA-F]{40}".prop_map(move |hex| format!("eip155:{chain}:0x{hex}"))
        }),
        1 => "[1-9A-HJ-NP-Za-km-z]{32,44}"
            .prop_map(|address| format!("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:{address}")),
        1 => "tz1[1-9A-HJ-NP-Za-km-z]{33}"
            .prop_map(|address| format!("tezos:NetXdQprcVkpaWU:{address}")),
        1 => "SP[0-9A-HJKMNP-TV-Z]{38,39}".prop_map(|address| format!("stacks:1:{address}")),
    ];
    text.prop_filter_map("an account id", |text| text.parse().ok())
}

/// A date-time of RFC 3339, with and without fraction, at `Z` or with an offset.
pub fn timestamp() -> impl Strategy<Value = Timestamp> {
    let seconds = 0_i64..=253_402_300_799;
    let tail = prop_oneof![
        Just(String::from("Z")),
        Just(String::from("z")),
        Just(String::from(".058Z")),
        "\\.[0-9]{1,12}Z",
        "[+-](0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]",
    ];
    (seconds, tail).prop_filter_map("a date-time", |(secs, tail)| {
        let whole = Timestamp::from_unix_time(UnixTime::from_secs(secs)).ok()?;
        format!("{}{tail}", whole.as_str().get(..19)?).parse().ok()
    })
}

/// A payload whose issuer signs a text.
pub fn payload() -> impl Strategy<Value = Payload> {
    let optional = (
        option::of(timestamp()),
        option::of(timestamp()),
        option::of(text()),
        option::of(text()),
        option::of(vec(text(), 0..4)),
    );
    let always = (text(), account_id(), text(), text(), timestamp());
    (always, optional).prop_filter_map(
        "a payload",
        |((domain, account, audience, nonce, iat), (exp, nbf, statement, request_id, list))| {
            let issuer = Issuer::Pkh(account);
            let mut builder = Payload::builder(&domain, issuer, &audience, &nonce, iat);
            if let Some(exp) = exp {
                builder = builder.with_expires_at(exp);
            }
            if let Some(nbf) = nbf {
                builder = builder.with_not_before(nbf);
            }
            if let Some(statement) = statement {
                builder = builder.with_statement(&statement);
            }
            if let Some(request_id) = request_id {
                builder = builder.with_request_id(&request_id);
            }
            if let Some(list) = list {
                builder = builder.with_resources(list);
            }
            builder.build().ok()
        },
    )
}

/// A ReCap; targets and names come from few, so that two of them overlap.
pub fn recap() -> impl Strategy<Value = Recap> {
    let target = prop_oneof![
        4 => proptest::sample::select(Vec::from(["https://a.example", "https://a.example/b", "my:res.1"]))
            .prop_map(String::from),
        1 => "[a-z][a-z0-9+.-]{0,4}:[!#-&(-;=?-Z_a-z~]{1,12}".prop_map(|text| text.replace('%', "%41")),
    ];
    let name = prop_oneof![
        4 => proptest::sample::select(Vec::from(["crud", "read", "Read", "a", "a-b", "a.b", "*", "_x", "kv"]))
            .prop_map(String::from),
        1 => "[a-zA-Z.*_+-][a-zA-Z0-9.*_+-]{0,6}",
    ];
    let restriction = proptest::sample::select(Vec::from([
        json!({}),
        json!({}),
        json!({"to": "x"}),
        json!({"to": "y", "max": 5}),
        json!({"é": [1.5, null, 1e21, {"b": 0, "a": -0.000_000_1}], "\u{1f600}": "\u{fb33}\n"}),
    ]));
    let proof = "[a-c]".prop_map(|text| crate::car::dag_cbor_cid(text.as_bytes()));
    let abilities = vec((target, name.clone(), name, restriction), 1..8);
    (abilities, vec(proof, 0..3)).prop_filter_map("a ReCap", |(abilities, proofs)| {
        let mut builder = Recap::builder();
        for (target, namespace, name, restriction) in abilities {
            let ability = format!("{namespace}/{name}");
            builder = builder.with_restricted_ability(target, ability, restriction);
        }
        for proof in proofs {
            builder = builder.with_proof(proof);
        }
        builder.build().ok()
    })
}

/// A signature of any form; it belongs to nothing.
pub fn signature() -> impl Strategy<Value = Signature> {
    let kind = prop_oneof![
        Just(SignatureKind::EIP191),
        Just(SignatureKind::SOLANA_ED25519),
        Just(SignatureKind::WEBAUTHN_P256),
        "[a-z0-9:]{1,16}".prop_filter_map("a kind", |name| SignatureKind::new(&name).ok()),
    ];
    let bytes = || vec(any::<u8>(), 0..80).prop_map(Vec::into_boxed_slice);
    let value = prop_oneof![
        "0x[0-9a-f]{130}".prop_map(|text| SignatureValue::Text(text.into())),
        "\\PC{0,20}".prop_map(|text| SignatureValue::Text(text.into())),
        bytes().prop_map(SignatureValue::Bytes),
        bytes().prop_map(SignatureValue::Numbers),
    ];
    (kind, value, option::of(bytes())).prop_filter_map("a signature", |(kind, value, aad)| {
        Signature::new(kind, value, aad).ok()
    })
}

/// A capability that can be encoded and decoded; its signature belongs to nothing.
pub fn cacao() -> impl Strategy<Value = Cacao> {
    let header = prop_oneof![Just(HeaderType::Eip4361), Just(HeaderType::Caip122)];
    (header, payload(), option::of(signature()))
        .prop_map(|(header, payload, signature)| Cacao::new(header, payload, signature))
}

/// JSON that is almost a capability: a valid one with one place changed.
pub fn near_cacao_json() -> impl Strategy<Value = String> {
    let edits: [(&str, &str); 12] = [
        ("\"iat\":\"", "\"iat\":\"\\n"),
        ("\"version\":\"1\"", "\"version\":1"),
        ("\"version\":\"1\"", "\"version\":\"2\""),
        ("\"nonce\":", "\"nonce\":null,\"nonce\":"),
        ("\"iss\":\"did:pkh:", "\"iss\":\""),
        ("\"iss\":\"did:pkh:", "\"iss\":\"did:pkh:did:pkh:"),
        ("\"p\":{", "\"p\":{\"extra\":1,"),
        ("\"h\":{\"t\":\"", "\"h\":{\"t\":\"x"),
        ("\"aud\":", "\"Aud\":"),
        ("\"domain\":\"", "\"domain\":\"\\u0000"),
        ("{\"h\"", "{\"s\":null,\"h\""),
        ("}", ""),
    ];
    (cacao(), proptest::sample::select(Vec::from(edits))).prop_map(|(cacao, (from, to))| {
        let order = MemberOrder::Session;
        cacao.to_json(order).replacen(from, to, 1)
    })
}

/// Bytes that are almost the block of a capability: a valid one with one byte changed, or one
/// taken out or put in.
pub fn near_cacao_block() -> impl Strategy<Value = Box<[u8]>> {
    (
        cacao(),
        any::<proptest::sample::Index>(),
        any::<u8>(),
        0..3_u8,
    )
        .prop_map(|(cacao, at, byte, edit)| {
            let mut block = cacao.to_dag_cbor();
            let at = at.index(block.len());
            match edit {
                0 => drop(block.remove(at)),
                1 => block.insert(at, byte),
                _ => block[at] = byte,
            }
            block.into_boxed_slice()
        })
}
