//! k256: pure Rust, on every target.

use super::backend::{Backend, UncompressedKey};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use k256::elliptic_curve::sec1::ToSec1Point;
use k256::{AffinePoint, ProjectivePoint, Scalar};

pub(crate) struct Portable;

impl Backend for Portable {
    type Point = AffinePoint;

    fn recover(digest: &[u8; 32], signature: &Signature, odd: bool) -> Option<AffinePoint> {
        let id = RecoveryId::new(odd, false);
        let key = VerifyingKey::recover_from_prehash(digest, signature, id).ok()?;
        Some(*key.as_affine())
    }

    fn add_generator(point: &AffinePoint, times: &Scalar) -> Option<AffinePoint> {
        let sum = ProjectivePoint::mul_by_generator_vartime(times) + point;
        let affine = sum.to_affine();
        (affine != AffinePoint::IDENTITY).then_some(affine)
    }

    fn to_bytes(point: &AffinePoint) -> UncompressedKey {
        let encoded = point.to_sec1_point(false);
        // a key is no identity: its encoding has 65 bytes
        encoded.as_bytes().try_into().unwrap_or([0; 65])
    }
}
