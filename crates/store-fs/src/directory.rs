//! The store as blocking calls on one directory; the async side calls each as one piece.

use crate::codec::{Codec, Form, Record, issuer_of};
use crate::durable::staged_names;
use crate::error::Error;
use crate::lock::{Turn, WriteLock};
use crate::lock_file::LockFile;
use crate::name::{Named, Stem, profile_in};
use crate::read::{Content, read};
#[cfg(feature = "sealed")]
use crate::seal::Seal;
use cacao::Issuer;
use didkey::Ed25519SigningKey;
use session_core::{ExpectedSlot, Listed, Profile, RecordTag, Slot, SlotId, StoreError};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

/// A directory, and how records in it are written.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    writing: Writing,
}

/// How records are written.
#[derive(Debug)]
pub(crate) enum Writing {
    Plain,
    #[cfg(feature = "sealed")]
    Sealed(Seal),
}

impl Directory {
    pub(crate) fn new(path: PathBuf, writing: Writing) -> Self {
        // so that a later change of the working directory does not move the store
        let path = std::path::absolute(&path).unwrap_or(path);
        Self { path, writing }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the record of a slot lies.
    pub(crate) fn path_of(&self, slot: &SlotId) -> PathBuf {
        self.path.join(file_name(&Stem::of(slot), self.form()))
    }

    const fn form(&self) -> Form {
        match self.writing {
            Writing::Plain => Form::Plain,
            #[cfg(feature = "sealed")]
            Writing::Sealed(_) => Form::Sealed,
        }
    }

    pub(crate) fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        let stem = Stem::of(slot);
        let path = self.path.join(file_name(&stem, self.form()));
        let bytes = match read(&path)? {
            Content::Bytes(bytes) => bytes,
            Content::Unreadable { tag, error } => return Ok(unreadable(tag, error)),
            Content::Nothing => return self.load_misplaced(&stem),
        };
        let record = match &self.writing {
            Writing::Plain => Codec::Plain.decode(slot, &path, &bytes),
            #[cfg(feature = "sealed")]
            Writing::Sealed(seal) => match seal.of(&self.path)? {
                Some(sealer) => Codec::Sealed(sealer).decode(slot, &path, &bytes),
                None => Err(Seal::missing(&self.path)),
            },
        };
        Ok(match record {
            Ok(record) => Slot::Record {
                tag: record.tag(),
                record,
            },
            Err(error) => unreadable(RecordTag::of_unreadable(&bytes), error),
        })
    }

    /// A record in the form that this store does not read is there, and is not read.
    fn load_misplaced(&self, stem: &Stem) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        let form = self.form().other();
        let path = self.path.join(file_name(stem, form));
        Ok(match read(&path)? {
            Content::Nothing => Slot::Empty,
            Content::Unreadable { tag, error } => unreadable(tag, error),
            Content::Bytes(bytes) => {
                unreadable(RecordTag::of_unreadable(&bytes), form.misplaced(&path))
            }
        })
    }

    /// Saves, unless the caller has given up before its turn comes.
    pub(crate) fn save(
        &self,
        slot: &SlotId,
        record: &Record,
        expected: ExpectedSlot,
        turn: Turn<'_>,
    ) -> Result<RecordTag, StoreError> {
        let codec = match &self.writing {
            Writing::Plain => Codec::Plain,
            #[cfg(feature = "sealed")]
            Writing::Sealed(seal) => Codec::Sealed(seal.of_or_new(&self.path, turn)?),
        };
        let bytes = codec.encode(slot, record).map_err(|error| {
            StoreError::medium(
                format!("cannot write {}", self.path_of(slot).display()),
                error,
            )
        })?;
        let stem = Stem::of(slot);
        let lock = WriteLock::take(&self.path, &stem, turn)?;
        self.check_expected(slot, expected)?;
        let (form, other) = (self.form(), self.form().other());
        lock.replace(
            &file_name(&stem, form),
            &bytes,
            Some(&file_name(&stem, other)),
        )?;
        Ok(record.tag())
    }

    /// Whether the slot is as expected; for a change of it, called under the lock.
    fn check_expected(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<(), StoreError> {
        // what lies there is read only where it matters
        if expected == ExpectedSlot::Anything || expected.allows(self.load(slot)?.tag()) {
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
        let names = self.names()?;
        let named = names
            .iter()
            .filter_map(|(name, _)| profile_in(name.to_str()?, issuer));
        Ok(named.chain([Profile::default()]).collect())
    }

    /// The names of everything in the directory, if there is one, and what kind each is of.
    fn names(&self) -> Result<Vec<(OsString, Option<FileType>)>, StoreError> {
        let failed =
            |error| StoreError::medium(format!("cannot list {}", self.path.display()), error);
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        // the kind is what the directory says of it: nothing is opened
        let names = entries.map(|entry| {
            let entry = entry?;
            Ok((entry.file_name(), entry.file_type().ok()))
        });
        names.collect::<io::Result<_>>().map_err(failed)
    }

    pub(crate) fn list(&self) -> Result<Vec<Listed>, StoreError> {
        // a set: the two forms of a record are one entry
        let mut listed = BTreeSet::new();
        for (name, kind) in self.names()? {
            let foreign = || Listed::Foreign(name.to_string_lossy().into_owned());
            listed.insert(match name.to_str().map(Named::of) {
                Some(Named::Slot(slot)) => Listed::Slot(slot),
                Some(Named::Hashed {
                    stem,
                    profile,
                    sealed,
                }) => {
                    let form = if sealed { Form::Sealed } else { Form::Plain };
                    // one that cannot be read does not keep the others from being listed
                    let slot = self.slot_inside(&stem, profile, form).ok().flatten();
                    slot.map_or_else(foreign, Listed::Slot)
                }
                Some(Named::Ours) if kind.is_none_or(|kind| kind.is_file()) => continue,
                Some(Named::OurFolder) if kind.is_none_or(|kind| kind.is_dir()) => continue,
                Some(Named::Ours | Named::OurFolder) => foreign(),
                Some(Named::Foreign) | None => foreign(),
            });
        }
        Ok(listed.into_iter().collect())
    }

    /// The slot of a record whose name has a hash, if its content tells the issuer, and tells the
    /// truth.
    fn slot_inside(
        &self,
        stem: &Stem,
        profile: Profile,
        form: Form,
    ) -> Result<Option<SlotId>, StoreError> {
        let path = self.path.join(file_name(stem, form));
        let Content::Bytes(bytes) = read(&path)? else {
            return Ok(None);
        };
        let issuer = issuer_of(form, &path, &bytes);
        let slot = issuer.map(|issuer| SlotId::new(issuer).with_profile(profile));
        Ok(slot.filter(|slot| Stem::of(slot) == *stem))
    }

    /// The lock of the right to ask the wallet, not locked yet.
    pub(crate) fn prompt_lock(&self, slot: &SlotId) -> Result<LockFile, StoreError> {
        LockFile::of_prompt(&self.path, &Stem::of(slot))
    }
}

fn file_name(stem: &Stem, form: Form) -> String {
    format!("{stem}{}", form.suffix())
}

fn unreadable(tag: RecordTag, error: Error) -> Slot<Ed25519SigningKey> {
    Slot::Unreadable {
        tag,
        source: error.into(),
    }
}
