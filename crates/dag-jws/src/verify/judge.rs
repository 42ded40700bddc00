//! The judgement, step by step: header, key, capability named, signature, capability itself.

use super::{Principal, Verification, VerifiedJws};
use crate::error::Error;
use crate::jws::Jws;
use alloc::string::ToString;
use cacao::car::cid_text;
use cacao::{Cacao, Issuer, Judgement, VerifiedCacao};
use didkey::DidKey;

impl Jws {
    /// Judges the JWS: `kid` must name a `did:key` in its canonical form, `alg` must be the key's
    /// algorithm, and the signature must be the key's over header and payload. A capability that is
    /// supplied must hold at the given time, delegate to exactly this key, and be the one that the
    /// header names. A required issuer must be the key itself, or must have issued the capability.
    ///
    /// ```
    /// use cacao::{Cacao, Issuer, Provers, Requirement, UnixTime};
    /// use dag_jws::{Jws, Verification};
    ///
    /// /// What an account said to this site, through its session key.
    /// fn payload_of(
    ///     text: &str,
    ///     capability: &Cacao,
    ///     account: Issuer,
    ///     provers: &Provers,
    ///     now: UnixTime,
    /// ) -> Result<Vec<u8>, dag_jws::Error> {
    ///     let requirement = Requirement::for_domain("app.example").with_issuer(account);
    ///     let verification = Verification::new(now, requirement)
    ///         .with_provers(provers.clone())
    ///         .with_capability(capability);
    ///     Ok(Jws::parse(text)?.verify(&verification)?.into_payload())
    /// }
    /// ```
    ///
    /// # Errors
    /// The reason of the refusal; [`Error::code`] names it for machines. [`Error::MustAsk`] if
    /// everything else is accepted, but the issuer's contract must be asked: answer the inquiry,
    /// and verify again [with what was proven](Verification::with_proven).
    pub fn verify(&self, verification: &Verification) -> Result<VerifiedJws, Error> {
        judge(self, verification)
    }
}

pub(crate) fn judge(jws: &Jws, verification: &Verification) -> Result<VerifiedJws, Error> {
    let key = key(jws, verification)?;
    check_needs(jws, &key, verification)?;
    let (algorithm, input) = (jws.header().algorithm(), jws.signing_input());
    jws.with_signature(|signature| key.public_key().verify(algorithm, input, signature))
        .map_err(Error::Signature)?;
    let capability = match &verification.capability {
        None => None,
        Some(capability) => Some(judge_capability(capability, &key, verification)?),
    };
    Ok(VerifiedJws {
        payload: jws.payload_bytes(),
        header: jws.header().clone(),
        principal: principal(key, capability.as_ref(), verification),
        capability,
        at: verification.at,
    })
}

/// The key that `kid` names: often the issuer that is asked for, or the key that the capability
/// delegates to, which were read before.
fn key(jws: &Jws, verification: &Verification) -> Result<DidKey, Error> {
    let audience = verification.supplied().and_then(Cacao::audience_key);
    let issuer = match verification.requirement.issuer() {
        Some(Issuer::Key(key)) => Some(key),
        _ => None,
    };
    jws.header().key_among(audience.iter().chain(issuer))
}

/// What can be said before any signature is looked at.
fn check_needs(jws: &Jws, key: &DidKey, verification: &Verification) -> Result<(), Error> {
    let named = jws.header().capability();
    let Some(capability) = verification.supplied() else {
        if let Some(issuer) = verification
            .requirement
            .issuer()
            .filter(|issuer| !is_key(issuer, key))
        {
            return Err(match named {
                Some(cid) => Error::CapabilityMissing {
                    cid: Some(cid_text(cid)),
                },
                None => Error::IssuerMismatch {
                    expected: issuer.did(),
                    found: key.to_string(),
                },
            });
        }
        // a rule about capabilities cannot hold for what has none
        if verification.requirement.needs_a_capability()
            || verification.policy.needs_a_capability()
            || verification.require_bound
        {
            return Err(Error::CapabilityMissing {
                cid: named.map(cid_text),
            });
        }
        return Ok(());
    };
    match named {
        None if verification.require_bound => Err(Error::CapabilityUnbound),
        None => Ok(()),
        Some(named) => {
            let found = capability.cid();
            if *named == found {
                return Ok(());
            }
            Err(Error::CapabilityMismatch {
                expected: cid_text(named),
                found: cid_text(&found),
            })
        }
    }
}

fn judge_capability(
    capability: &Cacao,
    key: &DidKey,
    verification: &Verification,
) -> Result<VerifiedCacao, Error> {
    let mut requirement = verification.requirement.clone().with_audience(key.as_str());
    if requirement
        .issuer()
        .is_some_and(|issuer| is_key(issuer, key))
    {
        requirement = requirement.without_issuer();
    }
    let Verification {
        at,
        provers,
        policy,
        proven,
        ..
    } = verification;
    let judgement = match proven {
        None => capability.begin(provers, policy, &requirement, *at, None),
        Some(proven) => proven
            .judge(policy, &requirement, *at)
            .map(Judgement::Accepted),
    };
    match judgement.map_err(Error::Capability)? {
        Judgement::Accepted(verified) => Ok(verified),
        Judgement::Ask(inquiry) => Err(Error::MustAsk(inquiry)),
    }
}

/// The issuer of the capability, unless the caller asked for the key itself.
fn principal(
    key: DidKey,
    capability: Option<&VerifiedCacao>,
    verification: &Verification,
) -> Principal {
    let asked = verification.requirement.issuer();
    match capability {
        Some(capability) if asked.is_none_or(|asked| asked == capability.issuer()) => {
            Principal::OnBehalf {
                issuer: capability.issuer().clone(),
                key,
                capability: capability.clone(),
            }
        }
        _ => Principal::Key(key),
    }
}

fn is_key(issuer: &Issuer, key: &DidKey) -> bool {
    matches!(issuer, Issuer::Key(issuer) if issuer == key)
}
