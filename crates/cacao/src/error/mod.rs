//! The error type of the crate; [`Error::code`] names the reason.

mod field;
mod peculiar;
mod recap;
mod words;

pub use field::Field;
pub(crate) use peculiar::Shown;
pub use peculiar::{Peculiarity, TextWarning};
pub use recap::RecapError;

use alloc::boxed::Box;
use alloc::string::String;
use core::time::Duration;
pub(crate) use words::shortened;
use words::{Found, Lifetime, RequestId, Within};

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It must not be empty.
    #[error("is empty")]
    Empty,
    /// It holds a control character, which would let one signed text stand for several payloads.
    #[error("holds the control character U+{:04X}", u32::from(*.0))]
    ControlCharacter(char),
    /// It is longer than the bound.
    #[error("is longer than {limit} bytes")]
    TooLong {
        /// The bound, in bytes.
        limit: usize,
    },
    /// It is a list of more entries than the bound.
    #[error("has more than {limit} entries")]
    TooMany {
        /// The bound, in entries.
        limit: usize,
    },
    /// It is not a valid RFC 3339 date-time.
    #[error("is not a valid RFC 3339 date-time with an offset: {0}")]
    DateTime(&'static str),
    /// It is not a valid CAIP-2 chain id.
    #[error("is not a valid CAIP-2 chain id: {0}")]
    ChainId(&'static str),
    /// It is not a valid CAIP-10 account id.
    #[error("is not a valid CAIP-10 account id: {0}")]
    AccountId(&'static str),
    /// It is neither a `did:pkh` nor a `did:key`.
    #[error("is neither a valid did:pkh nor a valid did:key")]
    Did,
    /// It is a `did:key` that does not parse.
    #[error("is not a valid did:key")]
    DidKey(#[source] didkey::Error),
    /// It is a value that this version of the specification does not know.
    #[error("is not one of the registered values")]
    Unregistered,
    /// Another member, which is not signed, says something else than this one.
    #[error("says something else than {0}")]
    Contradicted(&'static str),
    /// It has characters outside its alphabet, or the wrong form.
    #[error("has the wrong form: {0}")]
    Form(&'static str),
}

/// Why a capability cannot be read, or is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // what cannot be read
    /// A member has a value that the specification does not allow.
    #[error("{field} {problem}")]
    Field {
        /// The member.
        field: Field,
        /// What is wrong with it.
        problem: Problem,
    },
    /// A text by itself (an account id, a date) is not valid.
    #[error("the {what} {problem}")]
    Value {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The input is larger than the bound.
    #[error("the {what} is larger than {limit} bytes")]
    TooLarge {
        /// What was read.
        what: &'static str,
        /// The bound in bytes.
        limit: usize,
    },
    /// The bytes are no DAG-CBOR of a capability.
    #[error("not a valid capability in DAG-CBOR: {detail}")]
    Cbor {
        /// What the decoder met.
        detail: String,
    },
    /// The text is not valid JSON of a capability.
    #[error("not a valid capability in JSON: {detail}")]
    Json {
        /// What the decoder met.
        detail: String,
    },
    /// The bytes are CBOR, but not the only valid DAG-CBOR encoding of their content.
    #[error("the bytes are not canonical DAG-CBOR: there is another encoding of the same content")]
    NotCanonical,
    /// The text is no CAR in base64url.
    #[error("is not a valid CAR with one capability as its root: {detail}")]
    Car {
        /// What the decoder met.
        detail: &'static str,
    },
    /// A block does not have the hash that its CID names.
    #[error("a block does not have the hash of its CID {cid}")]
    BlockHash {
        /// The CID of the block, according to the CAR.
        cid: String,
    },
    /// The text is no Sign-in-with-X message.
    #[error("not a valid sign-in text: line {line}: expected {detail}{}", Found(.found.as_deref()))]
    Text {
        /// The line, counted from 1.
        line: usize,
        /// What was expected there.
        detail: &'static str,
        /// What was found there, shortened and escaped, unless the rest says it.
        found: Option<String>,
    },
    /// There is no Sign-in-with-X text for issuers of this namespace.
    #[error("there is no sign-in text for issuers of the namespace {namespace}")]
    NoText {
        /// The issuer's namespace.
        namespace: String,
    },

    // what is refused
    /// The capability carries no signature.
    #[error("the capability is not signed")]
    Unsigned,
    /// No prover of the caller's set claims this kind.
    #[error(
        "no prover that is trusted here verifies signatures of this kind: header {header}, signature {signature}, issuer {namespace}"
    )]
    UnsupportedKind {
        /// `h.t`.
        header: &'static str,
        /// `s.t`.
        signature: String,
        /// The issuer's namespace.
        namespace: String,
    },
    /// Two provers claim the same kind.
    #[error("two provers claim header {header}, signature {signature}, issuer {namespace}")]
    DuplicateKind {
        /// `h.t`.
        header: &'static str,
        /// `s.t`.
        signature: &'static str,
        /// The issuer's namespace.
        namespace: &'static str,
    },
    /// The signature does not have the form of its kind.
    #[error("the signature is malformed: {0}")]
    MalformedSignature(&'static str),
    /// The signature is not the issuer's signature of this payload.
    #[error("the signature does not belong to the issuer and this payload")]
    SignatureMismatch,
    /// It does not hold yet.
    #[error("not valid before {field} {time}")]
    NotYetValid {
        /// `iat` or `nbf`.
        field: Field,
        /// The member's text.
        time: String,
    },
    /// It holds no longer.
    #[error("expired at {time}")]
    Expired {
        /// `exp` as it stands.
        time: String,
    },
    /// It holds longer than the policy allows.
    #[error("{}, and the policy allows {} seconds", Lifetime(*.lifetime), .limit.as_secs())]
    LifetimeTooLong {
        /// From `iat` to `exp`; `None` if it never expires.
        lifetime: Option<Duration>,
        /// What the policy allows.
        limit: Duration,
    },
    /// It was issued by another issuer than the expected one.
    #[error("issued by {found}, not by {expected}")]
    IssuerMismatch {
        /// The issuer asked for.
        expected: String,
        /// The issuer of the capability.
        found: String,
    },
    /// It delegates to another audience than the expected one.
    #[error("it delegates to {found}, not to {expected}")]
    AudienceMismatch {
        /// The audience asked for.
        expected: String,
        /// The audience of the capability.
        found: String,
    },
    /// It was signed for another domain.
    #[error("signed for the domain {found:?}, not for {expected:?}")]
    DomainMismatch {
        /// The domain asked for.
        expected: String,
        /// The domain of the capability.
        found: String,
    },
    /// It answers another challenge.
    #[error("its nonce is {found:?}, not {expected:?}")]
    NonceMismatch {
        /// The nonce asked for.
        expected: String,
        /// The nonce of the capability.
        found: String,
    },
    /// It answers another request.
    #[error("it has {}, not {expected:?}", RequestId(.found.as_deref()))]
    RequestIdMismatch {
        /// The id asked for.
        expected: String,
        /// The id of the capability, if it has one.
        found: Option<String>,
    },
    /// It grants other resources than exactly those that are asked for.
    #[error("it does not grant exactly the resources that are asked for")]
    NotExact,
    /// It ends sooner than is asked for.
    #[error("it ends too soon, at {time}")]
    EndsTooSoon {
        /// `exp` as it stands.
        time: String,
    },
    /// It lasts longer than is asked for.
    #[error("it lasts longer than was asked for")]
    LastsTooLong,
    /// The policy forbids signatures of its kind.
    #[error("signatures of the kind {signature} are not accepted")]
    ForbiddenKind {
        /// `s.t`.
        signature: String,
    },
    /// It has a variation that the policy forbids.
    #[error("the dialect {dialect} is not accepted")]
    ForbiddenDialect {
        /// The name of the variation.
        dialect: &'static str,
    },
    /// A person may have misread the text, and the policy is strict.
    #[error("{0}")]
    PeculiarText(TextWarning),
    /// The answer of the issuer's contract is older than the policy allows.
    #[error("the issuer's contract was asked too long ago, and must be asked again")]
    ContractWordTooOld,
    /// A resource is a ReCap that cannot be read, so it is not known what it grants.
    #[error("a ReCap among the resources cannot be read")]
    Recap(#[source] RecapError),
    /// A ReCap that is not the last resource grants something, which no statement says.
    #[error("a ReCap that grants something is not the last resource")]
    RecapNotLast,
    /// The ReCap grants something that the signed statement does not say, so the user did not read
    /// it.
    #[error("the signed statement does not say what the ReCap grants")]
    RecapUnsaid,
    /// It does not grant a resource that is asked for.
    #[error("it does not grant {resource:?}")]
    ResourceNotGranted {
        /// The first resource that is missing.
        resource: String,
    },
    /// The passkey was used for another relying party.
    #[error("the passkey was not used for the relying party {rp_id:?}")]
    RpIdMismatch {
        /// The RP id asked for.
        rp_id: String,
    },
    /// The passkey was used on a page of another origin.
    #[error("the passkey was used at the origin {found:?}, not at {expected:?}")]
    OriginMismatch {
        /// The origin asked for.
        expected: String,
        /// The origin that the browser saw.
        found: String,
    },
    /// The passkey was used in a frame of another site.
    #[error("the passkey was used in a cross-origin frame{}, which is not accepted", Within(.top_origin.as_deref()))]
    CrossOrigin {
        /// The origin of the page above it, where the browser says one.
        top_origin: Option<String>,
    },
    /// The passkey signed another challenge: another payload, that is.
    #[error("the passkey signed another payload")]
    ChallengeMismatch,
    /// The passkey was used without a test of user presence.
    #[error("no user was present when the passkey was used")]
    UserNotPresent,
    /// The passkey did not verify its user, which the policy requires.
    #[error("the passkey did not verify its user")]
    UserNotVerified,
    /// There is no contract at the issuer's address that could accept the signature.
    #[error("there is no contract at the issuer's address")]
    NotAContract,
    /// The contract at the issuer's address reverted when it was asked.
    #[error("the issuer's contract reverted")]
    ContractReverted,
    /// The contract at the issuer's address answered something that is not a valid answer.
    #[error("the answer of the issuer's contract is malformed: {0}")]
    ContractAnswer(&'static str),
    /// The chain could not be asked, so that nothing is known.
    #[error("the issuer's contract could not be asked")]
    Chain(#[source] Box<dyn core::error::Error + Send + Sync>),
    /// A prover refused for a reason of its own.
    #[error("refused: {0}")]
    Refused(&'static str),
}

impl Error {
    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    // one table of them, and not one in each crate that asks: pages download it
    #[inline(never)]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Field { .. } => "invalid_field",
            Self::Value { .. } => "invalid_value",
            Self::TooLarge { .. } => "too_large",
            Self::Cbor { .. } => "malformed_cbor",
            Self::Json { .. } => "malformed_json",
            Self::NotCanonical => "not_canonical",
            Self::Car { .. } => "malformed_car",
            Self::BlockHash { .. } => "block_hash_mismatch",
            Self::Text { .. } => "malformed_text",
            Self::NoText { .. } => "no_text",
            Self::Unsigned => "unsigned",
            Self::UnsupportedKind { .. } => "unsupported_kind",
            Self::DuplicateKind { .. } => "duplicate_kind",
            Self::MalformedSignature(_) => "malformed_signature",
            Self::SignatureMismatch => "signature_mismatch",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::Expired { .. } => "expired",
            Self::LifetimeTooLong { .. } => "lifetime_too_long",
            Self::IssuerMismatch { .. } => "issuer_mismatch",
            Self::AudienceMismatch { .. } => "audience_mismatch",
            Self::DomainMismatch { .. } => "domain_mismatch",
            Self::NonceMismatch { .. } => "nonce_mismatch",
            Self::RequestIdMismatch { .. } => "request_id_mismatch",
            Self::NotExact => "not_exact",
            Self::EndsTooSoon { .. } => "ends_too_soon",
            Self::LastsTooLong => "lasts_too_long",
            Self::ForbiddenKind { .. } => "forbidden_kind",
            Self::ForbiddenDialect { .. } => "forbidden_dialect",
            Self::PeculiarText(_) => "peculiar_text",
            Self::ContractWordTooOld => "contract_word_too_old",
            Self::Recap(_) => "malformed_recap",
            Self::RecapNotLast => "recap_not_last",
            Self::RecapUnsaid => "recap_not_in_statement",
            Self::ResourceNotGranted { .. } => "resource_not_granted",
            Self::RpIdMismatch { .. } => "rp_id_mismatch",
            Self::OriginMismatch { .. } => "origin_mismatch",
            Self::CrossOrigin { .. } => "cross_origin",
            Self::ChallengeMismatch => "challenge_mismatch",
            Self::UserNotPresent => "user_not_present",
            Self::UserNotVerified => "user_not_verified",
            Self::NotAContract => "not_a_contract",
            Self::ContractReverted => "contract_reverted",
            Self::ContractAnswer(_) => "malformed_contract_answer",
            Self::Chain(_) => "chain_unavailable",
            Self::Refused(_) => "refused",
        }
    }

    /// Whether the capability was read and then refused; otherwise it could not be read.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Field { .. }
                | Self::Value { .. }
                | Self::TooLarge { .. }
                | Self::Cbor { .. }
                | Self::Json { .. }
                | Self::NotCanonical
                | Self::Car { .. }
                | Self::BlockHash { .. }
                | Self::Text { .. }
                | Self::NoText { .. }
                | Self::DuplicateKind { .. }
                | Self::Chain(_)
        )
    }

    /// The chain could not be asked, for this reason.
    pub fn chain(reason: impl Into<Box<dyn core::error::Error + Send + Sync>>) -> Self {
        Self::Chain(reason.into())
    }

    pub(crate) const fn field(field: Field, problem: Problem) -> Self {
        Self::Field { field, problem }
    }
}
