//! DID sessions.
#![forbid(unsafe_code)]

pub mod store;

pub use cacao;
pub use dag_jws as jws;
pub use didkey;
#[doc(inline)]
pub use session_core::*;
