//! Which passkeys can have made an assertion: the browser does not tell its public key.

use super::metadata::Metadata;
use crate::error::Error;
use alloc::vec::Vec;
use didkey::{DidKey, KeyType, PublicKey};
use ecdsa::RecoveryId;
use p256::ecdsa::VerifyingKey;
use sha2::{Digest, Sha256};

/// The passkeys that can have made an assertion: two, as good as always (SEC 1, section 4.1.6),
/// one of which did. Another assertion of the same passkey has one of them in common.
///
/// This proves nothing about who was asked for what: it serves to find out which issuer to expect.
///
/// # Errors
/// [`Error::MalformedSignature`] when the signature is not DER.
pub fn possible_keys(
    authenticator_data: &[u8],
    client_data_json: &[u8],
    der: &[u8],
) -> Result<Vec<DidKey>, Error> {
    let signature = p256::ecdsa::Signature::from_der(der)
        .map_err(|_| Error::MalformedSignature("it is not an ECDSA signature in DER"))?;
    let signed = Metadata {
        authenticator_data,
        client_data_json,
    }
    .signed_bytes();
    let digest = Sha256::digest(&signed);
    let keys = (0..=RecoveryId::MAX).filter_map(|id| {
        let key =
            VerifyingKey::recover_from_prehash(&digest, &signature, RecoveryId::from_byte(id)?);
        let point = key.ok()?.to_sec1_point(true);
        let public = PublicKey::from_bytes(KeyType::P256, point.as_bytes()).ok()?;
        Some(DidKey::from(public))
    });
    Ok(keys.collect())
}
