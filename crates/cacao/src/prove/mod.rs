//! Proving a capability: did this issuer sign this payload? Nothing else is decided here: times,
//! audience, resources and the caller's policy belong to [judging](crate::Policy).

mod account;
mod block;
#[cfg(any(
    feature = "ethereum",
    feature = "solana",
    feature = "stacks",
    feature = "tezos",
    feature = "webauthn"
))]
mod bytes;
#[cfg(feature = "ethereum")]
mod ethereum;
mod evidence;
mod facts;
#[cfg(feature = "std")]
mod known;
mod prover;
mod provers;
mod question;
#[cfg(any(feature = "ethereum", feature = "stacks"))]
pub mod recovery;
#[cfg(test)]
mod samples;
#[cfg(any(feature = "ethereum", feature = "stacks", feature = "tezos-ecdsa"))]
mod secp256k1;
mod signed_text;
#[cfg(any(
    feature = "ethereum",
    feature = "solana",
    feature = "stacks",
    feature = "tezos"
))]
mod texts;

#[cfg(feature = "contract")]
pub mod contract;
#[cfg(feature = "ethereum")]
pub mod eip191;
#[cfg(feature = "solana")]
pub mod solana;
#[cfg(feature = "stacks")]
pub mod stacks;
#[cfg(feature = "tezos")]
pub mod tezos;
#[cfg(feature = "webauthn")]
pub mod webauthn;

pub use account::AccountKind;
pub use block::Block;
pub use evidence::Evidence;
pub use facts::{ContractWord, Facts, PasskeyFacts, Proven};
#[cfg(feature = "std")]
pub use known::{KnownCapabilities, KnownStats};
pub use prover::{Claim, Kind, Prover};
pub use provers::Provers;
pub use question::{CallOutcome, EthCall, Proving, Question};
