//! A session that is kept nowhere.

use crate::answers::Answers;
use crate::host::{chain, thrown};
use crate::key::generate;
use crate::page;
use crate::records;
use crate::request::Request;
use crate::session::Session;
use cacao::Judgement;
use didkey::Ed25519SigningKey;
use session_core::flow::{Found, Origin};
use session_core::{AuthError, Error, Pending, Profile};
use wasm_bindgen::prelude::*;

/// A session that is kept nowhere, on its way: under a key that its string carries. Who signs is
/// known only by the answer.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Authorization {
    key: Ed25519SigningKey,
    pending: Pending,
    judgement: Option<Judgement>,
    answers: Answers,
}

#[wasm_bindgen]
impl Authorization {
    /// Begins.
    ///
    /// # Errors
    /// `invalid_option`, `no_randomness`.
    #[wasm_bindgen(constructor)]
    pub fn new(request: &Request) -> Result<Self, JsValue> {
        let begun = || {
            let key = generate()?;
            let now = page::context()?.clock().now();
            let pending = request.inner().pending(None, key.did_key(), now)?;
            Ok(Self {
                key,
                pending,
                judgement: None,
                answers: Answers::default(),
            })
        };
        begun().map_err(|error: Error| thrown(&error))
    }

    /// What must stand in the wallet's answer, as JSON.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn asked(&self) -> String {
        records::asked(&self.pending)
    }

    /// Takes the wallet's answer, a capability as JSON; whether a chain must be asked first.
    ///
    /// # Errors
    /// Why it is not what was asked for.
    pub fn answer(&mut self, capability: &str) -> Result<bool, JsValue> {
        let judged = || {
            let answer = records::capability(capability).map_err(|error| {
                let why = chain(&error);
                AuthError::failed(format!("its answer is not usable: {why}"))
            })?;
            let context = page::context()?;
            let (provers, policy) = (context.provers(), context.policy());
            let now = context.clock().now();
            Ok(self.pending.accept(&answer, provers, policy, now)?)
        };
        let judgement = judged().map_err(|error: Error| thrown(&error))?;
        Ok(self.keep(judgement))
    }

    /// Keeps what was judged; whether a chain must be asked.
    fn keep(&mut self, judgement: Judgement) -> bool {
        let asks = matches!(judgement, Judgement::Ask(_));
        self.judgement = Some(judgement);
        asks
    }

    /// The calls that are to be put to a chain, as `Flow` has them.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn calls(&self) -> Option<String> {
        match &self.judgement {
            Some(Judgement::Ask(inquiry)) => Some(records::calls(inquiry.calls())),
            _ => None,
        }
    }

    /// As `Flow` has it.
    pub fn outcome(&mut self, json: &str, is_error: bool) -> Option<String> {
        self.answers.take(json, is_error)
    }

    /// The chain was asked; whether it must be asked more.
    ///
    /// # Errors
    /// Its verdict, where it is a no; `chain_unavailable` where it did not answer.
    pub fn answered(&mut self, outage: Option<String>) -> Result<bool, JsValue> {
        let Some(Judgement::Ask(inquiry)) = self.judgement.take() else {
            return Ok(false);
        };
        let answered = self.answers.end(inquiry.calls(), outage);
        let now = page::context()
            .map_err(|error| thrown(&error))?
            .clock()
            .now();
        let judgement = answered
            .conclude(*inquiry, now)
            .map_err(|error| thrown(&error.into()))?;
        Ok(self.keep(judgement))
    }

    /// There is nobody who could ask the chain: `finish` says so.
    #[must_use]
    pub fn unasked(&self) -> bool {
        false
    }

    /// The session.
    ///
    /// # Errors
    /// `chain_unavailable` where a chain was not asked; `answer_expired`.
    pub fn finish(self) -> Result<Session, JsValue> {
        let finished = || {
            let verified = match self.judgement {
                Some(Judgement::Accepted(verified)) => verified,
                Some(Judgement::Ask(inquiry)) => return Err(inquiry.unasked().into()),
                _ => {
                    let detail = "the wallet has not answered".to_owned();
                    return Err(Error::OutOfStep { detail });
                }
            };
            let context = page::context()?;
            // a chain may have taken its time
            Pending::check_not_ended(verified.payload(), context.clock().now())?;
            let origin = Origin::Asked;
            let found = Found { verified, origin };
            found.into_session(self.key, Profile::default(), &context)
        };
        finished()
            .map(Session::exportable)
            .map_err(|error| thrown(&error))
    }
}
