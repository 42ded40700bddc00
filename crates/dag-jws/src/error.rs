//! The error type of the crate; [`Error::code`] names the reason.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

/// A part of a JWS (RFC 7515, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The protected header.
    Header,
    /// The payload.
    Payload,
    /// The signature.
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "protected header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Why a JWS cannot be read or made, or is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // what cannot be read
    /// The input is larger than the bound.
    #[error("the {what} is larger than {limit} bytes")]
    TooLarge {
        /// What was read or made.
        what: &'static str,
        /// The bound in bytes.
        limit: usize,
    },
    /// The text is not a JWS in one of its forms, or not one with exactly one signature.
    #[error("this is not a valid JWS: {detail}")]
    Form {
        /// What was expected.
        detail: &'static str,
    },
    /// The text is not JSON of this shape.
    #[error("the JSON of the {what} is not valid: {detail}")]
    Json {
        /// What was read.
        what: &'static str,
        /// What the decoder met.
        detail: String,
    },
    /// A part is not unpadded base64url with zero trailing bits.
    #[error("the {part} is not valid unpadded base64url")]
    Base64Url {
        /// The part.
        part: Part,
    },
    /// A part is empty.
    #[error("the {part} is empty")]
    Empty {
        /// The part.
        part: Part,
    },
    /// A member of the protected header is missing or has a value that is not allowed.
    #[error("the header member {member} {problem}")]
    HeaderMember {
        /// The member's name.
        member: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The payload of a DagJWS is not the bytes of a CID.
    #[error("the payload is not a CID")]
    PayloadNotLink,
    /// The bytes are not a dag-jose block of a JWS with exactly one signature.
    #[error("this is not a valid dag-jose block of a JWS: {detail}")]
    DagJose {
        /// What was expected.
        detail: &'static str,
    },
    /// The bytes are not DAG-CBOR.
    #[error("this is not valid DAG-CBOR: {detail}")]
    DagCbor {
        /// What the decoder met.
        detail: String,
    },
    /// The CAR is not that of a DagJWS.
    #[error("this is not a valid CAR of a DagJWS: {detail}")]
    Car {
        /// What was expected.
        detail: &'static str,
    },
    /// The bytes are not a CAR, or one of its blocks is not the one that its CID names.
    #[error("the CAR cannot be read")]
    Archive(#[source] cacao::Error),
    /// The CAR does not hold the linked block.
    #[error("the linked block {link} is missing")]
    BlockMissing {
        /// The signed link.
        link: String,
    },

    // what cannot be signed
    /// Keys of this type do not sign.
    #[error("{key_type} keys cannot sign")]
    CannotSign {
        /// The key's type.
        key_type: didkey::KeyType,
    },
    /// A value cannot be written so that every reader reads the same.
    #[error("the value cannot be signed: {detail}")]
    Value {
        /// What is wrong with it.
        detail: &'static str,
    },
    /// An integer that has no exact text in ECMAScript, whose numbers are doubles.
    #[error("the integer {value} is not exact in ECMAScript: write it as a text")]
    InexactInteger {
        /// The integer.
        value: String,
    },
    /// A number whose value is not the one that ECMAScript prints for its double.
    #[error("the number {value} is not exact in ECMAScript: write it as a text")]
    InexactNumber {
        /// The number as it is written, or its start.
        value: String,
    },
    /// Lists and maps are nested too deeply.
    #[error("there are more than {limit} levels of lists and maps")]
    TooDeep {
        /// The bound.
        limit: usize,
    },

    // what is refused
    /// The algorithm is not known; `none` is not known either.
    #[error("the signature algorithm is not known")]
    UnknownAlgorithm,
    /// The header has `crit`: it asks for extensions, and none is known.
    #[error("the header requires extensions (crit), which are not supported")]
    CriticalHeader,
    /// The header says that the payload is not encoded (`b64`, RFC 7797): this is an extension,
    /// and none is known.
    #[error("the header says that the payload is not encoded (b64), which is not supported")]
    UnencodedPayload,
    /// The JWS has no such signature.
    #[error("the JWS does not have this signature")]
    SignatureMissing,
    /// The JWS has several signatures of one key.
    #[error("the JWS has several signatures of this key: pick one by its position")]
    SignatureAmbiguous,
    /// `kid` does not name a `did:key`.
    #[error("the kid does not name a valid did:key")]
    KeyId(#[source] didkey::Error),
    /// `kid` is not `<did:key>#<its fingerprint>`.
    #[error("the fragment of the kid is not that of its did:key")]
    KeyIdFragment,
    /// The signature is not the key's over this header and payload.
    #[error("the signature is refused")]
    Signature(#[source] didkey::Error),
    /// The required issuer did not sign, and no capability delegates from it to the key that did.
    #[error("it was signed by {found}, not by {expected} or on its behalf")]
    IssuerMismatch {
        /// The required issuer.
        expected: String,
        /// The key that signed.
        found: String,
    },
    /// A capability is needed, and none was supplied.
    #[error("the JWS is judged together with its capability, but none was given: supply it")]
    CapabilityMissing {
        /// The CID that the header names, if it does.
        cid: Option<String>,
    },
    /// The capability is not the one that the header names, or not that of the block beside the
    /// JWS.
    #[error("the capability is {found}, but {expected} was expected")]
    CapabilityMismatch {
        /// The CID in the header; without one, that of the block beside the JWS.
        expected: String,
        /// The CID of the capability.
        found: String,
    },
    /// The header names no capability, but the caller requires that it does.
    #[error("the header does not name a capability, which the caller requires")]
    CapabilityUnbound,
    /// The capability itself is refused, or its block is unreadable.
    #[error("the capability is refused")]
    Capability(#[source] cacao::Error),
    /// The issuer is a contract, which must be asked; everything else is accepted so far.
    #[error("the contract of {} must be asked first", .0.cacao().payload().issuer())]
    MustAsk(Box<cacao::Inquiry>),
    /// The link beside a DagJWS is not the one that is signed.
    #[error("the payload is the CID {payload}, but the link is {link}")]
    LinkMismatch {
        /// The link as stated.
        link: String,
        /// The CID in the payload.
        payload: String,
    },
    /// The linked block is not the one that the link names.
    #[error("the linked block does not have the hash of {link}")]
    BlockMismatch {
        /// The signed link.
        link: String,
    },
}

/// NaN and the infinities, which neither JSON nor the IPLD data model has.
pub(crate) const NOT_FINITE: Error = Error::Value {
    detail: "a number is not finite",
};

impl Error {
    /// A stable name of the reason in snake case, for machines. Where the key or the capability
    /// is refused it is the code of that error.
    #[must_use]
    // one table of them, and not one in each crate that asks: pages download it
    #[inline(never)]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::Form { .. } => "malformed_jws",
            Self::Json { .. } => "malformed_json",
            Self::Base64Url { .. } => "malformed_base64url",
            Self::Empty { .. } => "empty_part",
            Self::HeaderMember { .. } => "malformed_header",
            Self::PayloadNotLink => "payload_not_link",
            Self::DagJose { .. } => "malformed_dag_jose",
            Self::DagCbor { .. } => "malformed_cbor",
            Self::Car { .. } => "malformed_car",
            Self::Archive(error) => error.code(),
            Self::BlockMissing { .. } => "block_missing",
            Self::CannotSign { .. } => "cannot_sign",
            Self::Value { .. } => "unsupported_value",
            Self::InexactInteger { .. } => "inexact_integer",
            Self::InexactNumber { .. } => "inexact_number",
            Self::TooDeep { .. } => "too_deep",
            Self::UnknownAlgorithm => "unknown_algorithm",
            Self::CriticalHeader => "critical_header",
            Self::UnencodedPayload => "unencoded_payload",
            Self::SignatureMissing => "signature_missing",
            Self::SignatureAmbiguous => "signature_ambiguous",
            Self::KeyId(_) | Self::KeyIdFragment => "invalid_key_id",
            Self::Signature(error) => error.code(),
            Self::IssuerMismatch { .. } => "issuer_mismatch",
            Self::CapabilityMissing { .. } => "capability_missing",
            Self::CapabilityMismatch { .. } => "capability_mismatch",
            Self::CapabilityUnbound => "capability_unbound",
            Self::Capability(error) => error.code(),
            Self::MustAsk(_) => "chain_unavailable",
            Self::LinkMismatch { .. } => "link_mismatch",
            Self::BlockMismatch { .. } => "block_hash_mismatch",
        }
    }

    /// Whether the JWS was read and then refused; otherwise it could not be read or made.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Capability(error) => error.is_refusal(),
            Self::UnknownAlgorithm
            | Self::CriticalHeader
            | Self::UnencodedPayload
            | Self::SignatureMissing
            | Self::SignatureAmbiguous
            | Self::KeyId(_)
            | Self::KeyIdFragment
            | Self::Signature(_)
            | Self::IssuerMismatch { .. }
            | Self::CapabilityMissing { .. }
            | Self::CapabilityMismatch { .. }
            | Self::CapabilityUnbound
            | Self::LinkMismatch { .. }
            | Self::BlockMismatch { .. } => true,
            _ => false,
        }
    }
}
