//! The judgement in two halves: what the payload alone decides, before anybody proves anything, and
//! what the facts of the proof decide.

use super::{IssuerProof, Policy, Requirement, VerifiedCacao};
use crate::caip::Issuer;
use crate::dialect::{Dialect, Variations};
use crate::error::{Error, Field};
use crate::model::{Cacao, Payload};
use crate::prove::{Facts, Proven};
use crate::recap::{self, Found, Recap, RecapStatement, SignedRecap};
use crate::time::UnixTime;
use alloc::string::ToString;
use alloc::sync::Arc;
use core::time::Duration;

/// The first half: no curve and no node is asked for what this refuses.
pub(super) fn screen(
    cacao: &Cacao,
    policy: &Policy,
    requirement: &Requirement,
    at: UnixTime,
) -> Result<(), Error> {
    let payload = cacao.payload();
    let signature = cacao.signature().ok_or(Error::Unsigned)?;
    check_allowed(signature.kind().as_str(), policy)?;
    check_dialect(policy, cacao.spelling())?;
    if policy.strict_text {
        let warnings = cacao.text_warnings();
        // the worst is named, not the first
        let worst = warnings.iter().find(|warning| warning.kind().misleads());
        if let Some(warning) = worst.or(warnings.first()) {
            return Err(Error::PeculiarText(*warning));
        }
    }
    check_names(payload, requirement)?;
    check_resources(payload, policy, requirement)?;
    check_window(payload, policy, at)?;
    check_remaining(payload, requirement, at)?;
    recap::find(payload, policy.opaque_recaps)?.check_grants(requirement.recap.as_ref())
}

/// The second half: how the signature was proven.
pub(super) fn judge(
    proven: Proven,
    policy: &Policy,
    requirement: &Requirement,
    at: UnixTime,
) -> Result<VerifiedCacao, Error> {
    let facts = proven.facts();
    if !policy.counts(facts, at) {
        return Err(Error::ContractWordTooOld);
    }
    check_dialect(policy, facts.dialect.map_or(Variations::NONE, Dialect::set))?;
    // the label is not signed: what is forbidden is so under every label
    if let Some(account) = facts.account {
        check_allowed(account.kind(), policy)?;
    }
    let payload = proven.cacao().payload();
    if let Some(passkey) = &facts.passkey {
        policy.passkeys.judge(passkey, payload.domain())?;
    }
    let registered = match payload.issuer() {
        Issuer::Key(key) => policy.passkeys.knows(key),
        Issuer::Pkh(_) => false,
    };
    let issuer = if facts.names_issuer {
        IssuerProof::Signed
    } else if registered || requirement.issuer.is_some() {
        IssuerProof::Expected
    } else {
        IssuerProof::Claimed
    };
    let recap = judge_recap(payload, facts, policy)?;
    // what the payload alone promised, the signed text may not have said
    if recap.0.is_none() && requirement.recap.is_some() {
        Found::Opaque.check_grants(requirement.recap.as_ref())?;
    }
    Ok(VerifiedCacao::new(proven, issuer, recap, at))
}

/// The ReCap that grants abilities, and what the text that was signed says of it.
fn judge_recap(
    payload: &Payload,
    facts: &Facts,
    policy: &Policy,
) -> Result<(Option<Arc<SignedRecap>>, RecapStatement), Error> {
    Ok(match recap::find(payload, policy.opaque_recaps)? {
        Found::Absent => (None, RecapStatement::Absent),
        Found::Said(recap, rendering) => (Some(recap), RecapStatement::Said(rendering)),
        Found::Unsaid(recap) if facts.has_composed_statement() => {
            (Some(recap), RecapStatement::Composed)
        }
        Found::Unsaid(_) if !policy.opaque_recaps => return Err(Error::RecapUnsaid),
        Found::Unsaid(_) | Found::Opaque => (None, RecapStatement::Opaque),
    })
}

/// How it is spelled, or the text was laid out.
fn check_dialect(policy: &Policy, found: Variations) -> Result<(), Error> {
    match policy.forbidden_dialects.shared(found) {
        Some(variation) => Err(Error::ForbiddenDialect {
            dialect: variation.name(),
        }),
        None => Ok(()),
    }
}

fn check_allowed(kind: &str, policy: &Policy) -> Result<(), Error> {
    if policy.forbids(kind) {
        return Err(Error::ForbiddenKind {
            signature: kind.to_string(),
        });
    }
    Ok(())
}

/// Who, to whom, for which site, in answer to what.
fn check_names(payload: &Payload, requirement: &Requirement) -> Result<(), Error> {
    if let Some(issuer) = requirement
        .issuer
        .as_ref()
        .filter(|issuer| *issuer != payload.issuer())
    {
        return Err(Error::IssuerMismatch {
            expected: issuer.did(),
            found: payload.issuer().did(),
        });
    }
    if let Some(audience) = requirement
        .audience
        .as_ref()
        .filter(|audience| *audience != payload.audience())
    {
        return Err(Error::AudienceMismatch {
            expected: audience.clone(),
            found: payload.audience().to_string(),
        });
    }
    if let Some(domains) = &requirement.domains
        && !domains.iter().any(|domain| is_for(payload, domain))
    {
        return Err(Error::DomainMismatch {
            expected: domains.join(" or "),
            found: payload.domain().to_string(),
        });
    }
    let nonce = requirement.nonce.as_ref();
    if let Some(nonce) = nonce.filter(|nonce| *nonce != payload.nonce()) {
        return Err(Error::NonceMismatch {
            expected: nonce.clone(),
            found: payload.nonce().to_string(),
        });
    }
    let id = requirement.request_id.as_ref();
    if let Some(id) = id.filter(|id| Some(id.as_str()) != payload.request_id()) {
        return Err(Error::RequestIdMismatch {
            expected: id.clone(),
            found: payload.request_id().map(ToString::to_string),
        });
    }
    Ok(())
}

/// Whether a payload is for this domain. One that is asked for with its scheme must have been
/// signed with it; without, the scheme is that of the web, if there is one.
fn is_for(payload: &Payload, domain: &str) -> bool {
    if payload.domain() == domain {
        return true;
    }
    let is_web = match payload.scheme() {
        Some("https") => true,
        Some("http") => is_loopback(domain),
        _ => false,
    };
    is_web && payload.authority() == domain
}

/// Whether a host, perhaps with a port, is the machine of who asks.
fn is_loopback(domain: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].into_iter().any(|host| {
        domain
            .strip_prefix(host)
            .is_some_and(|port| port.is_empty() || port.starts_with(':'))
    })
}

fn check_resources(
    payload: &Payload,
    policy: &Policy,
    requirement: &Requirement,
) -> Result<(), Error> {
    let wanted = &requirement.resources;
    if let Some(resource) = wanted
        .iter()
        .find(|wanted| !policy.covers(payload.resources(), wanted))
    {
        return Err(Error::ResourceNotGranted {
            resource: resource.clone(),
        });
    }
    let recap = requirement.recap.as_ref().map(Recap::to_urn);
    let more = || {
        payload
            .resources()
            .filter(|granted| recap.as_deref() != Some(*granted))
            .any(|granted| !wanted.iter().any(|wanted| wanted == granted))
    };
    let fewer = || {
        wanted
            .iter()
            .chain(&recap)
            .any(|wanted| !payload.resources().any(|granted| granted == wanted))
    };
    if requirement.exact && (more() || fewer()) {
        return Err(Error::NotExact);
    }
    Ok(())
}

/// How long it must, and how long it may, still hold.
fn check_remaining(
    payload: &Payload,
    requirement: &Requirement,
    at: UnixTime,
) -> Result<(), Error> {
    let latest = [
        requirement.max_remaining.map(|remaining| at + remaining),
        requirement.latest_end,
    ];
    let mut latest = latest.into_iter().flatten();
    let Some(exp) = payload.expires_at() else {
        return match latest.next() {
            Some(_) => Err(Error::LastsTooLong),
            None => Ok(()),
        };
    };
    let life = exp
        .unix_time()
        .duration_since(payload.issued_at().unix_time());
    let margin = requirement.margin.min(life / 10);
    if requirement.margin > Duration::ZERO && exp.unix_time() - margin < at {
        return Err(Error::Expired {
            time: exp.to_string(),
        });
    }
    if requirement
        .min_remaining
        .is_some_and(|remaining| exp.unix_time() < at + remaining)
    {
        return Err(Error::EndsTooSoon {
            time: exp.to_string(),
        });
    }
    if latest.any(|latest| exp.unix_time() > latest) {
        return Err(Error::LastsTooLong);
    }
    Ok(())
}

/// Valid while `iat - skew ≤ at`, `nbf - skew ≤ at` and `at ≤ exp + phase_out + skew`.
fn check_window(payload: &Payload, policy: &Policy, at: UnixTime) -> Result<(), Error> {
    let begins = [
        (Field::IssuedAt, Some(payload.issued_at())),
        (Field::NotBefore, payload.not_before()),
    ];
    for (field, time) in begins {
        if let Some(time) = time.filter(|time| at + policy.skew < time.unix_time()) {
            return Err(Error::NotYetValid {
                field,
                time: time.to_string(),
            });
        }
    }
    let exp = payload.expires_at();
    if let Some(exp) = exp.filter(|_| policy.check_expiry)
        && exp.unix_time() + policy.phase_out + policy.skew < at
    {
        return Err(Error::Expired {
            time: exp.to_string(),
        });
    }
    let Some(limit) = policy.max_lifetime else {
        return Ok(());
    };
    let issued_at = payload.issued_at().unix_time();
    let lifetime = exp.map(|exp| exp.unix_time().duration_since(issued_at));
    if lifetime.is_some_and(|lifetime| lifetime <= limit) {
        return Ok(());
    }
    Err(Error::LifetimeTooLong { lifetime, limit })
}
