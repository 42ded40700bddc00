//! Drives the machine over a store and a wallet.

use super::{Flow, Found, Input, Joined, Lead, Origin, Prompts, Step, View, Waiter};
use crate::ask::{AuthMethod, Pending, Request, SignIn};
use crate::chain;
use crate::context::Context;
use crate::error::{AuthError, Error, NotUsable};
use crate::event::EventKind;
use crate::key::SessionKey;
use crate::session::DidSession;
use crate::store::{
    Evidence, ExpectedSlot, Profile, PromptLockGuard, SessionRecord, SessionStore, Slot, SlotId,
    StoreError,
};
use cacao::{Cacao, VerifiedCacao};
use dag_jws::Cid;
use futures_util::future::{Either, select};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// Who is asked for a new session.
pub(crate) enum Asked<'a> {
    /// Nobody.
    Nobody,
    /// An issuer that is known.
    Account(&'a dyn AuthMethod, &'a Request),
    /// Whoever answers.
    Anybody(&'a dyn SignIn),
}

impl Asked<'_> {
    async fn answer(&self, pending: &Pending) -> Result<Cacao, AuthError> {
        match self {
            Self::Nobody => Err(AuthError::failed("nobody is asked here")),
            Self::Account(method, _) => method.authorize(pending).await,
            Self::Anybody(method) => method.sign_in(pending).await,
        }
    }
}

/// What a caller holds on its way.
struct Driver<'a, S: SessionStore> {
    store: &'a S,
    context: &'a Context,
    prompts: &'a Prompts,
    asked: Asked<'a>,
    profile: Profile,
    slot: Option<SlotId>,
    loaded: Option<SessionRecord<S::Key>>,
    made: Option<Arc<S::Key>>,
    /// What the session that was saved did to the one before it.
    replaces: Option<EventKind<'static>>,
    /// What was told last to be refused, and why.
    refused: Option<(Option<Cid>, &'static str)>,
    lead: Option<Lead>,
    lock: Option<Arc<dyn PromptLockGuard>>,
}

/// Runs a flow to its end. What the store fails at ends it.
pub(crate) async fn drive<S: SessionStore>(
    mut flow: Flow,
    profile: &Profile,
    store: &S,
    context: &Context,
    prompts: &Prompts,
    asked: Asked<'_>,
) -> Result<DidSession<S::Key>, Error> {
    let mut driver = Driver {
        store,
        context,
        prompts,
        asked,
        profile: profile.clone(),
        slot: None,
        loaded: None,
        made: None,
        replaces: None,
        refused: None,
        lead: None,
        lock: None,
    };
    let result = driver.run(&mut flow).await;
    if let Some(lead) = driver.lead.take() {
        lead.finish(shared_outcome(&result));
    }
    driver.release().await;
    result
}

/// What those who wait for a prompt are told: that there is a session now, or why the issuer did
/// not give one. A failure of the store is the leader's own: the others try for themselves.
fn shared_outcome<T>(result: &Result<T, Error>) -> Result<(), Error> {
    match result {
        Err(error @ (Error::Auth(_) | Error::Answer(_))) => Err(error.clone()),
        _ => Ok(()),
    }
}

/// Does something while the lock is kept.
async fn kept<T>(lock: Option<Arc<dyn PromptLockGuard>>, work: impl Future<Output = T>) -> T {
    let Some(lock) = lock else {
        return work.await;
    };
    match select(pin!(work), pin!(lock.keep())).await {
        Either::Left((done, _)) => done,
        // it is lost: what was begun goes on, and the flow hears of it before the next step
        Either::Right(((), work)) => work.await,
    }
}

impl<S: SessionStore> Driver<'_, S> {
    async fn run(&mut self, flow: &mut Flow) -> Result<DidSession<S::Key>, Error> {
        let mut input = Input::Start;
        loop {
            let step = flow.on(input, self.context.time());
            match flow.take_refusal() {
                // that there is none is no news of a session
                None | Some(NotUsable::Absent) => {}
                Some(reason) => self.refused(&reason),
            }
            input = match step {
                Step::Done(found) => return self.found(*found?),
                Step::Join { until } => self.join(until).await,
                Step::Lock { slot, max_wait } => self.lock(slot, max_wait).await?,
                Step::Ask(_) | Step::Save { .. } if self.lost_lock() => Input::LockLost,
                step => {
                    let lock = self.lock.clone();
                    let is_renewal = flow.is_renewal();
                    kept(lock, self.carry_out(step, is_renewal)).await?
                }
            };
        }
    }

    /// What is done under the lock, once there is one.
    async fn carry_out(&mut self, step: Step, is_renewal: bool) -> Result<Input, Error> {
        Ok(match step {
            Step::Load { slot } => self.load(slot).await?,
            Step::AskRevocations(capability) => {
                Input::Revoked(self.context.is_revoked(&capability).await?)
            }
            Step::AskChain(calls) => Input::Chain(chain::ask(self.context.rpc(), &calls).await),
            Step::MakeKey => {
                // whoever is asked next must not sign in vain
                self.store.may_save(self.slot.as_ref()).await?;
                let key = Arc::new(self.store.generate_key().await?);
                let did = key.did().clone();
                self.made = Some(key);
                Input::Key(did)
            }
            Step::Ask(pending) => self.ask(&pending).await,
            Step::Refresh { evidence, expected } => {
                self.refresh(&evidence, expected).await;
                Input::Refreshed
            }
            Step::Save { verified, expected } => {
                self.replaces = match expected {
                    _ if is_renewal => Some(EventKind::Renewed),
                    ExpectedSlot::Tag(_) => Some(EventKind::Replaced),
                    _ => None,
                };
                self.save(&verified, expected).await?
            }
            other => {
                return Err(Error::OutOfStep {
                    detail: format!("{} is not a step under the lock", other.name()),
                });
            }
        })
    }

    fn lost_lock(&self) -> bool {
        self.lock.as_ref().is_some_and(|lock| !lock.is_held())
    }

    async fn join(&mut self, until: Duration) -> Input {
        let Asked::Account(_, request) = &self.asked else {
            return Input::LeaderGone;
        };
        let slot = self.slot.clone();
        let joined = slot.map(|slot| self.prompts.join(&slot, request));
        match joined {
            Some(Joined::Lead(lead)) => {
                self.lead = Some(lead);
                Input::Lead
            }
            Some(Joined::Wait(waiter)) => self.wait(&waiter, until).await,
            None => Input::LeaderGone,
        }
    }

    async fn wait(&self, waiter: &Waiter, until: Duration) -> Input {
        let left = until.saturating_sub(self.context.time().monotonic);
        let outcome = poll_fn(|context| waiter.poll(context));
        match select(pin!(outcome), self.context.clock().sleep(left)).await {
            Either::Left((Some(outcome), _)) => Input::Outcome(outcome),
            Either::Left((None, _)) => Input::LeaderGone,
            Either::Right(_) => Input::TimedOut,
        }
    }

    async fn load(&mut self, slot: SlotId) -> Result<Input, Error> {
        let loaded = self.store.load(&slot).await?;
        self.slot = Some(slot);
        self.loaded = None;
        Ok(Input::Loaded(match loaded {
            Slot::Empty => View::Empty,
            Slot::Unreadable { tag, source } => View::Unreadable {
                tag,
                source: source.into(),
            },
            Slot::Record { record, tag } => {
                let evidence = record
                    .evidence()
                    .filter(|_| self.context.trusts_its_store())
                    .and_then(|kept| cacao::Evidence::from_json(kept.as_str()).ok());
                let view = View::Record {
                    capability: record.capability().clone(),
                    key: record.key().did().clone(),
                    tag,
                    evidence,
                };
                self.loaded = Some(record);
                view
            }
        }))
    }

    async fn lock(&mut self, slot: SlotId, max_wait: Duration) -> Result<Input, Error> {
        // one that was lost is not in the way of the next
        self.release().await;
        let locked = self.store.lock_prompt(&slot, max_wait).await;
        self.slot = Some(slot);
        match locked {
            Ok(guard) => {
                self.lock = Some(guard.into());
                Ok(Input::Locked)
            }
            Err(StoreError::Busy { .. }) => Ok(Input::Busy),
            Err(error) => Err(error.into()),
        }
    }

    async fn release(&mut self) {
        if let Some(lock) = self.lock.take() {
            lock.release().await;
        }
    }

    async fn ask(&self, pending: &Pending) -> Input {
        for warning in pending.request().warnings() {
            self.tell(EventKind::Warned(&warning), None);
        }
        self.tell(EventKind::Asked, None);
        let answer = self.asked.answer(pending).await;
        if let Err(error) = &answer {
            self.tell(EventKind::Declined(error), None);
        }
        Input::Answer(answer)
    }

    /// Keeps what a contract said beside the record; that it cannot be kept only costs another
    /// question.
    async fn refresh(&self, evidence: &cacao::Evidence, expected: ExpectedSlot) {
        let (Some(slot), Some(record)) = (&self.slot, &self.loaded) else {
            return;
        };
        let record = record.clone().with_evidence(Evidence::of(evidence));
        if let Err(error) = self.store.save(slot, &record, expected).await {
            tracing::debug!(%slot, code = error.code(), "a contract's answer is not kept");
        }
    }

    async fn save(&self, verified: &VerifiedCacao, expected: ExpectedSlot) -> Result<Input, Error> {
        let (Some(slot), Some(key)) = (&self.slot, &self.made) else {
            return Err(Error::OutOfStep {
                detail: "there is no key to save".to_owned(),
            });
        };
        let record = SessionRecord::of(verified, Arc::clone(key));
        match self.store.save(slot, &record, expected).await {
            Ok(_) => Ok(Input::Saved),
            Err(StoreError::Conflict { .. }) => Ok(Input::Conflict),
            Err(StoreError::Unknown { .. }) => Ok(Input::Unknown),
            Err(error) => Err(error.into()),
        }
    }

    fn found(&mut self, found: Found) -> Result<DidSession<S::Key>, Error> {
        let key = match found.origin {
            Origin::Asked => {
                let granted = Some(found.verified.cacao());
                self.tell(EventKind::Granted, granted);
                if let Some(replaces) = self.replaces {
                    self.tell(replaces, granted);
                }
                self.made.take()
            }
            Origin::Stored | Origin::Kept => {
                self.tell(EventKind::Reused, Some(found.verified.cacao()));
                self.loaded.take().map(|record| Arc::clone(record.key()))
            }
        };
        let key = key.ok_or_else(|| Error::OutOfStep {
            detail: "there is no key".to_owned(),
        })?;
        let profile = self.profile.clone();
        Ok(DidSession::from_parts(
            found.verified,
            key,
            profile,
            self.context,
        ))
    }

    /// The slot is looked at more than once: what is refused for the same reason is told once.
    fn refused(&mut self, reason: &NotUsable) {
        let refused = self.loaded.as_ref().map(SessionRecord::capability);
        let told = Some((refused.map(Cacao::cid), reason.code()));
        if self.refused != told {
            self.tell(EventKind::Refused(reason), refused);
            self.refused = told;
        }
    }

    fn tell(&self, kind: EventKind<'_>, capability: Option<&Cacao>) {
        let issuer = self.slot.as_ref().map(SlotId::issuer);
        self.context.tell(kind, issuer, &self.profile, capability);
    }
}
