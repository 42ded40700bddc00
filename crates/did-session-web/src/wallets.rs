//! What the auth methods of `js/` cannot say themselves: what is signed, and how a signature is
//! written. Capabilities come and go as JSON.

use crate::host::thrown;
use crate::ipld::IpldWriter;
use crate::records::{self, given, given_capability, to_json};
use cacao::{Cacao, Signature, siwx, solana, tezos, webauthn};
use wasm_bindgen::prelude::*;

/// The sign-in text of an unsigned capability, as JSON and told value by value, as wallets show it.
///
/// # Errors
/// `invalid_field` and the like when it is none, `no_text` for namespaces without texts.
#[wasm_bindgen(js_name = signInText)]
pub fn sign_in_text(json: &str, told: IpldWriter) -> Result<String, JsValue> {
    text_of(&given(records::read(json, told))?).map_err(refused)
}

/// What a Tezos wallet signs: the sign-in text as a Micheline string.
///
/// # Errors
/// As `signInText`.
#[wasm_bindgen(js_name = tezosPayload)]
pub fn tezos_payload(capability: &str) -> Result<Vec<u8>, JsValue> {
    text_of(&given_capability(capability)?)
        .and_then(|text| tezos::payload_of(&text))
        .map_err(refused)
}

/// An unsigned capability with the signature of a Solana account.
///
/// # Errors
/// `malformed_signature` when it has not 64 bytes.
#[wasm_bindgen(js_name = signedBySolana)]
pub fn signed_by_solana(capability: &str, signature: &[u8]) -> Result<String, JsValue> {
    let signature = signature
        .try_into()
        .map_err(|_| cacao::Error::MalformedSignature("it has not 64 bytes"))
        .map_err(refused)?;
    Ok(signed(
        &given_capability(capability)?,
        solana::signature(signature),
    ))
}

/// The challenge for a passkey. The issuer is not in it.
///
/// # Errors
/// `invalid_option` when the capability is none.
#[wasm_bindgen(js_name = passkeyChallenge)]
pub fn passkey_challenge(capability: &str) -> Result<Vec<u8>, JsValue> {
    Ok(webauthn::challenge(given_capability(capability)?.payload()))
}

/// An unsigned capability with the assertion of a passkey.
///
/// # Errors
/// As `passkeyChallenge`; `invalid_field` when the assertion is too long.
#[wasm_bindgen(js_name = signedByPasskey)]
pub fn signed_by_passkey(
    capability: &str,
    authenticator_data: &[u8],
    client_data_json: &[u8],
    der: &[u8],
) -> Result<String, JsValue> {
    let signature =
        webauthn::signature(authenticator_data, client_data_json, der).map_err(refused)?;
    Ok(signed(&given_capability(capability)?, signature))
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

fn text_of(capability: &Cacao) -> Result<String, cacao::Error> {
    siwx::render(capability.payload(), siwx::Dialect::default())
}

fn signed(unsigned: &Cacao, signature: Signature) -> String {
    let payload = unsigned.payload().clone();
    to_json(&Cacao::new(unsigned.header(), payload, Some(signature)))
}

fn refused(error: cacao::Error) -> JsValue {
    thrown(&error.into())
}
