//! Asking an issuer to sign: the request, its way to the wallet, the answer, which is never
//! trusted.

mod answer;
mod error;
mod method;
mod nonce;
mod pending;
mod request;

pub use answer::AnswerProblem;
pub use error::AuthError;
pub use method::{AuthMethod, SignIn};
pub use pending::Pending;
pub use request::Request;
