//! What a chain must be asked before something is proven, as data: the caller asks.

use super::{AccountKind, Block, ContractWord, Facts, Proven};
use crate::error::Error;
use crate::model::Cacao;
use crate::siwx::Dialect;
use crate::time::UnixTime;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A call that changes nothing: what `eth_call` of an Ethereum node is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EthCall {
    /// The chain, as its EIP-155 number in decimal: the reference of the issuer's account.
    pub chain: String,
    /// The contract that is called; none for `data` that is the code of a contract to be created,
    /// whose constructor answers.
    pub to: Option<[u8; 20]>,
    /// The bytes that it is called with.
    pub data: Vec<u8>,
    /// The block at whose end the call happens; none for the latest.
    pub block: Option<Block>,
}

/// How a call ended on the chain. That there was no answer is no outcome: then nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// It returned these bytes; none where there is no contract.
    Returned(Vec<u8>),
    /// It reverted, with these bytes as the reason.
    Reverted(Vec<u8>),
}

/// How far proving has come.
#[derive(Debug)]
pub enum Proving {
    /// The issuer signed the payload.
    Done(Proven),
    /// A chain must be asked first.
    Ask(Question),
}

/// How far a prover of accounts has come.
#[cfg_attr(
    not(feature = "contract"),
    allow(dead_code, reason = "questions are for contracts")
)]
pub(super) enum Answer {
    Done(Facts),
    Ask(Question),
}

/// Reads what a call returned.
pub(super) type Reader = fn(&[u8]) -> Result<(), Error>;

/// What a chain must be asked about one capability.
///
/// There is one [call](Self::calls) for each text that may have been signed, the likeliest first.
/// The caller makes one of them, or several at once, and [answers](Self::answer).
#[derive(Clone, Debug)]
pub struct Question {
    cacao: Cacao,
    calls: Vec<EthCall>,
    dialects: Vec<Dialect>,
    asked: Asked,
}

/// What is the same for every text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// Reads what a call returned.
    pub(super) read: Reader,
    /// What the account is, where a call says yes.
    pub(super) account: AccountKind,
    /// The refusal of a signature that its label says is a key's, and that is no key's.
    pub(super) by_key: Option<KeyRefusal>,
}

/// Why a signature is not that of an account's key.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "contract"),
    allow(dead_code, reason = "questions are for contracts")
)]
pub(super) enum KeyRefusal {
    /// It has another form.
    Malformed(&'static str),
    /// It is that of another key.
    Mismatch,
}

impl KeyRefusal {
    #[cfg(feature = "contract")]
    pub(super) const fn of(error: &Error) -> Self {
        match error {
            Error::MalformedSignature(reason) => Self::Malformed(reason),
            _ => Self::Mismatch,
        }
    }
}

impl From<KeyRefusal> for Error {
    fn from(refusal: KeyRefusal) -> Self {
        match refusal {
            KeyRefusal::Malformed(reason) => Self::MalformedSignature(reason),
            KeyRefusal::Mismatch => Self::SignatureMismatch,
        }
    }
}

impl Question {
    /// A question about at least one text.
    #[cfg(feature = "contract")]
    pub(super) fn new(
        cacao: Cacao,
        candidates: impl Iterator<Item = (Dialect, EthCall)>,
        asked: Asked,
    ) -> Self {
        let (dialects, calls) = candidates.unzip();
        Self {
            cacao,
            calls,
            dialects,
            asked,
        }
    }

    /// The capability that is asked about.
    #[must_use]
    pub const fn cacao(&self) -> &Cacao {
        &self.cacao
    }

    /// The calls that are left, the likeliest first. There is at least one.
    #[must_use]
    pub fn calls(&self) -> &[EthCall] {
        &self.calls
    }

    /// What the account is, where the chain says yes.
    #[must_use]
    pub const fn account(&self) -> AccountKind {
        self.asked.account
    }

    /// The result if the chain cannot be asked. A signature with the label of a key that is not
    /// that key's is refused; about any other nothing is known.
    #[must_use]
    pub fn unasked(&self) -> Error {
        self.asked.by_key.map_or_else(
            || Error::chain("the issuer is a contract, and no node was named to ask it through"),
            Error::from,
        )
    }

    /// The result if the caller does not trust contracts.
    pub(crate) fn forbidden(&self) -> Error {
        let forbidden = || Error::ForbiddenKind {
            signature: self.account().kind().to_string(),
        };
        self.asked.by_key.map_or_else(forbidden, Error::from)
    }

    /// Continues with the outcomes of the first calls, in their order, which were received at this
    /// time.
    ///
    /// # Errors
    /// The contract's refusal, when no text is left that it could have accepted;
    /// [`Error::Chain`] when there is no outcome at all.
    pub fn answer(
        mut self,
        outcomes: &[CallOutcome],
        asked_at: UnixTime,
    ) -> Result<Proving, Error> {
        let mut refusal = Error::chain("no call was made");
        let made = outcomes.len().min(self.calls.len());
        let Asked {
            read,
            account,
            by_key,
        } = self.asked;
        let asked = self.calls.drain(..made).zip(self.dialects.drain(..made));
        for ((call, dialect), outcome) in asked.zip(outcomes) {
            let answer = match outcome {
                CallOutcome::Returned(bytes) => read(bytes),
                CallOutcome::Reverted(_) => Err(Error::ContractReverted),
            };
            match answer {
                Ok(()) => {
                    let block = call.block;
                    let facts = Facts::of_contract(dialect, ContractWord { block, asked_at })
                        .with_account(account);
                    return Ok(Proving::Done(Proven::new(self.cacao, facts)));
                }
                // this is about one text only, so that another one is worth a try
                Err(error @ (Error::SignatureMismatch | Error::ContractReverted)) => {
                    refusal = error;
                }
                // where no contract is, the account is a key's, as the label says
                Err(Error::NotAContract) => {
                    return Err(by_key.map_or(Error::NotAContract, Error::from));
                }
                Err(error) => return Err(error),
            }
        }
        if made == 0 || self.calls.is_empty() {
            return Err(refusal);
        }
        Ok(Proving::Ask(self))
    }
}
