//! Asking an issuer to sign: the request, its way to the wallet, the answer, which is never
//! trusted.

mod answer;
mod method;
mod nonce;
mod pending;
mod plain;
mod request;
mod texts;

pub use method::{AuthMethod, SignIn};
pub use pending::Pending;
pub use request::Request;
pub use texts::RequestWarning;
