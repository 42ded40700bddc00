//! The capability itself: header, payload, signature, each a type that cannot hold a wrong value.

mod builder;
mod capability;
mod header;
mod payload;
mod signature;

pub(crate) use builder::Members;
pub use builder::PayloadBuilder;
pub use capability::Cacao;
pub(crate) use capability::Shown;
pub use header::HeaderType;
pub use payload::Payload;
pub(crate) use payload::{is_scheme, next_line, split_scheme};
pub use signature::{Signature, SignatureKind, SignatureValue};
