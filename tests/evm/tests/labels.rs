//! Accounts of keys and of contracts under each label: what the account is decides, and what a
//! label says does not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use cacao::contract::Contracts;
use cacao::eip191::{self, Eip191};
use cacao::siwx::Dialect;
use cacao::{Policy, Provers, Requirement, SignatureKind};
use evm_tests::making::{NOW, capability, compact, deploy, sign, wrap};
use evm_tests::{Chain, create2_address, creation, creation_of, owner, run};
use k256::ecdsa::SigningKey;
use session_core::{ManualClock, settle};
use std::sync::Arc;

const LABELS: [SignatureKind; 3] = [
    SignatureKind::EIP191,
    SignatureKind::EIP1271,
    SignatureKind::EIP6492,
];
const SALT: [u8; 32] = [5; 32];

/// Reverts whatever it is asked.
const REVERTS: [u8; 5] = [0x60, 0, 0x60, 0, 0xfd];

fn keys() -> Provers {
    Provers::none().with(Eip191).unwrap()
}

fn contracts() -> Provers {
    Provers::none().with_contracts(Contracts::new()).unwrap()
}

fn both() -> Provers {
    keys().with_contracts(Contracts::new()).unwrap()
}

fn address(key: &SigningKey) -> [u8; 20] {
    eip191::address_of(key.verifying_key())
}

/// What an account was found to be, or why its signature is refused; and how many calls the chain
/// answered for it.
fn found(
    chain: &Arc<Chain>,
    provers: &Provers,
    account: [u8; 20],
    label: &SignatureKind,
    signature: &[u8],
) -> (&'static str, usize) {
    let before = chain.answered();
    let capability = capability(account, label.clone(), signature);
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    let judged = capability
        .begin(provers, &policy, &any, NOW, None)
        .and_then(|judgement| run(settle(judgement, Some(chain), &ManualClock::new(NOW))));
    let found = match &judged {
        Ok(verified) => verified.account().unwrap().name(),
        Err(error) => error.code(),
    };
    (found, chain.answered() - before)
}

#[test]
fn the_account_of_a_key() {
    let chain = Arc::new(Chain::new());
    let account = address(&owner(1));
    let signature = sign(account, &owner(1), Dialect::default());
    let compact = compact(&signature);
    for label in &LABELS {
        let found =
            |provers: &Provers, signature: &[u8]| found(&chain, provers, account, label, signature);
        for signature in [&signature, &compact] {
            assert_eq!(found(&keys(), signature), ("externally_owned", 0));
            assert_eq!(found(&both(), signature), ("externally_owned", 0));
            let wrapped = wrap([9; 20], &[], signature);
            assert_eq!(found(&both(), &wrapped), ("externally_owned", 0));
            // who trusts contracts alone wants one
            assert_eq!(found(&contracts(), signature), ("not_a_contract", 1));
        }
        // another key's signature: who trusts both asks whether there is a contract
        let foreign = sign(account, &owner(2), Dialect::default());
        let refusal = match *label == SignatureKind::EIP191 {
            true => "signature_mismatch",
            false => "not_a_contract",
        };
        assert_eq!(found(&both(), &foreign), (refusal, 1));
    }
}

#[test]
fn a_contract_that_is_deployed() {
    let chain = Arc::new(Chain::new());
    let wallet = chain.create(&creation_of("Wallet", &owner(1)));
    let signature = sign(wallet, &owner(1), Dialect::default());
    let foreign = sign(wallet, &owner(2), Dialect::default());
    for label in &LABELS {
        let found =
            |provers: &Provers, signature: &[u8]| found(&chain, provers, wallet, label, signature);
        for provers in [both(), contracts()] {
            assert_eq!(found(&provers, &signature), ("contract", 1));
            let wrapped = wrap([9; 20], &[], &signature);
            assert_eq!(found(&provers, &wrapped), ("counterfactual", 1));
            let (refusal, _) = found(&provers, &foreign);
            assert_eq!(refusal, "signature_mismatch");
        }
        // who trusts keys alone accepts no contract, under whichever label, and asks nobody
        let refusal = match *label == SignatureKind::EIP191 {
            true => "signature_mismatch",
            false => "unsupported_kind",
        };
        assert_eq!(found(&keys(), &signature), (refusal, 0));
    }
}

#[test]
fn a_contract_that_is_not_deployed() {
    let chain = Arc::new(Chain::new());
    let factory = chain.create(&creation("Factory"));
    let wallet = create2_address(factory, SALT, &creation_of("Wallet", &owner(1)));
    let deploy = deploy(&owner(1), SALT);
    let signed_by = |key: &SigningKey| sign(wallet, key, Dialect::default());
    let wrapped = wrap(factory, &deploy, &signed_by(&owner(1)));
    let foreign = wrap(factory, &deploy, &signed_by(&owner(2)));
    for label in &LABELS {
        let found =
            |provers: &Provers, signature: &[u8]| found(&chain, provers, wallet, label, signature);
        for provers in [both(), contracts()] {
            assert_eq!(found(&provers, &wrapped), ("counterfactual", 1));
            assert_eq!(found(&provers, &foreign).0, "signature_mismatch");
            let cut = found(&provers, &wrapped[1..]);
            assert_eq!(cut, ("malformed_signature", 0));
        }
        assert_eq!(found(&keys(), &wrapped).1, 0);
        assert_ne!(found(&keys(), &wrapped).0, "externally_owned");
    }
}

/// EIP-7702: an account of a key that delegates to code. The key can replace that code at any time,
/// so that its signature is the account's, and nobody is asked. What the code accepts is the
/// account's word, too, for those who trust contracts.
#[test]
fn an_account_of_a_key_with_code() {
    let account = address(&owner(1));
    let own = sign(account, &owner(1), Dialect::default());
    let others = sign(account, &owner(2), Dialect::default());
    let delegating = |code_of: &Chain, to: [u8; 20]| {
        code_of.put(account, &[&[0xef, 0x01, 0x00][..], &to].concat());
    };
    for label in &LABELS {
        // to code that accepts what somebody else signs
        let chain = Arc::new(Chain::new());
        let wallet = chain.create(&creation_of("Wallet", &owner(2)));
        delegating(&chain, wallet);
        let by =
            |provers: &Provers, signature: &[u8]| found(&chain, provers, account, label, signature);
        assert_eq!(by(&both(), &own), ("externally_owned", 0));
        assert_eq!(by(&keys(), &own), ("externally_owned", 0));
        assert_eq!(by(&contracts(), &own).0, "signature_mismatch");
        assert_eq!(by(&both(), &others), ("contract", 1));
        assert_eq!(by(&contracts(), &others), ("contract", 1));
        assert_ne!(by(&keys(), &others).0, "contract");
        // to code that accepts nothing
        chain.put([0xde; 20], &REVERTS);
        delegating(&chain, [0xde; 20]);
        assert_eq!(by(&both(), &own), ("externally_owned", 0));
        assert_eq!(by(&contracts(), &own).0, "contract_reverted");
        assert_eq!(by(&both(), &others).0, "contract_reverted");
    }
}
