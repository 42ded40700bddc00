//! libsecp256k1: C, for whoever has a compiler for it.

use super::backend::{Backend, UncompressedKey};
use k256::Scalar;
use k256::ecdsa::Signature;
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, PublicKey};

pub(crate) struct Native;

impl Backend for Native {
    type Point = PublicKey;

    fn recover(digest: &[u8; 32], signature: &Signature, odd: bool) -> Option<PublicKey> {
        let id = RecoveryId::from_u8_masked(u8::from(odd));
        let signature = RecoverableSignature::from_compact(&signature.to_bytes(), id).ok()?;
        signature.recover(Message::from_digest(*digest)).ok()
    }

    fn add_generator(point: &PublicKey, times: &Scalar) -> Option<PublicKey> {
        let times = secp256k1::Scalar::from_be_bytes(times.to_bytes().into()).ok()?;
        point.add_exp_tweak(&times).ok()
    }

    fn to_bytes(point: &PublicKey) -> UncompressedKey {
        point.serialize_uncompressed()
    }
}
