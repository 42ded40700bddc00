//! DagJWS: a JWS whose payload is the CID of a block, the block itself, and the capability's.

mod block;
mod dag_jws;
mod jose;
pub mod json;
mod signed;
mod unsigned;
mod verified;
mod writer;

pub use dag_jws::DagJws;
pub use signed::SignedDagJws;
pub use unsigned::{DagSigningInput, UnsignedDagJws};
pub use verified::VerifiedDagJws;
pub use writer::BlockWriter;
