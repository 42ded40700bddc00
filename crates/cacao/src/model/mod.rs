//! The capability itself: header, payload, signature, each a type that cannot hold a wrong value.

mod builder;
mod capability;
mod digest;
mod header;
mod payload;
mod signature;
mod wrapper;

pub(crate) use builder::Members;
pub use builder::PayloadBuilder;
pub use capability::Cacao;
pub(crate) use capability::Shown;
pub(crate) use digest::BlockDigest;
pub use header::HeaderType;
pub use payload::Payload;
pub(crate) use payload::{is_scheme, next_line, split_scheme};
pub use signature::{Signature, SignatureKind, SignatureValue};
pub(crate) use wrapper::is_wrapped;
#[cfg(feature = "contract")]
pub(crate) use wrapper::{SUFFIX, SUFFIX_LEN};
