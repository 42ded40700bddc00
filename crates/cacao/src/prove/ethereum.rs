//! One prover for the accounts of Ethereum, whatever the label says.
//!
//! `eip191`, `eip1271` and `eip6492` are labels for one thing, the signature of an `eip155`
//! account. A label is not signed, so it decides nothing: who of the set is trusted, and what the
//! bytes are, does.

#[cfg(feature = "contract")]
use super::contract::Contracts;
use super::eip191::{self, Eip191};
use super::question::Answer;
use super::{Claim, Prover};
use crate::error::Error;
use crate::model::Cacao;

/// The namespace of the accounts.
const NAMESPACE: &str = "eip155";

/// Who of a set proves signatures of Ethereum accounts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Accounts<'a> {
    /// Keys are trusted: externally owned accounts.
    pub(super) keys: bool,
    /// Contracts are.
    #[cfg(feature = "contract")]
    pub(super) contracts: Option<&'a Contracts>,
    #[cfg(not(feature = "contract"))]
    pub(super) contracts: Option<&'a core::convert::Infallible>,
}

impl Accounts<'_> {
    /// Whether somebody of the set may prove this capability, by its label and by the length of
    /// its signature.
    pub(super) fn claim(self, cacao: &Cacao) -> bool {
        let Some(signature) = cacao.signature() else {
            return false;
        };
        if cacao.payload().issuer().namespace() != NAMESPACE {
            return false;
        }
        match signature.kind().as_str() {
            "eip191" => self.keys || self.contracts.is_some(),
            "eip1271" | "eip6492" => {
                self.contracts.is_some()
                    || (self.keys && eip191::has_the_length_of_a_key_s(signature.value()))
            }
            _ => false,
        }
    }

    /// A key first, since that costs no question; then the contract. `unsupported` is the refusal
    /// of a signature for which nobody of the set is trusted.
    pub(super) fn prove(
        self,
        claim: &Claim<'_>,
        unsupported: impl FnOnce() -> Error,
    ) -> Result<Answer, Error> {
        let by_key = match self.keys {
            true => match Eip191.prove(claim) {
                Ok(facts) => return Ok(Answer::Done(facts)),
                // the label says that it is a key's: whoever asks nobody believes it
                Err(refusal) => {
                    Some(refusal).filter(|_| claim.signature().kind().as_str() == "eip191")
                }
            },
            false => None,
        };
        #[cfg(feature = "contract")]
        if let Some(contracts) = self.contracts {
            return contracts.prove(claim, self.keys, by_key.as_ref());
        }
        Err(by_key.unwrap_or_else(unsupported))
    }
}

#[cfg(feature = "contract")]
#[cfg(test)]
mod tests;
