//! The verifiers before a chain that answers as the test says, and notes what it was asked.

use super::*;
use crate::siwx::{AddressCase, Dialect, FieldOrder, Gap};
use crate::verify::samples::{of_text, payload};
use crate::{
    AsyncVerifier, AsyncVerifiers, Cacao, Expected, HeaderType, Payload, Policy, Signature,
    SignatureKind, SignatureValue, VerifiedCacao, Verifiers, siwx,
};
use alloc::string::String;
use alloc::sync::Arc;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::sync::Mutex;

const ISSUER: &str = "eip155:137:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";
const BLOCK: Block = Block::Hash([9; 32]);

/// Runs a future that never waits.
fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

type Answer = Box<dyn Fn(usize) -> Result<CallOutcome, Error> + Send + Sync>;

/// What was asked: chain, contract, data, block.
type Asked = (String, Option<[u8; 20]>, Vec<u8>, Option<Block>);

/// Answers the n-th call, counted from 0.
struct Chain {
    answer: Answer,
    asked: Mutex<Vec<Asked>>,
}

impl Chain {
    fn new(
        answer: impl Fn(usize) -> Result<CallOutcome, Error> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            answer: Box::new(answer),
            asked: Mutex::default(),
        })
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl EthereumRpc for Chain {
    async fn eth_call(&self, call: &EthCall<'_>) -> Result<CallOutcome, Error> {
        let mut asked = self.asked.lock().unwrap();
        asked.push((call.chain.into(), call.to, call.data.into(), call.block));
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

fn judge(verifier: &impl AsyncVerifier, signature: Signature) -> Result<VerifiedCacao, Error> {
    let at = the_payload().issued_at().unix_time();
    run(capability(signature).verify_async(verifier, &Policy::default(), &Expected::anything(), at))
}

fn code(verifier: &impl AsyncVerifier, signature: &Signature) -> &'static str {
    judge(verifier, signature.clone()).map_or_else(|error| error.code(), |_| "accepted")
}

fn plain() -> Signature {
    of_text(SignatureKind::EIP1271, "0xabcd")
}

fn wrapped() -> Signature {
    let wrapped = abi::Wrapped {
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
    let verified = judge(&Eip1271::new(Arc::clone(&chain)), plain()).unwrap();
    assert_eq!(verified.dialect(), Some(Dialect::default()));
    assert_eq!(verified.block(), None);
    let data = abi::is_valid_signature(&digest(Dialect::default()), &[0xab, 0xcd]);
    let address = crate::caip::eip55::parse_address(&ISSUER[11..]);
    assert!(address.is_some());
    assert_eq!(chain.asked(), [("137".into(), address, data, None)]);
}

#[test]
fn a_wrapped_signature_is_one_call_without_a_contract() {
    let chain = Chain::new(|_| Ok(three(1, 32, [0x16, 0x26, 0xba, 0x7e])));
    judge(&Eip6492::new(Arc::clone(&chain)).at(BLOCK), wrapped()).unwrap();
    let asked = chain.asked();
    let (reference, to, data, block) = &asked[0];
    assert_eq!(
        (asked.len(), &**reference, to, block),
        (1, "137", &None, &Some(BLOCK))
    );
    let question = abi::is_valid_signature(&digest(Dialect::default()), &[0xab, 0xcd]);
    assert!(data.ends_with(&[&[1, 2, 3][..], &question].concat()));
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
    let verified = judge(&Eip1271::new(Arc::clone(&chain)), plain()).unwrap();
    let dialect = Dialect {
        address: AddressCase::Lower,
        order: FieldOrder::Current,
        gap: Gap::TwoLines,
    };
    assert_eq!(verified.dialect(), Some(dialect));
    let data = abi::is_valid_signature(&digest(dialect), &[0xab, 0xcd]);
    assert_eq!(chain.asked().last().unwrap().2, data);
}

#[test]
fn what_a_contract_may_answer() {
    let of = |outcome: CallOutcome| {
        let chain = Chain::new(move |_| Ok(outcome.clone()));
        let code = code(&Eip1271::new(Arc::clone(&chain)), &plain());
        (code, chain.asked().len())
    };
    assert_eq!(of(word([0xff; 4])), ("signature_mismatch", 4));
    assert_eq!(
        of(CallOutcome::Reverted(Vec::new())),
        ("contract_reverted", 4)
    );
    // what no other text could change is not asked again
    assert_eq!(of(CallOutcome::Returned(Vec::new())), ("not_a_contract", 1));
    let short = CallOutcome::Returned([0x16, 0x26, 0xba, 0x7e].into());
    assert_eq!(of(short), ("malformed_contract_answer", 1));

    let of = |outcome: CallOutcome| {
        let chain = Chain::new(move |_| Ok(outcome.clone()));
        let code = code(&Eip6492::new(Arc::clone(&chain)), &wrapped());
        (code, chain.asked().len())
    };
    assert_eq!(of(three(1, 32, [0xff; 4])), ("signature_mismatch", 4));
    assert_eq!(of(three(0, 4, [0; 4])), ("contract_reverted", 4));
    assert_eq!(
        of(CallOutcome::Reverted(Vec::new())),
        ("contract_reverted", 4)
    );
    assert_eq!(of(three(1, 0, [0; 4])), ("not_a_contract", 1));
    assert_eq!(of(three(1, 31, [0; 4])), ("malformed_contract_answer", 1));
    // the answer of another program
    assert_eq!(of(yes()), ("malformed_contract_answer", 1));
}

#[test]
fn a_chain_that_cannot_be_asked_is_no_refusal() {
    let chain = Chain::new(|_| Err(Error::chain("no connection")));
    let error = judge(&Eip1271::new(chain), plain()).unwrap_err();
    assert_eq!(
        (error.code(), error.is_refusal()),
        ("chain_unavailable", false)
    );
    let source = core::error::Error::source(&error).unwrap();
    assert_eq!(alloc::format!("{source}"), "no connection");
}

#[test]
fn a_signature_is_hex_after_0x() {
    let chain = Chain::new(|_| Ok(yes()));
    let eip1271 = Eip1271::new(Arc::clone(&chain));
    let of = |text: &str| code(&eip1271, &of_text(SignatureKind::EIP1271, text));
    assert_eq!((of("0x"), of("0xAB")), ("accepted", "accepted"));
    for bad in ["", "ab", "0xa", "0xag", "0x ab", "0Xab"] {
        assert_eq!(of(bad), "malformed_signature", "{bad}");
    }
    let value = SignatureValue::Bytes([1, 2].into());
    let bytes = Signature::new(SignatureKind::EIP1271, value, None).unwrap();
    assert_eq!(code(&eip1271, &bytes), "malformed_signature");
    let value = SignatureValue::Text("0x".into());
    let metadata = Signature::new(SignatureKind::EIP1271, value, Some([].into())).unwrap();
    assert_eq!(code(&eip1271, &metadata), "malformed_signature");
    // without its wrapper a signature is of the other kind
    let unwrapped = of_text(SignatureKind::EIP6492, "0xabcd");
    assert_eq!(
        code(&Eip6492::new(chain), &unwrapped),
        "malformed_signature"
    );
}

/// The verifiers claim their kinds only, and live in one set with the built-in ones.
#[test]
fn one_set_for_all() {
    let chain = Chain::new(|n| Ok(if n == 0 { yes() } else { three(1, 0, [0; 4]) }));
    let both = AsyncVerifiers::default()
        .with(Eip1271::new(Arc::clone(&chain)))
        .unwrap()
        .with(Eip6492::new(Arc::clone(&chain)))
        .unwrap();
    assert_eq!(code(&both, &plain()), "accepted");
    assert_eq!(code(&both, &wrapped()), "not_a_contract");
    // the built-in verifier is asked, not the chain
    let eip191 = of_text(SignatureKind::EIP191, "0xabcd");
    assert_eq!(code(&both, &eip191), "malformed_signature");
    let unknown = of_text(SignatureKind::new("own").unwrap(), "0xabcd");
    assert_eq!(code(&both, &unknown), "unsupported_kind");
    assert_eq!(chain.asked().len(), 2);
    let twice = both.clone().with(Eip1271::new(Arc::clone(&chain)));
    assert_eq!(twice.unwrap_err().code(), "duplicate_kind");
    let built_in = AsyncVerifiers::default().with(crate::eip191::Eip191);
    assert_eq!(built_in.unwrap_err().code(), "duplicate_kind");
}

#[test]
fn kept_evidence_judges_again_without_asking() {
    let chain = Chain::new(|n| Ok(if n == 1 { yes() } else { word([0; 4]) }));
    let verified = judge(&Eip1271::new(Arc::clone(&chain)).at(BLOCK), plain()).unwrap();
    assert_eq!(verified.block(), Some(BLOCK));
    let evidence = Evidence::of(&verified).unwrap();
    assert_eq!(*evidence.capability(), capability(plain()).cid());
    assert_eq!(Evidence::from_json(&evidence.to_json()).unwrap(), evidence);

    let verifiers = Verifiers::default()
        .with(KeptEvidence::new([evidence]))
        .unwrap();
    let again = |signature: Signature| {
        capability(signature).verify(
            &verifiers,
            &Policy::default(),
            &Expected::anything(),
            the_payload().issued_at().unix_time(),
        )
    };
    let judged = again(plain()).unwrap();
    assert_eq!(
        (judged.block(), judged.dialect()),
        (Some(BLOCK), verified.dialect())
    );
    for other in [
        of_text(SignatureKind::EIP1271, "0xabce"),
        of_text(SignatureKind::EIP1271, "0xABCD"),
        of_text(SignatureKind::EIP6492, "0xabcd"),
    ] {
        assert_eq!(again(other).unwrap_err().code(), "refused");
    }
}

/// What the latest block said is no evidence of what another will say, nor is another kind.
#[test]
fn only_pinned_answers_of_contracts_are_evidence() {
    let chain = Chain::new(|_| Ok(yes()));
    let verified = judge(&Eip1271::new(chain), plain()).unwrap();
    assert!(Evidence::of(&verified).is_none());
}

#[test]
fn evidence_as_json() {
    let json = r#"{"capability":"bafyreiattcykym77qjsyxst3plqvqwpaq67msaihhi54wqkmz7qhibsosy","block":{"number":7},"address":"checksum","order":"current","gap":"one_line"}"#;
    let evidence = Evidence::from_json(json).unwrap();
    assert_eq!(evidence.block(), Block::Number(7));
    assert_eq!(evidence.to_json(), json);
    for (from, to) in [
        ("bafy", "!afy"),
        (r#"{"number":7}"#, r#"{"number":-7}"#),
        (r#"{"number":7}"#, r#"{"hash":"0909"}"#),
        ("checksum", "upper"),
        (r#","gap":"one_line""#, ""),
        ("{\"cap", "{\"more\":1,\"cap"),
    ] {
        let changed = json.replacen(from, to, 1);
        assert_ne!(changed, json);
        let error = Evidence::from_json(&changed).unwrap_err();
        assert_eq!(error.code(), "invalid_value", "{changed}");
    }
}
