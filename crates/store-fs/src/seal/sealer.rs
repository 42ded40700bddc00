//! A sealed record: a head that everybody may read, and the sealed session string.
//!
//! ```text
//! did-session sealed 1 LF
//! <the store's id, 32 digits of hex> LF
//! <the issuer's DID in its canonical spelling> LF
//! <nonce, 24 bytes> <ciphertext> <tag, 16 bytes>
//! ```
//! The lines are the associated data. The record of a profile that is not the default one begins
//! with `did-session sealed 2`, and has a fourth line, the profile's name.

use super::settings::random;
use crate::error::Error;
use cacao::Issuer;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use data_encoding::HEXLOWER;
use session_core::{Profile, SlotId};
use std::fmt;
use std::path::Path;
use zeroize::Zeroizing;

const FORMAT: &str = "did-session sealed 1";
const FORMAT_WITH_PROFILE: &str = "did-session sealed 2";
const NONCE_LEN: usize = 24;

/// Seals records of one store under one key, and opens them.
pub(crate) struct Sealer {
    key: Zeroizing<[u8; 32]>,
    store: String,
}

impl Sealer {
    pub(super) fn new(key: Zeroizing<[u8; 32]>, store: [u8; 16]) -> Self {
        Self {
            key,
            store: HEXLOWER.encode(&store),
        }
    }

    pub(crate) fn seal(
        &self,
        slot: &SlotId,
        plaintext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let nonce: [u8; NONCE_LEN] = random()?;
        let head = self.head(slot);
        let payload = Payload {
            msg: plaintext,
            aad: head.as_bytes(),
        };
        let ciphertext = self
            .cipher()
            .encrypt((&nonce).into(), payload)
            .map_err(|error| Error::Sealing {
                problem: error.to_string(),
            })?;
        Ok(Zeroizing::new(
            [head.as_bytes(), &nonce, &ciphertext].concat(),
        ))
    }

    pub(crate) fn open(
        &self,
        slot: &SlotId,
        path: &Path,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let path = || path.to_owned();
        let Some(Parts {
            store,
            did,
            profile,
            nonce,
            ciphertext,
        }) = parts(sealed)
        else {
            return Err(Error::SealFormat { path: path() });
        };
        if store != self.store {
            return Err(Error::OtherStore { path: path() });
        }
        if did != slot.issuer().did() {
            return Err(Error::OtherIssuer {
                path: path(),
                issuer: did.to_owned(),
            });
        }
        if profile != *slot.profile() {
            return Err(Error::OtherProfile {
                path: path(),
                profile,
            });
        }
        // the head is made from what is expected, not taken from the file
        let head = self.head(slot);
        let payload = Payload {
            msg: ciphertext,
            aad: head.as_bytes(),
        };
        let plaintext = self.cipher().decrypt(nonce.into(), payload);
        plaintext
            .map(Zeroizing::new)
            .map_err(|_| Error::DoesNotOpen { path: path() })
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.key).into())
    }

    fn head(&self, slot: &SlotId) -> String {
        let (store, issuer) = (&self.store, slot.issuer());
        match slot.profile().name() {
            None => format!("{FORMAT}\n{store}\n{issuer}\n"),
            Some(profile) => format!("{FORMAT_WITH_PROFILE}\n{store}\n{issuer}\n{profile}\n"),
        }
    }
}

/// Shows the store, and nothing of the key.
impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

struct Parts<'a> {
    store: &'a str,
    did: &'a str,
    profile: Profile,
    nonce: &'a [u8; NONCE_LEN],
    ciphertext: &'a [u8],
}

fn parts(sealed: &[u8]) -> Option<Parts<'_>> {
    let (format, rest) = line(sealed)?;
    let (store, rest) = line(rest)?;
    let (did, rest) = line(rest)?;
    let (profile, rest) = match format {
        FORMAT => (Profile::default(), rest),
        FORMAT_WITH_PROFILE => {
            let (name, rest) = line(rest)?;
            (name.parse().ok()?, rest)
        }
        _ => return None,
    };
    let (nonce, ciphertext) = rest.split_first_chunk()?;
    Some(Parts {
        store,
        did,
        profile,
        nonce,
        ciphertext,
    })
}

fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().position(|b| *b == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((str::from_utf8(line).ok()?, rest.get(1..)?))
}

/// For whom a record was sealed, as its head says.
pub(crate) fn issuer_of(sealed: &[u8]) -> Option<Issuer> {
    parts(sealed)?.did.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::PathBuf;
    use store_testkit::fixtures::TestIssuer;

    fn sealer(key: u8, store: u8) -> Sealer {
        Sealer::new(Zeroizing::new([key; 32]), [store; 16])
    }

    fn code(result: Result<Zeroizing<Vec<u8>>, Error>) -> &'static str {
        result.unwrap_err().code()
    }

    #[test]
    fn opens_what_it_sealed_in_any_spelling() {
        let issuer = TestIssuer::ethereum();
        let sealed = sealer(1, 2).seal(issuer.slot(), b"secret").unwrap();
        let spelled = TestIssuer::ethereum_in_checksum_case();
        let opened = sealer(1, 2)
            .open(spelled.slot(), &PathBuf::new(), &sealed)
            .unwrap();
        assert_eq!(*opened, b"secret");
        assert_eq!(issuer_of(&sealed).as_ref(), Some(issuer.issuer()));
        let again = sealer(1, 2).seal(issuer.slot(), b"secret").unwrap();
        assert_ne!(sealed, again, "a nonce is used once");
    }

    #[test]
    fn another_key_store_or_issuer_does_not() {
        let (issuer, other) = (TestIssuer::ethereum(), TestIssuer::polygon());
        let path = PathBuf::new();
        let sealed = sealer(1, 2).seal(issuer.slot(), b"secret").unwrap();
        let open = |sealer: Sealer, issuer: &TestIssuer, sealed: &[u8]| {
            code(sealer.open(issuer.slot(), &path, sealed))
        };
        assert_eq!(open(sealer(9, 2), &issuer, &sealed), "does_not_open");
        assert_eq!(
            open(sealer(1, 9), &issuer, &sealed),
            "sealed_for_other_store"
        );
        assert_eq!(
            open(sealer(1, 2), &other, &sealed),
            "sealed_for_other_issuer"
        );
        let work = issuer.slot_in("work");
        let as_work = |bytes: &[u8]| code(sealer(1, 2).open(&work, &path, bytes));
        assert_eq!(as_work(&sealed), "sealed_for_other_profile");

        // a head that was rewritten does not help
        let rename = |from: &str, to: &str| {
            let head = sealed.len() - NONCE_LEN - 6 - 16;
            let text = str::from_utf8(&sealed[..head]).unwrap().replace(from, to);
            [text.as_bytes(), &sealed[head..]].concat()
        };
        let moved = rename("eip155:1:", "eip155:137:");
        assert_eq!(open(sealer(1, 2), &other, &moved), "does_not_open");
        let head = "did-session sealed 2\n";
        let end = sealed.windows(2).position(|two| two == b"\n0").unwrap() + 1;
        let lines = str::from_utf8(&sealed[end..sealed.len() - NONCE_LEN - 6 - 16]).unwrap();
        let moved = format!("{head}{lines}work\n");
        let moved = [moved.as_bytes(), &sealed[end + lines.len()..]].concat();
        assert_eq!(as_work(&moved), "does_not_open");
        let moved = rename(&"02".repeat(16), &"09".repeat(16));
        assert_eq!(open(sealer(1, 9), &issuer, &moved), "does_not_open");
    }

    #[test]
    fn a_profile_is_sealed_with_its_name() {
        let issuer = TestIssuer::passkey();
        let work = issuer.slot_in("work");
        let sealed = sealer(1, 2).seal(&work, b"secret").unwrap();
        let path = PathBuf::new();
        assert_eq!(
            *sealer(1, 2).open(&work, &path, &sealed).unwrap(),
            b"secret"
        );
        assert_eq!(issuer_of(&sealed).as_ref(), Some(issuer.issuer()));
        for other in [issuer.slot(), &issuer.slot_in("home")] {
            let opened = sealer(1, 2).open(other, &path, &sealed);
            assert_eq!(code(opened), "sealed_for_other_profile");
        }
    }

    #[test]
    fn no_bit_may_change_and_no_byte_be_missing() {
        let issuer = TestIssuer::ethereum();
        let sealed = sealer(1, 2).seal(issuer.slot(), b"secret").unwrap();
        for index in 0..sealed.len() {
            let mut altered = sealed.to_vec();
            altered[index] ^= 1;
            let opened = sealer(1, 2).open(issuer.slot(), &PathBuf::new(), &altered);
            assert!(opened.is_err(), "byte {index}");
            let cut = sealer(1, 2).open(issuer.slot(), &PathBuf::new(), &sealed[..index]);
            assert!(cut.is_err(), "cut at {index}");
        }
    }

    proptest! {
        #[test]
        fn any_record_comes_back_and_no_other_bytes_open(
            plaintext in proptest::collection::vec(any::<u8>(), 0..300),
            key: u8,
            store: u8,
            change in (any::<proptest::sample::Index>(), 1..=u8::MAX),
            cut: proptest::sample::Index,
            more: u8,
        ) {
            let issuer = TestIssuer::solana();
            let sealer = sealer(key, store);
            let sealed = sealer.seal(issuer.slot(), &plaintext).unwrap();
            let open = |bytes: &[u8]| sealer.open(issuer.slot(), &PathBuf::new(), bytes);
            prop_assert_eq!(&*open(&sealed).unwrap(), &plaintext);
            prop_assert_eq!(issuer_of(&sealed), Some(issuer.issuer().clone()));

            let mut changed = sealed.to_vec();
            changed[change.0.index(sealed.len())] ^= change.1;
            prop_assert!(open(&changed).is_err());
            prop_assert!(open(&sealed[..cut.index(sealed.len())]).is_err());
            prop_assert!(open(&[&sealed[..], &[more]].concat()).is_err());
        }

        /// Whatever lies there: an error of its own, no panic.
        #[test]
        fn no_bytes_open_by_chance(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let issuer = TestIssuer::ethereum();
            prop_assert!(sealer(1, 2).open(issuer.slot(), &PathBuf::new(), &bytes).is_err());
        }
    }
}
