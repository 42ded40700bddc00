//! What a library of curves must do.

use k256::Scalar;
use k256::ecdsa::Signature;

/// The uncompressed point of a key (SEC 1, section 2.3.3): `04`, x, y.
pub type UncompressedKey = [u8; 65];

/// The arithmetic of a library.
pub(in crate::prove) trait Backend {
    /// A point as the library holds it.
    type Point;

    /// r⁻¹(sR - zG), where it is a key.
    fn recover(digest: &[u8; 32], signature: &Signature, odd: bool) -> Option<Self::Point>;

    /// A point plus a multiple of the base point, where it is a key.
    fn add_generator(point: &Self::Point, times: &Scalar) -> Option<Self::Point>;

    fn to_bytes(point: &Self::Point) -> UncompressedKey;
}
