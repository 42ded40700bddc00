//! What a flow is told: what came of the step that it wanted.

use super::{Flow, Step};
use crate::host::{chain, thrown};
use crate::ipld::IpldWriter;
use crate::key::did_of;
use crate::records::{self, Candidate};
use cacao::Evidence;
use session_core::flow::{self, Input, View};
use session_core::{AuthError, RecordTag};
use std::sync::Arc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl Flow {
    /// Begins.
    ///
    /// # Errors
    /// As every other answer: the end of the flow, where it is not a session.
    pub fn start(&mut self) -> Result<Step, JsValue> {
        self.on(Input::Start)
    }

    /// This caller leads.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn lead(&mut self) -> Result<Step, JsValue> {
        self.on(Input::Lead)
    }

    /// The one who led got a session for the same.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn given(&mut self) -> Result<Step, JsValue> {
        self.on(Input::Outcome(Ok(())))
    }

    /// The one who led asked for the same and got none; the page knows why.
    ///
    /// # Errors
    /// As [`start`](Self::start); the page throws what the other was told.
    #[wasm_bindgen(js_name = notGiven)]
    pub fn not_given(&mut self) -> Result<Step, JsValue> {
        let error = AuthError::failed("somebody else who asked for the same got none");
        self.on(Input::Outcome(Err(error.into())))
    }

    /// The one who led is gone, or asked for something else.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    #[wasm_bindgen(js_name = leaderGone)]
    pub fn leader_gone(&mut self) -> Result<Step, JsValue> {
        self.on(Input::LeaderGone)
    }

    /// Waiting took too long.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    #[wasm_bindgen(js_name = timedOut)]
    pub fn timed_out(&mut self) -> Result<Step, JsValue> {
        self.on(Input::TimedOut)
    }

    /// Nothing lies in the slot.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn empty(&mut self) -> Result<Step, JsValue> {
        self.loaded = None;
        self.on(Input::Loaded(View::Empty))
    }

    /// What lies in the slot cannot be read; `content` is different for different contents.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn unreadable(&mut self, content: &[u8], why: String) -> Result<Step, JsValue> {
        self.loaded = None;
        let view = View::Unreadable {
            tag: RecordTag::of_unreadable(content),
            source: Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(why)),
        };
        self.on(Input::Loaded(view))
    }

    /// What lies in the slot, and what is kept beside it of a contract's answer, where the page's
    /// store is its own.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn loaded(
        &mut self,
        candidate: &Candidate,
        evidence: Option<String>,
    ) -> Result<Step, JsValue> {
        self.loaded = Some(candidate.key().clone());
        let view = View::Record {
            capability: candidate.capability().clone(),
            key: candidate.key().clone(),
            tag: candidate.record_tag(),
            evidence: evidence.and_then(|json| Evidence::from_json(&json).ok()),
        };
        self.on(Input::Loaded(view))
    }

    /// What is known of revocations: the text of the ledger, if there is one.
    ///
    /// # Errors
    /// As [`start`](Self::start); `store_failed` for a text that is not a ledger.
    pub fn revocations(&mut self, ledgers: Vec<String>) -> Result<Step, JsValue> {
        let Some(flow::Step::AskRevocations(capability)) = &self.step else {
            return self.on(Input::Revoked(false));
        };
        let revoked = !ledgers.is_empty() && records::is_revoked(&ledgers, capability)?;
        self.on(Input::Revoked(revoked))
    }

    /// What a node answered to the next of the calls, as the JSON of its result or of its error.
    /// Answers why that is not an outcome, if it is not.
    pub fn outcome(&mut self, json: &str, is_error: bool) -> Option<String> {
        self.answers.take(json, is_error)
    }

    /// The chain was asked; it answered all of the calls, or stopped for this reason.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn answered(&mut self, outage: Option<String>) -> Result<Step, JsValue> {
        let calls = match &self.step {
            Some(flow::Step::AskChain(calls)) => calls.as_slice(),
            _ => &[],
        };
        let answered = self.answers.end(calls, outage);
        self.on(Input::Chain(answered))
    }

    /// There is nobody who could ask the chain.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn unasked(&mut self) -> Result<Step, JsValue> {
        self.on(Input::Chain(flow::Answered::Nobody))
    }

    /// The prompt lock is held.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn locked(&mut self) -> Result<Step, JsValue> {
        self.on(Input::Locked)
    }

    /// Somebody else still holds it.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn busy(&mut self) -> Result<Step, JsValue> {
        self.on(Input::Busy)
    }

    /// It was lost: nobody was asked, nothing was saved.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    #[wasm_bindgen(js_name = lockLost)]
    pub fn lock_lost(&mut self) -> Result<Step, JsValue> {
        self.on(Input::LockLost)
    }

    /// A session key was made; its public half, raw.
    ///
    /// # Errors
    /// As [`start`](Self::start); `no_session_key`.
    pub fn made(&mut self, raw: &[u8], is_ed25519: bool) -> Result<Step, JsValue> {
        let did = did_of(raw, is_ed25519)
            .map_err(|error| thrown(&session_core::StoreError::key(chain(&error)).into()))?;
        self.made = Some(did.clone());
        self.on(Input::Key(did))
    }

    /// What the wallet answered: a capability, as JSON and told value by value.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn answer(&mut self, json: &str, told: IpldWriter) -> Result<Step, JsValue> {
        let answer = records::read(json, told).map_err(|error| {
            AuthError::failed(format!("its answer is not usable: {}", chain(&error)))
        });
        self.on(Input::Answer(answer))
    }

    /// The wallet gave none.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    #[wasm_bindgen(js_name = noAnswer)]
    pub fn no_answer(&mut self, is_declined: bool, why: String) -> Result<Step, JsValue> {
        let error = match is_declined {
            true => AuthError::Declined,
            false => AuthError::failed(why),
        };
        self.on(Input::Answer(Err(error)))
    }

    /// What the contract said was kept, or not.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn refreshed(&mut self) -> Result<Step, JsValue> {
        self.on(Input::Refreshed)
    }

    /// The session was saved.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn saved(&mut self) -> Result<Step, JsValue> {
        self.on(Input::Saved)
    }

    /// The slot was not as it was loaded: nothing was saved.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn conflict(&mut self) -> Result<Step, JsValue> {
        self.on(Input::Conflict)
    }
}
