//! One prover for the accounts of Ethereum, whatever the label says.
//!
//! `eip191`, `eip1271` and `eip6492` are labels for one thing, the signature of an `eip155`
//! account. A label is not signed, so it decides nothing: who of the set is trusted, and what the
//! bytes are, does.

use crate::error::Error;
use crate::model::Cacao;
#[cfg(feature = "contract")]
use crate::prove::contract::Contracts;
use crate::prove::eip191::{self, Eip191};
use crate::prove::{Claim, Facts, Prover, Question};

/// The namespace of the accounts.
const NAMESPACE: &str = "eip155";

/// Who of a set proves signatures of Ethereum accounts.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::prove) struct Accounts<'a> {
    /// Keys are trusted: externally owned accounts.
    pub(in crate::prove) keys: bool,
    /// Contracts are.
    #[cfg(feature = "contract")]
    pub(in crate::prove) contracts: Option<&'a Contracts>,
    #[cfg(not(feature = "contract"))]
    pub(in crate::prove) contracts: Option<&'a core::convert::Infallible>,
}

/// How far it has come.
pub(in crate::prove) enum Answer {
    Done(Facts),
    #[cfg_attr(not(feature = "contract"), allow(dead_code))]
    Ask(Question),
}

impl Accounts<'_> {
    /// Whether somebody of the set may prove this capability, by its label and by the length of
    /// its signature.
    pub(in crate::prove) fn claim(self, cacao: &Cacao) -> bool {
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
    pub(in crate::prove) fn prove(
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
