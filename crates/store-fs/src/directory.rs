//! The store as blocking calls on one directory; the async side calls each as one piece.

use crate::codec::{Form, Record, decode, encode};
use crate::durable::staged_names;
use crate::error::Error;
use crate::lock::{Turn, Unsealed, WriteLock};
use crate::lock_file::LockFile;
use crate::name::{SEAL, Stem, profile_in};
use crate::read::{Content, MAX_LEN, read};
use cacao::Issuer;
use didkey::Ed25519SigningKey;
use session_core::{
    ExpectedSlot, MAX_SEAL_LEN, Profile, RecordTag, SealedRecord, SealedSlot, Slot, SlotId,
    StoreError,
};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

/// A directory of records.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
}

impl Directory {
    pub(crate) fn new(path: PathBuf) -> Self {
        // so that a later change of the working directory does not move the store
        let path = std::path::absolute(&path).unwrap_or(path);
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the record of a slot lies, in this form.
    pub(crate) fn path_of(&self, slot: &SlotId, form: Form) -> PathBuf {
        self.path.join(file_name(&Stem::of(slot), form))
    }

    pub(crate) fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        let stem = Stem::of(slot);
        let path = self.path.join(file_name(&stem, Form::Plain));
        let bytes = match read(&path)? {
            Content::Bytes(bytes) => bytes,
            Content::Unreadable { tag, error } => return Ok(unreadable(tag, error)),
            Content::Nothing => {
                let other = self.misplaced(&stem, Form::Sealed)?;
                return Ok(other.map_or(Slot::Empty, |(tag, error)| unreadable(tag, error)));
            }
        };
        Ok(match decode(&path, &bytes) {
            Ok(record) => Slot::Record {
                tag: record.tag(),
                record,
            },
            Err(error) => unreadable(RecordTag::of_unreadable(&bytes), error),
        })
    }

    pub(crate) fn load_sealed(&self, slot: &SlotId) -> Result<SealedSlot, StoreError> {
        let stem = Stem::of(slot);
        let path = self.path.join(file_name(&stem, Form::Sealed));
        let found = match read(&path)? {
            Content::Bytes(bytes) => match SealedRecord::parse(bytes.as_slice()) {
                Some(sealed) => return Ok(SealedSlot::Sealed(sealed)),
                None => Some((RecordTag::of_unreadable(&bytes), Error::SealFormat { path })),
            },
            Content::Unreadable { tag, error } => Some((tag, error)),
            Content::Nothing => self.misplaced(&stem, Form::Plain)?,
        };
        Ok(
            found.map_or(SealedSlot::Empty, |(tag, error)| SealedSlot::Unreadable {
                tag,
                source: error.into(),
            }),
        )
    }

    /// The content of a slot in the form that was not asked for; it is not used.
    fn misplaced(&self, stem: &Stem, form: Form) -> Result<Option<(RecordTag, Error)>, StoreError> {
        let path = self.path.join(file_name(stem, form));
        Ok(match read(&path)? {
            Content::Nothing => None,
            Content::Unreadable { tag, error } => Some((tag, error)),
            Content::Bytes(bytes) => Some((form.tag(&path, &bytes), form.misplaced(&path))),
        })
    }

    /// The file that says how records are sealed, if there is one.
    pub(crate) fn load_seal(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path.join(SEAL);
        let error = match read(&path)? {
            Content::Nothing => return Ok(None),
            Content::Bytes(bytes) if bytes.len() <= MAX_SEAL_LEN => {
                return Ok(Some(bytes.to_vec()));
            }
            Content::Bytes(bytes) => Error::TooLarge {
                path: path.clone(),
                length: bytes.len() as u64,
                limit: MAX_SEAL_LEN as u64,
            },
            Content::Unreadable { error, .. } => error,
        };
        Err(failed("read", &path, error))
    }

    /// Refuses a directory in which something is sealed: nothing plain is saved beside a seal, and
    /// where the seal has gone, it is to be put back first.
    pub(crate) fn check_unsealed(&self) -> Result<(), StoreError> {
        let seal = self.path.join(SEAL);
        let refused = |error| Err(failed("write to", &self.path, error));
        match fs::symlink_metadata(&seal) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            _ => return refused(Error::Sealed { path: seal }),
        }
        for found in self.files()? {
            let File { name, .. } = found?;
            let is_named = Path::new(&name).extension() == Some(OsStr::new("sealed"));
            let sealed = self.path.join(name);
            if is_named
                && let Content::Bytes(bytes) = read(&sealed)?
                && SealedRecord::parse(bytes.as_slice()).is_some()
            {
                return refused(Error::SealMissing { path: seal, sealed });
            }
        }
        Ok(())
    }

    /// Replaces that file if it is as expected; returns whether it was.
    pub(crate) fn replace_seal(
        &self,
        seal: &[u8],
        expected: Option<&[u8]>,
        turn: Turn<'_>,
    ) -> Result<bool, StoreError> {
        let lock = WriteLock::take(&self.path, &Stem::of_seal(), turn)?;
        if self.load_seal()?.as_deref() != expected {
            return Ok(false);
        }
        lock.replace(SEAL, seal, None)?;
        Ok(true)
    }

    /// Saves, unless the caller has given up before its turn comes.
    pub(crate) fn save(
        &self,
        slot: &SlotId,
        record: &Record,
        expected: ExpectedSlot,
        turn: Turn<'_>,
    ) -> Result<RecordTag, StoreError> {
        let path = self.path_of(slot, Form::Plain);
        let (bytes, tag) = encode(record).map_err(|error| failed("write", &path, error))?;
        let stem = Stem::of(slot);
        let lock = WriteLock::take(&self.path, &stem, turn)?;
        // whoever seals the directory meanwhile would not find the record, and leave it plain
        let _unsealed = Unsealed::take(&self.path, turn)?;
        // whatever the file says: somebody sealed this store
        let seal = self.path.join(SEAL);
        match fs::symlink_metadata(&seal) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            _ => return Err(failed("write", &path, Error::Sealed { path: seal })),
        }
        self.check_expected(slot, expected)?;
        // nor does a plain record take the place of a sealed one whose seal has gone
        let sealed = self.path_of(slot, Form::Sealed);
        if let Content::Bytes(bytes) = read(&sealed)?
            && SealedRecord::parse(bytes.as_slice()).is_some()
        {
            return Err(failed("write", &path, Error::Sealed { path: sealed }));
        }
        lock.replace(
            &file_name(&stem, Form::Plain),
            &bytes,
            Some(&file_name(&stem, Form::Sealed)),
        )?;
        Ok(tag)
    }

    /// The same for a sealed record.
    pub(crate) fn save_sealed(
        &self,
        record: &SealedRecord,
        expected: ExpectedSlot,
        turn: Turn<'_>,
    ) -> Result<(), StoreError> {
        let slot = record.slot();
        if record.as_bytes().len() as u64 > MAX_LEN {
            let error = Error::NotRepresentable { source: None };
            return Err(failed("write", &self.path_of(slot, Form::Sealed), error));
        }
        let stem = Stem::of(slot);
        let lock = WriteLock::take(&self.path, &stem, turn)?;
        self.check_expected(slot, expected)?;
        // no plain copy stays beside it
        lock.replace(
            &file_name(&stem, Form::Sealed),
            record.as_bytes(),
            Some(&file_name(&stem, Form::Plain)),
        )
    }

    /// Whether the slot is as expected; for a change of it, called under the lock.
    ///
    /// A crash may have left a record in both forms. Whoever reads one of them means that one.
    fn check_expected(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<(), StoreError> {
        // what lies there is read only where it matters
        if expected == ExpectedSlot::Anything
            || expected.allows(self.load(slot)?.tag())
            || expected != ExpectedSlot::Absent && expected.allows(self.load_sealed(slot)?.tag())
        {
            return Ok(());
        }
        Err(StoreError::conflict(slot))
    }

    /// Removes, unless the caller has given up before its turn comes.
    pub(crate) fn remove(
        &self,
        slot: &SlotId,
        expected: ExpectedSlot,
        turn: Turn<'_>,
    ) -> Result<bool, StoreError> {
        let stem = Stem::of(slot);
        let names = [Form::Plain, Form::Sealed].map(|form| file_name(&stem, form));
        // an absent record leaves no trace, a lock file either
        let is_absent = |path: &Path| {
            let found = fs::symlink_metadata(path);
            found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        };
        let nothing = names.iter().all(|name| {
            is_absent(&self.path.join(name))
                && staged_names(name).all(|staged| is_absent(&self.path.join(staged)))
        });
        if nothing {
            self.check_expected(slot, expected)?;
            return Ok(false);
        }
        let lock = WriteLock::take(&self.path, &stem, turn)?;
        self.check_expected(slot, expected)?;
        lock.remove([&names[0], &names[1]])
    }

    /// Removes every profile of an issuer, one after the other; one that cannot be removed does
    /// not keep the others.
    pub(crate) fn remove_issuer(
        &self,
        issuer: &Issuer,
        turn: Turn<'_>,
    ) -> Result<Vec<Profile>, StoreError> {
        let (profiles, mut failed) = match self.profiles_of(issuer) {
            Ok(profiles) => (profiles, None),
            Err(error) => (BTreeSet::from([Profile::default()]), Some(error)),
        };
        let mut removed = Vec::new();
        for profile in profiles {
            let slot = SlotId::from(issuer).with_profile(profile);
            match self.remove(&slot, ExpectedSlot::Anything, turn) {
                Ok(true) => removed.push(slot.profile().clone()),
                Ok(false) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(removed), Err)
    }

    /// The profiles of an issuer that have a file, as their names tell, and the default one.
    fn profiles_of(&self, issuer: &Issuer) -> Result<BTreeSet<Profile>, StoreError> {
        let mut profiles = BTreeSet::from([Profile::default()]);
        for found in self.files()? {
            let File { name, .. } = found?;
            profiles.extend(name.to_str().and_then(|name| profile_in(name, issuer)));
        }
        Ok(profiles)
    }

    /// Everything in the directory, if there is one: names, and what kind each is of.
    pub(crate) fn files(
        &self,
    ) -> Result<impl Iterator<Item = Result<File, StoreError>>, StoreError> {
        let failed =
            |error| StoreError::medium(format!("cannot list {}", self.path.display()), error);
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => Some(entries),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        Ok(entries.into_iter().flatten().map(move |entry| {
            let entry = entry.map_err(failed)?;
            Ok(File {
                name: entry.file_name(),
                // what the directory says of it: nothing is opened
                kind: entry.file_type().ok(),
            })
        }))
    }

    /// The lock of the right to ask the wallet, not locked yet.
    pub(crate) fn prompt_lock(&self, slot: &SlotId) -> Result<LockFile, StoreError> {
        LockFile::of_prompt(&self.path, &Stem::of(slot))
    }
}

/// Something in the directory.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: OsString,
    /// `None` where the file system does not tell.
    pub(crate) kind: Option<FileType>,
}

pub(crate) fn file_name(stem: &Stem, form: Form) -> String {
    format!("{stem}{}", form.suffix())
}

fn failed(what: &str, path: &Path, error: Error) -> StoreError {
    StoreError::medium(format!("cannot {what} {}", path.display()), error)
}

fn unreadable(tag: RecordTag, error: Error) -> Slot<Ed25519SigningKey> {
    Slot::Unreadable {
        tag,
        source: error.into(),
    }
}
