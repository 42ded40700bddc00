//! What a chain said, kept, so that a capability can be judged again without asking.

use crate::error::{Error, Problem};
use crate::model::HeaderType;
use crate::siwx::{AddressCase, Dialect, FieldOrder, Gap};
use crate::verify::{Block, Claim, Kind, Proof, VerifiedCacao, Verifier};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use cid::Cid;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

/// That the contract of an issuer accepted one signed capability, at one block.
///
/// It is the note of somebody who asked, and proves nothing to others: whoever can write it
/// decides what is accepted. Keep it where nobody else writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    capability: Cid,
    block: Block,
    dialect: Dialect,
}

impl Evidence {
    /// The evidence in a judgement, if a contract was asked at a pinned block.
    #[must_use]
    pub fn of(verified: &VerifiedCacao) -> Option<Self> {
        Some(Self {
            capability: verified.cacao().cid(),
            block: verified.block()?,
            dialect: verified.dialect()?,
        })
    }

    /// The CID of the capability, which covers issuer, payload and signature.
    #[must_use]
    pub const fn capability(&self) -> &Cid {
        &self.capability
    }

    /// The block at which the contract was asked.
    #[must_use]
    pub const fn block(&self) -> Block {
        self.block
    }

    /// Writes the evidence as JSON, in one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let wire = Wire {
            capability: self.capability.to_string(),
            block: match self.block {
                Block::Number(number) => WireBlock::Number(number),
                Block::Hash(hash) => WireBlock::Hash(HEXLOWER.encode(&hash)),
            },
            address: match self.dialect.address {
                AddressCase::Checksum => WireAddress::Checksum,
                AddressCase::Lower => WireAddress::Lower,
            },
            order: match self.dialect.order {
                FieldOrder::Current => WireOrder::Current,
                FieldOrder::Legacy => WireOrder::Legacy,
            },
            gap: match self.dialect.gap {
                Gap::OneLine => WireGap::OneLine,
                Gap::TwoLines => WireGap::TwoLines,
            },
        };
        // texts and a number: serde_json has nothing here that it could refuse
        serde_json::to_string(&wire).unwrap_or_default()
    }

    /// Reads what [`to_json`](Self::to_json) writes.
    ///
    /// # Errors
    /// [`Error::Value`] when it is something else.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let malformed = |detail| Error::Value {
            what: "evidence",
            problem: Problem::Form(detail),
        };
        let wire: Wire =
            serde_json::from_str(json).map_err(|_| malformed("it is no JSON of this shape"))?;
        Ok(Self {
            capability: wire
                .capability
                .parse()
                .map_err(|_| malformed("capability is no CID"))?,
            block: match wire.block {
                WireBlock::Number(number) => Block::Number(number),
                WireBlock::Hash(hex) => Block::Hash(
                    HEXLOWER_PERMISSIVE
                        .decode(hex.as_bytes())
                        .ok()
                        .and_then(|hash| hash.try_into().ok())
                        .ok_or(malformed("the block's hash is not 32 bytes in hex"))?,
                ),
            },
            dialect: Dialect {
                address: match wire.address {
                    WireAddress::Checksum => AddressCase::Checksum,
                    WireAddress::Lower => AddressCase::Lower,
                },
                order: match wire.order {
                    WireOrder::Current => FieldOrder::Current,
                    WireOrder::Legacy => FieldOrder::Legacy,
                },
                gap: match wire.gap {
                    WireGap::OneLine => Gap::OneLine,
                    WireGap::TwoLines => Gap::TwoLines,
                },
            },
        })
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    capability: String,
    block: WireBlock,
    address: WireAddress,
    order: WireOrder,
    gap: WireGap,
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
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireOrder {
    Current,
    Legacy,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireGap {
    OneLine,
    TwoLines,
}

/// Accepts the capabilities of contract wallets for which evidence was kept, and no other: a
/// [`Verifier`] that asks nobody.
///
/// ```
/// use cacao::contract::{Evidence, KeptEvidence};
/// use cacao::Verifiers;
///
/// # let kept: Vec<Evidence> = Vec::new();
/// let verifiers = Verifiers::default().with(KeptEvidence::new(kept))?;
/// # Ok::<_, cacao::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeptEvidence {
    kept: Vec<Evidence>,
}

impl KeptEvidence {
    /// A verifier by this evidence.
    pub fn new(kept: impl IntoIterator<Item = Evidence>) -> Self {
        Self {
            kept: kept.into_iter().collect(),
        }
    }
}

impl Verifier for KeptEvidence {
    fn kinds(&self) -> &[Kind] {
        const {
            &[
                Kind::new(HeaderType::Eip4361, "eip1271", "eip155"),
                Kind::new(HeaderType::Caip122, "eip1271", "eip155"),
                Kind::new(HeaderType::Eip4361, "eip6492", "eip155"),
                Kind::new(HeaderType::Caip122, "eip6492", "eip155"),
            ]
        }
    }

    fn verify(&self, claim: &Claim<'_>) -> Result<Proof, Error> {
        let capability = claim.cacao().cid();
        let evidence = self.kept.iter().find(|kept| kept.capability == capability);
        evidence
            .map(|kept| Proof::of_contract(kept.dialect, Some(kept.block)))
            .ok_or(Error::Refused(
                "the issuer is a contract, and nothing is kept of what it said",
            ))
    }
}
