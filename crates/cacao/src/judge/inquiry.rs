//! From a capability to a verdict, step by step: screen, prove, judge. If the issuer is a contract,
//! its chain is asked in between.

use super::verdict::{judge, screen};
use super::{Policy, Requirement, VerifiedCacao};
use crate::error::Error;
use crate::model::Cacao;
use crate::prove::{
    AccountKind, CallOutcome, EthCall, Evidence, Proven, Provers, Proving, Question,
};
use crate::time::UnixTime;
use alloc::boxed::Box;

/// How far a capability's verification has come.
#[derive(Debug)]
pub enum Judgement {
    /// It is accepted.
    Accepted(VerifiedCacao),
    /// A chain must be asked first.
    Ask(Box<Inquiry>),
}

impl Cacao {
    /// Verifies the capability at a point in time: one of `provers` must claim its kind, it must
    /// meet the `requirement` and be inside its window, the issuer must have signed exactly this
    /// payload, and how that was done must be to the liking of `policy`.
    ///
    /// ```
    /// use cacao::{Cacao, Policy, Provers, Requirement, UnixTime, car::Car};
    ///
    /// fn login(
    ///     car: &str,
    ///     provers: &Provers,
    ///     session_key: &str,
    ///     now: UnixTime,
    /// ) -> Result<String, cacao::Error> {
    ///     let capability = Cacao::from_car(&Car::from_base64url(car)?)?;
    ///     let requirement = Requirement::for_domain("app.example").with_audience(session_key);
    ///     let verified = capability.verify(provers, &Policy::default(), &requirement, now)?;
    ///     Ok(verified.issuer().did())
    /// }
    /// ```
    ///
    /// # Errors
    /// The reason of the refusal; [`Error::code`] names it for machines. [`Error::Chain`] if a
    /// contract must be asked: use [`begin`](Self::begin) then.
    pub fn verify(
        &self,
        provers: &Provers,
        policy: &Policy,
        requirement: &Requirement,
        at: UnixTime,
    ) -> Result<VerifiedCacao, Error> {
        match self.begin(provers, policy, requirement, at, None)? {
            Judgement::Accepted(verified) => Ok(verified),
            Judgement::Ask(inquiry) => Err(inquiry.unasked()),
        }
    }

    /// As [`verify`](Self::verify), up to the point where a chain must be asked. `evidence` is an
    /// earlier answer that the caller kept in a place where nobody else writes. It counts only if
    /// it is about this capability, and only for as long as the policy allows.
    ///
    /// # Errors
    /// The reason of the refusal.
    pub fn begin(
        &self,
        provers: &Provers,
        policy: &Policy,
        requirement: &Requirement,
        at: UnixTime,
        evidence: Option<&Evidence>,
    ) -> Result<Judgement, Error> {
        provers.check_kind(self)?;
        screen(self, policy, requirement, at)?;
        let kept = evidence
            .filter(|_| provers.counts_contracts(self))
            .and_then(|evidence| Proven::from_evidence(self, evidence).ok())
            .filter(|proven| policy.counts(proven.facts(), at));
        let proving = match kept {
            Some(proven) => Proving::Done(proven),
            None => provers.prove_if(self, |facts| policy.counts(facts, at))?,
        };
        match proving {
            Proving::Done(proven) => {
                judge(proven, policy, requirement, at).map(Judgement::Accepted)
            }
            // nobody is asked for a word that would not count
            Proving::Ask(question) if policy.forbids(question.account().kind()) => {
                Err(question.forbidden())
            }
            Proving::Ask(question) => Ok(Judgement::Ask(Box::new(Inquiry {
                question,
                provers: provers.clone(),
                policy: policy.clone(),
                requirement: requirement.clone(),
            }))),
        }
    }
}

impl Proven {
    /// Judges a capability that was proven before: everything except the signature.
    ///
    /// # Errors
    /// The reason of the refusal; [`Error::ContractWordTooOld`] if a contract must be asked again.
    pub fn judge(
        &self,
        policy: &Policy,
        requirement: &Requirement,
        at: UnixTime,
    ) -> Result<VerifiedCacao, Error> {
        screen(self.cacao(), policy, requirement, at)?;
        judge(self.clone(), policy, requirement, at)
    }
}

/// A verification that waits for a chain.
#[derive(Clone, Debug)]
pub struct Inquiry {
    question: Question,
    provers: Provers,
    policy: Policy,
    requirement: Requirement,
}

impl Inquiry {
    /// The calls to make, see [`Question::calls`].
    #[must_use]
    pub fn calls(&self) -> &[EthCall] {
        self.question.calls()
    }

    /// What the account is, where the chain says yes.
    #[must_use]
    pub const fn account(&self) -> AccountKind {
        self.question.account()
    }

    /// The result if the chain cannot be asked, see [`Question::unasked`].
    #[must_use]
    pub fn unasked(&self) -> Error {
        self.question.unasked()
    }

    /// The capability that is asked about.
    #[must_use]
    pub const fn cacao(&self) -> &Cacao {
        self.question.cacao()
    }

    /// Continues with the outcomes of the first calls, in their order. The capability is judged at
    /// the time of the answer, `at`, since it may have ended while the chain was asked.
    ///
    /// # Errors
    /// As [`Question::answer`], and the reason of the refusal.
    pub fn answer(mut self, outcomes: &[CallOutcome], at: UnixTime) -> Result<Judgement, Error> {
        match self.question.answer(outcomes, at)? {
            Proving::Done(proven) => {
                self.provers.remember(&proven);
                proven
                    .judge(&self.policy, &self.requirement, at)
                    .map(Judgement::Accepted)
            }
            Proving::Ask(question) => {
                self.question = question;
                Ok(Judgement::Ask(Box::new(self)))
            }
        }
    }
}
