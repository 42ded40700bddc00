//! The stores that come with the crate, each behind a feature.

#[cfg(all(feature = "pkcs11", not(target_family = "wasm")))]
#[doc(inline)]
pub use session_key_pkcs11::*;
#[cfg(all(feature = "fs", not(target_family = "wasm")))]
#[doc(inline)]
pub use store_fs::*;
#[cfg(feature = "memory")]
#[doc(inline)]
pub use store_memory::*;
#[cfg(all(feature = "postgres", not(target_family = "wasm")))]
#[doc(inline)]
pub use store_postgres::PostgresStore;
#[cfg(all(feature = "redis", not(target_family = "wasm")))]
#[doc(inline)]
pub use store_redis as redis;
/// Sessions encrypted at rest; its errors are in it.
#[cfg(all(feature = "sealed", not(target_family = "wasm")))]
pub use store_sealed as sealed;
#[cfg(all(feature = "sealed", not(target_family = "wasm")))]
#[doc(inline)]
pub use store_sealed::{SealKey, SealedStore};
