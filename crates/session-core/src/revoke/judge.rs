//! Judging a revocation statement: who may end which session.

use super::REVOKE_RESOURCE;
use super::error::RevocationError;
use super::statement::{Claims, Scope};
use crate::chain;
use crate::context::Context;
use crate::revocations::{AcceptedRevocation, RevocationEntry, Revocations, Revoked};
use cacao::{Cacao, Policy, Requirement, UnixTime, VerifiedCacao};
use dag_jws::{Jws, Verification};
use std::time::Duration;

/// The rules of a server for revocation statements.
#[derive(Clone, Debug)]
#[must_use]
pub struct RevocationRules {
    requirement: Requirement,
    max_login_age: Duration,
}

impl RevocationRules {
    /// How old a login that revokes other sessions may be, by default: five minutes.
    pub const DEFAULT_MAX_LOGIN_AGE: Duration = Duration::from_secs(300);

    /// Requires this of the capability under which a statement is made; usually it names one of the
    /// server's domains.
    pub const fn new(requirement: Requirement) -> Self {
        Self {
            requirement,
            max_login_age: Self::DEFAULT_MAX_LOGIN_AGE,
        }
    }

    /// Lets a capability revoke other sessions for this long after its `iat`.
    pub const fn with_max_login_age(mut self, age: Duration) -> Self {
        self.max_login_age = age;
        self
    }
}

/// Judges a revocation statement, as [the module](crate::revoke) says, at the time of the context's
/// clock. `capability` is the one that the statement's header names. The caller must still
/// [record](Revocations::record) the result.
///
/// ```
/// use cacao::{Cacao, Requirement};
/// use session_core::{Context, revoke::{Revocations, RevocationRules, judge_revocation}};
///
/// async fn receive(
///     statement: &str,
///     capability: &Cacao,
///     context: &Context,
///     revocations: &dyn Revocations,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     let rules = RevocationRules::new(Requirement::for_domain("app.example"));
///     let accepted =
///         judge_revocation(statement, capability, &rules, context, revocations).await?;
///     revocations.record(&accepted).await?;
///     Ok(())
/// }
/// ```
///
/// # Errors
/// Why it does not count; [`RevocationError::code`] names it for machines. A chain that does not
/// answer, and revocations that cannot be read, are errors, too.
pub async fn judge_revocation(
    statement: &str,
    capability: &Cacao,
    rules: &RevocationRules,
    context: &Context,
    revocations: &dyn Revocations,
) -> Result<AcceptedRevocation, RevocationError> {
    let (jws, claims) = Claims::read(statement)?;
    let policy = context.policy();
    screen(&claims, capability, policy, context.now())?;
    let maker = verify(&jws, capability, rules, context).await?;
    // while a chain was asked, time went by
    let now = context.now();
    if !is_about_itself(&claims.scope, capability) {
        check_right(capability, rules, now)?;
        let is_revoked = revocations.is_revoked(capability).await;
        if is_revoked.map_err(RevocationError::Store)? {
            return Err(RevocationError::MakerRevoked);
        }
    }
    let entries = entries(&claims, capability, policy, now);
    Ok(AcceptedRevocation {
        maker,
        entries,
        // by a clock that may be ahead
        signed_until: now + policy.skew(),
    })
}

/// What the statement alone says, before any signature is looked at.
fn screen(
    claims: &Claims,
    capability: &Cacao,
    policy: &Policy,
    now: UnixTime,
) -> Result<(), RevocationError> {
    let payload = capability.payload();
    if claims.issuer != *payload.issuer() {
        return Err(RevocationError::OtherIssuer {
            statement: claims.issuer.did(),
            capability: payload.issuer().did(),
        });
    }
    if claims.domain != payload.domain() {
        return Err(RevocationError::OtherDomain {
            statement: claims.domain.clone(),
            capability: payload.domain().to_owned(),
        });
    }
    let iat = claims.iat;
    if at(iat) > now + policy.skew() {
        return Err(RevocationError::NotYetMade { iat });
    }
    match claims.scope {
        Scope::AllBefore(all_before) if all_before > iat => {
            Err(RevocationError::RevokesTheFuture { all_before, iat })
        }
        _ => Ok(()),
    }
}

async fn verify(
    jws: &Jws,
    capability: &Cacao,
    rules: &RevocationRules,
    context: &Context,
) -> Result<VerifiedCacao, RevocationError> {
    let verification = Verification::new(context.now(), rules.requirement.clone())
        .with_provers(context.provers().clone())
        .with_policy(context.policy().clone())
        .with_capability(capability)
        .with_bound_capability();
    let verified = match context.rpc() {
        Some(rpc) => chain::verify_jws(jws, &verification, rpc, &**context.clock()).await,
        None => match jws.verify(&verification) {
            Err(dag_jws::Error::MustAsk(inquiry)) => {
                Err(dag_jws::Error::Capability(inquiry.unasked()))
            }
            verdict => verdict,
        },
    };
    let verified = verified.map_err(RevocationError::Jws)?;
    let capability = verified.capability().cloned();
    // one was supplied, so that one was judged
    capability.ok_or(RevocationError::Jws(dag_jws::Error::CapabilityUnbound))
}

fn is_about_itself(scope: &Scope, capability: &Cacao) -> bool {
    matches!(scope, Scope::Identities(list) if *list == [capability.identity()])
}

/// Whether the capability is a fresh login that may revoke others. The grant is compared to the
/// letter: a matcher that is generous with an application's resources must not arm every session.
fn check_right(
    capability: &Cacao,
    rules: &RevocationRules,
    now: UnixTime,
) -> Result<(), RevocationError> {
    let payload = capability.payload();
    if !payload
        .resources()
        .any(|granted| granted == REVOKE_RESOURCE)
    {
        return Err(RevocationError::NotGranted);
    }
    let age = now.duration_since(payload.issued_at().unix_time());
    if age > rules.max_login_age {
        return Err(RevocationError::LoginTooOld { age });
    }
    Ok(())
}

/// What is to be kept, and until when.
fn entries(
    claims: &Claims,
    capability: &Cacao,
    policy: &Policy,
    now: UnixTime,
) -> Vec<RevocationEntry> {
    let entry = |revoked, keep_until| {
        RevocationEntry::new(&claims.issuer, &claims.domain, revoked, keep_until)
    };
    match &claims.scope {
        Scope::AllBefore(time) => {
            let time = at(*time);
            vec![entry(
                Revoked::AllBefore(time),
                policy.accepted_until(time, None),
            )]
        }
        Scope::Identities(identities) => {
            let own = capability.identity();
            let identities = identities.iter().map(|identity| {
                if *identity == own {
                    return RevocationEntry::of_itself(capability, policy);
                }
                // it was signed before now, by a clock that may be ahead
                let keep_until = policy.accepted_until(now + policy.skew(), None);
                entry(Revoked::Identity(*identity), keep_until)
            });
            identities.collect()
        }
    }
}

/// The reader lets no time pass that does not fit.
fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
}
