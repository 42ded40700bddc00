//! Contract wallets that are deployed, that are not, that misbehave.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use cacao::contract::Contracts;
use cacao::siwx::{AddressCase, Dialect};
use cacao::{
    AccountKind, Block, Cacao, Error, Evidence, Judgement, Policy, Provers, Requirement,
    SignatureKind, VerifiedCacao,
};
use evm_tests::making::{NOW, capability, deploy, sign, wrap};
use evm_tests::{Chain, create2_address, creation, creation_of, owner, run};
use k256::ecdsa::SigningKey;
use session_core::{ManualClock, settle};
use std::sync::Arc;

const SALT: [u8; 32] = [5; 32];

// the judgement

struct Case {
    chain: Arc<Chain>,
    wallet: [u8; 20],
    block: Option<Block>,
}

impl Case {
    fn capability(&self, kind: SignatureKind, signature: &[u8]) -> Cacao {
        capability(self.wallet, kind, signature)
    }

    fn judge(&self, kind: SignatureKind, signature: &[u8]) -> Result<VerifiedCacao, Error> {
        let contracts = self
            .block
            .map_or_else(Contracts::new, |block| Contracts::new().with_block(block));
        let provers = Provers::none().with_contracts(contracts)?;
        let (policy, requirement) = (Policy::default(), Requirement::for_domain("app.example"));
        let capability = self.capability(kind, signature);
        let judgement = capability.begin(&provers, &policy, &requirement, NOW, None)?;
        assert!(
            matches!(judgement, Judgement::Ask(_)),
            "accepted without a word of the contract"
        );
        run(settle(judgement, Some(&self.chain), &ManualClock::new(NOW)))
    }

    fn eip1271(&self, signature: &[u8]) -> &'static str {
        code(&self.judge(SignatureKind::EIP1271, signature))
    }

    fn eip6492(&self, signature: &[u8]) -> &'static str {
        code(&self.judge(SignatureKind::EIP6492, signature))
    }

    fn signed_by(&self, key: &SigningKey) -> Vec<u8> {
        sign(self.wallet, key, Dialect::default())
    }
}

fn code(judged: &Result<VerifiedCacao, Error>) -> &'static str {
    judged.as_ref().map_or_else(Error::code, |_| "accepted")
}

fn on(chain: &Arc<Chain>, wallet: [u8; 20]) -> Case {
    Case {
        chain: Arc::clone(chain),
        wallet,
        block: None,
    }
}

#[test]
fn a_wallet_that_is_deployed() {
    let chain = Arc::new(Chain::new());
    let case = on(&chain, chain.create(&creation_of("Wallet", &owner(1))));
    let signature = case.signed_by(&owner(1));
    assert_eq!(case.eip1271(&signature), "accepted");
    assert_eq!(
        case.eip1271(&case.signed_by(&owner(2))),
        "signature_mismatch"
    );
    let mut changed = signature.clone();
    changed[0] ^= 1;
    assert_eq!(case.eip1271(&changed), "signature_mismatch");
    assert_eq!(case.eip1271(&signature[..64]), "signature_mismatch");
    assert_eq!(case.eip1271(&[]), "signature_mismatch");
    // the same signature by another wallet
    let other = on(&chain, chain.create(&creation_of("Wallet", &owner(1))));
    assert_eq!(other.eip1271(&signature), "signature_mismatch");
}

#[test]
fn every_layout_that_a_wallet_may_have_signed() {
    let chain = Arc::new(Chain::new());
    let case = on(&chain, chain.create(&creation_of("Wallet", &owner(1))));
    let dialect = Dialect {
        address: AddressCase::Lower,
        ..Dialect::default()
    };
    let signature = sign(case.wallet, &owner(1), dialect);
    let judged = case.judge(SignatureKind::EIP1271, &signature).unwrap();
    assert_eq!(judged.dialect(), Some(dialect));
}

/// Asked by its address there is nobody; wrapped, it is deployed for the time of the call.
#[test]
fn a_wallet_that_is_not_deployed() {
    let chain = Arc::new(Chain::new());
    let factory = chain.create(&creation("Factory"));
    let creation = creation_of("Wallet", &owner(1));
    let case = on(&chain, create2_address(factory, SALT, &creation));
    let signature = case.signed_by(&owner(1));
    let wrapped = wrap(factory, &deploy(&owner(1), SALT), &signature);
    assert_eq!(case.eip1271(&signature), "not_a_contract");
    assert_eq!(case.eip6492(&wrapped), "accepted");
    assert_eq!(case.eip6492(&wrapped), "accepted");
    assert_eq!(
        case.eip1271(&signature),
        "not_a_contract",
        "nothing is left"
    );

    let foreign = wrap(
        factory,
        &deploy(&owner(1), SALT),
        &case.signed_by(&owner(2)),
    );
    assert_eq!(case.eip6492(&foreign), "signature_mismatch");
    // another wallet is deployed, or none
    let elsewhere = wrap(factory, &deploy(&owner(1), [6; 32]), &signature);
    assert_eq!(case.eip6492(&elsewhere), "not_a_contract");
    let usurped = wrap(
        factory,
        &deploy(&owner(2), SALT),
        &case.signed_by(&owner(2)),
    );
    assert_eq!(case.eip6492(&usurped), "not_a_contract");
    let nobody = wrap([9; 20], &deploy(&owner(1), SALT), &signature);
    assert_eq!(case.eip6492(&nobody), "not_a_contract");
    let nonsense = wrap(factory, &[1, 2, 3], &signature);
    assert_eq!(case.eip6492(&nonsense), "not_a_contract");
    // without the wrapper, or with it under another label: the label says nothing
    assert_eq!(case.eip6492(&signature), "not_a_contract");
    assert_eq!(case.eip1271(&wrapped), "accepted");
    let judged = case.judge(SignatureKind::EIP191, &wrapped).unwrap();
    assert_eq!(judged.account(), Some(AccountKind::Counterfactual));

    // and once it is deployed for good
    chain.send(factory, &deploy(&owner(1), SALT));
    assert_eq!(case.eip6492(&wrapped), "accepted");
    assert_eq!(case.eip6492(&foreign), "signature_mismatch");
    assert_eq!(
        case.eip6492(&nobody),
        "accepted",
        "the factory is not needed"
    );
    assert_eq!(case.eip1271(&signature), "accepted");
}

/// ERC-6492: if a contract that exists refuses, the wrapped call is made, and it is asked
/// again.
#[test]
fn a_wallet_that_must_be_prepared() {
    let chain = Arc::new(Chain::new());
    let case = on(&chain, chain.create(&creation_of("Sleeping", &owner(1))));
    let signature = case.signed_by(&owner(1));
    let prepare = &[0xd2, 0x8c, 0xeb, 0xb8];
    assert_eq!(prepare_selector(), *prepare);
    assert_eq!(case.eip1271(&signature), "contract_reverted");
    assert_eq!(
        case.eip6492(&wrap(case.wallet, prepare, &signature)),
        "accepted"
    );
    let foreign = case.signed_by(&owner(2));
    assert_eq!(
        case.eip6492(&wrap(case.wallet, prepare, &foreign)),
        "signature_mismatch"
    );
    assert_eq!(
        case.eip6492(&wrap([9; 20], prepare, &signature)),
        "contract_reverted"
    );
    assert_eq!(
        case.eip1271(&signature),
        "contract_reverted",
        "nothing is left"
    );
}

fn prepare_selector() -> [u8; 4] {
    let hash = revm::primitives::keccak256("prepare()");
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Code by hand that answers everything in its own way.
#[test]
fn contracts_that_misbehave() {
    const MAGIC: [u8; 7] = [0x63, 0x16, 0x26, 0xba, 0x7e, 0x60, 0xe0];
    // PUSH4 magic, PUSH1 224, SHL; then what is changed of it; MSTORE at 0; RETURN `length` bytes
    let magic = |change: &[u8], length: u8| {
        let store_and_return = [0x60, 0, 0x52, 0x60, length, 0x60, 0, 0xf3];
        [&MAGIC[..], &[0x1b], change, &store_and_return].concat()
    };
    let malformed = "malformed_contract_answer";
    let contracts: [(&str, Vec<u8>, &str, &str); 12] = [
        ("says yes", magic(&[], 32), "accepted", "accepted"),
        (
            "dirty padding",
            magic(&[0x60, 1, 0x17], 32),
            malformed,
            malformed,
        ),
        ("another value", magic(&[0x19], 32), malformed, malformed),
        ("four bytes", magic(&[], 4), malformed, malformed),
        ("31 bytes", magic(&[], 31), malformed, malformed),
        ("33 bytes", magic(&[], 33), malformed, malformed),
        ("two words", magic(&[], 64), malformed, malformed),
        (
            "zero",
            vec![0x60, 32, 0x60, 0, 0xf3],
            "signature_mismatch",
            "signature_mismatch",
        ),
        ("nothing", vec![0x00], "not_a_contract", "not_a_contract"),
        // 100,000 bytes
        (
            "very much",
            vec![0x62, 1, 0x86, 0xa0, 0x60, 0, 0xf3],
            malformed,
            malformed,
        ),
        (
            "reverts",
            vec![0x60, 0, 0x60, 0, 0xfd],
            "contract_reverted",
            "contract_reverted",
        ),
        // reverts with the magic value
        (
            "reverts with yes",
            {
                let mut code = magic(&[], 32);
                *code.last_mut().unwrap() = 0xfd;
                code
            },
            "contract_reverted",
            "contract_reverted",
        ),
    ];
    for (name, code, eip1271, eip6492) in contracts {
        let chain = Arc::new(Chain::new());
        let case = on(&chain, [0xc0; 20]);
        chain.put(case.wallet, &code);
        let signature = case.signed_by(&owner(1));
        assert_eq!(case.eip1271(&signature), eip1271, "{name}");
        let wrapped = wrap([9; 20], &[], &signature);
        assert_eq!(case.eip6492(&wrapped), eip6492, "{name}, wrapped");
    }
}

/// Code that never ends takes all the gas: nothing is accepted, and nothing is known.
#[test]
fn contracts_that_burn_gas() {
    for code in [&[0xfe][..], &[0x5b, 0x60, 0, 0x56]] {
        let chain = Arc::new(Chain::new());
        let case = on(&chain, [0xc0; 20]);
        chain.put(case.wallet, code);
        let signature = case.signed_by(&owner(1));
        assert_eq!(case.eip1271(&signature), "chain_unavailable");
        let wrapped = wrap([9; 20], &[], &signature);
        assert_eq!(case.eip6492(&wrapped), "chain_unavailable");
    }
}

/// A factory cannot answer in the wallet's place, whatever it returns.
#[test]
fn a_factory_that_says_yes() {
    let chain = Arc::new(Chain::new());
    let yes = [
        0x63, 0x16, 0x26, 0xba, 0x7e, 0x60, 0xe0, 0x1b, 0x60, 0, 0x52, 0x60, 32, 0x60, 0, 0xf3,
    ];
    chain.put([0xfa; 20], &yes);
    let case = on(&chain, [0xc0; 20]);
    let signature = case.signed_by(&owner(1));
    assert_eq!(
        case.eip6492(&wrap([0xfa; 20], &[], &signature)),
        "not_a_contract"
    );
    chain.put([0xc0; 20], &[0x60, 0, 0x60, 0, 0xfd]);
    assert_eq!(
        case.eip6492(&wrap([0xfa; 20], &[], &signature)),
        "contract_reverted"
    );
}

#[test]
fn long_signatures_and_long_calls() {
    let chain = Arc::new(Chain::new());
    let yes = [
        0x63, 0x16, 0x26, 0xba, 0x7e, 0x60, 0xe0, 0x1b, 0x60, 0, 0x52, 0x60, 32, 0x60, 0, 0xf3,
    ];
    let case = on(&chain, [0xc0; 20]);
    chain.put([0xc0; 20], &yes);
    assert_eq!(case.eip1271(&[7; 16_000]), "accepted");
    let wrapped = wrap([9; 20], &[7; 7_001], &[7; 7_001]);
    assert_eq!(case.eip6492(&wrapped), "accepted");
}

/// What is pinned to a block stays, whatever the contract does later; what is kept of it judges
/// again without the chain.
#[test]
fn a_pinned_answer_is_kept() {
    let chain = Arc::new(Chain::new());
    let wallet = chain.create(&creation_of("Wallet", &owner(1)));
    let before = chain.next_block();
    chain.put(wallet, &[0x60, 0, 0x60, 0, 0xfd]);
    let mut case = on(&chain, wallet);
    let signature = case.signed_by(&owner(1));
    assert_eq!(case.eip1271(&signature), "contract_reverted");
    case.block = Some(Block::Number(before));
    let judged = case.judge(SignatureKind::EIP1271, &signature).unwrap();
    assert_eq!(judged.block(), Some(Block::Number(before)));
    case.block = Some(Block::Number(99));
    assert_eq!(case.eip1271(&signature), "chain_unavailable");

    let evidence = Evidence::of(judged.proven()).unwrap();
    let kept = Evidence::from_json(&evidence.to_json()).unwrap();
    let provers = Provers::none().with_contracts(Contracts::new()).unwrap();
    let (policy, requirement) = (Policy::default(), Requirement::for_domain("app.example"));
    let asks = |capability: &Cacao, policy: &Policy| match capability
        .begin(&provers, policy, &requirement, NOW, Some(&kept))
        .unwrap()
    {
        Judgement::Accepted(again) => {
            assert_eq!(again.dialect(), judged.dialect());
            false
        }
        Judgement::Ask(_) => true,
    };
    let capability = case.capability(SignatureKind::EIP1271, &signature);
    assert!(!asks(&capability, &policy));
    // not about another signature
    let forged = case.capability(SignatureKind::EIP1271, &[0; 65]);
    assert!(asks(&forged, &policy));
}
