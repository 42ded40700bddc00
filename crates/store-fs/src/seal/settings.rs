//! `.seal`: which store it is, and how a passphrase becomes its key. It holds no secret.

use crate::error::Error;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

/// The only format.
const FORMAT: &str = "did-session seal 1";
/// Bounds what a hostile file can make us spend: four times what we write ourselves, so that later
/// releases may write more, and a file cannot make a program wait for minutes.
const MAX_MEMORY_KIB: u32 = 4 * COST.memory_kib;
const MAX_PASSES: u32 = 4 * COST.passes;
const MAX_LANES: u32 = 4;

/// What `.seal` says.
#[derive(Debug)]
pub(super) struct Settings {
    store: [u8; 16],
    salt: [u8; 16],
    argon2id: Cost,
}

/// The parameters of Argon2id (RFC 9106, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cost {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

/// What is written anew: 64 MiB and three passes, RFC 9106 section 4, on the one thread there is.
/// A file cannot ask for less: whoever may write it could make the passphrase cheap to guess.
const COST: Cost = Cost {
    memory_kib: 64 << 10,
    passes: 3,
    lanes: 1,
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: String,
    store: String,
    salt: String,
    argon2id: Cost,
}

impl Settings {
    /// Those of a new store.
    pub(super) fn new() -> Result<Self, Error> {
        Ok(Self {
            store: random()?,
            salt: random()?,
            argon2id: COST,
        })
    }

    pub(super) const fn store(&self) -> [u8; 16] {
        self.store
    }

    pub(super) const fn salt(&self) -> &[u8; 16] {
        &self.salt
    }

    pub(super) const fn argon2id(&self) -> Cost {
        self.argon2id
    }

    pub(super) fn to_json(&self) -> String {
        let wire = Wire {
            format: FORMAT.to_owned(),
            store: HEXLOWER.encode(&self.store),
            salt: HEXLOWER.encode(&self.salt),
            argon2id: self.argon2id,
        };
        // it has texts and numbers only, which always serialize
        serde_json::to_string(&wire).unwrap_or_default()
    }

    pub(super) fn from_json(json: &[u8]) -> Result<Self, String> {
        let wire: Wire = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if wire.format != FORMAT {
            return Err("its format is another one".to_owned());
        }
        let bytes = |name: &str, hex: &str| {
            let bytes = HEXLOWER.decode(hex.as_bytes()).ok();
            let bytes = bytes.and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
            bytes.ok_or_else(|| format!("{name} is not 32 digits of lower-case hex"))
        };
        let Cost {
            memory_kib,
            passes,
            lanes,
        } = wire.argon2id;
        for (name, value, least, limit) in [
            ("memory_kib", memory_kib, COST.memory_kib, MAX_MEMORY_KIB),
            ("passes", passes, COST.passes, MAX_PASSES),
            ("lanes", lanes, COST.lanes, MAX_LANES),
        ] {
            if !(least..=limit).contains(&value) {
                return Err(format!("{name} is {value}, outside {least} to {limit}"));
            }
        }
        Ok(Self {
            store: bytes("store", &wire.store)?,
            salt: bytes("salt", &wire.salt)?,
            argon2id: wire.argon2id,
        })
    }
}

/// Bytes of the operating system's randomness.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::Sealing {
        problem: error.to_string(),
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survive_their_text() {
        let settings = Settings::new().unwrap();
        let back = Settings::from_json(settings.to_json().as_bytes()).unwrap();
        assert_eq!(back.store, settings.store);
        assert_eq!(back.salt, settings.salt);
        assert_eq!(back.argon2id, COST);
    }

    #[test]
    fn are_refused_with_a_reason() {
        let good = Settings::new().unwrap().to_json();
        let without_salt = good.replace(r#""salt""#, r#""pepper""#);
        for (bad, reason) in [
            ("", "EOF"),
            ("{}", "missing field"),
            (&*without_salt, "unknown field"),
            (&good.replace("seal 1", "seal 2"), "format"),
            (
                &good.replace("65536", "4294967295"),
                "memory_kib is 4294967295",
            ),
            (&good.replace("65536", "65535"), "memory_kib is 65535"),
            (&good.replace("65536", "8"), "memory_kib is 8"),
            (&good.replace("65536", "262145"), "memory_kib is 262145"),
            (
                &good.replace(r#""passes":3"#, r#""passes":2"#),
                "passes is 2",
            ),
            (
                &good.replace(r#""passes":3"#, r#""passes":13"#),
                "passes is 13",
            ),
            (&good.replace(r#""lanes":1"#, r#""lanes":0"#), "lanes is 0"),
            (&good.replace(r#""lanes":1"#, r#""lanes":5"#), "lanes is 5"),
            (
                &good.replace(r#""store":""#, r#""store":"00"#),
                "store is not 32 digits",
            ),
        ] {
            let problem = Settings::from_json(bad.as_bytes()).unwrap_err();
            assert!(problem.contains(reason), "{bad}: {problem}");
        }
    }
}
