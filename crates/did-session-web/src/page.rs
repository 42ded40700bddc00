//! What stands for a whole page: whom it trusts, by which rules, and where its sessions are kept.

use crate::error::{option, thrown};
use crate::passkeys;
use crate::texts::texts;
use cacao::{
    Policy, Provers, eip191::Eip191, solana::SolanaEd25519, stacks::StacksSecp256k1,
    tezos::TezosEd25519, webauthn::WebAuthn,
};
use js_sys::Reflect;
use session_core::{Context, Error, Sessions};
use std::cell::RefCell;
use store_indexeddb::{BrowserClock, IndexedDbStore, Unstorable, WebCryptoAlgorithm};
use wasm_bindgen::prelude::*;

/// Most capabilities whose signature a page remembers.
const MAX_KNOWN: usize = 16;

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
}

#[derive(Clone)]
struct Page {
    sessions: Sessions<IndexedDbStore>,
    domains: Vec<String>,
}

impl Page {
    fn new(store: IndexedDbStore, policy: Policy, domains: Vec<String>) -> Result<Self, Error> {
        let context = Context::new(BrowserClock, provers(MAX_KNOWN)?)
            .with_policy(policy)
            .with_revocations(store.revocations().clone());
        Ok(Self {
            sessions: Sessions::with_context(store, context),
            domains,
        })
    }
}

/// Whom a page trusts: the provers of every chain that the package has an auth method for. What
/// they proved once, they remember, of so many capabilities.
pub(crate) fn provers(known: usize) -> Result<Provers, cacao::Error> {
    let provers = Provers::none()
        .with(Eip191)?
        .with(SolanaEd25519)?
        .with(StacksSecp256k1)?
        .with(TezosEd25519)?
        .with(WebAuthn)?;
    Ok(provers.with_memory(known))
}

fn page() -> Result<Page, Error> {
    if let Some(page) = PAGE.with_borrow(Clone::clone) {
        return Ok(page);
    }
    let page = Page::new(IndexedDbStore::new(), Policy::default(), Vec::new())?;
    PAGE.set(Some(page.clone()));
    Ok(page)
}

/// The sessions of the default profile.
pub(crate) fn sessions() -> Result<Sessions<IndexedDbStore>, Error> {
    Ok(page()?.sessions)
}

/// The domains that the page accepts besides its own host.
pub(crate) fn domains() -> Vec<String> {
    PAGE.with_borrow(|page| page.as_ref().map(|page| page.domains.clone()))
        .unwrap_or_default()
}

/// Chooses another database, other keys, another policy, more domains: `{database, algorithm,
/// unstorable, passkeys, domains}`.
///
/// # Errors
/// `invalid_option`; `no_session_key` for keys that the database is not for.
#[wasm_bindgen]
pub fn configure(given: &JsValue) -> Result<(), JsValue> {
    let text = |name: &str| {
        Reflect::get(given, &name.into())
            .ok()
            .and_then(|value| value.as_string())
    };
    let bad = |name, problem| thrown(&option(name, problem), None);
    let mut builder = IndexedDbStore::builder();
    if let Some(database) = text("database") {
        builder = builder.with_database(database);
    }
    builder = builder.with_algorithm(match text("algorithm").as_deref() {
        None | Some("P-256") => WebCryptoAlgorithm::P256,
        Some("Ed25519") => WebCryptoAlgorithm::Ed25519,
        Some(_) => return Err(bad("algorithm", "must be \"P-256\" or \"Ed25519\"")),
    });
    builder = builder.with_unstorable(match text("unstorable").as_deref() {
        None | Some("refuse") => Unstorable::Refuse,
        Some("memory") => Unstorable::KeepInMemory,
        Some(_) => return Err(bad("unstorable", "must be \"refuse\" or \"memory\"")),
    });
    let passkeys = Reflect::get(given, &"passkeys".into()).unwrap_or_default();
    let rules = passkeys::policy(&passkeys).map_err(|error| thrown(&error, None))?;
    let domains = match Reflect::get(given, &"domains".into()).unwrap_or_default() {
        none if none.is_undefined() || none.is_null() => Vec::new(),
        given => texts(&given).ok_or_else(|| bad("domains", "must be a list of texts"))?,
    };
    let store = builder
        .build()
        .map_err(|error| thrown(&error.into(), None))?;
    let page = Page::new(store, rules, domains).map_err(|error| thrown(&error, None))?;
    PAGE.set(Some(page));
    Ok(())
}
