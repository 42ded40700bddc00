//! Public keys from secp256k1 signatures (SEC 1, section 4.1.6).
//!
//! Which library does the arithmetic is the feature `native-curves`'s to say, and changes no answer. The
//! key of a second text under the same signature is found for a part of the cost of the first.

mod backend;
mod portable;

use backend::Backend;
pub use backend::UncompressedKey;
use portable::Portable;

#[cfg(all(feature = "native-curves", not(target_family = "wasm")))]
mod native;
#[cfg(all(feature = "native-curves", not(target_family = "wasm")))]
use native::Native as Chosen;
#[cfg(not(all(feature = "native-curves", not(target_family = "wasm"))))]
use portable::Portable as Chosen;

use super::secp256k1;
use crate::error::Error;
use k256::Scalar;
use k256::ecdsa::Signature;
use k256::elliptic_curve::ops::{Invert, Reduce};

/// The key that made a signature over a digest: r ‖ s of 64 bytes, and whether the point R has an
/// odd y. `None` when no key did.
///
/// # Errors
/// [`Error::MalformedSignature`] when r or s is not in range, or s is not low.
pub fn recover(
    digest: &[u8; 32],
    rs: &[u8; 64],
    odd: bool,
) -> Result<Option<UncompressedKey>, Error> {
    Ok(Recovery::new(secp256k1::read(rs)?, odd).key(digest))
}

/// As [`recover`], by the portable library although `native-curves` brings another. The answer is the
/// same; it is there for those who compare.
///
/// # Errors
/// As [`recover`].
pub fn recover_portable(
    digest: &[u8; 32],
    rs: &[u8; 64],
    odd: bool,
) -> Result<Option<UncompressedKey>, Error> {
    Ok(RecoveryBy::<Portable>::new(secp256k1::read(rs)?, odd).key(digest))
}

/// One signature, and the keys that may have made it.
pub(super) type Recovery = RecoveryBy<Chosen>;

pub(super) struct RecoveryBy<B: Backend> {
    signature: Signature,
    odd: bool,
    /// The first digest that was asked for, and its key.
    first: Option<(Scalar, B::Point)>,
    /// r⁻¹, which every other digest needs.
    inverse: Option<Scalar>,
}

impl<B: Backend> RecoveryBy<B> {
    pub(super) const fn new(signature: Signature, odd: bool) -> Self {
        Self {
            signature,
            odd,
            first: None,
            inverse: None,
        }
    }

    /// The key that made the signature over this digest.
    pub(super) fn key(&mut self, digest: &[u8; 32]) -> Option<UncompressedKey> {
        #[cfg(test)]
        RECOVERED.set(RECOVERED.get() + 1);
        let z = <Scalar as Reduce<k256::FieldBytes>>::reduce(&(*digest).into());
        if let Some((first, key)) = &self.first {
            // r⁻¹(sR - zG) = r⁻¹(sR - z₁G) + r⁻¹(z₁ - z)G, and the first term is the first key
            let r = self.signature.r();
            let inverse = *self.inverse.get_or_insert_with(|| *r.invert_vartime());
            let key = B::add_generator(key, &(inverse * (*first - z)))?;
            return Some(B::to_bytes(&key));
        }
        let key = B::recover(digest, &self.signature, self.odd)?;
        let bytes = B::to_bytes(&key);
        self.first = Some((z, key));
        Some(bytes)
    }
}

#[cfg(test)]
std::thread_local! {
    /// How many keys were recovered on this thread.
    static RECOVERED: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
}

/// What is found, and how many keys were recovered for it.
#[cfg(test)]
pub(super) fn counted<T>(find: impl FnOnce() -> T) -> (T, usize) {
    let before = RECOVERED.get();
    let found = find();
    (found, RECOVERED.get() - before)
}

#[cfg(test)]
mod tests;
