//! What stands in a file: a session string, plain or sealed.

use crate::error::Error;
use crate::name::{PLAIN, SEALED};
use crate::read::MAX_LEN;
#[cfg(feature = "sealed")]
use crate::seal::Sealer;
use cacao::Issuer;
use didkey::Ed25519SigningKey;
use session_core::{SessionRecord, SlotId};
use std::path::Path;
#[cfg(feature = "sealed")]
use std::sync::Arc;
use zeroize::Zeroizing;

/// A record with the keys of this store.
pub(crate) type Record = SessionRecord<Ed25519SigningKey>;

/// Whether records are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    Sealed,
}

impl Form {
    /// The suffix of files in this form.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Plain => PLAIN,
            Self::Sealed => SEALED,
        }
    }

    /// The form that this store does not read.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Plain => Self::Sealed,
            Self::Sealed => Self::Plain,
        }
    }

    /// A record in this form lies in a store of the other.
    pub(crate) fn misplaced(self, path: &Path) -> Error {
        let path = path.to_owned();
        match self {
            Self::Plain => Error::NotSealed { path },
            Self::Sealed => Error::Sealed { path },
        }
    }
}

/// Writes records into bytes, and reads them.
pub(crate) enum Codec {
    Plain,
    #[cfg(feature = "sealed")]
    Sealed(Arc<Sealer>),
}

impl Codec {
    /// The content of a file for this record.
    #[cfg_attr(not(feature = "sealed"), allow(unused_variables))]
    pub(crate) fn encode(
        &self,
        slot: &SlotId,
        record: &Record,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let text = record.to_stored_string();
        // what would not come back is not written in the first place
        let back = Record::from_stored_string_unverified(&text).map_err(|source| {
            Error::NotRepresentable {
                source: Some(source),
            }
        })?;
        if back.tag() != record.tag() || back.evidence() != record.evidence() {
            return Err(Error::NotRepresentable { source: None });
        }
        let bytes = match self {
            Self::Plain => Zeroizing::new(text.as_bytes().to_vec()),
            #[cfg(feature = "sealed")]
            Self::Sealed(sealer) => sealer.seal(slot, text.as_bytes())?,
        };
        if bytes.len() as u64 > MAX_LEN {
            return Err(Error::NotRepresentable { source: None });
        }
        Ok(bytes)
    }

    /// The record in the content of a file.
    #[cfg_attr(not(feature = "sealed"), allow(unused_variables))]
    pub(crate) fn decode(&self, slot: &SlotId, path: &Path, bytes: &[u8]) -> Result<Record, Error> {
        match self {
            Self::Plain => parse(path, bytes),
            #[cfg(feature = "sealed")]
            Self::Sealed(sealer) => parse(path, &sealer.open(slot, path, bytes)?),
        }
    }
}

/// Whom the content of a file is about, which nothing proves: for names that are hashes.
pub(crate) fn issuer_of(form: Form, path: &Path, bytes: &[u8]) -> Option<Issuer> {
    match form {
        Form::Plain => {
            let record = parse(path, bytes).ok()?;
            Some(record.capability().payload().issuer().normalized())
        }
        #[cfg(feature = "sealed")]
        Form::Sealed => crate::seal::issuer_of(bytes),
        #[cfg(not(feature = "sealed"))]
        Form::Sealed => None,
    }
}

/// Reads a session string with or without evidence, and says precisely what it does not like, without quoting it.
fn parse(path: &Path, bytes: &[u8]) -> Result<Record, Error> {
    if let Some(index) = bytes.iter().position(u8::is_ascii_whitespace) {
        return Err(Error::WhiteSpace {
            path: path.to_owned(),
            index,
            length: bytes.len(),
        });
    }
    // what is not UTF-8 has a character that no session string has
    let text = str::from_utf8(bytes).unwrap_or("\u{fffd}");
    Record::from_stored_string_unverified(text).map_err(|source| Error::Malformed {
        path: path.to_owned(),
        source,
    })
}
