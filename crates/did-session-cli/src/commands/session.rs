//! What the commands show of a session (everything but its secret), and how they get one.

use did_session::cacao::{Issuer, MemberOrder, Requirement};
use did_session::didkey::Ed25519SigningKey;
use did_session::{DidSession, Error, Listed, NotUsable, PreparedRevoke, RequestWarning, Sessions};
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

use crate::duration;
use crate::failure::{Failure, option};
use crate::output::{self, Lines};
use crate::store::Store;
use crate::value::name;

/// A session whose key can be exported.
pub(crate) type Session = DidSession<Ed25519SigningKey>;

/// The stored session of an issuer, expired or not; a failure that names the issuer otherwise.
pub(crate) async fn load(sessions: &Sessions<Store>, issuer: &Issuer) -> Result<Session, Failure> {
    match sessions.load(issuer).await {
        Ok(session) => Ok(session),
        Err(error) => Err(failed(sessions, issuer, error).await),
    }
}

/// Why there is no session of an issuer, whom it names.
pub(crate) async fn failed(sessions: &Sessions<Store>, issuer: &Issuer, error: Error) -> Failure {
    match error {
        Error::NotUsable(reason) => {
            let failure = unusable(sessions, issuer, *reason).await;
            failure.about(name(&issuer.normalized()))
        }
        error => error.into(),
    }
}

/// Why a session is not used. If there is none in this profile, it names the profiles that have one.
pub(crate) async fn unusable(
    sessions: &Sessions<Store>,
    issuer: &Issuer,
    reason: NotUsable,
) -> Failure {
    if !matches!(reason, NotUsable::Absent) {
        return reason.into();
    }
    let profiles = profiles_of(sessions, issuer).await;
    let profile = sessions.profile();
    if profile.name().is_none() && profiles.is_empty() {
        return reason.into();
    }
    let code = NotUsable::Absent.code();
    let mut line = format!("there is no stored session in the profile {profile}");
    if !profiles.is_empty() {
        line = format!("{line}; name another by --profile: {}", profiles.join(", "));
    }
    Failure::no(code, line)
}

/// The profiles in which something is stored of an issuer.
async fn profiles_of(sessions: &Sessions<Store>, issuer: &Issuer) -> Vec<String> {
    let issuer = issuer.normalized();
    let listed = sessions.list().await.unwrap_or_default();
    let slots = listed.into_iter().filter_map(|listed| match listed {
        Listed::Slot(slot) if *slot.issuer() == issuer => Some(slot.profile().to_string()),
        _ => None,
    });
    let mut profiles: Vec<_> = slots.collect();
    profiles.sort();
    profiles
}

/// Warns of a text that wallets may refuse to show.
pub(crate) fn warn_of_text(warning: &RequestWarning) {
    output::warn(format_args!(
        "{}: {:?} {}; wallets may refuse to sign it, by the grammar of EIP-4361",
        option(warning.option()),
        warning.text(),
        warning.problem()
    ));
}

/// What the arguments of a command require of a capability; what is not named is not asked.
pub(crate) fn required(
    domain: Option<&str>,
    resources: &[String],
    nonce: Option<&str>,
    request_id: Option<&str>,
) -> Requirement {
    let mut requirement = domain.map_or_else(Requirement::any_domain, Requirement::for_domain);
    requirement = requirement.with_resources(resources);
    if let Some(nonce) = nonce {
        requirement = requirement.with_nonce(nonce);
    }
    if let Some(request_id) = request_id {
        requirement = requirement.with_request_id(request_id);
    }
    requirement
}

/// What is shown of a session.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    issuer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    key: String,
    domain: String,
    issued_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// Whole seconds; 0 when it has expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in_secs: Option<u64>,
    expired: bool,
    resources: Vec<String>,
    cid: String,
    /// What to count and to revoke by.
    identity: String,
}

impl Shown {
    pub(crate) fn of(session: &Session) -> Self {
        let payload = session.cacao().payload();
        let issuer = session.issuer().normalized();
        Self {
            account: issuer.account().map(ToString::to_string),
            issuer: issuer.did(),
            profile: session.profile().name().map(str::to_owned),
            key: session.key_did().to_string(),
            domain: payload.domain().to_owned(),
            issued_at: payload.issued_at().to_string(),
            expires_at: session.expires_at().map(ToString::to_string),
            expires_in_secs: session.expires_in().map(|left| left.as_secs()),
            expired: session.is_expired(),
            resources: session.authorizations().map(str::to_owned).collect(),
            cid: session.cacao().cid().to_string(),
            identity: session.cacao().identity().to_string(),
        }
    }
}

/// `expires in 6d 23h`, `expired`, `never expires`.
pub(crate) fn expiry(session: &Session) -> String {
    match session.expires_in() {
        None => "never".to_owned(),
        Some(_) if session.is_expired() => "expired".to_owned(),
        Some(left) => duration::show(left),
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Lines::default();
        lines.add("issuer", Some(&self.issuer));
        lines.add("profile", self.profile.as_ref());
        lines.add("key", Some(&self.key));
        lines.add("domain", Some(&self.domain));
        lines.add("issued at", Some(&self.issued_at));
        lines.add("expires at", self.expires_at.as_ref());
        let left = self.expires_in_secs.filter(|_| !self.expired);
        let left = left.map(std::time::Duration::from_secs).map(duration::show);
        lines.add("expires in", left);
        lines.list("resources", &self.resources);
        lines.fmt(f)
    }
}

/// A session that was ended, and what to send to servers so that they end it, too.
#[derive(Debug, Serialize)]
pub(crate) struct Revoked {
    issuer: String,
    profile: String,
    /// What was revoked: the identity of the capability.
    identity: String,
    /// A JWS of the session key, which says so.
    statement: String,
    /// The capability under which it is signed, for servers that do not have it.
    capability: Value,
}

/// A session that is about to be ended: what to tell servers, and the rest of the work, which is
/// done once that is printed. As long as it is not the key is there, and can say it again.
pub(crate) struct Ending {
    sessions: Sessions<Store>,
    prepared: PreparedRevoke<Ed25519SigningKey>,
}

impl Ending {
    /// Makes the statement that ends the stored session of an issuer, and records it here. Where
    /// that cannot be recorded the session goes all the same.
    pub(crate) async fn prepare(
        sessions: &Sessions<Store>,
        issuer: &Issuer,
    ) -> Result<Self, Error> {
        let unrecorded = match sessions.prepare_revoke(issuer).await {
            Ok(prepared) => return Ok(Self::of(sessions.clone(), prepared)),
            Err(Error::Store(error)) => error,
            Err(error) => return Err(error),
        };
        let context = sessions.context().clone().without_revocations();
        let forgetful = Sessions::with_context(Arc::clone(sessions.store()), context)
            .with_profile(sessions.profile().clone());
        let prepared = forgetful.prepare_revoke(issuer).await?;
        output::warn(
            Failure::from(Error::Store(unrecorded)).about("the end of the session is not recorded"),
        );
        Ok(Self::of(forgetful, prepared))
    }

    const fn of(sessions: Sessions<Store>, prepared: PreparedRevoke<Ed25519SigningKey>) -> Self {
        Self { sessions, prepared }
    }

    /// What to send to servers.
    pub(crate) fn words(&self) -> Revoked {
        let session = self.prepared.session();
        let capability = session.cacao().to_json(MemberOrder::DagJson);
        Revoked {
            issuer: session.id(),
            profile: session.profile().to_string(),
            identity: session.cacao().identity().to_string(),
            statement: self.prepared.statement().to_owned(),
            // what was written just now is JSON
            capability: serde_json::from_str(&capability).unwrap_or_default(),
        }
    }

    /// Removes the session.
    pub(crate) async fn finish(self) -> Result<(), Failure> {
        let about = name(&self.prepared.session().issuer().normalized());
        let finished = self.sessions.finish_revoke(&self.prepared).await;
        finished.map_err(|error| {
            Failure::from(error)
                .about(about)
                .followed_by("it is still stored: run the same command again")
        })
    }
}

impl fmt::Display for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Lines::default();
        lines.add("issuer", Some(&self.issuer));
        lines.add("profile", Some(&self.profile));
        lines.add("identity", Some(&self.identity));
        lines.exact("statement", Some(&self.statement));
        lines.exact("capability", Some(&self.capability));
        lines.fmt(f)
    }
}
