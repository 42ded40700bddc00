//! What stands for a whole page: whom it trusts, and by which rules.

use crate::host::{PageClock, option, thrown};
use cacao::{
    Policy, Provers, contract::Contracts, eip191::Eip191, solana::SolanaEd25519,
    stacks::StacksSecp256k1, tezos::TezosEd25519, webauthn::WebAuthn,
};
use session_core::{Context, Error};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// Most capabilities whose signature a page remembers.
const MAX_KNOWN: usize = 16;

thread_local! {
    static PAGE: RefCell<Option<Context>> = const { RefCell::new(None) };
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

/// The same, and contract wallets: their chain can be asked.
fn provers_with_contracts(known: usize) -> Result<Provers, cacao::Error> {
    let provers = provers(0)?.with_contracts(Contracts::new())?;
    Ok(provers.with_memory(known))
}

/// Clock, provers and rules.
pub(crate) fn context() -> Result<Context, Error> {
    if let Some(context) = PAGE.with_borrow(Clone::clone) {
        return Ok(context);
    }
    let context = made(Rules::new())?;
    PAGE.set(Some(context.clone()));
    Ok(context)
}

fn made(rules: Rules) -> Result<Context, Error> {
    let provers = match rules.contracts {
        true => provers_with_contracts(MAX_KNOWN)?,
        false => provers(MAX_KNOWN)?,
    };
    Ok(Context::new(PageClock, provers).with_policy(rules.policy))
}

/// The rules of a page, in the making: which passkeys it accepts, and whether contracts.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Rules {
    policy: Policy,
    contracts: bool,
}

#[wasm_bindgen]
impl Rules {
    /// The usual ones.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Contract wallets are accepted: their chain can be asked.
    pub fn contracts(&mut self) {
        self.contracts = true;
    }

    /// The relying party.
    #[wasm_bindgen(js_name = rpId)]
    pub fn rp_id(&mut self, id: String) {
        self.policy = std::mem::take(&mut self.policy).with_rp_id(id);
    }

    /// A page on which passkeys are used.
    pub fn origin(&mut self, origin: String) {
        self.policy = std::mem::take(&mut self.policy).with_origin(origin);
    }

    /// A page within which they may be used in a frame.
    #[wasm_bindgen(js_name = topOrigin)]
    pub fn top_origin(&mut self, origin: String) {
        self.policy = std::mem::take(&mut self.policy).with_top_origin(origin);
    }

    /// They may be used in a frame of a page that the browser does not name.
    #[wasm_bindgen(js_name = crossOrigin)]
    pub fn cross_origin(&mut self) {
        self.policy = std::mem::take(&mut self.policy).with_cross_origin();
    }

    /// They must verify their user.
    #[wasm_bindgen(js_name = userVerification)]
    pub fn user_verification(&mut self) {
        self.policy = std::mem::take(&mut self.policy).with_user_verification();
    }
}

/// Judges by these rules from now on.
///
/// # Errors
/// None that a page could cause.
#[wasm_bindgen]
pub fn configure(rules: Rules) -> Result<(), JsValue> {
    let context = made(rules).map_err(|error| thrown(&error))?;
    PAGE.set(Some(context));
    Ok(())
}

/// The issuer of a CAIP-10 id or a DID.
pub(crate) fn issuer(account: &str) -> Result<cacao::Issuer, Error> {
    account
        .parse()
        .map_err(|error: cacao::Error| option("accountId", error.to_string()))
}

/// The profile of that name.
pub(crate) fn profile(name: Option<&str>) -> Result<session_core::Profile, Error> {
    let Some(name) = name else {
        return Ok(session_core::Profile::default());
    };
    name.parse()
        .map_err(|error: session_core::ProfileError| option("profile", error.to_string()))
}
