//! The stores that come with the crate, each behind a feature.

#[cfg(all(feature = "fs", not(target_family = "wasm")))]
#[doc(inline)]
pub use store_fs::*;
#[cfg(feature = "memory")]
#[doc(inline)]
pub use store_memory::*;
#[cfg(all(feature = "postgres", not(target_family = "wasm")))]
#[doc(inline)]
pub use store_postgres::PostgresStore;
