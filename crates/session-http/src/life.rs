//! Logging in, the list of devices, logging out.

use crate::caller::Caller;
use crate::judge::{Usage, check_end};
use crate::mac::LoginChallenges;
use crate::names::{CHALLENGE_LIFE, MAX_CAR_LEN};
use crate::refusal::Refusal;
use crate::server::{Registering, Server};
use cacao::car::Car;
use cacao::{Cacao, Judgement, Timestamp, UnixTime, VerifiedCacao};
use dag_jws::Cid;
use didkey::{Algorithm, DidKey};
use session_core::revoke::{
    AcceptedRevocation, REVOKE_RESOURCE, RevocationError, RevocationRules, Revoked,
    judge_revocation,
};
use session_core::server::{Consumed, Device};
use session_core::{StoreError, settle};
use std::sync::PoisonError;
use std::time::Duration;

/// How many entries an account may have that ends others; it may still end itself, and all.
const MAX_ENDED_OF_ONE: usize = 1_000;

/// How often what was revoked is looked through for what can be forgotten.
const PURGE_EVERY: Duration = Duration::from_secs(60);

/// A challenge for a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginChallenge {
    /// The `nonce` that the capability must have: 56 lower-case letters and digits.
    pub challenge: String,
    /// The `domain` that it must have.
    pub domain: String,
    /// Until when it is accepted.
    pub until: UnixTime,
}

/// A session that was registered.
#[derive(Clone, Debug)]
pub struct Registered {
    capability: VerifiedCacao,
}

impl Registered {
    /// The capability, as it was judged.
    #[must_use]
    pub const fn capability(&self) -> &VerifiedCacao {
        &self.capability
    }
}

/// A session in the list of devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDevice {
    /// The session.
    pub device: Device,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// What a logout is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logout {
    /// Sessions that the statement names; the one that makes it is not among them.
    Others,
    /// Everything that was signed until a time that the statement names.
    All,
}

impl Server {
    /// A challenge for a login by this session key. It is not stored.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] for a key that cannot make proofs, [`Refusal::Unavailable`] if
    /// the operating system gives no randomness.
    pub fn challenge(&self, key: &str) -> Result<LoginChallenge, Refusal> {
        let key: DidKey = key
            .parse()
            .map_err(|_| Refusal::InvalidRequest("the key is not a did:key"))?;
        let algorithm = key.key_type().algorithm();
        if !matches!(algorithm, Some(Algorithm::EdDsa | Algorithm::Es256)) {
            return Err(Refusal::InvalidRequest("the key can make no proof"));
        }
        let now = self.now();
        let challenge = self
            .challenges(&key)
            .issue(now)
            .map_err(|error| Refusal::from(StoreError::medium("cannot make a challenge", error)))?;
        Ok(LoginChallenge {
            challenge,
            domain: self.domain().to_owned(),
            until: now + CHALLENGE_LIFE,
        })
    }

    fn challenges<'a>(&'a self, key: &'a DidKey) -> LoginChallenges<'a> {
        LoginChallenges {
            secret: &self.0.rules.secret,
            domain: self.domain(),
            key: key.as_str(),
        }
    }

    /// Logs in: the content is a capability that answers a challenge. The same capability may log
    /// in again; no other one can use the challenge.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn log_in(&self, from: &Registering, car: &[u8]) -> Result<Registered, Refusal> {
        let capability = self.read(from, car)?;
        let now = self.now();
        let nonce = capability.payload().nonce();
        let (challenge, until) = self
            .challenges(&from.key)
            .read(nonce, now)
            .ok_or(Refusal::InvalidToken("challenge_mismatch"))?;
        let identity = capability.identity();
        let judgement = self.begin(&capability)?;
        self.use_up(from).await?;
        let challenges = &self.0.state.challenges;
        match challenges.consume(challenge, &identity, until, now).await? {
            Consumed::Now | Consumed::ByTheSame => {}
            Consumed::ByAnother => return Err(Refusal::InvalidToken("challenge_used")),
        }
        self.keep(capability, judgement).await
    }

    /// Registers a capability that a session already has, for example after a restart of the
    /// server.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn register(&self, from: &Registering, car: &[u8]) -> Result<Registered, Refusal> {
        let capability = self.read(from, car)?;
        let judgement = self.begin(&capability)?;
        self.use_up(from).await?;
        self.keep(capability, judgement).await
    }

    /// The capability, except for what a contract says: so that a key which nobody delegated to
    /// takes no room for its proofs, and burns no challenge.
    fn begin(&self, capability: &Cacao) -> Result<Judgement, Refusal> {
        let rules = &self.0.rules;
        let (provers, policy) = (&rules.provers, &rules.policy);
        Ok(capability.begin(provers, policy, &rules.requirement, self.now(), None)?)
    }

    /// Puts a session on the list of devices: its owner must see each one that acts, however it
    /// became known.
    pub(crate) async fn list(&self, capability: &Cacao) -> Result<(), Refusal> {
        let now = self.now();
        let device = Device::of(capability, now);
        Ok(self.0.state.devices.add(&device, now).await?)
    }

    async fn use_up(&self, from: &Registering) -> Result<(), Refusal> {
        let inner = &*self.0;
        let Usage { proof, until, .. } = from.usage;
        let remembered = inner.state.replay.remember(proof, until, self.now());
        from.usage.check(&inner.rules, remembered.await?)
    }

    /// Whatever can be said before anything is used up.
    fn read(&self, from: &Registering, car: &[u8]) -> Result<Cacao, Refusal> {
        if car.len() > MAX_CAR_LEN {
            return Err(Refusal::ContentTooLarge);
        }
        let capability = Car::from_bytes(car).and_then(|car| Cacao::from_car(&car));
        let capability =
            capability.map_err(|_| Refusal::InvalidRequest("the content is not a capability"))?;
        if capability.cid() != from.capability {
            return Err(Refusal::InvalidRequest(
                "the content is not the capability of cap",
            ));
        }
        if capability.payload().domain() != self.domain() {
            return Err(Refusal::InvalidToken("domain_mismatch"));
        }
        if capability.audience_key().as_ref() != Some(&from.key) {
            return Err(Refusal::InvalidToken("audience_mismatch"));
        }
        check_end(&capability)?;
        Ok(capability)
    }

    async fn keep(&self, capability: Cacao, judgement: Judgement) -> Result<Registered, Refusal> {
        let inner = &*self.0;
        let rules = &inner.rules;
        let verified = settle(judgement, inner.context.rpc(), &**inner.context.clock()).await?;
        if inner.state.revocations.is_revoked(&capability).await? {
            return Err(Refusal::InvalidToken("revoked"));
        }
        let cid = capability.cid();
        let until = capability.payload().expires_at().map(Timestamp::unix_time);
        let until = until.unwrap_or_else(|| self.now()) + rules.policy.skew();
        let block = capability.to_dag_cbor();
        inner.state.capabilities.put(&cid, &block, until).await?;
        self.list(&capability).await?;
        self.is_registered(&cid);
        Ok(Registered {
            capability: verified,
        })
    }

    /// The sessions of the caller's issuer that logged in, were registered or came with a request,
    /// and have not ended.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn devices(&self, caller: &Caller) -> Result<Vec<ListedDevice>, Refusal> {
        let issuer = caller.issuer().normalized();
        let devices = &self.0.state.devices;
        let listed = devices.list(&issuer, self.domain(), self.now()).await?;
        let current = caller.identity();
        let with_mark = |device: Device| ListedDevice {
            is_current: *device.identity() == current,
            device,
        };
        Ok(listed.into_iter().map(with_mark).collect())
    }

    /// Ends the session of the caller; its proof is enough for that.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]: then it may have ended or not.
    pub async fn log_out(&self, caller: &Caller) -> Result<(), Refusal> {
        let accepted = AcceptedRevocation::of_itself(caller.capability(), &self.0.rules.policy);
        self.end(caller, &accepted).await
    }

    /// Ends other sessions of the caller's issuer, by a statement that the caller's session made
    /// (see [`session_core::revoke`]).
    ///
    /// # Errors
    /// [`Refusal::InsufficientScope`] if the session does not grant [`REVOKE_RESOURCE`],
    /// [`Refusal::InsufficientUserAuthentication`] if the issuer signed it too long ago,
    /// [`Refusal::InvalidRequest`] if the content is not such a statement,
    /// [`Refusal::TooManyRequests`] if it names sessions and the account has already ended 1,000
    /// that could still be accepted.
    pub async fn log_out_by(
        &self,
        caller: &Caller,
        statement: &str,
        what: Logout,
    ) -> Result<(), Refusal> {
        let inner = &*self.0;
        let rules = RevocationRules::new(inner.rules.requirement.clone());
        let capability = caller.capability().cacao();
        let accepted = judge_revocation(
            statement,
            capability,
            &rules,
            &inner.context,
            &*inner.state.revocations,
        )
        .await
        .map_err(of_revocation)?;
        let own = caller.identity();
        let fits = accepted
            .entries()
            .iter()
            .all(|entry| match entry.revoked() {
                Revoked::AllBefore(_) => what == Logout::All,
                Revoked::Identity(identity) => what == Logout::Others && identity != own,
            });
        if !fits {
            return Err(Refusal::InvalidRequest("the statement ends something else"));
        }
        let identities = what == Logout::Others;
        if identities && !self.has_room(caller, accepted.entries().len()).await? {
            return Err(Refusal::TooManyRequests {
                retry_after: PURGE_EVERY,
            });
        }
        self.end(caller, &accepted).await
    }

    /// Whether the account may name so many sessions more. Each takes room until its capability
    /// could have ended, and a statement may name what nobody ever saw.
    async fn has_room(&self, caller: &Caller, more: usize) -> Result<bool, Refusal> {
        let revocations = &self.0.state.revocations;
        let count = || revocations.count(caller.issuer(), self.domain());
        if count().await? + more <= MAX_ENDED_OF_ONE {
            return Ok(true);
        }
        self.purge_now_and_then().await;
        Ok(count().await? + more <= MAX_ENDED_OF_ONE)
    }

    /// Forgets the revocations of capabilities that nobody accepts any more, once a minute at most.
    async fn purge_now_and_then(&self) {
        let inner = &*self.0;
        let time = inner.context.clock().monotonic();
        {
            let mut purged = inner.purged.lock().unwrap_or_else(PoisonError::into_inner);
            if purged.is_some_and(|last| time.saturating_sub(last) < PURGE_EVERY) {
                return;
            }
            *purged = Some(time);
        }
        // the clock of another process may be behind
        let before = self.now() - inner.rules.policy.skew();
        if let Err(error) = inner.state.revocations.purge(before).await {
            tracing::warn!(code = error.code(), %error, "revocations were not purged");
        }
    }

    async fn end(&self, caller: &Caller, accepted: &AcceptedRevocation) -> Result<(), Refusal> {
        let state = &self.0.state;
        self.purge_now_and_then().await;
        state.revocations.record(accepted).await?;
        // the revocation is what counts; the list follows it
        let issuer = caller.issuer().normalized();
        let devices = state
            .devices
            .list(&issuer, self.domain(), self.now())
            .await?;
        for device in devices.iter().filter(|device| has_ended(accepted, device)) {
            state.devices.remove(&issuer, device.identity()).await?;
        }
        Ok(())
    }
}

fn has_ended(accepted: &AcceptedRevocation, device: &Device) -> bool {
    accepted
        .entries()
        .iter()
        .any(|entry| match entry.revoked() {
            Revoked::Identity(identity) => is(&identity, device),
            Revoked::AllBefore(time) => device.issued_at() <= time,
        })
}

fn is(identity: &Cid, device: &Device) -> bool {
    identity == device.identity()
}

fn of_revocation(error: RevocationError) -> Refusal {
    match error {
        RevocationError::NotGranted => Refusal::InsufficientScope {
            scope: REVOKE_RESOURCE.to_owned(),
        },
        RevocationError::LoginTooOld { .. } => Refusal::InsufficientUserAuthentication {
            max_age: RevocationRules::DEFAULT_MAX_LOGIN_AGE,
        },
        RevocationError::MakerRevoked => Refusal::InvalidToken("revoked"),
        RevocationError::Store(error) => error.into(),
        RevocationError::TooLarge => Refusal::ContentTooLarge,
        _ => Refusal::InvalidRequest("the statement is not accepted"),
    }
}
