//! A file in the directory of a store: its name and its content may be anything.

use cacao::Issuer;
use session_core::{Listed, SessionStore, SlotId};
use store_fs::FsStore;

use crate::disk::{block_on, home};
use crate::slot;

const ISSUER: &str = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";

/// Lays the bytes into the place of a record; or, where they have a line's end, what follows it
/// under the name before it. Tells whether a record was loaded.
pub fn laws(data: &[u8]) -> bool {
    let home = home();
    let store = FsStore::open(home.path());
    let name_end = data.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (name, content) = data.split_at(name_end);
    let name = match std::str::from_utf8(name) {
        Ok("") => None,
        // what is no name of one file is no case
        Ok(name) if name.contains(['/', '\\', '\0']) || [".", ".."].contains(&name) => {
            return false;
        }
        Ok(name) => Some(name),
        Err(_) => return false,
    };
    let Some(name) = name else {
        let issuer: Issuer = ISSUER.parse().expect("an account");
        let slot = SlotId::new(issuer);
        std::fs::write(store.path_of(&slot), content).expect("a file can be written");
        return slot::laws(&store, &slot, content);
    };
    let content = content.strip_prefix(b"\n").unwrap_or(content);
    // a name may be too long for the system
    if std::fs::write(home.path().join(name), content).is_err() {
        return false;
    }
    named(&store, name, content)
}

/// The slot that a name is listed as is the one whose record would have this name.
fn named(store: &FsStore, name: &str, content: &[u8]) -> bool {
    let listed = block_on(store.list()).expect("the medium does not fail");
    match listed.as_slice() {
        // the store's own: no record
        [] => assert!(name.starts_with('.')),
        [Listed::Foreign(found)] => assert_eq!(found, name),
        [Listed::Slot(slot)] => {
            let path = store.path_of(slot);
            if path.ends_with(name) {
                let found = slot::laws(store, slot, content);
                if !found {
                    slot::removed(store, slot);
                }
                return found;
            }
            // a sealed record, which this store does not read: its name is the slot's all the same
            assert_eq!(
                path.with_extension("sealed").file_name(),
                Some(name.as_ref())
            );
            assert!(matches!(
                slot::load(store, slot),
                session_core::Slot::Unreadable { .. }
            ));
            slot::removed(store, slot);
        }
        _ => panic!("one file is listed once"),
    }
    false
}
