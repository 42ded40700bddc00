//! The machine of `get`, `hasSessionFor`, `renew` and `signIn`, one handle for each call: it says
//! what it wants next, and the page tells it what came of it.

mod told;

use crate::answers::Answers;
use crate::host::{PageClock, reason, thrown};
use crate::key::PageKey;
use crate::page;
use crate::records;
use crate::request::{Request, seconds};
use crate::session::Session;
use cacao::{Evidence, Requirement};
use didkey::DidKey;
use session_core::flow::{self, Input, Origin, Time};
use session_core::{Clock, Context, Error, ExpectedSlot, Profile, SlotId};
use wasm_bindgen::prelude::*;

/// What the machine wants next.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing: there is a session.
    Done,
    /// Join the callers of this page who want the same account, for `wait` seconds.
    Join,
    /// Load the slot.
    Load,
    /// Say what is known of revocations.
    AskRevocations,
    /// Put the `calls` to their chain.
    AskChain,
    /// Take the prompt lock of the slot, waiting for at most `wait` seconds.
    Lock,
    /// Make a session key.
    MakeKey,
    /// Ask the wallet for what is `asked`.
    Ask,
    /// Keep the `evidence` beside the record, if what was loaded still lies there.
    Refresh,
    /// Save the `record` with the key that was made, if the slot is still as it was loaded.
    Save,
}

/// One call on its way.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Flow {
    flow: flow::Flow,
    context: Context,
    profile: Profile,
    slot: Option<SlotId>,
    step: Option<flow::Step>,
    loaded: Option<DidKey>,
    made: Option<DidKey>,
    answers: Answers,
    found: Option<(Session, Origin)>,
}

#[wasm_bindgen]
impl Flow {
    /// Gets a session.
    ///
    /// # Errors
    /// `invalid_option`.
    pub fn get(account: &str, request: &Request, profile: Option<String>) -> Result<Self, JsValue> {
        Self::of(account, profile, |slot, context| {
            let request = request.inner().clone();
            flow::Flow::get(slot, request, context.provers(), context.policy())
        })
    }

    /// Renews a session that ends within `before` seconds.
    ///
    /// # Errors
    /// `invalid_option`.
    pub fn renew(
        account: &str,
        request: &Request,
        profile: Option<String>,
        before: f64,
    ) -> Result<Self, JsValue> {
        let before = seconds("renewBeforeSecs", before)?;
        Self::of(account, profile, |slot, context| {
            let request = request.inner().clone();
            flow::Flow::renew(slot, request, before, context.provers(), context.policy())
        })
    }

    /// Looks for a stored session; without a request, for one of whatever kind.
    ///
    /// # Errors
    /// `invalid_option`.
    pub fn find(
        account: &str,
        request: Option<Request>,
        profile: Option<String>,
    ) -> Result<Self, JsValue> {
        let issuer = page::issuer(account).map_err(|error| thrown(&error))?;
        let requirement = match &request {
            None => Requirement::any_domain(),
            Some(request) => {
                let request = request.inner();
                request
                    .check(Some(&issuer))
                    .map_err(|error| thrown(&error))?;
                request.requirement()
            }
        };
        Self::of(account, profile, |slot, context| {
            flow::Flow::find(slot, requirement, context.provers(), context.policy())
        })
    }

    /// Asks for a new session of whoever answers.
    ///
    /// # Errors
    /// `invalid_option`.
    #[wasm_bindgen(js_name = signIn)]
    pub fn sign_in(request: &Request, profile: Option<String>) -> Result<Self, JsValue> {
        let made = || {
            let profile = page::profile(profile.as_deref())?;
            let context = page::context()?;
            let (provers, policy) = (context.provers(), context.policy());
            let request = request.inner().clone();
            let flow = flow::Flow::sign_in(profile.clone(), request, provers, policy);
            Ok(Self::begun(flow, &context, profile, None))
        };
        made().map_err(|error: Error| thrown(&error))
    }

    fn of(
        account: &str,
        profile: Option<String>,
        flow: impl FnOnce(SlotId, &Context) -> flow::Flow,
    ) -> Result<Self, JsValue> {
        let made = || {
            let issuer = page::issuer(account)?;
            let profile = page::profile(profile.as_deref())?;
            let context = page::context()?;
            let slot = SlotId::new(issuer).with_profile(profile.clone());
            let flow = flow(slot.clone(), &context);
            Ok(Self::begun(flow, &context, profile, Some(slot)))
        };
        made().map_err(|error: Error| thrown(&error))
    }

    fn begun(flow: flow::Flow, context: &Context, profile: Profile, slot: Option<SlotId>) -> Self {
        Self {
            // the page always says what it knows of revocations
            flow: flow.with_revocations(),
            context: context.clone(),
            profile,
            slot,
            step: None,
            loaded: None,
            made: None,
            answers: Answers::default(),
            found: None,
        }
    }

    fn on(&mut self, input: Input) -> Result<Step, JsValue> {
        let time = Time {
            wall: PageClock.now(),
            monotonic: PageClock.monotonic(),
        };
        let step = self.flow.on(input, time);
        let name = match &step {
            flow::Step::Join { .. } => Step::Join,
            flow::Step::Load { slot } => {
                self.slot = Some(slot.clone());
                Step::Load
            }
            flow::Step::AskRevocations(_) => Step::AskRevocations,
            flow::Step::AskChain(_) => Step::AskChain,
            flow::Step::Lock { slot, .. } => {
                self.slot = Some(slot.clone());
                Step::Lock
            }
            flow::Step::MakeKey => Step::MakeKey,
            flow::Step::Ask(_) => Step::Ask,
            flow::Step::Refresh { .. } => Step::Refresh,
            flow::Step::Save { .. } => Step::Save,
            flow::Step::Done(_) => Step::Done,
            other => {
                let detail = format!("{} is not known here", other.name());
                return Err(thrown(&Error::OutOfStep { detail }));
            }
        };
        match step {
            flow::Step::Done(found) => self.done(found).map_err(|error| thrown(&error))?,
            step => self.step = Some(step),
        }
        Ok(name)
    }

    fn done(&mut self, found: Result<Box<flow::Found>, Error>) -> Result<(), Error> {
        let found = *found?;
        let origin = found.origin;
        let key = match origin {
            Origin::Asked => self.made.take(),
            Origin::Stored | Origin::Kept => self.loaded.take(),
        };
        let key = key.ok_or_else(|| Error::OutOfStep {
            detail: "there is no key".to_owned(),
        })?;
        let profile = self.profile.clone();
        let session = found.into_session(PageKey::new(key), profile, &self.context)?;
        self.found = Some((Session::of_page(session), origin));
        Ok(())
    }

    /// The key under which the slot's record lies.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn key(&self) -> Option<String> {
        self.slot.as_ref().map(SlotId::to_key)
    }

    /// The account's DID.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn issuer(&self) -> Option<String> {
        self.slot.as_ref().map(|slot| slot.issuer().did())
    }

    /// The slot as errors name it.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn slot(&self) -> Option<String> {
        self.slot.as_ref().map(ToString::to_string)
    }

    /// The name of the profile; nothing for the default one.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn profile(&self) -> Option<String> {
        self.profile.name().map(str::to_owned)
    }

    /// For how many seconds to wait at most.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn wait(&self) -> f64 {
        match &self.step {
            Some(flow::Step::Join { until }) => {
                until.saturating_sub(PageClock.monotonic()).as_secs_f64()
            }
            Some(flow::Step::Lock { max_wait, .. }) => max_wait.as_secs_f64(),
            _ => 0.0,
        }
    }

    /// What must stand in the wallet's answer, as JSON.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn asked(&self) -> Option<String> {
        match &self.step {
            Some(flow::Step::Ask(pending)) => Some(records::asked(pending)),
            _ => None,
        }
    }

    /// The calls that are to be put to a chain, as JSON: `[{chain, params}]`, the parameters those of
    /// `eth_call`.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn calls(&self) -> Option<String> {
        match &self.step {
            Some(flow::Step::AskChain(calls)) => Some(records::calls(calls)),
            _ => None,
        }
    }

    /// The capability that is to be saved, as JSON.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn record(&self) -> Option<String> {
        match &self.step {
            Some(flow::Step::Save { verified, .. }) => Some(records::to_json(verified.cacao())),
            _ => None,
        }
    }

    /// Whether the slot must be empty for what is to be saved; else it must be as it was loaded.
    #[wasm_bindgen(getter, js_name = isNew)]
    #[must_use]
    pub fn is_new(&self) -> bool {
        matches!(
            &self.step,
            Some(
                flow::Step::Save {
                    expected: ExpectedSlot::Absent,
                    ..
                } | flow::Step::Refresh {
                    expected: ExpectedSlot::Absent,
                    ..
                }
            )
        )
    }

    /// What a contract said, to be kept beside the record.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn evidence(&self) -> Option<String> {
        match &self.step {
            Some(flow::Step::Refresh { evidence, .. }) => Some(evidence.to_json()),
            Some(flow::Step::Save { verified, .. }) => {
                Evidence::of(verified.proven()).map(|evidence| evidence.to_json())
            }
            _ => None,
        }
    }

    /// Whether what is to be saved replaces a session that still serves.
    #[wasm_bindgen(getter, js_name = isRenewal)]
    #[must_use]
    pub fn is_renewal(&self) -> bool {
        self.flow.is_renewal()
    }

    /// Why what was loaded is not used, once, as JSON: `{code, message}`.
    #[wasm_bindgen(js_name = takeRefusal)]
    pub fn take_refusal(&mut self) -> Option<String> {
        self.flow.take_refusal().map(|why| reason(&why))
    }

    /// The session that was found, once.
    #[wasm_bindgen(js_name = takeSession)]
    pub fn take_session(&mut self) -> Option<Session> {
        self.found.take().map(|(session, _)| session)
    }

    /// Whether the wallet was asked for the session that was found.
    #[wasm_bindgen(getter, js_name = wasAsked)]
    #[must_use]
    pub fn was_asked(&self) -> bool {
        matches!(self.found, Some((_, Origin::Asked)))
    }
}
