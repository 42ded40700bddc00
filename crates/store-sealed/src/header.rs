//! The seal: which store it is, how its key is obtained, and the data key that this key wraps. It
//! holds no secret.
//!
//! Directories that were sealed before there was a data key have a seal of the first format: the
//! key seals the records itself.

use crate::data_key::{DataKey, random};
use crate::error::Error;
use crate::names::{KeyKind, StoreId, hex};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use session_core::MAX_SEAL_LEN;

const FORMAT: &str = "did-session seal 2";
const FIRST_FORMAT: &str = "did-session seal 1";
/// Bounds what a hostile seal can make us spend: four times what we write ourselves, so that later
/// releases may write more, and a seal cannot make a program wait for minutes.
const MAX_MEMORY_KIB: u32 = 4 * COST.memory_kib;
const MAX_PASSES: u32 = 4 * COST.passes;
const MAX_LANES: u32 = 4;
/// The largest number of bytes of a wrapped data key, whoever wrapped it.
pub(crate) const MAX_WRAPPED_LEN: usize = 1024;
/// The largest number of bytes of the name of a key that its custodian keeps.
pub(crate) const MAX_NAME_LEN: usize = 512;

/// What the seal of a store says, without proof: it is read before any key is known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SealInfo {
    /// The store's id.
    pub id: StoreId,
    /// With what it is sealed.
    pub key: KeyKind,
    /// The number of the seal's format: 1 or 2.
    pub format: u8,
}

/// The parameters of Argon2id (RFC 9106, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cost {
    pub(crate) memory_kib: u32,
    pub(crate) passes: u32,
    pub(crate) lanes: u32,
}

/// What is written anew: 64 MiB and three passes, RFC 9106 section 4, on the one thread there is.
/// A seal cannot ask for less: whoever may write it could make the passphrase cheap to guess.
const COST: Cost = Cost {
    memory_kib: 64 << 10,
    passes: 3,
    lanes: 1,
};

/// How a passphrase becomes a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stretching {
    pub(crate) salt: [u8; 16],
    pub(crate) cost: Cost,
}

impl Stretching {
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self {
            salt: random()?,
            cost: COST,
        })
    }
}

/// How the key of a store is obtained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Had {
    Stretched(Stretching),
    Given,
    Kept(String),
}

impl Had {
    pub(crate) fn kind(&self) -> KeyKind {
        match self {
            Self::Stretched(_) => KeyKind::Passphrase,
            Self::Given => KeyKind::Key,
            Self::Kept(name) => KeyKind::Custodian(name.clone()),
        }
    }
}

/// A seal, of either format.
#[derive(Debug)]
pub(crate) enum Header {
    First { id: StoreId, stretching: Stretching },
    Wrapped(Wrapped),
}

/// A seal with a data key.
#[derive(Debug)]
pub(crate) struct Wrapped {
    pub(crate) id: StoreId,
    pub(crate) had: Had,
    pub(crate) wrapped: Vec<u8>,
    check: [u8; 32],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstWire {
    format: String,
    store: String,
    salt: String,
    argon2id: Cost,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: String,
    store: String,
    key: KeyWire,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wrapped: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    check: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum KeyWire {
    Passphrase { salt: String, argon2id: Cost },
    Key {},
    Custodian { name: String },
}

/// Which format it is, whatever else there is.
#[derive(Deserialize)]
struct Format {
    format: String,
}

impl Header {
    pub(crate) const fn id(&self) -> StoreId {
        match self {
            Self::First { id, .. } => *id,
            Self::Wrapped(wrapped) => wrapped.id,
        }
    }

    pub(crate) fn info(&self) -> SealInfo {
        let (key, format) = match self {
            Self::First { .. } => (KeyKind::PassphraseOrKey, 1),
            Self::Wrapped(wrapped) => (wrapped.had.kind(), 2),
        };
        SealInfo {
            id: self.id(),
            key,
            format,
        }
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let failed = |problem: String| Error::Seal { problem };
        if bytes.len() > MAX_SEAL_LEN {
            return Err(failed(format!("it is longer than {MAX_SEAL_LEN} bytes")));
        }
        let format: Format =
            serde_json::from_slice(bytes).map_err(|error| failed(error.to_string()))?;
        match format.format.as_str() {
            FIRST_FORMAT => first(bytes).map_err(failed),
            FORMAT => Wrapped::parse(bytes).map(Self::Wrapped).map_err(failed),
            _ => Err(failed("its format is another one".to_owned())),
        }
    }
}

fn first(bytes: &[u8]) -> Result<Header, String> {
    let wire: FirstWire = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    Ok(Header::First {
        id: StoreId::from_bytes(named("store", &wire.store)?),
        stretching: Stretching {
            salt: named("salt", &wire.salt)?,
            cost: bounded(wire.argon2id)?,
        },
    })
}

impl Wrapped {
    /// The seal for this data key, which was wrapped within [`context`].
    pub(crate) fn new(id: StoreId, had: Had, wrapped: Vec<u8>, data_key: &DataKey) -> Self {
        let check = data_key.check(&json(id, &had, Some(&wrapped), None));
        Self {
            id,
            had,
            wrapped,
            check,
        }
    }

    /// Whether this data key made the seal.
    pub(crate) fn is_of(&self, data_key: &DataKey) -> bool {
        let text = json(self.id, &self.had, Some(&self.wrapped), None);
        data_key.is_check(&text, &self.check)
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        json(self.id, &self.had, Some(&self.wrapped), Some(&self.check))
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let wire: Wire = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let had = match wire.key {
            KeyWire::Passphrase { salt, argon2id } => Had::Stretched(Stretching {
                salt: named("salt", &salt)?,
                cost: bounded(argon2id)?,
            }),
            KeyWire::Key {} => Had::Given,
            KeyWire::Custodian { name } if name.len() <= MAX_NAME_LEN => Had::Kept(name),
            KeyWire::Custodian { .. } => {
                return Err(format!("name is longer than {MAX_NAME_LEN} bytes"));
            }
        };
        let wrapped = wire.wrapped.ok_or("missing field `wrapped`")?;
        let wrapped = HEXLOWER.decode(wrapped.as_bytes()).ok();
        let header = Self {
            id: StoreId::from_bytes(named("store", &wire.store)?),
            had,
            wrapped: wrapped
                .filter(|wrapped| wrapped.len() <= MAX_WRAPPED_LEN)
                .ok_or("wrapped is not lower-case hex of bounded length")?,
            check: named("check", &wire.check.ok_or("missing field `check`")?)?,
        };
        // one seal, one spelling: no byte of it can change unnoticed
        if header.to_json() != bytes {
            return Err("it is not spelled as it is written".to_owned());
        }
        Ok(header)
    }
}

/// What a data key is bound to when it is wrapped.
pub(crate) fn context(id: StoreId, had: &Had) -> Vec<u8> {
    json(id, had, None, None)
}

fn json(id: StoreId, had: &Had, wrapped: Option<&[u8]>, check: Option<&[u8; 32]>) -> Vec<u8> {
    let wire = Wire {
        format: FORMAT.to_owned(),
        store: id.to_string(),
        key: match had {
            Had::Stretched(Stretching { salt, cost }) => KeyWire::Passphrase {
                salt: HEXLOWER.encode(salt),
                argon2id: *cost,
            },
            Had::Given => KeyWire::Key {},
            Had::Kept(name) => KeyWire::Custodian { name: name.clone() },
        },
        wrapped: wrapped.map(|wrapped| HEXLOWER.encode(wrapped)),
        check: check.map(|check| HEXLOWER.encode(check)),
    };
    // it has texts and numbers only, which always serialize
    serde_json::to_vec(&wire).unwrap_or_default()
}

fn named<const N: usize>(name: &str, text: &str) -> Result<[u8; N], String> {
    hex(text).ok_or_else(|| format!("{name} is not {} digits of lower-case hex", 2 * N))
}

fn bounded(cost: Cost) -> Result<Cost, String> {
    let Cost {
        memory_kib,
        passes,
        lanes,
    } = cost;
    for (name, value, least, limit) in [
        ("memory_kib", memory_kib, COST.memory_kib, MAX_MEMORY_KIB),
        ("passes", passes, COST.passes, MAX_PASSES),
        ("lanes", lanes, COST.lanes, MAX_LANES),
    ] {
        if !(least..=limit).contains(&value) {
            return Err(format!("{name} is {value}, outside {least} to {limit}"));
        }
    }
    Ok(cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(had: Had) -> String {
        let key = DataKey::random().unwrap();
        let id = StoreId::from_bytes(random().unwrap());
        let wrapped = Wrapped::new(id, had, vec![0xab; 72], &key);
        String::from_utf8(wrapped.to_json()).unwrap()
    }

    #[test]
    fn seals_survive_their_text() {
        for had in [
            Had::Stretched(Stretching::new().unwrap()),
            Had::Given,
            Had::Kept("pkcs11:token=a;object=\"b\"".to_owned()),
        ] {
            let text = text(had.clone());
            let Header::Wrapped(back) = Header::parse(text.as_bytes()).unwrap() else {
                panic!("{text}");
            };
            assert_eq!(back.had, had);
            assert_eq!(back.to_json(), text.as_bytes());
        }
    }

    /// Neither format can ask for less than what is written, nor for more than can be waited for.
    #[test]
    fn seals_are_refused_with_a_reason() {
        let now = text(Had::Stretched(Stretching::new().unwrap()));
        let first = serde_json::to_string(&FirstWire {
            format: FIRST_FORMAT.to_owned(),
            store: "00".repeat(16),
            salt: "11".repeat(16),
            argon2id: COST,
        })
        .unwrap();
        assert!(Header::parse(first.as_bytes()).is_ok());
        let without_wrapped = now.replace(r#""wrapped""#, r#""unwrapped""#);
        for (bad, reason) in [
            ("", "EOF"),
            ("{}", "missing field"),
            (&*without_wrapped, "unknown field"),
            (&now.replace("seal 2", "seal 3"), "format"),
            (&now.replace("seal 2", "seal 1"), "unknown field"),
            (&now.replace(':', ": "), "spelled"),
            (&format!("{now}\n"), "spelled"),
            (&format!("{now}{}", " ".repeat(MAX_SEAL_LEN)), "longer than"),
        ] {
            let problem = Header::parse(bad.as_bytes()).unwrap_err().to_string();
            assert!(problem.contains(reason), "{bad}: {problem}");
        }
        for good in [now, first] {
            for (from, to, reason) in [
                ("65536", "4294967295", "memory_kib is 4294967295"),
                ("65536", "65535", "memory_kib is 65535"),
                ("65536", "8", "memory_kib is 8"),
                ("65536", "262145", "memory_kib is 262145"),
                (r#""passes":3"#, r#""passes":2"#, "passes is 2"),
                (r#""passes":3"#, r#""passes":13"#, "passes is 13"),
                (r#""lanes":1"#, r#""lanes":0"#, "lanes is 0"),
                (r#""lanes":1"#, r#""lanes":5"#, "lanes is 5"),
                (r#""store":""#, r#""store":"00"#, "store is not 32 digits"),
                (r#""salt":""#, r#""salt":"00"#, "salt is not 32 digits"),
            ] {
                let bad = good.replace(from, to);
                let problem = Header::parse(bad.as_bytes()).unwrap_err().to_string();
                assert!(problem.contains(reason), "{bad}: {problem}");
            }
        }
    }
}
