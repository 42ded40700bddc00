//! The state machine: look, join, lock, look again, ask, save.

mod phase;

use super::{Found, Input, Origin, Step, View};
use crate::ask::{Pending, Request};
use crate::clock::Time;
use crate::error::{AnswerProblem, Error, NotUsable};
use crate::store::{ExpectedSlot, Profile, SlotId, StoreError};
use cacao::{Cacao, Evidence, Issuer, Judgement, Policy, Provers, Requirement, VerifiedCacao};
use didkey::DidKey;
use phase::{Aim, Phase, Place};
use std::time::Duration;

/// One caller's way to a session.
///
/// Give it [`Input::Start`], do what the [`Step`] says, and give it the result, until
/// [`Step::Done`]. An input that does not answer the last step ends the flow with an error.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct Flow {
    provers: Provers,
    policy: Policy,
    aim: Aim,
    /// Who it is; for a sign-in not known until the wallet answers.
    issuer: Option<Issuer>,
    profile: Profile,
    until: Duration,
    max_wait: Duration,
    asks_revocations: bool,
    expected: ExpectedSlot,
    /// The stored session that was looked at last serves, yet is due to be renewed.
    renews: bool,
    refusal: Option<NotUsable>,
    phase: Phase,
}

impl Flow {
    fn new(
        provers: &Provers,
        policy: &Policy,
        aim: Aim,
        issuer: Option<Issuer>,
        profile: Profile,
    ) -> Self {
        Self {
            provers: provers.clone(),
            policy: policy.clone(),
            aim,
            issuer,
            profile,
            until: Duration::ZERO,
            max_wait: Duration::ZERO,
            asks_revocations: false,
            expected: ExpectedSlot::Absent,
            renews: false,
            refusal: None,
            phase: Phase::New,
        }
    }

    fn of(slot: SlotId, provers: &Provers, policy: &Policy, aim: Aim) -> Self {
        let (issuer, profile) = slot.into_parts();
        Self::new(provers, policy, aim, Some(issuer), profile)
    }

    /// Looks for a stored session that meets a requirement, and never asks for a new one.
    #[must_use]
    pub fn find(
        slot: SlotId,
        requirement: Requirement,
        provers: &Provers,
        policy: &Policy,
    ) -> Self {
        let requirement = requirement.with_issuer(slot.issuer().clone());
        Self::of(slot, provers, policy, Aim::Find(requirement.into()))
    }

    /// Gets a session: the stored one if it meets the request, otherwise a new one.
    #[must_use]
    pub fn get(slot: SlotId, request: Request, provers: &Provers, policy: &Policy) -> Self {
        let request = request.into();
        let aim = Aim::Get {
            request,
            renew_before: None,
        };
        Self::of(slot, provers, policy, aim)
    }

    /// Gets a session that does not end within `renew_before`: the stored one, otherwise a new one.
    /// If the wallet does not give a new one, the stored one is returned while it is still usable.
    #[must_use]
    pub fn renew(
        slot: SlotId,
        request: Request,
        renew_before: Duration,
        provers: &Provers,
        policy: &Policy,
    ) -> Self {
        let aim = Aim::Get {
            request: request.into(),
            renew_before: Some(renew_before),
        };
        Self::of(slot, provers, policy, aim)
    }

    /// Asks for a new session, whose issuer is known only from the answer, to be kept in this
    /// profile.
    #[must_use]
    pub fn sign_in(profile: Profile, request: Request, provers: &Provers, policy: &Policy) -> Self {
        Self::new(provers, policy, Aim::SignIn(request.into()), None, profile)
    }

    /// Asks whether a stored session was revoked before it is used.
    #[must_use]
    pub const fn with_revocations(mut self) -> Self {
        self.asks_revocations = true;
        self
    }

    /// Why the stored session that was looked at last is not used, once.
    pub const fn take_refusal(&mut self) -> Option<NotUsable> {
        self.refusal.take()
    }

    /// Whether a stored session that serves is to be replaced by a newer one.
    #[must_use]
    pub const fn is_renewal(&self) -> bool {
        self.renews
    }

    /// Takes the result of the last step, and returns the next one.
    pub fn on(&mut self, input: Input, time: Time) -> Step {
        let phase = std::mem::replace(&mut self.phase, Phase::Ended);
        let step = self.advance(phase, input, time);
        step.unwrap_or_else(|error| Step::Done(Err(error)))
    }

    fn advance(&mut self, phase: Phase, input: Input, time: Time) -> Result<Step, Error> {
        match (phase, input) {
            (Phase::New, Input::Start) => self.start(time),
            (Phase::Loading(place), Input::Loaded(view)) => self.loaded(place, view, time),
            (Phase::Proving(place, inquiry), Input::Chain(answered)) => {
                // an outage is an error: no verdict, and no prompt
                let judgement = answered.conclude(*inquiry, time.wall);
                self.judged(place, judgement, true, time)
            }
            (Phase::Refreshing(place, verified), Input::Refreshed) => {
                self.proven(place, *verified, time)
            }
            (Phase::Revocations(place, _), Input::Revoked(true)) => {
                self.unusable(place, NotUsable::Revoked)
            }
            (Phase::Revocations(place, verified), Input::Revoked(false)) => {
                self.usable(place, *verified, time)
            }
            (Phase::Joining, Input::Lead) => Ok(self.lock(Phase::Locking, time)?),
            (Phase::Joining, Input::Outcome(Err(error))) => self.not_given(error),
            (Phase::Joining, Input::Outcome(Ok(()))) => {
                // whoever asked for the same has renewed it just now
                if let Aim::Get { renew_before, .. } = &mut self.aim {
                    *renew_before = None;
                }
                self.load(Phase::Loading(Place::First))
            }
            (Phase::Joining, Input::LeaderGone) => self.load(Phase::Loading(Place::First)),
            (Phase::Joining, Input::TimedOut)
            | (Phase::Locking | Phase::LockingFor(_), Input::Busy) => self.not_given(self.busy()),
            (Phase::Locking, Input::Locked) => self.load(Phase::Loading(Place::Locked)),
            (Phase::LockingFor(verified), Input::Locked) => self.load(match self.aim {
                Aim::SignIn(_) => Phase::LoadingFor(verified),
                _ => Phase::Loading(Place::LockedAgain(verified)),
            }),
            // nobody was asked: somebody else may have been meanwhile
            (Phase::Asking(_), Input::LockLost) => self.lock_again(Phase::Locking, time),
            (Phase::Saving(verified), Input::LockLost) => {
                self.lock_again(Phase::LockingFor(verified), time)
            }
            (Phase::LoadingFor(verified), Input::Loaded(view)) => {
                self.expected = view.expected();
                self.save(*verified, time)
            }
            (Phase::MakingKey, Input::Key(key)) => self.ask(&key, time),
            // whether it is, is judged when it is used
            (Phase::RevocationsFirst(pending), Input::Revoked(_)) => Ok(self.ask_wallet(pending)),
            (Phase::Asking(_), Input::Answer(Err(error))) => self.not_given(error.into()),
            (Phase::Asking(pending), Input::Answer(Ok(answer))) => {
                self.answered(&pending, &answer, time)
            }
            (Phase::ProvingAnswer(inquiry), Input::Chain(answered)) => {
                match answered.conclude(*inquiry, time.wall) {
                    Err(outage @ cacao::Error::Chain(_)) => Err(outage.into()),
                    judgement => self.accepted(judgement.map_err(AnswerProblem::Refused), time),
                }
            }
            (Phase::Saving(verified), Input::Saved) => Ok(done(*verified, Origin::Asked)),
            (Phase::Saving(_), Input::Conflict) => self.load(Phase::Loading(Place::AfterConflict)),
            (Phase::Saving(verified), Input::Unknown) => {
                self.load(Phase::Loading(Place::AfterUnknown(verified)))
            }
            (phase, input) => Err(Error::OutOfStep {
                detail: format!("{} does not answer {}", input.name(), phase.name()),
            }),
        }
    }

    fn start(&mut self, time: Time) -> Result<Step, Error> {
        let max_wait = match &self.aim {
            Aim::Find(_) => Duration::ZERO,
            Aim::Get { request, .. } | Aim::SignIn(request) => {
                request.check(self.issuer.as_ref())?;
                request.max_wait()
            }
        };
        self.max_wait = max_wait;
        self.until = time.monotonic.saturating_add(max_wait);
        match self.aim {
            Aim::SignIn(_) => Ok(self.want(Phase::MakingKey, Step::MakeKey)),
            _ => self.load(Phase::Loading(Place::First)),
        }
    }

    fn want(&mut self, phase: Phase, step: Step) -> Step {
        self.phase = phase;
        step
    }

    fn load(&mut self, phase: Phase) -> Result<Step, Error> {
        let slot = self.slot()?;
        Ok(self.want(phase, Step::Load { slot }))
    }

    fn lock(&mut self, phase: Phase, time: Time) -> Result<Step, Error> {
        let slot = self.slot()?;
        let max_wait = self.until.saturating_sub(time.monotonic);
        Ok(self.want(phase, Step::Lock { slot, max_wait }))
    }

    /// A lock that is lost over and over is as good as one that somebody else has.
    fn lock_again(&mut self, phase: Phase, time: Time) -> Result<Step, Error> {
        if time.monotonic >= self.until {
            return self.not_given(self.busy());
        }
        self.lock(phase, time)
    }

    /// Known before the first step of everything but a sign-in, and after its answer.
    fn issuer(&self) -> Result<Issuer, Error> {
        self.issuer.clone().ok_or_else(|| Error::OutOfStep {
            detail: "the issuer is not known yet".to_owned(),
        })
    }

    fn slot(&self) -> Result<SlotId, Error> {
        Ok(SlotId::new(self.issuer()?).with_profile(self.profile.clone()))
    }

    /// What a stored session must meet.
    fn requirement(&self) -> Result<Requirement, Error> {
        Ok(match &self.aim {
            Aim::Find(requirement) => (**requirement).clone(),
            Aim::Get {
                request,
                renew_before: Some(_),
            } => request.renewal_requirement().with_issuer(self.issuer()?),
            Aim::Get { request, .. } | Aim::SignIn(request) => {
                request.requirement().with_issuer(self.issuer()?)
            }
        })
    }

    fn loaded(&mut self, place: Place, view: View, time: Time) -> Result<Step, Error> {
        let seen = std::mem::replace(&mut self.expected, view.expected());
        if let Place::LockedAgain(verified) = place {
            if seen == self.expected {
                return self.save(*verified, time);
            }
            // somebody was faster: as after a conflict
            return self.loaded(Place::AfterConflict, view, time);
        }
        self.renews = false;
        let (capability, key, evidence) = match view {
            View::Empty => return self.unusable(place, NotUsable::Absent),
            View::Unreadable { source, .. } => {
                return self.unusable(place, NotUsable::Unreadable(source));
            }
            View::Record {
                capability,
                key,
                evidence,
                ..
            } => (capability, key, evidence),
        };
        if key.as_str() != capability.payload().audience() {
            let error = Error::key_mismatch(&key, &capability);
            return self.unusable(place, NotUsable::Refused(error));
        }
        let requirement = self.requirement()?;
        // an expired session can be looked at; who wants to use one requires a margin
        let policy = self.policy.clone().dangerously_ignoring_expiry();
        let evidence = evidence.as_ref();
        let judgement = capability.begin(&self.provers, &policy, &requirement, time.wall, evidence);
        self.judged(place, judgement, false, time)
    }

    fn judged(
        &mut self,
        place: Place,
        judgement: Result<Judgement, cacao::Error>,
        asked: bool,
        time: Time,
    ) -> Result<Step, Error> {
        match judgement {
            Err(error @ cacao::Error::Chain(_)) => Err(error.into()),
            Err(error) => self.unusable(place, error.into()),
            Ok(Judgement::Ask(inquiry)) => {
                let calls = inquiry.calls().to_vec();
                Ok(self.want(Phase::Proving(place, inquiry), Step::AskChain(calls)))
            }
            Ok(Judgement::Accepted(verified)) => match Evidence::of(verified.proven()) {
                Some(evidence) if asked => {
                    let expected = self.expected;
                    let phase = Phase::Refreshing(place, verified.into());
                    Ok(self.want(phase, Step::Refresh { evidence, expected }))
                }
                _ => self.proven(place, verified, time),
            },
        }
    }

    /// A stored session that serves, unless it was revoked.
    fn proven(&mut self, place: Place, verified: VerifiedCacao, time: Time) -> Result<Step, Error> {
        if !self.asks_revocations {
            return self.usable(place, verified, time);
        }
        let step = Step::AskRevocations(verified.cacao().clone());
        Ok(self.want(Phase::Revocations(place, verified.into()), step))
    }

    fn usable(&mut self, place: Place, verified: VerifiedCacao, time: Time) -> Result<Step, Error> {
        if let Place::AfterUnknown(saved) = &place
            && saved.cacao().cid() == verified.cacao().cid()
        {
            return Ok(done(verified, Origin::Asked));
        }
        let renew_before = match (&self.aim, &place) {
            (Aim::Get { renew_before, .. }, Place::First | Place::Locked) => *renew_before,
            // the wallet was asked before: whatever serves will do
            _ => None,
        };
        let exp = verified.payload().expires_at();
        let due = exp
            .zip(renew_before)
            .filter(|(exp, before)| exp.unix_time() < time.wall + *before);
        if let Some((exp, _)) = due {
            self.renews = true;
            let at = exp.to_string();
            return self.unusable(place, NotUsable::EndsTooSoon { at });
        }
        let origin = match place {
            Place::NotGiven(_) => Origin::Kept,
            _ => Origin::Stored,
        };
        Ok(done(verified, origin))
    }

    fn unusable(&mut self, place: Place, why: NotUsable) -> Result<Step, Error> {
        self.refusal = Some(why.clone());
        if let Aim::Find(_) = self.aim {
            return Err(Error::NotUsable(why.into()));
        }
        match place {
            Place::First => {
                let until = self.until;
                Ok(self.want(Phase::Joining, Step::Join { until }))
            }
            Place::Locked => Ok(self.want(Phase::MakingKey, Step::MakeKey)),
            Place::AfterConflict | Place::LockedAgain(_) => {
                Err(self.slot_error(StoreError::conflict))
            }
            Place::AfterUnknown(_) => Err(self.slot_error(StoreError::unknown)),
            Place::NotGiven(error) => Err(error),
        }
    }

    fn ask(&mut self, key: &DidKey, time: Time) -> Result<Step, Error> {
        let request = match &self.aim {
            Aim::Get { request, .. } | Aim::SignIn(request) => request,
            Aim::Find(_) => {
                return Err(Error::OutOfStep {
                    detail: "nobody is to be asked".to_owned(),
                });
            }
        };
        let pending = Box::new(request.pending(self.issuer.as_ref(), key, time.wall)?);
        if !self.asks_revocations {
            return Ok(self.ask_wallet(pending));
        }
        // where revocations cannot be read nothing is used, so that nobody is asked for it
        let step = Step::AskRevocations(pending.unsigned()?);
        Ok(self.want(Phase::RevocationsFirst(pending), step))
    }

    fn ask_wallet(&mut self, pending: Box<Pending>) -> Step {
        self.want(Phase::Asking(pending.clone()), Step::Ask(pending))
    }

    /// There is no new session: what is stored now is given back where it still serves.
    fn not_given(&mut self, error: Error) -> Result<Step, Error> {
        let nothing_wrong = matches!(error, Error::Auth(_) | Error::Store(_));
        if self.renews && nothing_wrong {
            return self.load(Phase::Loading(Place::NotGiven(error)));
        }
        Err(error)
    }

    fn answered(&mut self, pending: &Pending, answer: &Cacao, time: Time) -> Result<Step, Error> {
        let judgement = pending.accept(answer, &self.provers, &self.policy, time.wall);
        self.accepted(judgement, time)
    }

    fn accepted(
        &mut self,
        judgement: Result<Judgement, AnswerProblem>,
        time: Time,
    ) -> Result<Step, Error> {
        let verified = match judgement? {
            Judgement::Ask(inquiry) => {
                let calls = inquiry.calls().to_vec();
                return Ok(self.want(Phase::ProvingAnswer(inquiry), Step::AskChain(calls)));
            }
            Judgement::Accepted(verified) => verified,
        };
        // how long the user took is not how long somebody else was waited for
        self.until = time.monotonic.saturating_add(self.max_wait);
        if self.issuer.is_some() {
            return self.save(verified, time);
        }
        self.issuer = Some(verified.issuer().normalized());
        self.lock(Phase::LockingFor(verified.into()), time)
    }

    fn save(&mut self, verified: VerifiedCacao, time: Time) -> Result<Step, Error> {
        // a chain, or somebody else's prompt, may have taken its time
        Pending::check_not_ended(verified.payload(), time.wall)?;
        let expected = self.expected;
        let verified = Box::new(verified);
        let phase = Phase::Saving(verified.clone());
        Ok(self.want(phase, Step::Save { verified, expected }))
    }

    fn busy(&self) -> Error {
        let max_wait = self.max_wait;
        self.slot_error(|slot| StoreError::busy(slot, max_wait))
    }

    fn slot_error(&self, error: impl FnOnce(&SlotId) -> StoreError) -> Error {
        match self.slot() {
            Ok(slot) => error(&slot).into(),
            Err(unknown) => unknown,
        }
    }
}

fn done(verified: VerifiedCacao, origin: Origin) -> Step {
    Step::Done(Ok(Box::new(Found { verified, origin })))
}

#[cfg(test)]
mod exhaustive;
