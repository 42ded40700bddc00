//! What lies in the directory: lists, pages of them, and records that have expired.

use crate::codec::{Form, issuer_of};
use crate::directory::{Directory, File, file_name};
use crate::lock::Turn;
use crate::name::{Named, PLAIN, SEALED, Stem};
use crate::read::{Content, read};
use cacao::UnixTime;
use data_encoding::BASE64URL_NOPAD;
use session_core::{ExpectedSlot, ListCursor, Listed, Page, Profile, Slot, SlotId, StoreError};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ffi::OsStr;
use std::io;
use std::num::NonZeroUsize;

impl Directory {
    pub(crate) fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let (mut listed, mut plain, mut sealed) = (Vec::new(), false, false);
        for file in self.files()? {
            let file = file?;
            let name = file.name.as_encoded_bytes();
            plain |= name.ends_with(PLAIN.as_bytes());
            sealed |= name.ends_with(SEALED.as_bytes());
            listed.extend(self.entry_of(&file));
        }
        // the two forms of a record are one entry
        if plain && sealed {
            listed.sort_unstable();
            listed.dedup();
        }
        Ok(listed)
    }

    /// The entries behind a place, in the order of their names: whatever comes and goes meanwhile,
    /// the others keep their places. No more of the directory is held than the page needs.
    pub(crate) fn list_page(
        &self,
        after: Option<&ListCursor>,
        limit: NonZeroUsize,
    ) -> Result<Page, StoreError> {
        let after = after.map(Place::parse).transpose()?;
        // an entry has two files at most; the last place of what is held may lack one of them
        let most = limit.get().saturating_mul(2).saturating_add(1);
        let (mut held, mut is_cut) = (BinaryHeap::<Found>::new(), false);
        for file in self.files()? {
            let file = file?;
            let place = place_of(&file.name);
            if after.as_ref().is_some_and(|after| !after.is_before(&place)) {
                continue;
            }
            if held.len() == most {
                is_cut = true;
                if held.peek().is_none_or(|last| *place > *last.place) {
                    continue;
                }
                held.pop();
            }
            let place = place.into_owned();
            held.push(Found { place, file });
        }
        let held = held.into_sorted_vec();
        let mut places = held
            .chunk_by(|one, other| one.place == other.place)
            .peekable();
        let (mut entries, mut last) = (Vec::new(), None);
        while let Some(files) = places.next() {
            let Some(first) = files.first() else { continue };
            if entries.len() == limit.get() || (is_cut && places.peek().is_none()) {
                return Ok(Page::new(entries, last));
            }
            let mut here = Vec::new();
            for Found { file, .. } in files {
                here.extend(self.entry_of(file).filter(|entry| !here.contains(entry)));
            }
            let shown = after
                .as_ref()
                .map_or(0, |after| after.shown_at(&first.place));
            let room = limit.get() - entries.len();
            let left = here.len().saturating_sub(shown);
            entries.extend(here.into_iter().skip(shown).take(room));
            let shown = (left > room).then_some(shown + room);
            let place = Place {
                name: first.place.clone(),
                shown,
            }
            .to_cursor();
            if shown.is_some() {
                return Ok(Page::new(entries, Some(place)));
            }
            last = Some(place);
        }
        Ok(Page::new(entries, None))
    }

    /// Removes the records whose capability expired before this time, one after the other; one that
    /// cannot be read or removed does not keep the others.
    pub(crate) fn purge(&self, before: UnixTime, turn: Turn<'_>) -> Result<usize, StoreError> {
        let (mut purged, mut failed) = (0, None);
        for file in self.files()? {
            turn.check_wanted()?;
            let file = file?;
            if !file.name.as_encoded_bytes().ends_with(PLAIN.as_bytes()) {
                continue;
            }
            let Some(Listed::Slot(slot)) = self.entry_of(&file) else {
                continue;
            };
            let tag = match self.load(&slot) {
                Ok(Slot::Record { record, tag }) if record.expired_before(before) => tag,
                Ok(_) => continue,
                Err(error) => {
                    failed = failed.or(Some(error));
                    continue;
                }
            };
            match self.remove(&slot, ExpectedSlot::Tag(tag), turn) {
                Ok(removed) => purged += usize::from(removed),
                // somebody replaced it meanwhile
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(purged), Err)
    }

    /// What a file is in a list; `None` where it is the store's own and no record.
    fn entry_of(&self, file: &File) -> Option<Listed> {
        let File { name, kind } = file;
        let foreign = || Listed::Foreign(name.to_string_lossy().into_owned());
        Some(match name.to_str().map(Named::of) {
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
            Some(Named::Ours) if kind.is_none_or(|kind| kind.is_file()) => return None,
            Some(Named::OurFolder) if kind.is_none_or(|kind| kind.is_dir()) => return None,
            Some(Named::Ours | Named::OurFolder | Named::Foreign) | None => foreign(),
        })
    }

    /// The slot of a record whose name has a hash, if its content tells the issuer, and tells the
    /// truth.
    fn slot_inside(
        &self,
        stem: &Stem,
        profile: Profile,
        form: Form,
    ) -> Result<Option<SlotId>, StoreError> {
        let path = self.path().join(file_name(stem, form));
        let Content::Bytes(bytes) = read(&path)? else {
            return Ok(None);
        };
        let issuer = issuer_of(form, &path, &bytes);
        let slot = issuer.map(|issuer| SlotId::new(issuer).with_profile(profile));
        Ok(slot.filter(|slot| Stem::of(slot) == *stem))
    }
}

/// Where a file stands in the order of pages: by its name, a record in either form by that of its
/// plain one.
fn place_of(name: &OsStr) -> Cow<'_, [u8]> {
    let name = name.as_encoded_bytes();
    match name.strip_suffix(SEALED.as_bytes()) {
        Some(stem) => Cow::Owned([stem, PLAIN.as_bytes()].concat()),
        None => Cow::Borrowed(name),
    }
}

/// A file and its place.
struct Found {
    place: Vec<u8>,
    file: File,
}

impl Found {
    fn key(&self) -> (&[u8], &OsStr) {
        (&self.place, &self.file.name)
    }
}

impl Ord for Found {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Found {}

/// Where a page ends.
struct Place {
    name: Vec<u8>,
    /// How many of the entries at this very place were shown, where it was not all of them: two
    /// files that are no record, and would be the two forms of one.
    shown: Option<usize>,
}

impl Place {
    const START: &str = "name.";

    fn parse(cursor: &ListCursor) -> Result<Self, StoreError> {
        let read = || {
            let text = cursor.as_str().strip_prefix(Self::START)?;
            let (name, shown) = match text.split_once('.') {
                Some((name, shown)) => (name, Some(shown.parse().ok()?)),
                None => (text, None),
            };
            let name = BASE64URL_NOPAD.decode(name.as_bytes()).ok()?;
            Some(Self { name, shown })
        };
        read().ok_or_else(|| {
            let error = io::Error::from(io::ErrorKind::InvalidInput);
            StoreError::medium("cannot list from this cursor", error)
        })
    }

    fn to_cursor(&self) -> ListCursor {
        let mut text = Self::START.to_owned() + &BASE64URL_NOPAD.encode(&self.name);
        if let Some(shown) = self.shown {
            text += &format!(".{shown}");
        }
        ListCursor::new(text)
    }

    /// Whether something is left at this place, or it comes later.
    fn is_before(&self, place: &[u8]) -> bool {
        match place.cmp(&self.name) {
            Ordering::Less => false,
            Ordering::Equal => self.shown.is_some(),
            Ordering::Greater => true,
        }
    }

    /// How many entries of this place were shown.
    fn shown_at(&self, place: &[u8]) -> usize {
        self.shown
            .filter(|_| self.name == place)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;

    fn walk(directory: &Directory, limit: usize) -> Vec<Listed> {
        let limit = NonZeroUsize::new(limit).unwrap();
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = directory.list_page(after.as_ref(), limit).unwrap();
            assert!(page.entries.len() <= limit.get());
            seen.extend(page.entries);
            let Some(next) = page.next else { return seen };
            // a cursor can be kept as a text, and every page goes on
            let next = ListCursor::new(next.as_str());
            assert!(after.as_ref() != Some(&next));
            after = Some(next);
        }
    }

    fn record(number: usize) -> String {
        format!("did+pkh+abc+1+{number}")
    }

    /// Records in either form and in both, and what has no slot beside them.
    #[test]
    fn pages_have_every_entry_of_the_list_once() {
        let home = tempfile::tempdir().unwrap();
        let directory = Directory::new(home.path().to_owned());
        assert_eq!(walk(&directory, 3), []);
        let mut names = Vec::new();
        for number in 0..40 {
            if number % 3 != 0 {
                names.push(record(number) + PLAIN);
            }
            if number % 3 != 1 {
                names.push(record(number) + SEALED);
            }
        }
        for name in [
            "a",
            "x.session",
            "x.sealed",
            "x",
            "z.sealed",
            "did+pkh.session",
        ] {
            names.push(name.to_owned());
        }
        names.extend((0..9).map(|n| format!(".staged-{}.session", record(n))));
        names.extend(["h=", "h=1"].map(|hash| hash.to_owned() + &"0".repeat(63) + ".session"));
        for name in &names {
            fs::write(home.path().join(name), "no record").unwrap();
        }
        fs::create_dir(home.path().join(".seal")).unwrap();
        fs::create_dir(home.path().join(".locks")).unwrap();
        let all: BTreeSet<_> = directory.list().unwrap().into_iter().collect();
        assert_eq!(all.len(), 40 + 6 + 2 + 1);
        assert_eq!(all.len(), directory.list().unwrap().len());
        for limit in [
            1,
            2,
            3,
            7,
            all.len() - 1,
            all.len(),
            all.len() + 1,
            usize::MAX,
        ] {
            let seen = walk(&directory, limit);
            assert_eq!(seen.len(), all.len(), "in pages of {limit}");
            assert_eq!(BTreeSet::from_iter(seen), all, "in pages of {limit}");
        }
    }

    /// A record that is sealed, or opened, while somebody walks is named once.
    #[test]
    fn another_form_has_the_same_place() {
        let home = tempfile::tempdir().unwrap();
        let directory = Directory::new(home.path().to_owned());
        let path = |number: usize, form: &str| home.path().join(record(number) + form);
        for number in 0..20 {
            fs::write(path(number, PLAIN), "no record").unwrap();
        }
        let limit = NonZeroUsize::MIN;
        let (mut after, mut seen) = (None, Vec::new());
        for step in 0.. {
            let page = directory.list_page(after.as_ref(), limit).unwrap();
            seen.extend(page.entries);
            after = page.next;
            if after.is_none() {
                break;
            }
            for number in 0..20 {
                let forms = [PLAIN, SEALED];
                let (from, to) = (forms[step % 2], forms[(step + 1) % 2]);
                fs::rename(path(number, from), path(number, to)).unwrap();
            }
        }
        assert_eq!(seen.len(), 20);
        assert_eq!(BTreeSet::from_iter(seen).len(), 20);
    }

    #[test]
    fn a_cursor_of_something_else_is_refused() {
        let directory = Directory::new(std::env::temp_dir());
        for text in ["", "name", "name.%", "name.YQ.x", "c2xvdABhYmM", "page.YQ"] {
            let cursor = ListCursor::new(text);
            let error = directory.list_page(Some(&cursor), NonZeroUsize::MIN);
            assert_eq!(error.unwrap_err().code(), "store_failed", "{text}");
        }
    }
}
