//! What stands in a file: a session string, or a sealed record.

use crate::error::Error;
use crate::name::{PLAIN, SEALED};
use crate::read::MAX_LEN;
use cacao::Issuer;
use didkey::Ed25519SigningKey;
use session_core::{RecordTag, SealedRecord, SessionRecord};
use std::path::Path;
use zeroize::Zeroizing;

/// A record with the keys of this store.
pub(crate) type Record = SessionRecord<Ed25519SigningKey>;

/// Whether a file has a session string or a sealed record.
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

    /// Somebody who reads the other form met a record in this one.
    pub(crate) fn misplaced(self, path: &Path) -> Error {
        let path = path.to_owned();
        match self {
            Self::Plain => Error::NotSealed { path },
            Self::Sealed => Error::Sealed { path },
        }
    }

    /// The tag of a file's content, whoever reads it.
    pub(crate) fn tag(self, path: &Path, bytes: &[u8]) -> RecordTag {
        let tag = match self {
            Self::Plain => decode(path, bytes).ok().map(|record| record.tag()),
            Self::Sealed => SealedRecord::parse(bytes).map(|sealed| sealed.tag()),
        };
        tag.unwrap_or_else(|| RecordTag::of_unreadable(bytes))
    }
}

/// The content of a file for this record, and the record's tag.
pub(crate) fn encode(record: &Record) -> Result<(Zeroizing<Vec<u8>>, RecordTag), Error> {
    // what would not come back is not written in the first place
    let written = record.to_checked_stored_string();
    let (text, tag) = written.map_err(|source| Error::NotRepresentable {
        source: Some(source),
    })?;
    if text.len() as u64 > MAX_LEN {
        return Err(Error::NotRepresentable { source: None });
    }
    Ok((Zeroizing::new(text.as_bytes().to_vec()), tag))
}

/// Reads a session string with or without evidence, and says precisely what it does not like, without quoting it.
pub(crate) fn decode(path: &Path, bytes: &[u8]) -> Result<Record, Error> {
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

/// Whom the content of a file is about, which nothing proves: for names that are hashes.
pub(crate) fn issuer_of(form: Form, path: &Path, bytes: &[u8]) -> Option<Issuer> {
    match form {
        Form::Plain => {
            let record = decode(path, bytes).ok()?;
            Some(record.capability().payload().issuer().normalized())
        }
        Form::Sealed => Some(SealedRecord::parse(bytes)?.slot().issuer().clone()),
    }
}
