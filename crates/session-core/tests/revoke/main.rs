//! Revocation: who may end what, attack by attack; and what becomes of a revoked session.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod attacks;
mod kept;
mod sessions;
mod statements;
mod works;

use async_trait::async_trait;
use cacao::{
    Cacao, HeaderType, Issuer, Payload, Policy, Provers, Requirement, Signature, SignatureValue,
    UnixTime, eip191::Eip191, siwx,
};
use dag_jws::{Cid, HeaderTemplate, UnsignedJws};
use didkey::{DidKey, Ed25519SigningKey};
use proptest::prelude::*;
use serde_json::{Value, json};
use session_core::revoke::{
    AcceptedRevocation, MAX_REVOKED, REVOCATION_TYPE, REVOKE_RESOURCE, RevocationEntry,
    RevocationError, RevocationLedger, RevocationRules, Revocations, Revoked, judge_revocation,
};
use session_core::{
    AuthError, AuthMethod, Clock, Context, DidSession, Error, Event, ExpectedSlot, Listed,
    ManualClock, NotUsable, Pending, PromptLockGuard, RecordTag, Request, SessionRecord,
    SessionStore, Sessions, SignIn, Slot, SlotId, StoreError,
};
use session_wallets::EthereumWallet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store_memory::{MemoryRevocations, MemoryStore};

/// 2023-04-06T16:15:19.058Z
const NOW: UnixTime = UnixTime::from_millis(1_680_797_719_058);
const NOW_SECS: u64 = 1_680_797_719;
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const DOMAIN: &str = "app.example";

type Session = DidSession<Ed25519SigningKey>;

/// A server, and the clock that its clients share.
struct World {
    clock: Arc<ManualClock>,
    context: Context,
    revocations: MemoryRevocations,
    rules: RevocationRules,
}

impl World {
    fn new() -> Self {
        Self::with_policy(Policy::default())
    }

    fn with_policy(policy: Policy) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let provers = Provers::none().with(Eip191).unwrap();
        let context = Context::with_shared_clock(Arc::clone(&clock) as _, provers);
        Self {
            clock,
            context: context.with_policy(policy),
            revocations: MemoryRevocations::new(),
            rules: RevocationRules::new(Requirement::for_domain(DOMAIN)),
        }
    }

    async fn log_in(&self, wallet: &EthereumWallet, request: &Request) -> Session {
        DidSession::authorize(&self.context, wallet, request)
            .await
            .unwrap()
    }

    /// A session that may do what the application is for.
    async fn session(&self) -> Session {
        let request = Request::new(DOMAIN, ["notes"]);
        self.log_in(&wallet(7), &request).await
    }

    /// A session that may revoke others.
    async fn armed(&self) -> Session {
        let request = Request::new(DOMAIN, ["notes", REVOKE_RESOURCE]);
        self.log_in(&wallet(7), &request).await
    }

    async fn judge(
        &self,
        statement: &str,
        capability: &Cacao,
    ) -> Result<AcceptedRevocation, RevocationError> {
        let Self {
            context,
            revocations,
            rules,
            ..
        } = self;
        judge_revocation(statement, capability, rules, context, revocations).await
    }

    /// Receives a statement as a server does; the code of the refusal, or `recorded`.
    async fn receive(&self, statement: &str, capability: &Cacao) -> &'static str {
        match self.judge(statement, capability).await {
            Ok(accepted) => {
                self.revocations.record(&accepted).await.unwrap();
                "recorded"
            }
            Err(error) => error.code(),
        }
    }

    async fn is_revoked(&self, session: &Session) -> bool {
        let revoked = self.revocations.is_revoked(session.cacao()).await;
        revoked.unwrap()
    }
}

fn wallet(seed: u8) -> EthereumWallet {
    EthereumWallet::from_secret(&[seed; 32], &"eip155:1".parse().unwrap()).unwrap()
}

/// What a statement of this session about these identities says.
fn claims(session: &Session, revoke: &[Cid]) -> Value {
    let mut revoke: Vec<_> = revoke.iter().map(ToString::to_string).collect();
    revoke.sort();
    json!({ "domain": DOMAIN, "iat": NOW_SECS, "iss": session.id(), "revoke": revoke })
}

/// Whoever has the key signs whatever they like.
fn forge(key: &Ed25519SigningKey, capability: &Cacao, payload: &[u8], typ: &str) -> String {
    let template = HeaderTemplate::with_capability(key.did_key(), capability).unwrap();
    let unsigned = UnsignedJws::bytes(payload).unwrap();
    let input = unsigned
        .with_header_member("typ", typ)
        .prepare_with(&template)
        .unwrap();
    let signature = key.sign(input.as_bytes());
    input.finish(signature.as_ref()).unwrap().to_compact()
}

fn forged(session: &Session, claims: &Value) -> String {
    let payload = serde_json::to_vec(claims).unwrap();
    forge(session.key(), session.cacao(), &payload, REVOCATION_TYPE)
}

/// A JWS by this key whose header is this text.
fn with_header(key: &Ed25519SigningKey, header: &str, payload: &[u8]) -> String {
    let encode = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
    let input = format!("{}.{}", encode(header.as_bytes()), encode(payload));
    let signature = key.sign(input.as_bytes());
    format!("{input}.{}", encode(signature.as_ref()))
}

/// A capability that was made by hand.
fn capability(
    wallet: &EthereumWallet,
    domain: &str,
    issued_at: UnixTime,
    audience: &DidKey,
    resources: &[&str],
) -> Cacao {
    let issued_at = cacao::Timestamp::from_unix_time(issued_at).unwrap();
    let issuer = wallet.issuer().clone();
    let payload = Payload::builder(domain, issuer, audience.as_str(), "nonce000", issued_at)
        .with_resources(resources.iter().copied());
    wallet.sign(&payload.build().unwrap()).unwrap()
}
