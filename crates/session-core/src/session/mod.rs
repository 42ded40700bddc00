//! A session in use: what it grants, until when, and how to sign with it.

mod revoke;
mod sign;
mod string;

use crate::ask::{AuthMethod, Pending, Request, SignIn};
use crate::chain;
use crate::context::Context;
use crate::error::{AuthError, Error};
use crate::event::EventKind;
use crate::key::{ExportableKey, SessionKey};
use crate::store::{Profile, SessionRecord};
use cacao::{Cacao, Issuer, Judgement, Requirement, Timestamp, UnixTime, VerifiedCacao};
use dag_jws::HeaderTemplate;
use didkey::{DidKey, Ed25519SigningKey};
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use zeroize::Zeroizing;

/// A session: a verified capability and the key that it delegates to.
///
/// It has no constructor: [`Sessions::get`](crate::Sessions::get),
/// [`authorize`](DidSession::authorize) and [`from_session`](DidSession::from_session) make one,
/// each after verifying the capability. Cheap to clone; clones share the key.
///
/// Only a session whose key can leave its custody has [`serialize`](Self::serialize):
///
/// ```compile_fail
/// fn leak(session: &session_core::DidSession<didkey::P256SigningKey>) {
///     session.serialize();
/// }
/// ```
pub struct DidSession<K: ?Sized> {
    verified: VerifiedCacao,
    context: Context,
    profile: Profile,
    /// Header and block of the capability, made at the first signature.
    header: Arc<OnceLock<HeaderTemplate>>,
    key: Arc<K>,
}

impl<K: SessionKey> DidSession<K> {
    /// As [`authorize`](DidSession::authorize), with a session key of the caller's, for example of
    /// another algorithm or in another custody. Use a fresh key: from now on, everything that it
    /// ever signed can be presented in the issuer's name.
    ///
    /// # Errors
    /// As [`authorize`](DidSession::authorize).
    pub async fn authorize_key(
        context: &Context,
        key: impl Into<Arc<K>>,
        auth: &dyn AuthMethod,
        request: &Request,
    ) -> Result<Self, Error> {
        let key = key.into();
        let pending = request.pending(Some(auth.issuer()), key.did(), context.now())?;
        Self::ask(context, key, &pending, auth.authorize(&pending)).await
    }

    /// Asks for the answer to a request for this key, accepts it, and tells what came of it.
    async fn ask(
        context: &Context,
        key: Arc<K>,
        pending: &Pending,
        answer: impl Future<Output = Result<Cacao, AuthError>>,
    ) -> Result<Self, Error> {
        let profile = Profile::default();
        let tell = |kind: EventKind<'_>, issuer, capability| {
            context.tell(kind, issuer, &profile, capability);
        };
        for warning in pending.request().warnings() {
            tell(EventKind::Warned(&warning), pending.issuer(), None);
        }
        tell(EventKind::Asked, pending.issuer(), None);
        let answer = answer.await.inspect_err(|error| {
            tell(EventKind::Declined(error), pending.issuer(), None);
        })?;
        let (provers, policy) = (context.provers(), context.policy());
        let judgement = pending.accept(&answer, provers, policy, context.now())?;
        let verified = chain::settle(judgement, context.rpc(), &**context.clock()).await?;
        // a chain may have taken its time
        Pending::check_not_ended(verified.payload(), context.now())?;
        let (issuer, capability) = (verified.issuer(), verified.cacao());
        tell(EventKind::Granted, Some(issuer), Some(capability));
        Ok(Self::from_parts(verified, key, profile, context))
    }

    pub(crate) fn from_parts(
        verified: VerifiedCacao,
        key: Arc<K>,
        profile: Profile,
        context: &Context,
    ) -> Self {
        Self {
            verified,
            context: context.clone(),
            profile,
            header: Arc::default(),
            key,
        }
    }

    /// Judges a record: everything but the end of its window, so that an expired session can be
    /// looked at.
    fn open(record: &SessionRecord<K>, context: &Context) -> Result<Judgement, Error> {
        let capability = record.capability();
        if record.key().did().as_str() != capability.payload().audience() {
            return Err(Error::key_mismatch(record.key().did(), capability));
        }
        let policy = context.policy().clone().dangerously_ignoring_expiry();
        let any = Requirement::any_domain();
        let (provers, now) = (context.provers(), context.now());
        Ok(capability.begin(provers, &policy, &any, now, None)?)
    }

    pub(crate) fn record(&self) -> SessionRecord<K> {
        SessionRecord::of(&self.verified, Arc::clone(&self.key))
    }
}

impl DidSession<Ed25519SigningKey> {
    /// Asks an issuer for a session and stores nothing: for callers who keep the session string
    /// themselves.
    ///
    /// # Errors
    /// As [`Sessions::get`](crate::Sessions::get), except those of the store.
    pub async fn authorize(
        context: &Context,
        auth: &dyn AuthMethod,
        request: &Request,
    ) -> Result<Self, Error> {
        Self::authorize_key(context, generate()?, auth, request).await
    }

    /// As [`authorize`](Self::authorize), for a wallet whose account is known only from its answer.
    ///
    /// # Errors
    /// As [`authorize`](Self::authorize).
    pub async fn sign_in(
        context: &Context,
        wallet: &dyn SignIn,
        request: &Request,
    ) -> Result<Self, Error> {
        let key = Arc::new(generate()?);
        let pending = request.pending(None, key.did_key(), context.now())?;
        Self::ask(context, key, &pending, wallet.sign_in(&pending)).await
    }

    /// Restores a session from its string, whatever site it was signed for.
    ///
    /// The capability is verified. An expired session is restored, too;
    /// [`is_expired`](Self::is_expired) then says so, and it cannot sign.
    ///
    /// # Errors
    /// [`Error::SessionString`] when the text is not a session string, [`Error::KeyMismatch`] when
    /// its key is not the audience of its capability, [`Error::Capability`] when the capability
    /// is refused, and where its issuer is a contract: [`restore`](Self::restore) asks it.
    pub fn from_session(context: &Context, text: &str) -> Result<Self, Error> {
        let record = SessionRecord::from_session_string_unverified(text)?;
        match Self::open(&record, context)? {
            Judgement::Accepted(verified) => Ok(Self::of_record(&record, verified, context)),
            Judgement::Ask(inquiry) => Err(inquiry.unasked().into()),
        }
    }

    /// As [`from_session`](Self::from_session); a contract is asked through the nodes of the
    /// context.
    ///
    /// # Errors
    /// As [`from_session`](Self::from_session).
    pub async fn restore(context: &Context, text: &str) -> Result<Self, Error> {
        let record = SessionRecord::from_session_string_unverified(text)?;
        let judgement = Self::open(&record, context)?;
        let verified = chain::settle(judgement, context.rpc(), &**context.clock()).await?;
        Ok(Self::of_record(&record, verified, context))
    }

    fn of_record(
        record: &SessionRecord<Ed25519SigningKey>,
        verified: VerifiedCacao,
        context: &Context,
    ) -> Self {
        let key = Arc::clone(record.key());
        Self::from_parts(verified, key, Profile::default(), context)
    }
}

fn generate() -> Result<Ed25519SigningKey, Error> {
    Ed25519SigningKey::generate().map_err(|error| Error::Randomness {
        reason: error.to_string(),
    })
}

impl<K: ExportableKey> DidSession<K> {
    /// The session string, which [`from_session`](DidSession::from_session) and `fromSession` of
    /// the npm package restore. **It holds the secret key**: anyone who reads it has the session.
    #[must_use]
    pub fn serialize(&self) -> Zeroizing<String> {
        self.record().to_session_string()
    }
}

impl<K: SessionKey + 'static> DidSession<K> {
    /// Erases the type of the key, when its custody no longer matters.
    #[must_use]
    pub fn erase(self) -> DidSession<dyn SessionKey> {
        DidSession {
            verified: self.verified,
            context: self.context,
            profile: self.profile,
            header: self.header,
            key: self.key,
        }
    }
}

impl<K: SessionKey + ?Sized> DidSession<K> {
    /// The clock, the provers and the policy by which it was judged.
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// The issuer: on whose behalf the session acts.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        self.verified.issuer()
    }

    /// The issuer's DID in its canonical spelling, which the npm package calls the parent.
    #[must_use]
    pub fn id(&self) -> String {
        self.issuer().normalized().did()
    }

    /// The session key's DID, to which the capability delegates.
    #[must_use]
    pub fn key_did(&self) -> &DidKey {
        self.key.did()
    }

    /// The session key.
    #[must_use]
    pub const fn key(&self) -> &Arc<K> {
        &self.key
    }

    /// The profile in which it is kept; the default one if it is not kept in a store.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The capability.
    #[must_use]
    pub fn cacao(&self) -> &Cacao {
        self.verified.cacao()
    }

    /// The capability, and how it was judged.
    #[must_use]
    pub const fn verified(&self) -> &VerifiedCacao {
        &self.verified
    }

    /// The resources that it grants, in the order that was signed.
    pub fn authorizations(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.cacao().payload().resources()
    }

    /// `exp`, if it ever expires.
    #[must_use]
    pub fn expires_at(&self) -> Option<&Timestamp> {
        self.cacao().payload().expires_at()
    }

    /// Whether it has expired: `exp` is strictly in the past.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.is_expired_at(self.context.now())
    }

    /// Whether it has expired by this time.
    #[must_use]
    pub fn is_expired_at(&self, at: UnixTime) -> bool {
        self.expires_at().is_some_and(|exp| exp.unix_time() < at)
    }

    /// How long it still lasts: zero when it has expired, `None` when it never does.
    #[must_use]
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_in_at(self.context.now())
    }

    /// How long it still lasts from this time on.
    #[must_use]
    pub fn expires_in_at(&self, at: UnixTime) -> Option<Duration> {
        self.expires_at()
            .map(|exp| exp.unix_time().duration_since(at))
    }

    /// Whether it has not expired and grants all of these resources, according to the policy's
    /// matcher.
    #[must_use]
    pub fn is_authorized<'a>(&self, resources: impl IntoIterator<Item = &'a str>) -> bool {
        self.is_authorized_at(resources, self.context.now())
    }

    /// Whether it is authorized for these resources at this time.
    #[must_use]
    pub fn is_authorized_at<'a>(
        &self,
        resources: impl IntoIterator<Item = &'a str>,
        at: UnixTime,
    ) -> bool {
        !self.is_expired_at(at)
            && resources
                .into_iter()
                .all(|wanted| self.context.policy().covers(self.authorizations(), wanted))
    }
}

/// Shares the key.
impl<K: ?Sized> Clone for DidSession<K> {
    fn clone(&self) -> Self {
        Self {
            verified: self.verified.clone(),
            context: self.context.clone(),
            profile: self.profile.clone(),
            header: Arc::clone(&self.header),
            key: Arc::clone(&self.key),
        }
    }
}

/// The key shows its DID only.
impl<K: SessionKey + ?Sized> fmt::Debug for DidSession<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DidSession")
            .field("issuer", self.issuer())
            .field("key", &self.key_did().as_str())
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}
