//! The judgement: capabilities of each kind with a signature, metadata or bytes of any form. What
//! is accepted is what its wallet signed.

use cacao::{Cacao, Policy, Provers, Requirement, Signature, SignatureValue, UnixTime, tezos};

macro_rules! seeds {
    ($($name:literal),+ $(,)?) => {
        [$(include_bytes!(concat!("../seeds/cacao_dag_cbor/", $name))),+]
    };
}

/// Capabilities whose signatures are right.
const SIGNED: [&[u8]; 8] = seeds![
    "eip191-chain-1-eip4361-signed-eip55",
    "eip191-chain-1-caip122-signed-lower",
    "eip191-chain-5-eip4361-signed-eip55",
    "solana-mainnet",
    "stacks-mainnet",
    "tezos-devnet",
    "tezos-mainnet",
    "webauthn",
];

/// The first byte chooses one of the capabilities and what the others are: its signature as a
/// text, as bytes or as numbers; its metadata; or changes to its block, three bytes each. Tells
/// whether the outcome was accepted.
pub fn laws(data: &[u8]) -> bool {
    let Some((choice, rest)) = data.split_first() else {
        return false;
    };
    let block = SIGNED[usize::from(choice & 7)];
    let base = Cacao::from_dag_cbor(block).expect("a capability");
    let signature = base.signature().expect("a signed capability");
    let value = match choice >> 3 {
        0 => match std::str::from_utf8(rest) {
            Ok(text) => SignatureValue::Text(text.into()),
            Err(_) => return false,
        },
        1 => SignatureValue::Bytes(rest.into()),
        2 => SignatureValue::Numbers(rest.into()),
        3 => signature.value().clone(),
        _ => return changed(&base, block, rest),
    };
    let aad = match choice >> 3 {
        3 => Some(rest.into()),
        _ => signature.aad().map(Into::into),
    };
    let made = Signature::new(signature.kind().clone(), value, aad).expect("it is short");
    let made = Cacao::new(base.header(), base.payload().clone(), Some(made));
    let again = Cacao::from_dag_cbor(&made.to_dag_cbor());
    assert_eq!(again.ok().as_ref(), Some(&made));
    judged(&base, &made)
}

fn changed(base: &Cacao, block: &[u8], changes: &[u8]) -> bool {
    let mut block = block.to_vec();
    for change in changes.chunks_exact(3) {
        let index = usize::from(u16::from_le_bytes([change[0], change[1]]));
        if let Some(byte) = block.get_mut(index) {
            *byte ^= change[2];
        }
    }
    match Cacao::from_dag_cbor(&block) {
        Ok(made) => {
            assert_eq!(made.to_dag_cbor(), block);
            judged(base, &made)
        }
        Err(error) => crate::refused(&error, error.code()),
    }
}

/// What is accepted is the payload that was signed, under the signature that the wallet made.
fn judged(base: &Cacao, made: &Cacao) -> bool {
    let at: UnixTime = base.payload().issued_at().unix_time();
    let (policy, requirement) = (Policy::default(), Requirement::any_domain());
    match made.verify(&Provers::all_compiled_in(), &policy, &requirement, at) {
        Ok(verified) => {
            assert_eq!(verified.issuer(), made.payload().issuer());
            crate::capability::same(made.payload(), base.payload());
            let signatures = [base, made].map(|cacao| cacao.signature().expect("it is signed"));
            let [own, found] = signatures.map(canonical);
            assert!(own.is_some());
            assert_eq!(found, own);
            assert_eq!(signatures[0].aad(), signatures[1].aad());
            crate::capability::laws(made);
            true
        }
        Err(error) => crate::refused(&error, error.code()),
    }
}

/// The signature itself, whatever it is spelled in: the spellings that its kind has.
fn canonical(signature: &Signature) -> Option<Vec<u8>> {
    use SignatureValue::{Bytes, Numbers, Text};

    match (signature.kind().as_str(), signature.value()) {
        ("eip191", value) => {
            let mut bytes = match value {
                Text(text) => hex(text.strip_prefix("0x").unwrap_or(text))?,
                Bytes(bytes) | Numbers(bytes) => bytes.to_vec(),
                _ => return None,
            };
            let v = bytes.last_mut()?;
            *v = v.checked_sub(27).unwrap_or(*v);
            Some(bytes)
        }
        ("stacks:secp256k1", Text(text)) => hex(text),
        ("solana:ed25519", Text(text)) => bs58::decode(&**text).into_vec().ok(),
        ("solana:ed25519", Bytes(bytes) | Numbers(bytes)) => Some(bytes.to_vec()),
        ("tezos:ed25519", Text(text)) => {
            let (signature, key) = text.split_at_checked(text.rfind("edpk")?)?;
            let signature = tezos::read_signature(signature).ok()?;
            let key = tezos::read_public_key(key).ok()?;
            Some([&signature[..], &key].concat())
        }
        ("webauthn:p256", Text(text)) => {
            let bytes = data_encoding::BASE64URL_NOPAD
                .decode(text.as_bytes())
                .ok()?;
            let signature = p256::ecdsa::Signature::from_der(&bytes)
                .or_else(|_| p256::ecdsa::Signature::from_slice(&bytes))
                .ok()?;
            // either s is the passkey's
            Some(signature.normalize_s().to_bytes().to_vec())
        }
        _ => None,
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    data_encoding::HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .ok()
}
