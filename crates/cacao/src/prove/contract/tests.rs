//! The provers before a chain that answers as the test says, and notes what it was asked.

use super::*;
use crate::prove::samples::{of_text, payload};
use crate::siwx::{AddressCase, Dialect, FieldOrder, Gap};
use crate::{
    Cacao, CallOutcome, ContractWord, Evidence, HeaderType, Judgement, Payload, Policy, Proven,
    Provers, Requirement, Signature, SignatureKind, SignatureValue, UnixTime, VerifiedCacao, siwx,
};
use alloc::boxed::Box;
use alloc::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

const ISSUER: &str = "eip155:137:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";
const BLOCK: Block = Block::Hash([9; 32]);

type Answer = Box<dyn Fn(usize) -> Result<CallOutcome, Error>>;

/// Answers the n-th call, counted from 0.
struct Chain {
    answer: Answer,
    asked: Mutex<Vec<EthCall>>,
}

impl Chain {
    #[allow(clippy::arc_with_non_send_sync, reason = "the tests have one thread")]
    fn new(answer: impl Fn(usize) -> Result<CallOutcome, Error> + 'static) -> Arc<Self> {
        Arc::new(Self {
            answer: Box::new(answer),
            asked: Mutex::default(),
        })
    }

    fn asked(&self) -> Vec<EthCall> {
        self.asked.lock().unwrap().clone()
    }

    fn eth_call(&self, call: &EthCall) -> Result<CallOutcome, Error> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(call.clone());
        (self.answer)(asked.len() - 1)
    }
}

fn word(value: [u8; 4]) -> CallOutcome {
    let mut word = [0; 32];
    word[..4].copy_from_slice(&value);
    CallOutcome::Returned(word.into())
}

fn yes() -> CallOutcome {
    word([0x16, 0x26, 0xba, 0x7e])
}

/// The program's three words.
fn three(succeeded: u8, length: u8, value: [u8; 4]) -> CallOutcome {
    let mut words = [0; 96];
    words[31] = succeeded;
    words[63] = length;
    words[64..68].copy_from_slice(&value);
    CallOutcome::Returned(words.into())
}

fn the_payload() -> Payload {
    payload(ISSUER).build().unwrap()
}

fn digest(dialect: Dialect) -> [u8; 32] {
    let text = siwx::render(&the_payload(), dialect).unwrap();
    crate::eip191::digest(text.as_bytes())
}

fn capability(signature: Signature) -> Cacao {
    Cacao::new(HeaderType::Eip4361, the_payload(), Some(signature))
}

fn at() -> UnixTime {
    the_payload().issued_at().unix_time()
}

/// The contracts of a set before a chain.
struct Wallets(Arc<Chain>, Provers);

impl Wallets {
    fn of(chain: &Arc<Chain>) -> Self {
        Self::by(chain, Contracts::new())
    }

    fn by(chain: &Arc<Chain>, contracts: Contracts) -> Self {
        let provers = Provers::all_compiled_in().with_contracts(contracts);
        Self(Arc::clone(chain), provers.unwrap())
    }

    fn judge_by(
        &self,
        signature: Signature,
        policy: &Policy,
        at: UnixTime,
        evidence: Option<&Evidence>,
    ) -> Result<VerifiedCacao, Error> {
        let any = Requirement::any_domain();
        let mut judgement = capability(signature).begin(&self.1, policy, &any, at, evidence)?;
        loop {
            match judgement {
                Judgement::Accepted(verified) => return Ok(verified),
                Judgement::Ask(inquiry) => {
                    let outcome = self.0.eth_call(&inquiry.calls()[0])?;
                    judgement = inquiry.answer(&[outcome], at)?;
                }
            }
        }
    }

    fn judge(&self, signature: Signature) -> Result<VerifiedCacao, Error> {
        self.judge_by(signature, &Policy::default(), at(), None)
    }

    fn code(&self, signature: &Signature) -> &'static str {
        self.judge(signature.clone())
            .map_or_else(|error| error.code(), |_| "accepted")
    }
}

fn plain() -> Signature {
    of_text(SignatureKind::EIP1271, "0xabcd")
}

fn wrapped() -> Signature {
    let wrapped = Wrapped {
        factory: [0xfa; 20],
        factory_data: &[1, 2, 3],
        signature: &[0xab, 0xcd],
    };
    let hex = data_encoding::HEXLOWER.encode(&wrapped.to_bytes());
    of_text(SignatureKind::EIP6492, &alloc::format!("0x{hex}"))
}

#[test]
fn the_contract_is_asked_for_the_digest_of_the_text() {
    let chain = Chain::new(|_| Ok(yes()));
    let verified = Wallets::of(&chain).judge(plain()).unwrap();
    assert_eq!(verified.dialect(), Some(Dialect::default()));
    assert_eq!(verified.block(), None);
    let data = abi::is_valid_signature(&digest(Dialect::default()), &[0xab, 0xcd]);
    let address = crate::caip::eip55::parse_address(&ISSUER[11..]);
    assert!(address.is_some());
    let call = EthCall {
        chain: "137".into(),
        to: address,
        data,
        block: None,
    };
    assert_eq!(chain.asked(), [call]);
}

#[test]
fn a_wrapped_signature_is_one_call_without_a_contract() {
    let chain = Chain::new(|_| Ok(three(1, 32, [0x16, 0x26, 0xba, 0x7e])));
    Wallets::by(&chain, Contracts::new().with_block(BLOCK))
        .judge(wrapped())
        .unwrap();
    let asked = chain.asked();
    let call = &asked[0];
    assert_eq!((asked.len(), &*call.chain), (1, "137"));
    assert_eq!((call.to, call.block), (None, Some(BLOCK)));
    let question = abi::is_valid_signature(&digest(Dialect::default()), &[0xab, 0xcd]);
    assert!(call.data.ends_with(&[&[1, 2, 3][..], &question].concat()));
}

/// The other texts are tried too, and the proof says which one it was.
#[test]
fn every_layout_of_the_text() {
    let lower_with_two_lines = 3;
    let chain = Chain::new(move |n| {
        Ok(if n == lower_with_two_lines {
            yes()
        } else {
            word([0xff; 4])
        })
    });
    let verified = Wallets::of(&chain).judge(plain()).unwrap();
    let dialect = Dialect {
        address: AddressCase::Lower,
        order: FieldOrder::Current,
        gap: Gap::TwoLines,
        ..Dialect::default()
    };
    assert_eq!(verified.dialect(), Some(dialect));
    let data = abi::is_valid_signature(&digest(dialect), &[0xab, 0xcd]);
    assert_eq!(chain.asked().last().unwrap().data, data);
}

#[test]
fn what_a_contract_may_answer() {
    let of = |outcome: CallOutcome| {
        let chain = Chain::new(move |_| Ok(outcome.clone()));
        let code = Wallets::of(&chain).code(&plain());
        (code, chain.asked().len())
    };
    assert_eq!(of(word([0xff; 4])), ("signature_mismatch", 6));
    assert_eq!(
        of(CallOutcome::Reverted(Vec::new())),
        ("contract_reverted", 6)
    );
    // what no other text could change is not asked again
    assert_eq!(of(CallOutcome::Returned(Vec::new())), ("not_a_contract", 1));
    let short = CallOutcome::Returned([0x16, 0x26, 0xba, 0x7e].into());
    assert_eq!(of(short), ("malformed_contract_answer", 1));

    let of = |outcome: CallOutcome| {
        let chain = Chain::new(move |_| Ok(outcome.clone()));
        let code = Wallets::of(&chain).code(&wrapped());
        (code, chain.asked().len())
    };
    assert_eq!(of(three(1, 32, [0xff; 4])), ("signature_mismatch", 6));
    assert_eq!(of(three(0, 4, [0; 4])), ("contract_reverted", 6));
    assert_eq!(
        of(CallOutcome::Reverted(Vec::new())),
        ("contract_reverted", 6)
    );
    assert_eq!(of(three(1, 0, [0; 4])), ("not_a_contract", 1));
    assert_eq!(of(three(1, 31, [0; 4])), ("malformed_contract_answer", 1));
    // the answer of another program
    assert_eq!(of(yes()), ("malformed_contract_answer", 1));
}

#[test]
fn a_chain_that_cannot_be_asked_is_no_refusal() {
    let chain = Chain::new(|_| Err(Error::chain("no connection")));
    let error = Wallets::of(&chain).judge(plain()).unwrap_err();
    assert_eq!(
        (error.code(), error.is_refusal()),
        ("chain_unavailable", false)
    );
    let source = core::error::Error::source(&error).unwrap();
    assert_eq!(alloc::format!("{source}"), "no connection");
}

#[test]
fn a_signature_is_hex_or_bytes() {
    let chain = Chain::new(|_| Ok(yes()));
    let wallets = Wallets::of(&chain);
    let of = |text: &str| wallets.code(&of_text(SignatureKind::EIP1271, text));
    for good in ["0x", "0xAB", "ab"] {
        assert_eq!(of(good), "accepted", "{good}");
    }
    for bad in ["", "0xa", "0xag", "0x ab", "0Xab"] {
        assert_eq!(of(bad), "malformed_signature", "{bad}");
    }
    let value = SignatureValue::Bytes([1, 2].into());
    let bytes = Signature::new(SignatureKind::EIP1271, value, None).unwrap();
    assert_eq!(
        wallets.code(&bytes),
        "accepted",
        "CAIP-74 has bytes for s.s"
    );
    let value = SignatureValue::Numbers([1, 2].into());
    let numbers = Signature::new(SignatureKind::EIP1271, value, None).unwrap();
    assert_eq!(wallets.code(&numbers), "accepted");
    let asked = chain.asked();
    let data = |at: usize| asked[asked.len() - at].data.clone();
    assert_eq!(data(1), data(2), "bytes and numbers are the same signature");
    let value = SignatureValue::Text("0x".into());
    let metadata = Signature::new(SignatureKind::EIP1271, value, Some([].into())).unwrap();
    assert_eq!(wallets.code(&metadata), "malformed_signature");
    // without its wrapper a signature is what it is, whatever the label says
    let unwrapped = of_text(SignatureKind::EIP6492, "0xabcd");
    assert_eq!(wallets.code(&unwrapped), "accepted");
}

/// The provers claim their kinds only, and live in one set.
#[test]
fn one_set_for_all() {
    let chain = Chain::new(|n| Ok(if n == 0 { yes() } else { three(1, 0, [0; 4]) }));
    let both = Wallets::of(&chain);
    assert_eq!(both.code(&plain()), "accepted");
    assert_eq!(both.code(&wrapped()), "not_a_contract");
    // what is no key's signature is a question to the contract; there is none
    let eip191 = of_text(SignatureKind::EIP191, "0xabcd");
    assert_eq!(both.code(&eip191), "malformed_contract_answer");
    let unknown = of_text(SignatureKind::new("own").unwrap(), "0xabcd");
    assert_eq!(both.code(&unknown), "unsupported_kind");
    assert_eq!(chain.asked().len(), 3);
    let twice = both.1.clone().with_contracts(Contracts::new());
    assert_eq!(twice.unwrap_err().code(), "duplicate_kind");
    // without an answer of the chain there is no verdict
    let alone = capability(plain()).verify(
        &both.1,
        &Policy::default(),
        &Requirement::any_domain(),
        at(),
    );
    assert_eq!(alone.unwrap_err().code(), "chain_unavailable");
}

/// Several texts can be asked about at once; the first that the contract accepts counts.
#[test]
fn a_batch_of_texts_is_answered_in_order() {
    let wallets = Wallets::of(&Chain::new(|_| panic!("asked by hand")));
    let any = Requirement::any_domain();
    let policy = Policy::default();
    let begun = capability(plain()).begin(&wallets.1, &policy, &any, at(), None);
    let Judgement::Ask(inquiry) = begun.unwrap() else {
        panic!("a contract is asked");
    };
    assert_eq!(inquiry.calls().len(), 6);
    let no_yes = [word([0xff; 4]), CallOutcome::Reverted(Vec::new())];
    let Judgement::Ask(rest) = inquiry.clone().answer(&no_yes, at()).unwrap() else {
        panic!("four texts are left");
    };
    assert_eq!(rest.calls(), &inquiry.calls()[2..]);
    let Judgement::Accepted(verified) = rest.answer(&[yes(), yes()], at()).unwrap() else {
        panic!("it said yes");
    };
    assert_eq!(verified.dialect().unwrap().gap, Gap::TwoLines);
    let none = inquiry.answer(&[], at()).unwrap_err();
    assert_eq!(none.code(), "chain_unavailable");
}

fn evidence_of(block: Option<Block>) -> (Evidence, VerifiedCacao) {
    let chain = Chain::new(|n| Ok(if n == 1 { yes() } else { word([0; 4]) }));
    let contracts = Contracts { block };
    let verified = Wallets::by(&chain, contracts).judge(plain()).unwrap();
    (Evidence::of(verified.proven()).unwrap(), verified)
}

#[test]
fn kept_evidence_judges_again_without_asking() {
    for block in [None, Some(BLOCK)] {
        let (evidence, verified) = evidence_of(block);
        let word = ContractWord {
            block,
            asked_at: at(),
        };
        assert_eq!(verified.facts().contract, Some(word));
        assert_eq!(*evidence.capability(), capability(plain()).cid());
        assert_eq!(Evidence::from_json(&evidence.to_json()).unwrap(), evidence);
        let again = Proven::from_evidence(&capability(plain()), &evidence).unwrap();
        assert_eq!(again.facts(), verified.facts());
        for other in [
            of_text(SignatureKind::EIP1271, "0xabce"),
            of_text(SignatureKind::EIP1271, "0xABCD"),
            of_text(SignatureKind::EIP6492, "0xabcd"),
        ] {
            let refused = Proven::from_evidence(&capability(other), &evidence);
            assert_eq!(refused.unwrap_err().code(), "refused");
        }
    }
}

/// Only what is asked of a contract can have been answered by one, whatever a note says.
#[test]
fn evidence_is_about_what_a_contract_may_sign() {
    let (evidence, _) = evidence_of(None);
    let own = evidence.capability().to_string();
    for (kind, accepted) in [
        (SignatureKind::EIP191, true),
        (SignatureKind::EIP1271, true),
        (SignatureKind::EIP6492, true),
        (SignatureKind::new("other:kind").unwrap(), false),
    ] {
        let other = capability(of_text(kind.clone(), "0xabcd"));
        let note = evidence.to_json().replace(&own, &other.cid().to_string());
        let note = Evidence::from_json(&note).unwrap();
        assert_eq!(*note.capability(), other.cid());
        assert_eq!(
            Proven::from_evidence(&other, &note).is_ok(),
            accepted,
            "{kind:?}"
        );
    }
}

/// What a contract said counts for as long as the policy lets it; then the chain is asked again.
#[test]
fn a_contracts_word_ages() {
    let (evidence, verified) = evidence_of(None);
    let limit = Duration::from_secs(60);
    let policy = Policy::default().with_max_contract_age(limit);
    let chain = Chain::new(|_| Ok(word([0; 4])));
    let wallets = Wallets::of(&chain);
    let code = |when: UnixTime| {
        let judged = wallets.judge_by(plain(), &policy, when, Some(&evidence));
        judged.map_or_else(|error| error.code(), |_| "accepted")
    };
    assert_eq!(code(at() + limit), "accepted");
    assert_eq!(chain.asked().len(), 0);
    let late = at() + limit + Duration::from_millis(1);
    assert_eq!(
        code(late),
        "signature_mismatch",
        "the contract says no later"
    );
    assert_eq!(chain.asked().len(), 6);
    // a note from the future is as little worth
    assert_eq!(code(at() - Duration::from_secs(301)), "not_yet_valid");
    let any = Requirement::any_domain();
    let again = verified.proven().judge(&policy, &any, late);
    assert_eq!(again.unwrap_err().code(), "contract_word_too_old");
}

/// A set that remembers keeps a contract's word for as long as it counts, and no longer.
#[test]
fn a_memory_keeps_a_contracts_word_while_it_counts() {
    let chain = Chain::new(|_| Ok(yes()));
    let Wallets(_, provers) = Wallets::of(&chain);
    let wallets = Wallets(Arc::clone(&chain), provers.with_memory(8));
    let policy = Policy::default().with_max_contract_age(Duration::from_secs(60));
    for (secs, asked) in [(0, 1), (60, 1), (61, 2), (121, 2), (122, 3)] {
        let when = at() + Duration::from_secs(secs);
        wallets.judge_by(plain(), &policy, when, None).unwrap();
        assert_eq!(chain.asked().len(), asked, "after {secs} s");
    }
}

#[test]
fn evidence_as_json() {
    let json = r#"{"capability":"bafyreiattcykym77qjsyxst3plqvqwpaq67msaihhi54wqkmz7qhibsosy","asked_at":"2023-04-06T16:15:19.058Z","block":{"number":7},"address":"checksum","order":"current","gap":"one_line","account":"contract"}"#;
    let evidence = Evidence::from_json(json).unwrap();
    assert_eq!(evidence.word().block, Some(Block::Number(7)));
    assert_eq!(evidence.to_json(), json);
    for (from, to) in [
        ("bafy", "!afy"),
        (r#"{"number":7}"#, r#"{"number":-7}"#),
        (r#"{"number":7}"#, r#"{"hash":"0909"}"#),
        ("checksum", "upper"),
        ("2023-04-06T", "2023-04-06 "),
        (r#","gap":"one_line""#, ""),
        (r#""contract""#, r#""externally_owned""#),
        (r#""contract""#, r#""wallet""#),
        ("{\"cap", "{\"more\":1,\"cap"),
    ] {
        let changed = json.replacen(from, to, 1);
        assert_ne!(changed, json);
        let error = Evidence::from_json(&changed).unwrap_err();
        assert_eq!(error.code(), "invalid_value", "{changed}");
    }
    // a note from before there was a choice
    let older = json.replace(r#","account":"contract""#, "");
    assert_eq!(Evidence::from_json(&older).unwrap(), evidence);
}
