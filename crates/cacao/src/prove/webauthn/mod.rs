//! Passkeys: assertions of WebAuthn (level 3, section 7.2) with ES256 over the payload's CID.

mod authenticator_data;
mod client_data;
#[cfg(test)]
mod der_vectors;
mod metadata;
mod recover;
#[cfg(test)]
mod tests;

use super::bytes::{self, Encoding};
use super::{Claim, Facts, Kind, PasskeyFacts, Prover};
use crate::codec;
use crate::error::Error;
use crate::model::{Cacao, HeaderType, Payload, Signature, SignatureKind, SignatureValue};
use alloc::boxed::Box;
use alloc::vec::Vec;
use authenticator_data::AuthenticatorData;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use client_data::ClientData;
use didkey::{Algorithm, KeyType};
use metadata::Metadata;
pub use recover::possible_keys;

/// Verifies `webauthn:p256` signatures of passkeys, whose issuer is the `did:key` of a P-256
/// key. Header `caip122`.
///
/// `s.s` is the DER signature (or the 64 bytes r ‖ s) in base64url or as bytes, `s.m.aad` is DAG-CBOR of
/// `{authData, clientDataJSON}`. The passkey signed `authData` ‖ SHA-256(`clientDataJSON`), and
/// the latter holds the [`challenge`].
///
/// Origin, RP id and flags are facts that the policy judges each time: they follow the payload's
/// `domain` unless the policy names others ([`Policy::with_rp_id`](crate::Policy::with_rp_id),
/// [`Policy::with_origin`](crate::Policy::with_origin)). The signature counter is not looked at,
/// since nothing is stored here.
///
/// **The challenge does not cover the issuer**, and one signature fits two public keys. So unless
/// the caller expects the issuer or knows it from its registration, the result says
/// [`IssuerProof::Claimed`](crate::IssuerProof::Claimed).
#[derive(Clone, Copy, Debug, Default)]
pub struct WebAuthn;

impl Prover for WebAuthn {
    fn kinds(&self) -> &[Kind] {
        const { &[Kind::new(HeaderType::Caip122, "webauthn:p256", "did:key")] }
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, Error> {
        let payload = claim.payload();
        let crate::Issuer::Key(issuer) = payload.issuer() else {
            return Err(Error::SignatureMismatch);
        };
        if issuer.key_type() != KeyType::P256 {
            return Err(Error::Refused("the issuer's key is not a P-256 key"));
        }
        let signature = parse(claim.signature().value())?;
        let metadata = metadata(claim)?;
        issuer
            .public_key()
            .verify(Algorithm::Es256, &metadata.signed_bytes(), &signature)
            .map_err(|_| Error::SignatureMismatch)?;
        passkey_facts(claim.cacao(), &metadata).map(Facts::of_passkey)
    }
}

fn metadata<'a>(claim: &Claim<'a>) -> Result<Metadata<'a>, Error> {
    let aad = claim.signature().aad();
    Metadata::from_dag_cbor(aad.ok_or(Error::MalformedSignature("s.m.aad is missing"))?)
}

/// What was signed: it must be about this payload.
fn passkey_facts(cacao: &Cacao, metadata: &Metadata<'_>) -> Result<PasskeyFacts, Error> {
    let client_data = ClientData::from_json(metadata.client_data_json)?;
    // whatever stands beside the issuer and the signature is signed, as it is spelled
    let asked = match codec::spelled_cid_without_issuer(cacao) {
        Some(cid) => cid,
        None => challenge(cacao.payload()),
    };
    if client_data.challenge != URL_SAFE_NO_PAD.encode(&asked) {
        return Err(Error::ChallengeMismatch);
    }
    let authenticator_data = AuthenticatorData::from_bytes(metadata.authenticator_data)?;
    Ok(PasskeyFacts {
        origin: client_data.origin,
        cross_origin: client_data.cross_origin,
        top_origin: client_data.top_origin,
        rp_id_hash: authenticator_data.rp_id_hash,
        user_present: authenticator_data.user_present(),
        user_verified: authenticator_data.user_verified(),
    })
}

/// What a passkey is claimed to have said, for tools that show a capability: the signature is not
/// checked, and nothing is proven.
///
/// # Errors
/// [`Error::Unsigned`]; [`Error::MalformedSignature`] where it is not a passkey's answer;
/// [`Error::ChallengeMismatch`] where it is about another payload.
pub fn claimed_facts(cacao: &Cacao) -> Result<PasskeyFacts, Error> {
    let claim = Claim::new(cacao)?;
    passkey_facts(cacao, &metadata(&claim)?)
}

/// The challenge that a passkey is given: the bytes of the CID (version 1, dag-cbor, sha2-256) of
/// the DAG-CBOR `{h: {t: "caip122"}, p}`, `p` without `iss`.
#[must_use]
pub fn challenge(payload: &Payload) -> Vec<u8> {
    codec::cid_without_issuer(payload)
}

/// The signature as it is written in a capability, from the members of an
/// `AuthenticatorAssertionResponse`: `authenticatorData`, `clientDataJSON` and `signature` (DER).
///
/// # Errors
/// [`Error::Field`] when one of them is longer than
/// [`MAX_SIGNATURE_LEN`](crate::MAX_SIGNATURE_LEN).
pub fn signature(
    authenticator_data: &[u8],
    client_data_json: &[u8],
    der: &[u8],
) -> Result<Signature, Error> {
    let metadata = Metadata {
        authenticator_data,
        client_data_json,
    };
    let text = URL_SAFE_NO_PAD.encode(der);
    Signature::new(
        SignatureKind::WEBAUTHN_P256,
        SignatureValue::Text(text.into()),
        Some(Box::from(metadata.to_dag_cbor())),
    )
}

/// r ‖ s from DER, or from r ‖ s itself: base64url, or the bytes. Either s is taken, since authenticators write
/// either.
fn parse(value: &SignatureValue) -> Result<[u8; 64], Error> {
    let bytes = bytes::all(value, Encoding::Base64Url)?;
    if let Ok(compact) = <[u8; 64]>::try_from(&*bytes) {
        return Ok(compact);
    }
    let signature = p256::ecdsa::Signature::from_der(&bytes)
        .map_err(|_| Error::MalformedSignature("it is not an ECDSA signature in DER"))?;
    Ok(signature.to_bytes().into())
}
