//! The answer of a chain, kept so that a capability can be judged again without asking.

use super::{AccountKind, Block, Claim, ContractWord, Facts, Proven};
use crate::cid_text::{cid_text, read_any};
use crate::error::{Error, Problem};
use crate::model::Cacao;
use crate::siwx::{
    AddressCase, ChainForm, Dialect, EmptyId, EmptyList, FieldOrder, Gap, NetworkName,
    StatementForm,
};
use crate::time::Timestamp;
use alloc::string::{String, ToString};
use base16ct::{lower, mixed};
use cid::Cid;

/// That the contract of an issuer accepted one signed capability, at one time.
///
/// It is a note by the caller that asked, and proves nothing to others: somebody who can write it
/// decides what is accepted. Keep it where nobody else can write; [`Proven::from_evidence`] trusts
/// it, and the policy says [for how long](crate::Policy::with_max_contract_age).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    capability: Cid,
    dialect: Dialect,
    word: ContractWord,
    account: AccountKind,
}

impl Evidence {
    /// The evidence in a proof, if a contract was asked.
    #[must_use]
    pub fn of(proven: &Proven) -> Option<Self> {
        // a text is no capability that could be named
        if proven.cacao().shown().is_some() {
            return None;
        }
        Some(Self {
            capability: proven.cacao().cid(),
            dialect: proven.facts().dialect?,
            word: proven.facts().contract?,
            account: proven.facts().account?,
        })
    }

    /// The CID of the capability, which covers issuer, payload and signature.
    #[must_use]
    pub const fn capability(&self) -> &Cid {
        &self.capability
    }

    /// When, and at which block, the contract was asked.
    #[must_use]
    pub const fn word(&self) -> ContractWord {
        self.word
    }

    fn facts(&self) -> Facts {
        Facts::of_contract(self.dialect, self.word).with_account(self.account)
    }

    /// Writes the evidence as JSON, in one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let asked_at = Timestamp::from_unix_time(self.word.asked_at);
        let wire = Wire {
            capability: cid_text(&self.capability),
            // a time outside of the calendar is older than any policy lets count
            asked_at: asked_at.map(|at| at.to_string()).unwrap_or_default(),
            block: self.word.block.map(|block| match block {
                Block::Number(number) => WireBlock::Number(number),
                Block::Hash(hash) => WireBlock::Hash(lower::encode_string(&hash)),
            }),
            address: match self.dialect.address {
                AddressCase::Checksum => WireAddress::Checksum,
                AddressCase::Lower => WireAddress::Lower,
                AddressCase::AsIssued => WireAddress::AsIssued,
            },
            order: match self.dialect.order {
                FieldOrder::Current => WireOrder::Current,
                FieldOrder::Legacy => WireOrder::Legacy,
                FieldOrder::Caip122 => WireOrder::Caip122,
            },
            gap: match self.dialect.gap {
                Gap::OneLine => WireGap::OneLine,
                Gap::TwoLines => WireGap::TwoLines,
                Gap::ThreeLines => WireGap::ThreeLines,
            },
            resources_heading: self.dialect.empty_list == EmptyList::Heading,
            bare_request_id: self.dialect.empty_id == EmptyId::Line,
            whole_chain_id: self.dialect.chain == ChainForm::Whole,
            composed_statement: self.dialect.statement == StatementForm::Composed,
            account: self.account.name().to_string(),
        };
        // texts and a number: serde_json has nothing here that it could refuse
        serde_json::to_string(&wire).unwrap_or_default()
    }

    /// Reads what [`to_json`](Self::to_json) writes.
    ///
    /// # Errors
    /// [`Error::Value`] when it is something else.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let wire: Wire = serde_json::from_str(json)
            .map_err(|_| malformed("it is not a JSON object of this shape"))?;
        Ok(Self {
            capability: read_any(&wire.capability).ok_or(malformed("capability is not a CID"))?,
            word: ContractWord {
                block: wire.block.map(read_block).transpose()?,
                asked_at: wire.asked_at.parse::<Timestamp>()?.unix_time(),
            },
            dialect: Dialect {
                address: match wire.address {
                    WireAddress::Checksum => AddressCase::Checksum,
                    WireAddress::Lower => AddressCase::Lower,
                    WireAddress::AsIssued => AddressCase::AsIssued,
                },
                order: match wire.order {
                    WireOrder::Current => FieldOrder::Current,
                    WireOrder::Legacy => FieldOrder::Legacy,
                    WireOrder::Caip122 => FieldOrder::Caip122,
                },
                gap: match wire.gap {
                    WireGap::OneLine => Gap::OneLine,
                    WireGap::TwoLines => Gap::TwoLines,
                    WireGap::ThreeLines => Gap::ThreeLines,
                },
                empty_list: if wire.resources_heading {
                    EmptyList::Heading
                } else {
                    EmptyList::Nothing
                },
                empty_id: if wire.bare_request_id {
                    EmptyId::Line
                } else {
                    EmptyId::Nothing
                },
                chain: if wire.whole_chain_id {
                    ChainForm::Whole
                } else {
                    ChainForm::Reference
                },
                statement: if wire.composed_statement {
                    StatementForm::Composed
                } else {
                    StatementForm::AsGiven
                },
                // a capability does not hold another name
                network: NetworkName::Namespace,
                ..Dialect::default()
            },
            account: AccountKind::of_name(&wire.account)
                .filter(|account| *account != AccountKind::ExternallyOwned)
                .ok_or(malformed("the account is not one of a contract"))?,
        })
    }
}

impl Proven {
    /// Trusts the kept answer of a contract, which the caller wrote earlier, in a place where
    /// nobody else can write.
    ///
    /// # Errors
    /// [`Error::Refused`] when the note is about another capability.
    pub fn from_evidence(cacao: &Cacao, evidence: &Evidence) -> Result<Self, Error> {
        // only what is asked of a contract can have been answered by one
        let claim = Claim::new(cacao)?;
        if !AccountKind::may_be_a_contract_s(claim.signature().kind())
            || *evidence.capability() != cacao.cid()
        {
            return Err(Error::Refused(
                "the kept answer of a contract is about another capability",
            ));
        }
        Ok(Self::new(cacao.clone(), evidence.facts()))
    }
}

const fn malformed(detail: &'static str) -> Error {
    Error::Value {
        what: "evidence",
        problem: Problem::Form(detail),
    }
}

fn read_block(block: WireBlock) -> Result<Block, Error> {
    match block {
        WireBlock::Number(number) => Ok(Block::Number(number)),
        WireBlock::Hash(hex) => mixed::decode_vec(hex)
            .ok()
            .and_then(|hash| hash.try_into().ok())
            .map(Block::Hash)
            .ok_or(malformed("the block's hash is not 32 bytes in hex")),
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    capability: String,
    asked_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    block: Option<WireBlock>,
    address: WireAddress,
    order: WireOrder,
    gap: WireGap,
    #[serde(default, skip_serializing_if = "is_false")]
    resources_heading: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    bare_request_id: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    whole_chain_id: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    composed_statement: bool,
    /// Notes that were written before there was a choice are about contracts.
    #[serde(default = "contract")]
    account: String,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

fn contract() -> String {
    AccountKind::Contract.name().to_string()
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireBlock {
    Number(u64),
    Hash(String),
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireAddress {
    Checksum,
    Lower,
    AsIssued,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireOrder {
    Current,
    Legacy,
    Caip122,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireGap {
    OneLine,
    TwoLines,
    ThreeLines,
}
