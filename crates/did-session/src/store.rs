//! The stores that come with the crate, each behind a feature of its name.

#[cfg(all(feature = "fs", not(target_family = "wasm")))]
pub use store_fs as fs;
#[cfg(feature = "memory")]
pub use store_memory as memory;
