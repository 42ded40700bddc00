//! JSON: DAG-JSON with sorted members, and the member order of session strings.

use super::read::Wire;
use super::write::Ordered;
use crate::error::Error;
use crate::limits::MAX_ENCODED_LEN;
use crate::model::Cacao;
use alloc::string::{String, ToString};

/// In which order the members of a capability are written as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemberOrder {
    /// Sorted by name, as DAG-JSON has it.
    DagJson,
    /// As a session string holds them: for wallets `domain iat iss aud version nonce nbf exp
    /// statement requestId resources`, for passkeys `domain aud version nonce resources exp nbf
    /// iat iss`.
    Session,
}

impl Cacao {
    /// Reads a capability from JSON. Members may stand in any order; bytes are written as
    /// DAG-JSON has them (the `aad` of a passkey also in the two forms in which JavaScript's
    /// `JSON.stringify` writes a byte array).
    ///
    /// # Errors
    /// [`Error::Json`] when it is no JSON of this shape, [`Error::Field`] when a member has a
    /// value that is not allowed, [`Error::TooLarge`].
    pub fn from_json(json: &str) -> Result<Self, Error> {
        if json.len() > MAX_ENCODED_LEN {
            return Err(Error::TooLarge {
                what: "JSON",
                limit: MAX_ENCODED_LEN,
            });
        }
        let wire: Wire<'_> = serde_json::from_str(json).map_err(|error| Error::Json {
            detail: error.to_string(),
        })?;
        wire.into_cacao()
    }

    /// Writes the capability as JSON, in one line without spaces.
    #[must_use]
    pub fn to_json(&self, order: MemberOrder) -> String {
        // texts and maps with text keys: serde_json has nothing here that it could refuse
        serde_json::to_string(&Ordered { cacao: self, order }).unwrap_or_default()
    }
}
