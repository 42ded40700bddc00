//! Private keys held in memory. Their Debug is redacted, they are wiped on drop, compared in
//! constant time, and written out only by a method whose documentation warns.
//!
//! They cannot be serialized:
//!
//! ```compile_fail,E0277
//! fn serialize<T: serde::Serialize>(_: T) {}
//! serialize(didkey::Ed25519SigningKey::from_seed(&[1; 32]));
//! ```

mod ecdsa;
mod ed25519;

pub use ecdsa::{P256SigningKey, Secp256k1SigningKey};
pub use ed25519::Ed25519SigningKey;

use zeroize::Zeroizing;

use crate::Error;

/// 32 random bytes of the operating system (of WebCrypto in browsers).
fn random_seed() -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut_slice()).map_err(|_| Error::Randomness)?;
    Ok(seed)
}
