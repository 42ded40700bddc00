//! Every HTTP request proves its session: who speaks, for which resources, that it is fresh, and
//! that it was not revoked.
//!
//! A request carries a *proof*, which the session key signed over method, URL and content. The
//! server knows the capability under which the key acts, since the client registered it once.
//! `docs/http.md` in the repository specifies the convention, completely enough to implement it in
//! another language.
//!
//! # Where to look
//! - [`client`]: makes proofs for requests, and reacts to refusals.
//! - [`Server`]: judges requests, logs in and out, over a [`State`]: what it keeps in memory or in
//!   a store that several processes share.
//! - [`Caller`]: who a request is from. [`Refusal`]: why it is refused, as `WWW-Authenticate` and as
//!   a problem document.
//!
//! The crate needs no framework: requests are those of the crate `http`. `session-axum` is a layer
//! for `tower` and `axum`.
#![forbid(unsafe_code)]

mod caller;
pub mod client;
mod digest;
mod judge;
mod life;
mod mac;
mod missing;
mod names;
mod proof;
mod refusal;
mod server;
mod state;
mod target;

#[doc(no_inline)]
pub use cacao::UnixTime;
pub use caller::Caller;
pub use digest::{ContentCheck, Expected, content_digest};
pub use judge::Route;
pub use life::{ListedDevice, LoginChallenge, Logout, Registered};
pub use mac::Secret;
pub use names::*;
pub use refusal::Refusal;
pub use server::{Accepted, BuildError, Registering, Server, ServerBuilder};
pub use state::State;
pub use target::{Origin, OriginError};

/// The examples of the README are compiled, too.
#[cfg(all(doctest, feature = "memory"))]
#[doc = include_str!("../README.md")]
struct Readme;
