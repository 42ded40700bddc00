//! The wallet of a recorded session, made from the secret that stands beside it.

use crate::vectors::hex;
use cacao::ChainId;
use serde_json::Value;
use session_core::AuthMethod;
use test_support::text;

/// The issuer of a case, if there are wallets of its family.
pub(crate) fn issuer(case: &Value) -> Option<Box<dyn AuthMethod>> {
    let secret: [u8; 32] = hex(&case["inputs"], "wallet_secret_hex");
    match text(case, "family") {
        "eip191" => boxed(session_wallets::EthereumWallet::from_secret(
            &secret,
            &chain(case),
        )),
        "solana" => boxed(session_wallets::SolanaWallet::from_secret(
            &secret,
            &chain(case),
        )),
        "tezos" => boxed(session_wallets::TezosWallet::from_secret(
            &secret,
            &chain(case),
        )),
        "stacks" => boxed(session_wallets::StacksWallet::from_secret(
            &secret,
            &chain(case),
        )),
        "webauthn" => Some(passkey::issuer(case, &secret)),
        _ => None,
    }
}

fn boxed<A: AuthMethod + 'static>(
    wallet: Result<A, session_core::AuthError>,
) -> Option<Box<dyn AuthMethod>> {
    Some(Box::new(wallet.unwrap()))
}

fn chain(case: &Value) -> ChainId {
    let (chain, _) = text(case, "account_id").rsplit_once(':').unwrap();
    chain.parse().unwrap()
}

/// An authenticator in this process, whose counter stands at the recorded 1.
mod passkey {
    use super::{AuthMethod, Value, text};
    use data_encoding::BASE64URL_NOPAD;
    use didkey::P256SigningKey;
    use session_wallets::{PasskeyAssertion, PasskeyAuth};
    use sha2::{Digest, Sha256};

    pub(super) fn issuer(case: &Value, secret: &[u8; 32]) -> Box<dyn AuthMethod> {
        let key = P256SigningKey::from_seed(secret).unwrap();
        let rp_id = text(&case["inputs"], "domain").to_owned();
        let passkey = key.did_key().clone();
        Box::new(PasskeyAuth::new(passkey, move |challenge: Vec<u8>| {
            let assertion = answer(&key, &rp_id, &challenge);
            async move { Ok(assertion) }
        }))
    }

    fn answer(key: &P256SigningKey, rp_id: &str, challenge: &[u8]) -> PasskeyAssertion {
        let challenge = BASE64URL_NOPAD.encode(challenge);
        let client_data_json = format!(
            r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://{rp_id}","crossOrigin":false}}"#
        )
        .into_bytes();
        let authenticator_data = [&Sha256::digest(rp_id)[..], &[0b101], &[0, 0, 0, 1]].concat();
        let hash = Sha256::digest(&client_data_json);
        let signature = key.sign(&[&authenticator_data[..], &hash].concat());
        let (r, s) = signature.as_bytes().split_at(32);
        let integers = [integer(r), integer(s)].concat();
        PasskeyAssertion {
            authenticator_data,
            client_data_json,
            signature: sequence(0x30, &integers),
        }
    }

    /// A DER integer: no zero byte in front but the one that keeps it positive.
    fn integer(bytes: &[u8]) -> Vec<u8> {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let sign: &[u8] = if bytes[zeros] & 0x80 == 0 { &[] } else { &[0] };
        sequence(2, &[sign, &bytes[zeros..]].concat())
    }

    fn sequence(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
    }
}
