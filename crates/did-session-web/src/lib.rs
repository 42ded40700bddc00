//! What the npm package `did-session-web` exports from wasm. The JavaScript of `js/` makes the
//! public API of it; nobody else calls these functions.
//!
//! On other targets than `wasm32-unknown-unknown` the crate is empty.
#![forbid(unsafe_code)]

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod auth;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod error;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod ipld;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod manage;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod options;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod page;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod passkeys;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod proof;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod seed;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod server;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod session;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod texts;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod verify;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod wallets;

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub use {
    manage::{
        ChangeSubscription, authorize, from_session, get, has_session_for, on_change, remove,
        revoke, warnings, why_not,
    },
    page::configure,
    seed::{SeedKey, session_text},
    server::{judge_capability, read_capability},
    session::Session,
    verify::{did_document, judge_delegation, judge_jws},
    wallets::{
        passkey_challenge, passkey_did, possible_passkeys, sign_in_text, signed_by_passkey,
        signed_by_solana, tezos_payload,
    },
};
