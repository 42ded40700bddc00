//! Property test strategies: valid keys, valid did:key texts, and texts close to valid ones.
//!
//! ```
//! use didkey::{DidKey, strategies};
//! use proptest::prelude::*;
//!
//! proptest!(|(text in strategies::near_did_key())| {
//!     if let Ok(did) = text.parse::<DidKey>() {
//!         prop_assert_eq!(did.as_str(), text);
//!     }
//! });
//! ```

use alloc::string::String;
use alloc::vec::Vec;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::{DidKey, KeyType, PublicKey, samples};

/// A key type that is compiled in.
pub fn key_type() -> impl Strategy<Value = KeyType> {
    let supported: Vec<_> = KeyType::ALL
        .into_iter()
        .filter(|key_type| key_type.is_supported())
        .collect();
    select(supported)
}

/// A valid public key of this type.
pub fn public_key_of(key_type: KeyType) -> impl Strategy<Value = PublicKey> {
    any::<[u8; samples::SEED_LENGTH]>()
        .prop_filter_map("the key type is not compiled in", move |seed| {
            samples::public_key(key_type, &seed).ok()
        })
}

/// A valid public key of any type.
pub fn public_key() -> impl Strategy<Value = PublicKey> {
    key_type().prop_flat_map(public_key_of)
}

/// A valid did:key.
pub fn did_key() -> impl Strategy<Value = DidKey> {
    public_key().prop_map(DidKey::from)
}

/// A text that is one edit away from a valid did:key. Some of them are valid again; most are not.
///
/// Edits of the text: a character replaced, inserted, removed or doubled, the text rotated, cut
/// off, continued, in another letter case, or with a version part. Edits of the bytes, encoded
/// again: one changed, added or removed, another multicodec code, a code that is not minimal.
pub fn near_did_key() -> impl Strategy<Value = String> {
    let base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let character = prop_oneof![
        8 => select(base58.chars().collect::<Vec<_>>()),
        1 => select("0OIl:/?#;%.-_ \t\n\0".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ];
    let texts = (did_key(), 0..TEXT_EDITS, any::<Index>(), character)
        .prop_map(|(did, edit, at, character)| edit_text(did.as_str(), edit, at, character));
    let bytes = (public_key(), 0..BYTE_EDITS, any::<Index>(), any::<u8>())
        .prop_map(|(key, edit, at, byte)| edit_bytes(&key, edit, at, byte));
    prop_oneof![texts, bytes]
}

const TEXT_EDITS: u8 = 12;

fn edit_text(text: &str, edit: u8, at: Index, character: char) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = at.index(chars.len());
    match edit {
        0..=2 => chars.splice(at..=at, [character]).for_each(drop),
        3 => chars.insert(at, character),
        4 => drop(chars.remove(at)),
        5 => chars.insert(at, chars.get(at).copied().unwrap_or(character)),
        6 => chars.rotate_left(at),
        7 => chars.truncate(at),
        8 => chars.push(character),
        9 => return text.to_ascii_uppercase(),
        10 => return text.to_ascii_lowercase(),
        _ => return text.replacen(":z", ":1.1:z", 1),
    }
    chars.into_iter().collect()
}

const BYTE_EDITS: u8 = 9;

fn edit_bytes(key: &PublicKey, edit: u8, at: Index, byte: u8) -> String {
    let mut varint = unsigned_varint::encode::u64_buffer();
    let mut code = unsigned_varint::encode::u64(key.key_type().multicodec(), &mut varint).to_vec();
    let mut bytes = key.as_bytes().to_vec();
    let at = at.index(bytes.len());
    match edit {
        0 => bytes.splice(at..=at, [byte]).for_each(drop),
        // The first byte of a compressed point says which of two points it is.
        1 => bytes.splice(..1, [byte % 8]).for_each(drop),
        2 => bytes.insert(at, byte),
        3 => drop(bytes.remove(at)),
        4 => bytes.push(byte),
        5 => code = [byte | 0x80, 0x01].to_vec(),
        6 => code = [byte % 4, 0x24].to_vec(),
        // The same code with a bit beyond the 64th.
        7 => {
            for byte in &mut code {
                *byte |= 0x80;
            }
            code.resize(9, 0x80);
            code.push(0x02);
        }
        // The same code in one byte more.
        _ => {
            if let Some(last) = code.last_mut() {
                *last |= 0x80;
            }
            code.push(0);
        }
    }
    code.extend(bytes);
    ["did:key:z", &bs58::encode(code).into_string()].concat()
}
