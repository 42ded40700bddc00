//! Remembers which capabilities were found to be signed by their issuer.
//!
//! The signature of a capability does not change its mind: the verdict belongs to the content, and
//! the CID names the content. So a page that asks for its session again and again pays for the
//! curve arithmetic once. Times, audience and resources are judged each time, elsewhere.

use cacao::{Claim, Error, Kind, Proof, Verifier, Verifiers};
use std::cell::RefCell;
use std::collections::VecDeque;

/// Most verdicts that are kept.
const MAX: usize = 16;

/// The built-in verifiers, with a memory.
#[derive(Default)]
pub(crate) struct Remembering {
    verifiers: Verifiers,
    accepted: RefCell<VecDeque<(Vec<u8>, Proof)>>,
}

impl Verifier for Remembering {
    fn kinds(&self) -> &[Kind] {
        Verifier::kinds(&self.verifiers)
    }

    fn verify(&self, claim: &Claim<'_>) -> Result<Proof, Error> {
        let cid = claim.cacao().cid().to_bytes();
        let known = self
            .accepted
            .borrow()
            .iter()
            .find(|(known, _)| *known == cid)
            .map(|(_, proof)| proof.clone());
        if let Some(proof) = known {
            return Ok(proof);
        }
        let proof = self.verifiers.verify(claim)?;
        let mut accepted = self.accepted.borrow_mut();
        if accepted.len() == MAX {
            accepted.pop_front();
        }
        accepted.push_back((cid, proof.clone()));
        Ok(proof)
    }
}
