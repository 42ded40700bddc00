//! The judgement in two halves: what the payload alone decides, before anybody proves anything, and
//! what the facts of the proof decide.

use super::{IssuerProof, Policy, Requirement, VerifiedCacao};
use crate::caip::Issuer;
use crate::error::{Error, Field};
use crate::model::{Cacao, Payload};
use crate::prove::Proven;
use crate::time::UnixTime;
use alloc::string::ToString;
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
    if let Some(kind) = policy
        .forbidden_kinds
        .iter()
        .find(|kind| ***kind == *signature.kind().as_str())
    {
        return Err(Error::ForbiddenKind {
            signature: kind.to_string(),
        });
    }
    if policy.strict_text {
        let warnings = payload.text_warnings();
        // the worst is named, not the first
        let worst = warnings.iter().find(|warning| warning.kind().misleads());
        if let Some(warning) = worst.or(warnings.first()) {
            return Err(Error::PeculiarText(*warning));
        }
    }
    check_names(payload, requirement)?;
    check_resources(payload, policy, requirement)?;
    check_window(payload, policy, at)?;
    check_remaining(payload, requirement, at)
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
    Ok(VerifiedCacao::new(proven, issuer, at))
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
        && !domains.iter().any(|domain| domain == payload.domain())
    {
        return Err(Error::DomainMismatch {
            expected: domains.join(" or "),
            found: payload.domain().to_string(),
        });
    }
    let nonce = requirement.nonce.as_ref();
    if nonce.is_some_and(|nonce| nonce != payload.nonce()) {
        return Err(Error::NonceMismatch);
    }
    let id = requirement.request_id.as_deref();
    if id.is_some() && id != payload.request_id() {
        return Err(Error::RequestIdMismatch);
    }
    Ok(())
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
    let more = || {
        payload
            .resources()
            .any(|granted| !wanted.iter().any(|wanted| wanted == granted))
    };
    let fewer = || {
        wanted
            .iter()
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
    let Some(exp) = payload.expires_at() else {
        return match requirement.max_remaining {
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
    match requirement.max_remaining {
        Some(remaining) if exp.unix_time() > at + remaining => Err(Error::LastsTooLong),
        _ => Ok(()),
    }
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
    match (policy.max_lifetime, exp) {
        (Some(_), None) => Err(Error::LifetimeTooLong),
        (Some(max), Some(exp))
            if exp
                .unix_time()
                .duration_since(payload.issued_at().unix_time())
                > max =>
        {
            Err(Error::LifetimeTooLong)
        }
        _ => Ok(()),
    }
}
