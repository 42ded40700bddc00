//! Where a session is kept: under an account, in one of its profiles.

use cacao::Issuer;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What stands between an account id and a profile in a key; no account id has it.
const PROFILE: char = '@';

/// A place for one session: an issuer, and one of the issuer's profiles.
///
/// It holds the issuer in its canonical spelling, so that it can become a file name or a database
/// key as it is; slots of two spellings of one account are equal.
///
/// ```
/// use session_core::SlotId;
///
/// let issuer: cacao::Issuer = "eip155:1:0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44".parse()?;
/// let usual = SlotId::new(issuer);
/// let work = usual.clone().with_profile("work".parse()?);
/// assert_ne!(usual, work);
/// assert_eq!(usual.issuer(), work.issuer());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotId {
    issuer: Issuer,
    profile: Profile,
}

impl SlotId {
    /// The slot of this issuer's default profile.
    #[must_use]
    pub fn new(issuer: impl Into<Issuer>) -> Self {
        Self {
            issuer: issuer.into().normalized(),
            profile: Profile::default(),
        }
    }

    /// The slot of the same issuer in this profile.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The name of this slot in a browser's databases: that of the npm package `did-session`, which is
    /// the account id (a DID for an issuer without one), and behind an `@` the profile, where that is
    /// not the default one.
    #[must_use]
    pub fn to_key(&self) -> String {
        let mut key = match &self.issuer {
            Issuer::Pkh(account) => account.as_str().to_owned(),
            other => other.did(),
        };
        if let Some(profile) = self.profile.name() {
            key.push(PROFILE);
            key.push_str(profile);
        }
        key
    }

    /// The slot with this [name](Self::to_key), in any spelling of its issuer; `None` if the text
    /// is not such a name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        let (issuer, profile) = match key.rsplit_once(PROFILE) {
            None => (key, Profile::default()),
            // the default profile has no name in a key
            Some((issuer, name)) => {
                let profile: Profile = name.parse().ok()?;
                (
                    issuer,
                    Some(profile).filter(|profile| !profile.is_default())?,
                )
            }
        };
        let issuer: Issuer = issuer.parse().ok()?;
        Some(Self::new(issuer).with_profile(profile))
    }

    /// Its issuer, in the canonical spelling, and its profile.
    pub(crate) fn into_parts(self) -> (Issuer, Profile) {
        (self.issuer, self.profile)
    }

    /// The issuer, in its canonical spelling.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The profile.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }
}

impl From<Issuer> for SlotId {
    fn from(issuer: Issuer) -> Self {
        Self::new(issuer)
    }
}

impl From<&Issuer> for SlotId {
    fn from(issuer: &Issuer) -> Self {
        Self::new(issuer.clone())
    }
}

/// The issuer's DID, and the profile unless it is the default one: for people.
impl fmt::Display for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.profile.name() {
            None => fmt::Display::fmt(&self.issuer, f),
            Some(name) => write!(f, "{} (profile {name})", self.issuer),
        }
    }
}

/// One of the profiles of an issuer, each of which has its own session: the default one, or one
/// with a name.
///
/// A name has 1 to 64 characters of `a-z`, `0-9`, `.`, `_` and `-`, and begins and ends with a
/// letter or a digit. There are no upper-case letters, so that no two names differ in letter case
/// only. `default` is the default profile. Profiles are ordered by name, the default one first.
///
/// ```
/// use session_core::Profile;
///
/// let work: Profile = "work".parse()?;
/// assert_eq!((work.name(), work.to_string()), (Some("work"), "work".to_owned()));
/// assert_eq!("default".parse::<Profile>()?, Profile::default());
/// assert!("Work".parse::<Profile>().is_err());
/// # Ok::<_, session_core::ProfileError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Profile(Option<Arc<str>>);

impl Profile {
    /// The largest number of characters of a name.
    pub const MAX_LEN: usize = 64;
    const DEFAULT: &str = "default";

    /// Its name, unless it is the default profile.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// Whether it is the default profile.
    #[must_use]
    pub const fn is_default(&self) -> bool {
        self.0.is_none()
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        if text == Self::DEFAULT {
            return Ok(Self::default());
        }
        if text.is_empty() {
            return Err(ProfileError::Empty);
        }
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_allowed = |c: char| is_word(c) || matches!(c, '.' | '_' | '-');
        if let Some((index, found)) = text.char_indices().find(|(_, c)| !is_allowed(*c)) {
            return Err(ProfileError::Character { found, index });
        }
        // they are ASCII: as many bytes as characters
        if text.len() > Self::MAX_LEN {
            return Err(ProfileError::TooLong { length: text.len() });
        }
        if !(text.starts_with(is_word) && text.ends_with(is_word)) {
            return Err(ProfileError::Ends);
        }
        Ok(Self(Some(text.into())))
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name().unwrap_or(Self::DEFAULT))
    }
}

/// Why a text is not the name of a profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// It is empty.
    #[error("the name of a profile is empty")]
    Empty,
    /// It is longer than [`Profile::MAX_LEN`].
    #[error(
        "the name of a profile has {length} characters, more than {}",
        Profile::MAX_LEN
    )]
    TooLong {
        /// Its length in characters.
        length: usize,
    },
    /// It has a character that no name has.
    #[error(
        "the name of a profile has {found:?} as character {}; allowed are a-z, 0-9, '.', '_', '-'",
        .index + 1
    )]
    Character {
        /// The character.
        found: char,
        /// Its position, in bytes from 0; all characters before it are ASCII. The message counts
        /// characters from 1.
        index: usize,
    },
    /// It does not begin and end with a letter or a digit.
    #[error("the name of a profile must begin and end with a letter or a digit")]
    Ends,
}

impl ProfileError {
    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "invalid_profile"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_found_by_its_key() {
        let checksum = "eip155:1:0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44";
        let lower = checksum.to_lowercase();
        let slot = SlotId::from_key(checksum).unwrap();
        assert_eq!(slot.to_key(), lower);
        let work = slot.with_profile("work".parse().unwrap());
        assert_eq!(work.to_key(), format!("{lower}@work"));
        assert_eq!(SlotId::from_key(&work.to_key()), Some(work));
        for none in [
            "",
            "@work",
            "eip155:1",
            &*format!("{lower}@"),
            &*format!("{lower}@default"),
        ] {
            assert_eq!(SlotId::from_key(none), None, "{none}");
        }
    }

    #[test]
    fn names_of_profiles() {
        let longest = "x".repeat(64);
        for name in ["a", "0", "work", "a.b_c-d", "x.session", &*longest] {
            let profile: Profile = name.parse().unwrap();
            assert_eq!(profile.name(), Some(name));
            assert_eq!(profile.to_string(), name);
            assert_eq!(profile.to_string().parse(), Ok(profile));
        }
        let default = Profile::default();
        assert_eq!(default.to_string().parse(), Ok(default.clone()));
        assert!(default < "0".parse().unwrap());
    }

    #[test]
    fn what_is_not_a_name_is_refused_with_a_reason() {
        let too_long = "x".repeat(65);
        let character = |found, index| ProfileError::Character { found, index };
        for (text, error) in [
            ("", ProfileError::Empty),
            (&*too_long, ProfileError::TooLong { length: 65 }),
            ("Work", character('W', 0)),
            ("a/b", character('/', 1)),
            ("a b", character(' ', 1)),
            ("a@b", character('@', 1)),
            ("a\0", character('\0', 1)),
            ("é", character('é', 0)),
            (".", ProfileError::Ends),
            ("..", ProfileError::Ends),
            (".a", ProfileError::Ends),
            ("a.", ProfileError::Ends),
            ("-a", ProfileError::Ends),
        ] {
            assert_eq!(text.parse::<Profile>(), Err(error), "{text:?}");
        }
    }

    #[test]
    fn spellings_of_one_account_are_one_slot() {
        let slot = |text: &str| SlotId::new(text.parse::<Issuer>().unwrap());
        let lower = slot("eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44");
        let upper = slot("eip155:1:0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44");
        assert_eq!(lower, upper);
        assert_eq!(upper.issuer().did(), lower.issuer().did());
        let work = upper.with_profile("work".parse().unwrap());
        assert_ne!(lower, work);
        assert!(lower < work && work.to_string().ends_with("dc44 (profile work)"));
    }
}
