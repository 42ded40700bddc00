//! Callers of one process who want the same issuer share one prompt and its outcome.

use crate::error::Error;
use cacao::Issuer;
use futures_timer::Delay;
use futures_util::future::{Either, select};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// What became of a prompt: a session was stored, or the error that every waiter gets, too.
pub(super) type Outcome = Result<(), Error>;

type Running = HashMap<Issuer, watch::Receiver<Option<Outcome>>>;

/// The prompts that are open in this process.
#[derive(Clone, Debug, Default)]
pub(super) struct Prompts(Arc<Mutex<Running>>);

/// What a caller who wants a prompt is to do.
pub(super) enum Role {
    /// Ask the wallet.
    Lead(Lead),
    /// Wait for the one who does.
    Wait(watch::Receiver<Option<Outcome>>),
}

impl Prompts {
    /// Takes the lead, if nobody has it.
    pub(super) fn join(&self, issuer: &Issuer) -> Role {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(receiver) = running.get(issuer) {
            return Role::Wait(receiver.clone());
        }
        let (sender, receiver) = watch::channel(None);
        let issuer = issuer.normalized();
        running.insert(issuer.clone(), receiver);
        Role::Lead(Lead {
            prompts: self.clone(),
            issuer,
            sender,
        })
    }
}

/// The right to ask, within this process. Dropped without an outcome (the caller was cancelled),
/// it lets a waiter take over.
pub(super) struct Lead {
    prompts: Prompts,
    issuer: Issuer,
    sender: watch::Sender<Option<Outcome>>,
}

impl Lead {
    /// Tells the waiters what became of the prompt.
    pub(super) fn finish(self, outcome: Outcome) {
        self.sender.send_replace(Some(outcome));
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        let mut running = self
            .prompts
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        running.remove(&self.issuer);
    }
}

/// Waits for the outcome; `Ok(None)` when the leader went away without one, `Err` when patience
/// ended.
pub(super) async fn wait(
    mut receiver: watch::Receiver<Option<Outcome>>,
    patience: Duration,
) -> Result<Option<Outcome>, ()> {
    let outcome = async {
        match receiver.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone(),
            Err(_gone) => None,
        }
    };
    match select(pin!(outcome), Delay::new(patience)).await {
        Either::Left((outcome, _)) => Ok(outcome),
        Either::Right(_) => Err(()),
    }
}
