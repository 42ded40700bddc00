//! Sign-in with X (CAIP-122, EIP-4361): the text that a wallet shows and signs.
//!
//! One payload has one text per [`Dialect`]; one text has one payload, up to two equalities: the
//! letter case of an `eip155` address, and an empty resource list, which may render like none. A
//! statement and a request id that are empty say as much as none.
//!
//! Readers accept every text that has only one meaning. What a writer asks for must keep to the
//! [`grammar`], and [`peculiar`] names texts that a person can misread.

pub(crate) mod candidates;
pub mod grammar;
mod network;
mod parse;
mod reading;
mod render;
#[cfg(test)]
pub(crate) mod samples;
mod signed;

pub use crate::dialect::{
    AddressCase, ChainForm, Dialect, EmptyId, EmptyList, Envelope, FieldOrder, Gap, NetworkName,
    StatementForm, Variation,
};
pub use crate::error::{Peculiarity, TextWarning};
pub use parse::parse;
pub use reading::{peculiar, peculiar_character};
pub use render::{candidates, render, render_as};
pub use signed::SignedText;

use candidates::is_legacy;
pub(crate) use parse::{Reading, read};
pub(crate) use render::Writer;

/// Namespaces that have a text, and how the text calls them.
const NETWORKS: [(&str, &str); 4] = [
    ("eip155", "Ethereum"),
    ("solana", "Solana"),
    ("tezos", "Tezos"),
    ("stacks", "Stacks"),
];

/// Whether a new text for accounts of this namespace should have only ASCII, because its wallets
/// and verifiers differ on how other characters are counted.
#[must_use]
pub fn is_ascii_only(namespace: &str) -> bool {
    matches!(namespace, "eip155" | "tezos")
}

const ASKS: &str = " wants you to sign in with your ";
const ACCOUNT: &str = " account:";
