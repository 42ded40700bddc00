//! Why a text is not a ReCap, or a ReCap cannot be made.

use alloc::string::String;

/// Why a text is not a ReCap, or why one cannot be made of these parts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecapError {
    /// The text does not begin with `urn:recap:`, in these very letters.
    #[error("it does not begin with urn:recap:")]
    Prefix,
    /// It is longer than a resource may be.
    #[error("it is longer than {limit} bytes")]
    TooLong {
        /// The bound, in bytes.
        limit: usize,
    },
    /// The part after `urn:recap:` is not base64 in one of its two alphabets.
    #[error("it is not valid base64 or base64url")]
    Base64,
    /// It is not the JSON of a ReCap.
    #[error("it is not valid JSON: {detail}")]
    Json {
        /// What the reader met.
        detail: String,
    },
    /// A name appears twice in one object, and readers differ on which one counts.
    #[error("one of its objects has the name {name:?} twice")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// It has a number whose value is not the one that ECMAScript prints for its double, so that
    /// another one would be signed.
    #[error("the number {value} is not exact in ECMAScript: write it as a text")]
    InexactNumber {
        /// The number as it is written, or its start.
        value: String,
    },
    /// Lists and objects are nested too deeply.
    #[error("it has more than {limit} levels of lists and objects")]
    TooDeep {
        /// The bound.
        limit: usize,
    },
    /// It is JSON of another shape than ERC-5573 gives.
    #[error("it does not have the form of a ReCap: {0}")]
    Shape(&'static str),
    /// It is not a valid ability.
    #[error("{text:?} is not a valid ability: namespace/name, of letters, digits and .*_+-")]
    Ability {
        /// What was read.
        text: String,
    },
    /// It is not a valid target of an ability.
    #[error("{text:?} is not a valid target: {problem}")]
    Target {
        /// What was read.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A restriction is not a JSON object that every reader reads alike.
    #[error("a restriction is not valid: {0}")]
    Restriction(&'static str),
    /// A proof is not a CID.
    #[error("{text:?} is not a valid CID of a proof")]
    Proof {
        /// What was read.
        text: String,
    },
    /// It grants no ability, so that there is nothing to sign for.
    #[error("it grants no ability")]
    Empty,
}
