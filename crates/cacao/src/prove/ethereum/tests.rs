//! Each label, over what keys and contracts sign, before each set of provers.

use crate::contract::Contracts;
use crate::eip191::{self, Eip191};
use crate::prove::samples::{payload, value};
use crate::siwx::{self, Dialect};
use crate::{
    AccountKind, Cacao, CallOutcome, Claim, Error, Evidence, Facts, HeaderType, Judgement, Kind,
    Payload, Policy, Prover, Provers, Requirement, Signature, SignatureKind, SignatureValue,
    UnixTime, VerifiedCacao,
};
use AccountKind::{Contract, Counterfactual, ExternallyOwned};
use alloc::format;
use alloc::vec::Vec;
use data_encoding::HEXLOWER;
use k256::ecdsa::SigningKey;
use std::cell::Cell;

const LABELS: [SignatureKind; 3] = [
    SignatureKind::EIP191,
    SignatureKind::EIP1271,
    SignatureKind::EIP6492,
];

fn key(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).unwrap()
}

fn the_payload() -> Payload {
    let address = eip191::address_of(key(7).verifying_key());
    payload(&format!("eip155:1:0x{}", HEXLOWER.encode(&address)))
        .build()
        .unwrap()
}

fn at() -> UnixTime {
    the_payload().issued_at().unix_time()
}

/// r ‖ s ‖ v of this key over the payload's text.
fn signed_by(number: u8) -> Vec<u8> {
    let text = siwx::render(&the_payload(), Dialect::default()).unwrap();
    let digest = eip191::digest(text.as_bytes());
    let (signature, id) = key(number).sign_prehash_recoverable(&digest);
    [&signature.to_bytes()[..], &[27 + u8::from(id.is_y_odd())]].concat()
}

/// The same in 64 bytes.
fn compact(number: u8) -> Vec<u8> {
    let mut bytes = signed_by(number);
    bytes[32] |= (bytes[64] - 27) << 7;
    bytes.truncate(64);
    bytes
}

/// A wrapper of ERC-6492 around a signature.
fn wrapped(signature: &[u8]) -> Vec<u8> {
    let word = |number: usize| {
        let mut word = [0; 32];
        word[24..].copy_from_slice(&(number as u64).to_be_bytes());
        word
    };
    let mut padded = signature.to_vec();
    padded.resize(padded.len().div_ceil(32) * 32, 0);
    let factory = word(0xfa);
    let head = [factory, word(96), word(128), word(0), word(signature.len())].concat();
    [&head[..], &padded, &[0x64, 0x92].repeat(16)].concat()
}

fn capability(label: &SignatureKind, signature: &[u8]) -> Cacao {
    let signature = value(label.clone(), SignatureValue::Bytes(signature.into()));
    Cacao::new(HeaderType::Eip4361, the_payload(), Some(signature))
}

fn keys() -> Provers {
    Provers::none().with(Eip191).unwrap()
}

fn contracts() -> Provers {
    Provers::none().with_contracts(Contracts::new()).unwrap()
}

fn both() -> Provers {
    keys().with_contracts(Contracts::new()).unwrap()
}

/// The magic value, as `isValidSignature` returns it and as the program for wrappers does.
fn yes(account: AccountKind) -> CallOutcome {
    let mut word = [0; 32];
    word[..4].copy_from_slice(&[0x16, 0x26, 0xba, 0x7e]);
    let mut words = [0; 96];
    (words[31], words[63]) = (1, 32);
    words[64..].copy_from_slice(&word);
    CallOutcome::Returned(match account {
        Counterfactual => words.to_vec(),
        _ => word.to_vec(),
    })
}

/// The verdict before a chain that answers so, and the rounds of questions that it took.
fn judge_by(
    provers: &Provers,
    policy: &Policy,
    capability: &Cacao,
    chain: impl Fn(AccountKind) -> CallOutcome,
) -> (Result<VerifiedCacao, Error>, usize) {
    let rounds = Cell::new(0);
    let judge = || {
        let any = Requirement::any_domain();
        let mut judgement = capability.begin(provers, policy, &any, at(), None)?;
        loop {
            match judgement {
                Judgement::Accepted(verified) => return Ok(verified),
                Judgement::Ask(inquiry) => {
                    rounds.set(rounds.get() + 1);
                    let account = inquiry.account();
                    let calls = inquiry.calls().iter();
                    let outcomes: Vec<_> = calls.map(|_| chain(account)).collect();
                    judgement = inquiry.answer(&outcomes, at())?;
                }
            }
        }
    };
    (judge(), rounds.get())
}

/// The same in short: what the account was found to be, or the code of the refusal.
fn found(provers: &Provers, label: &SignatureKind, signature: &[u8]) -> (&'static str, usize) {
    let capability = capability(label, signature);
    let (judged, rounds) = judge_by(provers, &Policy::default(), &capability, yes);
    let found = match &judged {
        Ok(verified) => verified.account().unwrap().name(),
        Err(error) => error.code(),
    };
    (found, rounds)
}

#[test]
fn the_bytes_decide_and_not_the_label() {
    let key_s = [signed_by(7), compact(7)];
    let others = [signed_by(8), compact(8), Vec::from([0xab, 0xcd])];
    for label in &LABELS {
        let of_key = *label == SignatureKind::EIP191;
        for signature in &key_s {
            // a key costs no question, under whichever label, bare or wrapped
            let accepted = (ExternallyOwned.name(), 0);
            assert_eq!(found(&keys(), label, signature), accepted);
            assert_eq!(found(&both(), label, signature), accepted);
            assert_eq!(found(&both(), label, &wrapped(signature)), accepted);
            // who trusts contracts alone asks them about everything
            let asked = (Contract.name(), 1);
            assert_eq!(found(&contracts(), label, signature), asked);
        }
        for signature in &others {
            for set in [contracts(), both()] {
                assert_eq!(found(&set, label, signature), (Contract.name(), 1));
                let counterfactual = (Counterfactual.name(), 1);
                assert_eq!(found(&set, label, &wrapped(signature)), counterfactual);
            }
            // who trusts keys alone accepts no contract's signature, and asks nobody
            let refusal = match (of_key, signature.len()) {
                (true, 2) => "malformed_signature",
                (true, _) => "signature_mismatch",
                (false, _) => "unsupported_kind",
            };
            assert_eq!(found(&keys(), label, signature), (refusal, 0));
            let refusal = match of_key {
                true => "malformed_signature",
                false => "unsupported_kind",
            };
            assert_eq!(found(&keys(), label, &wrapped(signature)), (refusal, 0));
        }
        let mut cut = wrapped(&signed_by(7));
        cut.remove(0);
        assert_eq!(found(&both(), label, &cut), ("malformed_signature", 0));
    }
    // nobody at all
    let nobody = found(&Provers::none(), &LABELS[0], &signed_by(7));
    assert_eq!(nobody, ("unsupported_kind", 0));
}

/// Where nobody can be asked, a label that says "a key" is believed; of any other nothing is known.
#[test]
fn without_a_chain() {
    let alone = |label: &SignatureKind, signature: &[u8]| {
        let any = Requirement::any_domain();
        let verdict = capability(label, signature).verify(&both(), &Policy::default(), &any, at());
        verdict.map_or_else(|error| error.code(), |_| "accepted")
    };
    for label in &LABELS {
        assert_eq!(alone(label, &signed_by(7)), "accepted");
    }
    let eip191 = &LABELS[0];
    assert_eq!(alone(eip191, &signed_by(8)), "signature_mismatch");
    assert_eq!(alone(eip191, &[1]), "malformed_signature");
    assert_eq!(alone(eip191, &wrapped(&[1])), "malformed_signature");
    for label in &LABELS[1..] {
        assert_eq!(alone(label, &signed_by(8)), "chain_unavailable");
        assert_eq!(alone(label, &wrapped(&[1])), "chain_unavailable");
    }
}

/// Where no contract is, the account is a key's; the refusal of an `eip191` signature is the key's.
#[test]
fn where_no_contract_is() {
    let nothing = |_| CallOutcome::Returned(Vec::new());
    let code = |label: &SignatureKind, signature: &[u8]| {
        let capability = capability(label, signature);
        let (judged, _) = judge_by(&both(), &Policy::default(), &capability, nothing);
        judged.unwrap_err().code()
    };
    assert_eq!(code(&LABELS[0], &signed_by(8)), "signature_mismatch");
    assert_eq!(code(&LABELS[0], &[1]), "malformed_signature");
    assert_eq!(code(&LABELS[1], &signed_by(8)), "not_a_contract");
}

/// A policy that forbids a kind forbids it under every label, and asks nobody for it.
#[test]
fn what_is_forbidden_is_so_under_every_label() {
    let code = |forbidden: &str, label: &SignatureKind, signature: &[u8]| {
        let policy = Policy::default().with_forbidden_kind(forbidden);
        let (judged, rounds) = judge_by(&both(), &policy, &capability(label, signature), yes);
        assert_eq!(rounds, usize::from(judged.is_ok()));
        judged.map_or_else(|error| error.code(), |_| "accepted")
    };
    let [eip191, eip1271, eip6492] = &LABELS;
    let wrapped = wrapped(&[1]);
    assert_eq!(code("eip1271", eip191, &[1]), "malformed_signature");
    assert_eq!(code("eip1271", eip6492, &[1]), "forbidden_kind");
    assert_eq!(code("eip1271", eip6492, &wrapped), "accepted");
    assert_eq!(code("eip6492", eip191, &wrapped), "malformed_signature");
    assert_eq!(code("eip6492", eip1271, &wrapped), "forbidden_kind");
    assert_eq!(code("eip191", eip1271, &signed_by(7)), "forbidden_kind");
    assert_eq!(code("eip191", eip1271, &[1]), "accepted");
    // and when it was proven for somebody else
    let (accepted, _) = judge_by(&both(), &Policy::default(), &capability(eip191, &[1]), yes);
    let policy = Policy::default().with_forbidden_kind("eip1271");
    let again = accepted
        .unwrap()
        .proven()
        .judge(&policy, &Requirement::any_domain(), at());
    assert_eq!(again.unwrap_err().code(), "forbidden_kind");
}

/// What a contract was found to be is kept with its word, which counts for those alone who trust
/// contracts.
#[test]
fn kept_words_of_contracts() {
    for (signature, account) in [
        (signed_by(8), Contract),
        (wrapped(&signed_by(8)), Counterfactual),
    ] {
        for label in &LABELS {
            let capability = capability(label, &signature);
            let (judged, _) = judge_by(&both(), &Policy::default(), &capability, yes);
            let evidence = Evidence::of(judged.unwrap().proven()).unwrap();
            let evidence = Evidence::from_json(&evidence.to_json()).unwrap();
            let begin = |provers: &Provers| {
                let any = Requirement::any_domain();
                capability.begin(provers, &Policy::default(), &any, at(), Some(&evidence))
            };
            match begin(&both()).unwrap() {
                Judgement::Accepted(verified) => assert_eq!(verified.account(), Some(account)),
                Judgement::Ask(_) => panic!("it was kept"),
            }
            assert!(begin(&keys()).is_err(), "{label}");
        }
    }
    let capability = capability(&LABELS[0], &signed_by(7));
    let (judged, _) = judge_by(&both(), &Policy::default(), &capability, yes);
    assert!(
        Evidence::of(judged.unwrap().proven()).is_none(),
        "a key needs none"
    );
}

/// A prover of the reader's own has the label that it claims to itself.
#[test]
fn a_label_of_somebody_s_own() {
    struct Own;

    impl Prover for Own {
        fn kinds(&self) -> &[Kind] {
            const { &[Kind::new(HeaderType::Eip4361, "eip1271", "eip155")] }
        }

        fn prove(&self, _: &Claim<'_>) -> Result<Facts, Error> {
            Err(Error::Refused("by somebody's own rule"))
        }
    }

    let set = keys().with(Own).unwrap();
    assert_eq!(found(&set, &LABELS[1], &signed_by(7)), ("refused", 0));
    assert_eq!(
        found(&set, &LABELS[2], &signed_by(7)),
        (ExternallyOwned.name(), 0)
    );
    assert!(set.with_contracts(Contracts::new()).is_err());
    let metadata = Signature::new(
        LABELS[1].clone(),
        SignatureValue::Bytes(signed_by(7).into()),
        Some([].into()),
    );
    let capability = Cacao::new(HeaderType::Eip4361, the_payload(), Some(metadata.unwrap()));
    let (judged, rounds) = judge_by(&both(), &Policy::default(), &capability, yes);
    assert_eq!(
        (judged.unwrap_err().code(), rounds),
        ("malformed_signature", 0)
    );
}
