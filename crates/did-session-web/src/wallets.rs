//! What the auth methods of `js/` cannot say themselves: what is signed, and how a signature is
//! written.

use crate::error::{chain, make, thrown};
use cacao::{Cacao, Signature, siwx, solana, tezos, webauthn};
use didkey::{DidKey, KeyType, PublicKey};
use store_indexeddb::{capability_from_js, capability_to_js};
use wasm_bindgen::prelude::*;

/// The sign-in text of an unsigned capability, as wallets show it.
///
/// # Errors
/// `invalid_field` and the like when it is none, `no_text` for namespaces without texts.
#[wasm_bindgen(js_name = signInText)]
pub fn sign_in_text(capability: &JsValue) -> Result<String, JsValue> {
    text_of(&read(capability)?).map_err(refused)
}

/// What a Tezos wallet signs: the sign-in text as a Micheline string.
///
/// # Errors
/// As `signInText`.
#[wasm_bindgen(js_name = tezosPayload)]
pub fn tezos_payload(capability: &JsValue) -> Result<Vec<u8>, JsValue> {
    text_of(&read(capability)?)
        .and_then(|text| tezos::payload_of(&text))
        .map_err(refused)
}

/// An unsigned capability with the signature of a Solana account.
///
/// # Errors
/// `malformed_signature` when it has not 64 bytes.
#[wasm_bindgen(js_name = signedBySolana)]
pub fn signed_by_solana(capability: &JsValue, signature: &[u8]) -> Result<JsValue, JsValue> {
    let signature = signature
        .try_into()
        .map_err(|_| cacao::Error::MalformedSignature("it has not 64 bytes"))
        .map_err(refused)?;
    signed(&read(capability)?, solana::signature(signature))
}

/// The challenge for a passkey. The issuer is not in it.
///
/// # Errors
/// `invalid_option` when the capability is none.
#[wasm_bindgen(js_name = passkeyChallenge)]
pub fn passkey_challenge(capability: &JsValue) -> Result<Vec<u8>, JsValue> {
    Ok(webauthn::challenge(read(capability)?.payload()))
}

/// An unsigned capability with the assertion of a passkey.
///
/// # Errors
/// As `passkeyChallenge`; `invalid_field` when the assertion is too long.
#[wasm_bindgen(js_name = signedByPasskey)]
pub fn signed_by_passkey(
    capability: &JsValue,
    authenticator_data: &[u8],
    client_data_json: &[u8],
    der: &[u8],
) -> Result<JsValue, JsValue> {
    let signature =
        webauthn::signature(authenticator_data, client_data_json, der).map_err(refused)?;
    signed(&read(capability)?, signature)
}

/// The DIDs of the passkeys that can have made an assertion.
///
/// # Errors
/// `malformed_signature`.
#[wasm_bindgen(js_name = possiblePasskeys)]
pub fn possible_passkeys(
    authenticator_data: &[u8],
    client_data_json: &[u8],
    der: &[u8],
) -> Result<Vec<String>, JsValue> {
    let keys =
        webauthn::possible_keys(authenticator_data, client_data_json, der).map_err(refused)?;
    Ok(keys.iter().map(ToString::to_string).collect())
}

/// The DID of a new passkey, from its public key as WebCrypto exports it raw: 0x04 ‖ x ‖ y.
///
/// # Errors
/// `invalid_option` when that is no point of P-256.
#[wasm_bindgen(js_name = passkeyDid)]
pub fn passkey_did(point: &[u8]) -> Result<String, JsValue> {
    let bad = |problem: &str| make("invalid_option", problem);
    let (x, y) = match point {
        [0x04, xy @ ..] if xy.len() == 64 => xy.split_at(32),
        _ => return Err(bad("the public key is not an uncompressed point of P-256")),
    };
    let odd = y.last().is_some_and(|byte| byte & 1 == 1);
    let compressed = [&[if odd { 3 } else { 2 }], x].concat();
    PublicKey::from_bytes(KeyType::P256, &compressed)
        .map(|key| DidKey::from(key).to_string())
        .map_err(|error| bad(&error.to_string()))
}

fn read(capability: &JsValue) -> Result<Cacao, JsValue> {
    capability_from_js(capability).map_err(|error| make("invalid_option", &chain(&error)))
}

fn text_of(capability: &Cacao) -> Result<String, cacao::Error> {
    siwx::render(capability.payload(), siwx::Dialect::default())
}

fn signed(unsigned: &Cacao, signature: Signature) -> Result<JsValue, JsValue> {
    let payload = unsigned.payload().clone();
    let signed = Cacao::new(unsigned.header(), payload, Some(signature));
    Ok(capability_to_js(&signed))
}

fn refused(error: cacao::Error) -> JsValue {
    thrown(&error.into(), None)
}
