//! The sessions of a store: get one, ask whether there is one, renew it, remove it.

use crate::ask::{AuthMethod, Request, SignIn};
use crate::context::Context;
use crate::error::Error;
use crate::event::EventKind;
use crate::flow::{Asked, Flow, Prompts, drive};
use crate::key::SessionKey;
use crate::revocations::AcceptedRevocation;
use crate::session::DidSession;
use crate::store::{ExpectedSlot, ListCursor, Listed, Page, Profile, SessionStore, SlotId};
use crate::store::{StoreError, put_seen, remove_issuer_surely, remove_seen, remove_surely};
use cacao::{Cacao, Issuer, Requirement, UnixTime};
use std::fmt;
use std::num::NonZeroUsize;
use std::time::Duration;

/// The sessions of a store, in one profile: [`get`](Self::get) one for an issuer, ask whether there
/// is one, renew it, remove it. Clones share the store and open prompts.
///
/// Nothing unverified is ever handed out or kept: stored sessions are judged each time, and so are
/// answers of wallets.
#[derive(Clone, Debug)]
pub struct Sessions<S> {
    store: S,
    context: Context,
    profile: Profile,
    prompts: Prompts,
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl<S: SessionStore> Sessions<S> {
    /// The sessions of this store, by the system's clock, these provers and the default policy.
    pub fn new(store: S, provers: cacao::Provers) -> Self {
        Self::with_context(store, Context::with_system_clock(provers))
    }
}

impl<S: SessionStore> Sessions<S> {
    /// The sessions of this store, judged in this context.
    pub fn with_context(store: S, context: Context) -> Self {
        Self {
            store,
            context,
            profile: Profile::default(),
            prompts: Prompts::default(),
        }
    }

    /// The sessions of another profile of the same store: an account can have several sessions
    /// side by side, one in each profile.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The store.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// The context: clock, provers, policy and so on.
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// The profile.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Gets a session for the issuer of an auth method: the stored one if it meets the request's
    /// [requirement](Request::requirement). Otherwise the issuer is asked, once, for a new one,
    /// which is stored.
    ///
    /// A stored session is usable if it is what the issuer signed for its key, is inside its window
    /// (and not in its last minute), was signed for the same site, and covers the resources.
    /// Callers that come while the wallet is open wait; those that ask for the same thing share the
    /// outcome of the prompt, even if the user declines. A caller that can use the stored session
    /// never waits.
    ///
    /// # Errors
    /// [`Error::Auth`] when the issuer does not sign (then nothing is stored), [`Error::Answer`]
    /// when it signs something else, [`Error::Store`] when the store fails: `Busy` after the
    /// request's longest wait, `Conflict` when the stored session was removed or replaced while the
    /// wallet was open. [`Error::InvalidOption`] for a request that no session can meet,
    /// [`Error::Capability`] when a contract must be asked and its chain does not answer.
    pub async fn get(
        &self,
        auth: &dyn AuthMethod,
        request: &Request,
    ) -> Result<DidSession<S::Key>, Error> {
        let (provers, policy) = (self.context.provers(), self.context.policy());
        let flow = Flow::get(self.slot(auth.issuer()), request.clone(), provers, policy);
        self.obtain(flow, Asked::Account(auth, request)).await
    }

    /// Gets a session that still lasts for `renew_before`: the stored one, otherwise a new one. The
    /// session that is replaced stays valid until its `exp`, unless it is revoked. If the wallet
    /// gives no new one, the stored one is returned while it is still usable.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn renew(
        &self,
        auth: &dyn AuthMethod,
        request: &Request,
        renew_before: Duration,
    ) -> Result<DidSession<S::Key>, Error> {
        let (provers, policy) = (self.context.provers(), self.context.policy());
        let slot = self.slot(auth.issuer());
        let flow = Flow::renew(slot, request.clone(), renew_before, provers, policy);
        self.obtain(flow, Asked::Account(auth, request)).await
    }

    /// Asks a wallet whose account is known only from its answer for a new session, and stores it
    /// in place of the one that is stored for that account.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn sign_in(
        &self,
        wallet: &dyn SignIn,
        request: &Request,
    ) -> Result<DidSession<S::Key>, Error> {
        let (provers, policy) = (self.context.provers(), self.context.policy());
        let flow = Flow::sign_in(self.profile.clone(), request.clone(), provers, policy);
        self.obtain(flow, Asked::Anybody(wallet)).await
    }

    /// Whether [`get`](Self::get) would return the stored session without asking the wallet. Never
    /// waits for the prompt of another caller.
    ///
    /// # Errors
    /// [`Error::Store`] when the store fails, [`Error::InvalidOption`] for a request that no
    /// session can meet, [`Error::Capability`] when a contract must be asked and its chain does
    /// not answer.
    pub async fn has_session_for(&self, issuer: &Issuer, request: &Request) -> Result<bool, Error> {
        match self.find(issuer, request).await {
            Ok(_) => Ok(true),
            Err(Error::NotUsable(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The stored session, if it is usable for this request.
    ///
    /// # Errors
    /// [`Error::NotUsable`] with the reason why it is not; otherwise as
    /// [`has_session_for`](Self::has_session_for).
    pub async fn find(
        &self,
        issuer: &Issuer,
        request: &Request,
    ) -> Result<DidSession<S::Key>, Error> {
        request.check(Some(issuer))?;
        self.look(issuer, request.requirement()).await
    }

    /// The stored session, if it meets this requirement, which can be one that no request has, such
    /// as [any domain](Requirement::any_domain).
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub async fn find_meeting(
        &self,
        issuer: &Issuer,
        requirement: Requirement,
    ) -> Result<DidSession<S::Key>, Error> {
        self.look(issuer, requirement).await
    }

    /// The stored session, whatever it grants, for any site, and even if it has expired: to look at
    /// it, and to sign with it if it has not expired.
    ///
    /// # Errors
    /// [`Error::NotUsable`] with the reason why it can never be used, else as
    /// [`find`](Self::find).
    pub async fn load(&self, issuer: &Issuer) -> Result<DidSession<S::Key>, Error> {
        self.look(issuer, Requirement::any_domain()).await
    }

    /// Stores a session that was made by hand, in place of whatever is stored for its issuer in
    /// this profile.
    ///
    /// # Errors
    /// [`Error::Store`] when the store fails. `Unknown` means that the store's reply was lost, and
    /// something else is stored there.
    pub async fn put(&self, session: &DidSession<S::Key>) -> Result<(), Error> {
        let slot = self.slot(session.issuer());
        let replaces = put_seen(&self.store, &slot, &session.record()).await?;
        let capability = Some(session.cacao());
        self.tell(EventKind::Stored, slot.issuer(), &self.profile, capability);
        if replaces {
            self.tell(
                EventKind::Replaced,
                slot.issuer(),
                &self.profile,
                capability,
            );
        }
        Ok(())
    }

    /// Removes every session of an issuer, in all profiles and in whatever state; returns the
    /// profiles that had one (except those that were removed by a call of the store whose reply was
    /// lost). A session that a program still holds in memory works until it expires or is revoked.
    ///
    /// # Errors
    /// [`Error::Store`] when the store fails.
    pub async fn remove(&self, issuer: &Issuer) -> Result<Vec<Profile>, Error> {
        let mut removed = Vec::new();
        // one after the other, to see what it is; what cannot be is left to the last step
        for profile in self.store.profiles(issuer).await.unwrap_or_default() {
            let slot = SlotId::from(issuer).with_profile(profile);
            if let Ok(true) = self.forget(&slot).await {
                removed.push(slot.profile().clone());
            }
        }
        for profile in remove_issuer_surely(&self.store, issuer).await? {
            self.tell(EventKind::Removed, issuer, &profile, None);
            removed.push(profile);
        }
        removed.sort();
        removed.dedup();
        Ok(removed)
    }

    /// Removes the session of an issuer in this profile; returns whether there was one (`true` if a
    /// reply of the store was lost).
    ///
    /// # Errors
    /// [`Error::Store`] when the store fails.
    pub async fn remove_profile(&self, issuer: &Issuer) -> Result<bool, Error> {
        self.forget(&self.slot(issuer)).await
    }

    /// Ends the session of an issuer in this profile early: makes the [statement](crate::revoke)
    /// that it is revoked, records it if the context has [revocations](Context::with_revocations),
    /// removes the session, and returns the statement.
    ///
    /// Servers do not know that the session has ended until you send them the statement, together
    /// with the capability if they do not have it. The statement cannot be made again after the
    /// session was removed; to be sure that it arrives first, use
    /// [`prepare_revoke`](Self::prepare_revoke). For other sessions, on other devices, there are
    /// [`revocation_of`](DidSession::revocation_of) and
    /// [`revocation_of_all`](DidSession::revocation_of_all).
    ///
    /// # Errors
    /// As [`prepare_revoke`](Self::prepare_revoke) and [`finish_revoke`](Self::finish_revoke).
    /// When it fails, the session may be recorded as revoked and still be stored. It is then not
    /// used any more, and can be revoked again.
    pub async fn revoke(&self, issuer: &Issuer) -> Result<String, Error> {
        let prepared = self.prepare_revoke(issuer).await?;
        self.finish_revoke(&prepared).await?;
        Ok(prepared.statement)
    }

    /// The first half of [`revoke`](Self::revoke): makes the statement and records it, and leaves
    /// the session in the store. If the context has revocations, the session is not used any more.
    /// Its key is still there, so that the same call can make the statement again.
    ///
    /// # Errors
    /// [`Error::NotUsable`] if there is no session, or one that can never be used for a reason
    /// other than that it was revoked; [`Error::Expired`] for one that has expired;
    /// [`Error::Signing`] when its key does not sign. [`Error::Store`] when store or revocations
    /// fail.
    pub async fn prepare_revoke(&self, issuer: &Issuer) -> Result<PreparedRevoke<S::Key>, Error> {
        // one that is revoked already says so again, to whom it was not told
        let flow = self.finding(issuer, Requirement::any_domain());
        let session = self.carry_out(flow, false, Asked::Nobody).await?;
        let statement = session.revocation_of_itself().await?;
        if let Some(revocations) = self.context.revocations() {
            let end = AcceptedRevocation::of_itself(session.verified(), self.context.policy());
            revocations.record(&end).await?;
        }
        Ok(PreparedRevoke { session, statement })
    }

    /// The second half of [`revoke`](Self::revoke): removes the session. A newer one that was
    /// stored meanwhile stays.
    ///
    /// # Errors
    /// [`Error::Store`] when the store fails; then the session may still be stored.
    pub async fn finish_revoke(&self, prepared: &PreparedRevoke<S::Key>) -> Result<(), Error> {
        let session = &prepared.session;
        let this = ExpectedSlot::Tag(session.record().tag());
        let (issuer, capability) = (session.issuer(), Some(session.cacao()));
        let removed = match remove_surely(&self.store, &self.slot(issuer), this).await {
            Ok(removed) => removed,
            Err(StoreError::Conflict { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        self.tell(EventKind::Revoked, issuer, &self.profile, capability);
        if removed {
            self.tell(EventKind::Removed, issuer, &self.profile, capability);
        }
        Ok(())
    }

    /// What the store holds, of all profiles, in no particular order.
    ///
    /// # Errors
    /// [`Error::Store`] when the store fails.
    pub async fn list(&self) -> Result<Vec<Listed>, Error> {
        Ok(self.store.list().await?)
    }

    /// A part of what the store holds, of all profiles: the entries after the cursor, or from the
    /// beginning. See [`SessionStore::list_page`].
    ///
    /// # Errors
    /// [`Error::Store`] when the store fails, or when the cursor is not one that it made.
    pub async fn list_page(
        &self,
        after: Option<&ListCursor>,
        limit: NonZeroUsize,
    ) -> Result<Page, Error> {
        Ok(self.store.list_page(after, limit).await?)
    }

    /// Removes all sessions, of all issuers and profiles, that expired before this time; returns
    /// how many.
    ///
    /// # Errors
    /// [`Error::Store`] when the store fails.
    pub async fn purge(&self, before: UnixTime) -> Result<usize, Error> {
        let purged = self.store.purge(before).await?;
        if purged > 0 {
            let (kind, profile) = (EventKind::Purged(purged), Profile::default());
            self.context.tell(kind, None, &profile, None);
        }
        Ok(purged)
    }

    /// Empties a slot, and tells what lay there; answers whether anything did.
    async fn forget(&self, slot: &SlotId) -> Result<bool, Error> {
        let Some(removed) = remove_seen(&self.store, slot).await? else {
            return Ok(false);
        };
        let (issuer, profile) = (slot.issuer(), slot.profile());
        self.tell(
            EventKind::Removed,
            issuer,
            profile,
            removed.capability.as_ref(),
        );
        Ok(true)
    }

    fn tell(
        &self,
        kind: EventKind<'_>,
        issuer: &Issuer,
        profile: &Profile,
        capability: Option<&Cacao>,
    ) {
        self.context.tell(kind, Some(issuer), profile, capability);
    }

    fn slot(&self, issuer: &Issuer) -> SlotId {
        SlotId::from(issuer).with_profile(self.profile.clone())
    }

    async fn look(
        &self,
        issuer: &Issuer,
        requirement: Requirement,
    ) -> Result<DidSession<S::Key>, Error> {
        let flow = self.finding(issuer, requirement);
        self.obtain(flow, Asked::Nobody).await
    }

    fn finding(&self, issuer: &Issuer, requirement: Requirement) -> Flow {
        let (provers, policy) = (self.context.provers(), self.context.policy());
        Flow::find(self.slot(issuer), requirement, provers, policy)
    }

    async fn obtain(&self, flow: Flow, asked: Asked<'_>) -> Result<DidSession<S::Key>, Error> {
        let asks_revocations = self.context.asks_revocations();
        self.carry_out(flow, asks_revocations, asked).await
    }

    async fn carry_out(
        &self,
        flow: Flow,
        asks_revocations: bool,
        asked: Asked<'_>,
    ) -> Result<DidSession<S::Key>, Error> {
        let flow = if asks_revocations {
            flow.with_revocations()
        } else {
            flow
        };
        let Self {
            store,
            context,
            profile,
            prompts,
        } = self;
        drive(flow, profile, store, context, prompts, asked).await
    }
}

/// A session that has a revocation statement, and is still stored; see
/// [`Sessions::prepare_revoke`].
#[must_use = "the session is still stored until `Sessions::finish_revoke`"]
pub struct PreparedRevoke<K: ?Sized> {
    session: DidSession<K>,
    statement: String,
}

impl<K: ?Sized> PreparedRevoke<K> {
    /// The statement, a JWS in compact form, see [`revoke`](crate::revoke).
    #[must_use]
    pub fn statement(&self) -> &str {
        &self.statement
    }

    /// The session; servers may need its capability together with the statement.
    #[must_use]
    pub const fn session(&self) -> &DidSession<K> {
        &self.session
    }
}

impl<K: SessionKey + ?Sized> fmt::Debug for PreparedRevoke<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedRevoke")
            .field("session", &self.session)
            .field("statement", &self.statement)
            .finish()
    }
}
