//! What every chain on secp256k1 asks of r and s.

use crate::error::Error;
use k256::ecdsa::Signature;
use k256::elliptic_curve::scalar::IsHigh;

/// 64 bytes r ‖ s, both in range, and s in the lower half of the order, so that nobody can turn
/// one signature into another of the same payload.
pub(super) fn read(rs: &[u8]) -> Result<Signature, Error> {
    let signature = Signature::from_slice(rs)
        .map_err(|_| Error::MalformedSignature("r or s is zero or not below the order"))?;
    if signature.s().is_high().into() {
        return Err(Error::MalformedSignature(
            "s is in the upper half of the order",
        ));
    }
    Ok(signature)
}
