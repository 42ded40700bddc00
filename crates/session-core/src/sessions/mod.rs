//! Getting a session for an issuer: the one flow.

mod answer;
mod judge;
mod options;
mod prompts;

pub use answer::AnswerProblem;
pub use judge::NotUsable;
pub use options::SessionOptions;

use crate::auth::AuthMethod;
use crate::context::Context;
use crate::error::Error;
use crate::key::SessionKey;
use crate::session::DidSession;
use crate::store::{ExpectedSlot, Listed, SessionStore, Slot, SlotId, StoreError};
use cacao::{Issuer, UnixTime};
use prompts::{Prompts, Role};
use std::sync::Arc;
use std::time::Duration;

/// The sessions of a store: [`get`](Self::get) one for an issuer, ask whether there is one,
/// remove it. Clones share the store and the prompts that are open.
///
/// Nothing unverified is ever handed out or kept: what lies in the store is judged each time, and
/// so is what a wallet answers.
#[derive(Clone, Debug)]
pub struct Sessions<S> {
    store: S,
    context: Context,
    prompts: Prompts,
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl<S: SessionStore> Sessions<S> {
    /// The sessions of this store, by the system's clock, the built-in verifiers and the default
    /// policy.
    pub fn new(store: S) -> Self {
        Self::with_context(store, Context::default())
    }
}

impl<S: SessionStore> Sessions<S> {
    /// The sessions of this store, judged by this clock, these verifiers and this policy.
    pub fn with_context(store: S, context: Context) -> Self {
        Self {
            store,
            context,
            prompts: Prompts::default(),
        }
    }

    /// The store.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Gets a session for the issuer of an auth method: the stored one when it is usable, else a
    /// new one that the issuer is asked for, once, and that is stored.
    ///
    /// A stored session is usable when it is what the issuer signed for its key, is inside its
    /// window (and not in its last minute), and covers the resources. Callers who come while the
    /// wallet is open wait, and share what becomes of the prompt, a decline included; a caller
    /// whom the stored session serves never waits.
    ///
    /// # Errors
    /// [`Error::Auth`] when the issuer does not sign (nothing is stored then), [`Error::Answer`]
    /// when it signs something else, [`Error::Store`] when the store fails: `Busy` after the
    /// options' patience, `Conflict` when the stored session was removed or replaced while the
    /// wallet was open. [`Error::Option`] for options that no session can have.
    pub async fn get(
        &self,
        auth: &dyn AuthMethod,
        options: &SessionOptions,
    ) -> Result<DidSession<S::Key>, Error> {
        options.check()?;
        let issuer = auth.issuer().normalized();
        let started = self.context.now();
        loop {
            if let Ok(session) = self.find(&issuer, options).await? {
                return Ok(session);
            }
            match self.prompts.join(&issuer) {
                Role::Lead(lead) => {
                    let patience = self.patience_left(options, started);
                    let result = self.ask(auth, &issuer, options, patience).await;
                    lead.finish(shared_outcome(&result));
                    return result;
                }
                Role::Wait(outcome) => {
                    let patience = self.patience_left(options, started);
                    match prompts::wait(outcome, patience).await {
                        Ok(Some(Err(error))) => return Err(error),
                        Ok(Some(Ok(())) | None) => {}
                        Err(()) => {
                            let slot = SlotId::from(&issuer);
                            return Err(StoreError::busy(&slot, options.max_wait()).into());
                        }
                    }
                }
            }
        }
    }

    /// Whether [`get`](Self::get) would hand out the stored session, without a prompt. Never
    /// waits for anybody's prompt.
    ///
    /// # Errors
    /// [`Error::Store`] when the store fails, [`Error::Option`] for options that no session can
    /// have.
    pub async fn has_session_for(
        &self,
        issuer: &Issuer,
        options: &SessionOptions,
    ) -> Result<bool, Error> {
        Ok(self.find(issuer, options).await?.is_ok())
    }

    /// The stored session, when it is usable for this request; else the reason why it is not.
    ///
    /// # Errors
    /// As [`has_session_for`](Self::has_session_for).
    pub async fn find(
        &self,
        issuer: &Issuer,
        options: &SessionOptions,
    ) -> Result<Result<DidSession<S::Key>, NotUsable>, Error> {
        options.check()?;
        let slot = self.store.load(&issuer.into()).await?;
        Ok(self.usable(slot, issuer, options))
    }

    /// The stored session whatever it grants, be it expired; else the reason why it can never be
    /// used. To look at it, and to sign as long as it has not expired.
    ///
    /// # Errors
    /// [`Error::Store`] when the store fails.
    pub async fn load(
        &self,
        issuer: &Issuer,
    ) -> Result<Result<DidSession<S::Key>, NotUsable>, Error> {
        let slot = self.store.load(&issuer.into()).await?;
        Ok(judge::open(slot, issuer, &self.context))
    }

    /// Stores a session that was made by hand, in place of whatever is stored for its issuer.
    ///
    /// # Errors
    /// [`Error::Store`] when the store fails.
    pub async fn put(&self, session: &DidSession<S::Key>) -> Result<(), Error> {
        let slot = SlotId::from(session.issuer());
        self.store
            .save(&slot, &session.record(), ExpectedSlot::Anything)
            .await?;
        Ok(())
    }

    /// Forgets the session of an issuer, whatever state it is in; answers whether there was one.
    /// A session that somebody still holds in memory goes on until it expires.
    ///
    /// # Errors
    /// [`Error::Store`] when the store fails.
    pub async fn remove(&self, issuer: &Issuer) -> Result<bool, Error> {
        Ok(self.store.remove(&issuer.into()).await?)
    }

    /// What the store holds, in no particular order.
    ///
    /// # Errors
    /// [`Error::Store`] when the store fails.
    pub async fn list(&self) -> Result<Vec<Listed>, Error> {
        Ok(self.store.list().await?)
    }

    fn usable(
        &self,
        slot: Slot<S::Key>,
        issuer: &Issuer,
        options: &SessionOptions,
    ) -> Result<DidSession<S::Key>, NotUsable> {
        let judged = judge::open(slot, issuer, &self.context).and_then(|session| {
            judge::fits(&session, options, &self.context)?;
            Ok(session)
        });
        match &judged {
            Ok(_) => tracing::debug!(%issuer, "the stored session is used"),
            Err(reason) => {
                tracing::debug!(%issuer, code = reason.code(), %reason, "the stored session is not used");
            }
        }
        judged
    }

    /// Under the store's prompt lock: looks again, asks, verifies, stores.
    async fn ask(
        &self,
        auth: &dyn AuthMethod,
        issuer: &Issuer,
        options: &SessionOptions,
        patience: Duration,
    ) -> Result<DidSession<S::Key>, Error> {
        let id = SlotId::from(issuer);
        let _lock = self.store.lock_prompt(&id, patience).await?;
        let slot = self.store.load(&id).await?;
        let expected = slot.expected();
        if let Ok(session) = self.usable(slot, issuer, options) {
            return Ok(session);
        }
        let key = Arc::new(self.store.generate_key().await?);
        let session = prompt(auth, key, options, &self.context).await?;
        match self.store.save(&id, &session.record(), expected).await {
            Ok(_) => Ok(session),
            Err(conflict @ StoreError::Conflict { .. }) => {
                // somebody who takes no prompt lock stored a session: theirs stands if it serves
                let slot = self.store.load(&id).await?;
                self.usable(slot, issuer, options)
                    .map_err(|_| conflict.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn patience_left(&self, options: &SessionOptions, started: UnixTime) -> Duration {
        options
            .max_wait()
            .saturating_sub(self.context.now().duration_since(started))
    }
}

/// Asks the issuer and verifies the answer; nothing is stored.
pub(crate) async fn prompt<K: SessionKey>(
    auth: &dyn AuthMethod,
    key: Arc<K>,
    options: &SessionOptions,
    context: &Context,
) -> Result<DidSession<K>, Error> {
    let request = options.request(auth.issuer(), key.did(), context.now())?;
    tracing::debug!(issuer = %auth.issuer(), "asking the issuer to sign");
    let answer = auth.authorize(&request).await?;
    let verified = answer::verify(&answer, &request, options, context)?;
    Ok(DidSession::from_parts(verified, key, context))
}

/// What the waiters of a prompt are told: that there is a session now, or why the issuer did not
/// give one. A failure of the store is the leader's own: the waiters try for themselves.
fn shared_outcome<T>(result: &Result<T, Error>) -> prompts::Outcome {
    match result {
        Err(error @ (Error::Auth(_) | Error::Answer(_))) => Err(error.clone()),
        _ => Ok(()),
    }
}
