//! The identity of a capability: one for all spellings of a signature, another for whatever else
//! could have been signed.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use cacao::{Cacao, HeaderType, Payload, PayloadBuilder};
use std::collections::BTreeSet;

const SPELLINGS: [&[u8]; 7] = [
    include_bytes!("data/one_signature/bytes.cbor"),
    include_bytes!("data/one_signature/bytes_v_0.cbor"),
    include_bytes!("data/one_signature/header_caip122.cbor"),
    include_bytes!("data/one_signature/hex_in_upper_case.cbor"),
    include_bytes!("data/one_signature/hex_v_0.cbor"),
    include_bytes!("data/one_signature/hex_without_0x.cbor"),
    include_bytes!("data/one_signature/numbers.cbor"),
];

/// The SHA-256 of the bytes of `p`, which are canonical in all of them, as a CID.
const IDENTITY: &str = "bafyreif3sbpj6p6btt2drafooqjz2khh5g46iyrnqsogppcvo2jlxxfvdq";

#[test]
fn one_signature_in_seven_spellings_has_one_identity_and_seven_cids() {
    let capabilities = SPELLINGS.map(|block| Cacao::from_dag_cbor(block).unwrap());
    for cacao in &capabilities {
        assert_eq!(cacao.identity().to_string(), IDENTITY);
        // asked again, and of one that was not read from this block
        assert_eq!(cacao.identity().to_string(), IDENTITY);
        let again = Cacao::from_json(&cacao.to_json(cacao::MemberOrder::Session)).unwrap();
        assert_eq!(again.identity().to_string(), IDENTITY);
    }
    let cids: BTreeSet<_> = capabilities.iter().map(Cacao::cid).collect();
    assert_eq!(cids.len(), SPELLINGS.len());
}

#[cfg(feature = "ethereum")]
#[test]
fn they_are_one_signature_indeed() {
    use cacao::{Policy, Provers, Requirement};

    for block in SPELLINGS {
        let cacao = Cacao::from_dag_cbor(block).unwrap();
        let at = cacao.payload().issued_at().unix_time();
        let (policy, expected) = (Policy::default(), Requirement::any_domain());
        cacao
            .verify(&Provers::all_compiled_in(), &policy, &expected, at)
            .unwrap();
    }
}

/// The 64 bytes of EIP-2098 are an eighth spelling of it.
#[cfg(feature = "ethereum")]
#[test]
fn the_compact_form_has_the_same_identity_and_is_the_same_signature() {
    use cacao::{Policy, Provers, Requirement, Signature, SignatureKind, SignatureValue};

    let long = Cacao::from_dag_cbor(SPELLINGS[0]).unwrap();
    let Some(SignatureValue::Bytes(bytes)) = long.signature().map(Signature::value) else {
        unreachable!("the first spelling is bytes");
    };
    let (rs, v) = bytes.split_at(64);
    let mut compact = rs.to_vec();
    compact[32] |= ((v[0] + 1) & 1) << 7;
    for label in [
        SignatureKind::EIP191,
        SignatureKind::EIP1271,
        SignatureKind::EIP6492,
    ] {
        let value = SignatureValue::Bytes(compact.clone().into());
        let signature = Signature::new(label, value, None).unwrap();
        let short = Cacao::new(long.header(), long.payload().clone(), Some(signature));
        assert_eq!(short.identity().to_string(), IDENTITY);
        assert_ne!(short.cid(), long.cid());
        let read = Cacao::from_dag_cbor(&short.to_dag_cbor()).unwrap();
        assert_eq!(read.identity().to_string(), IDENTITY);
        let at = short.payload().issued_at().unix_time();
        let (policy, expected) = (Policy::default(), Requirement::any_domain());
        short
            .verify(&Provers::all_compiled_in(), &policy, &expected, at)
            .unwrap();
    }
}

fn builder(issuer: &str) -> PayloadBuilder {
    Payload::builder(
        "app.example",
        issuer.parse().unwrap(),
        "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
        "HPiCXGTXHI",
        "2023-04-06T16:15:19.058Z".parse().unwrap(),
    )
}

fn identity(payload: PayloadBuilder) -> String {
    let cacao = Cacao::new(HeaderType::Caip122, payload.build().unwrap(), None);
    cacao.identity().to_string()
}

#[test]
fn no_resources_and_an_empty_list_are_the_same() {
    let account = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";
    let none: [&str; 0] = [];
    assert_eq!(
        identity(builder(account)),
        identity(builder(account).with_resources(none))
    );
    assert_ne!(
        identity(builder(account)),
        identity(builder(account).with_resources(["ceramic://*"]))
    );
}

/// A date is signed as a text: the same point in time in another text is another signature.
#[test]
fn dates_keep_their_text() {
    let account = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";
    let until = |exp: &str| identity(builder(account).with_expires_at(exp.parse().unwrap()));
    assert_ne!(
        until("2023-04-13T16:15:19Z"),
        until("2023-04-13T16:15:19.000Z")
    );
}

/// Only `eip155` accounts have a spelling that does not count.
#[test]
fn letter_case_counts_where_it_tells_accounts_apart() {
    let solana =
        "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:6BcW5WQdw2PkjMDfqLVRX8q2dNQWNdYgeW7VZv1iMBxP";
    assert_ne!(
        identity(builder(solana)),
        identity(builder(&solana.replace("6BcW", "6bcW")))
    );
}

/// The passkey does not sign whose it is; what it granted is the issuer's nevertheless.
#[test]
fn a_passkey_belongs_to_the_identity() {
    let [one, other] = [
        "did:key:zDnaeQtZGYMpNdZhzoqXYCaj7wmJMqi9USVDmtRhfP6QiWmpY",
        "did:key:zDnaeS7oeZ9WPsTW5HSapFJrXXTWwGkLx9xEMief41hEeuDtx",
    ];
    assert_ne!(identity(builder(one)), identity(builder(other)));
}

#[cfg(feature = "proptest")]
mod laws {
    use super::*;
    use cacao::{Issuer, Signature, SignatureKind, SignatureValue, Timestamp, strategies};
    use proptest::prelude::*;

    fn with(payload: &Payload, change: impl FnOnce(Members) -> Members) -> Cacao {
        let members = change(Members {
            domain: payload.domain().into(),
            issuer: payload.issuer().clone(),
            audience: payload.audience().into(),
            nonce: payload.nonce().into(),
            issued_at: payload.issued_at().clone(),
            not_before: payload.not_before().cloned(),
            expires_at: payload.expires_at().cloned(),
            statement: payload.statement().map(Into::into),
            request_id: payload.request_id().map(Into::into),
            resources: payload.resources().map(Into::into).collect(),
        });
        let mut builder = Payload::builder(
            &members.domain,
            members.issuer,
            &members.audience,
            &members.nonce,
            members.issued_at,
        );
        if let Some(at) = members.not_before {
            builder = builder.with_not_before(at);
        }
        if let Some(at) = members.expires_at {
            builder = builder.with_expires_at(at);
        }
        if let Some(text) = members.statement {
            builder = builder.with_statement(&text);
        }
        if let Some(text) = members.request_id {
            builder = builder.with_request_id(&text);
        }
        let payload = builder.with_resources(members.resources).build().unwrap();
        Cacao::new(HeaderType::Eip4361, payload, None)
    }

    struct Members {
        domain: String,
        issuer: Issuer,
        audience: String,
        nonce: String,
        issued_at: Timestamp,
        not_before: Option<Timestamp>,
        expires_at: Option<Timestamp>,
        statement: Option<String>,
        request_id: Option<String>,
        resources: Vec<String>,
    }

    proptest! {
        #[test]
        fn nothing_beside_the_payload_counts(
            cacao in strategies::cacao(),
            other in strategies::cacao(),
        ) {
            let swapped = Cacao::new(
                other.header(),
                cacao.payload().clone(),
                other.signature().cloned(),
            );
            prop_assert_eq!(swapped.identity(), cacao.identity());
            let kind = SignatureKind::new("x").unwrap();
            let none = SignatureValue::Text("".into());
            let signed = Signature::new(kind, none, Some([1].into())).unwrap();
            let signed = Cacao::new(cacao.header(), cacao.payload().clone(), Some(signed));
            prop_assert_eq!(signed.identity(), cacao.identity());
            let normalized = with(cacao.payload(), |mut p| {
                p.issuer = p.issuer.normalized();
                p
            });
            prop_assert_eq!(normalized.identity(), cacao.identity());
        }

        #[test]
        fn every_member_of_the_payload_counts(
            payload in strategies::payload(),
            at in strategies::timestamp(),
            account in strategies::account_id(),
            text in strategies::text(),
            member in 0..10,
        ) {
            let before = with(&payload, |p| p);
            let changed = with(&payload, |mut p| {
                match member {
                    0 => p.domain.push('x'),
                    1 => p.audience.push('x'),
                    2 => p.nonce.push('x'),
                    3 => p.statement = p.statement.map_or(Some(text), |_| None),
                    4 => p.request_id = p.request_id.map_or(Some(text), |_| None),
                    5 => p.not_before = p.not_before.map_or(Some(at), |_| None),
                    6 => p.expires_at = p.expires_at.map_or(Some(at), |_| None),
                    7 => p.resources.push(text),
                    8 => p.issued_at = at,
                    _ => p.issuer = account.into(),
                }
                p
            });
            let same = payload.issued_at() == changed.payload().issued_at()
                && payload.issuer() == changed.payload().issuer();
            prop_assert_eq!(before.identity() == changed.identity(), same && member >= 8);
        }

        #[test]
        fn the_order_of_resources_counts(payload in strategies::payload()) {
            let there: Vec<_> = payload.resources().collect();
            let turned = with(&payload, |mut p| {
                p.resources.reverse();
                p
            });
            let same = there.iter().eq(there.iter().rev());
            prop_assert_eq!(with(&payload, |p| p).identity() == turned.identity(), same);
        }
    }
}
