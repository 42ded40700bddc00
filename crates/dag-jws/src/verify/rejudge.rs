//! Judges a capability again whose signature was verified before: everything but the signature.

use cacao::{
    Claim, Error, Expected, Kind, Policy, Proof, UnixTime, VerifiedCacao, Verifier, Verifiers,
};

/// Kinds of signature that are registered, whether a verifier for them is at hand or not: the
/// verdict may come from one that had to ask a chain.
const REGISTERED: [(&str, &str); 9] = [
    ("eip191", "eip155"),
    ("eip1271", "eip155"),
    ("eip6492", "eip155"),
    ("solana:ed25519", "solana"),
    ("tezos:ed25519", "tezos"),
    ("tezos:secp256k1", "tezos"),
    ("tezos:p256", "tezos"),
    ("stacks:secp256k1", "stacks"),
    ("webauthn:p256", "did:key"),
];

/// A verdict of a kind that is neither registered nor claimed by `verifiers` is refused.
pub(super) fn rejudge(
    verified: &VerifiedCacao,
    verifiers: &Verifiers,
    policy: &Policy,
    expected: &Expected,
    at: UnixTime,
) -> Result<VerifiedCacao, Error> {
    let cacao = verified.cacao();
    let registered = REGISTERED
        .iter()
        .map(|(signature, namespace)| Kind::new(cacao.header(), signature, namespace));
    let kind = verifiers
        .kinds()
        .copied()
        .chain(registered)
        .find(|kind| kind.matches(cacao));
    let known = match kind {
        None => Verifiers::none(),
        Some(kind) => Verifiers::none().with(Known {
            kind,
            verified: verified.clone(),
        })?,
    };
    cacao.verify(&known, policy, expected, at)
}

/// Answers for the one capability that was verified before.
struct Known {
    kind: Kind,
    verified: VerifiedCacao,
}

impl Verifier for Known {
    fn kinds(&self) -> &[Kind] {
        core::slice::from_ref(&self.kind)
    }

    fn verify(&self, claim: &Claim<'_>) -> Result<Proof, Error> {
        if claim.cacao() != self.verified.cacao() {
            return Err(Error::SignatureMismatch);
        }
        let mut proof = Proof::default();
        proof.dialect = self.verified.dialect();
        proof.issuer = self.verified.issuer_proof();
        Ok(proof)
    }
}
