//! The judgement, step by step: kind, expectations, window, signature.

use super::verifiers::unsupported;
use super::{AsyncVerifier, Claim, Expected, IssuerProof, Policy, Proof, VerifiedCacao, Verifiers};
use crate::error::{Error, Field};
use crate::model::{Cacao, Payload};
use crate::time::UnixTime;
use alloc::string::ToString;

impl Cacao {
    /// Judges the capability at a point in time: one of `verifiers` must claim its kind, what is
    /// `expected` must stand in it, it must be inside its window, and the issuer must have signed
    /// exactly this payload.
    ///
    /// ```
    /// use cacao::{Cacao, Expected, Policy, UnixTime, Verifiers, car::Car};
    ///
    /// fn login(car: &str, now: UnixTime, session_key: &str) -> Result<String, cacao::Error> {
    ///     let capability = Cacao::from_car(&Car::from_base64url(car)?)?;
    ///     let expected = Expected::anything().audience(session_key).domain("app.example");
    ///     let verified =
    ///         capability.verify(&Verifiers::default(), &Policy::default(), &expected, now)?;
    ///     Ok(verified.issuer().did())
    /// }
    /// ```
    ///
    /// # Errors
    /// The reason of the refusal; [`Error::code`] names it for machines.
    pub fn verify(
        &self,
        verifiers: &Verifiers,
        policy: &Policy,
        expected: &Expected,
        at: UnixTime,
    ) -> Result<VerifiedCacao, Error> {
        let member = verifiers.find(self)?;
        let claim = Claim::new(self, policy)?;
        check_claims(self.payload(), policy, expected, at)?;
        let proof = verifiers.ask(&member, &claim)?;
        Ok(self.verified(proof, expected, at))
    }

    /// As [`verify`](Self::verify), by a verifier that may have to ask somebody.
    ///
    /// # Errors
    /// The reason of the refusal.
    pub async fn verify_async<V: AsyncVerifier + ?Sized>(
        &self,
        verifier: &V,
        policy: &Policy,
        expected: &Expected,
        at: UnixTime,
    ) -> Result<VerifiedCacao, Error> {
        if !verifier.kinds().iter().any(|kind| kind.matches(self)) {
            return Err(unsupported(self));
        }
        let claim = Claim::new(self, policy)?;
        check_claims(self.payload(), policy, expected, at)?;
        let proof = verifier.verify(&claim).await?;
        Ok(self.verified(proof, expected, at))
    }

    fn verified(&self, mut proof: Proof, expected: &Expected, at: UnixTime) -> VerifiedCacao {
        if proof.issuer == IssuerProof::Claimed && expected.issuer.is_some() {
            proof.issuer = IssuerProof::Expected;
        }
        VerifiedCacao::new(self.clone(), proof, at)
    }
}

fn check_claims(
    payload: &Payload,
    policy: &Policy,
    expected: &Expected,
    at: UnixTime,
) -> Result<(), Error> {
    check_expected(payload, policy, expected)?;
    check_window(payload, policy, at)
}

fn check_expected(payload: &Payload, policy: &Policy, expected: &Expected) -> Result<(), Error> {
    if let Some(issuer) = expected
        .issuer
        .as_ref()
        .filter(|issuer| *issuer != payload.issuer())
    {
        return Err(Error::IssuerMismatch {
            expected: issuer.did(),
            found: payload.issuer().did(),
        });
    }
    if let Some(audience) = expected
        .audience
        .as_ref()
        .filter(|a| *a != payload.audience())
    {
        return Err(Error::AudienceMismatch {
            expected: audience.clone(),
            found: payload.audience().to_string(),
        });
    }
    if let Some(domain) = expected.domain.as_ref().filter(|d| *d != payload.domain()) {
        return Err(Error::DomainMismatch {
            expected: domain.clone(),
            found: payload.domain().to_string(),
        });
    }
    if expected
        .nonce
        .as_ref()
        .is_some_and(|nonce| nonce != payload.nonce())
    {
        return Err(Error::NonceMismatch);
    }
    match expected
        .resources
        .iter()
        .find(|wanted| !policy.covers(payload.resources(), wanted))
    {
        Some(resource) => Err(Error::ResourceNotGranted {
            resource: resource.clone(),
        }),
        None => Ok(()),
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
