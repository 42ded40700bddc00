//! What the npm package `did-session-web` exports from wasm: everything that must not be wrong,
//! without input and output and without futures. The JavaScript in `js/` does what a browser offers
//! (IndexedDB, WebCrypto, locks, channels, timers), and carries out the steps that the state
//! machine here asks for. Only this JavaScript calls these functions.
//!
//! Only texts, bytes and numbers cross the border; structured values cross it as JSON.
//!
//! On other targets than `wasm32-unknown-unknown` the crate is empty.
#![forbid(unsafe_code)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "wasm-bindgen takes what may be left out by value only"
)]

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod answers;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod authorization;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod flow;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod glance;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod host;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod ipld;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod key;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod page;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod proof;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod records;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod request;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod seed;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod server;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod session;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod signing;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod verify;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod wallets;

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub use {
    authorization::Authorization,
    flow::{Flow, Step},
    glance::{absence, is_key_of, is_plain_domain, is_plain_resource, plain_key},
    ipld::IpldWriter,
    key::public_key_did,
    page::{Rules, configure},
    records::{Candidate, needs_all, slot_at, slots_at},
    request::{Request, warnings},
    seed::{SeedKey, session_text},
    server::{ReadCapability, judge_capability, read_capability},
    session::{Session, from_session, revocation_in},
    signing::{DagSigning, Signing},
    verify::{Delegation, Verified, Wish, did_document, judge_delegation, judge_jws},
    wallets::{
        passkey_challenge, possible_passkeys, sign_in_text, signed_by_passkey, signed_by_solana,
        tezos_payload,
    },
};
