//! The ReCap that was signed: read in every spelling that is met, and kept in its own.

use super::abilities::Abilities;
use super::json::Json;
use super::parts::{Ability, Restriction, check_readable, check_uri};
use super::{PREFIX, Recap, RecapError};
use crate::cid_text::read_any;
use crate::json_numbers::{Token, is_exact, scan, shown};
use crate::limits::MAX_TEXT_LEN;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use cid::Cid;
use core::fmt;
use core::str::FromStr;

/// A ReCap among the resources of a signed payload. It keeps its text, which was signed, and is
/// never rewritten.
///
/// It is read in both alphabets of base64, padded or not, with names in any order. What readers
/// would read differently is refused: a name that appears twice, at any depth, or an integer that
/// is not exactly a double.
///
/// ```
/// use cacao::recap::{RecapNote, SignedRecap};
///
/// // as wallet connectors write it: the target is not a URI
/// let recap: SignedRecap =
///     "urn:recap:eyJhdHQiOnsiZWlwMTU1Ijp7InJlcXVlc3QvcGVyc29uYWxfc2lnbiI6W3t9XX19fQ".parse()?;
/// assert!(recap.abilities().grants("eip155", "request/personal_sign"));
/// assert!(matches!(recap.notes(), [RecapNote::NotAUri { target }] if &**target == "eip155"));
/// assert!(recap.to_recap().is_err()); // never written
/// # Ok::<_, cacao::recap::RecapError>(())
/// ```
#[derive(Clone)]
pub struct SignedRecap {
    text: Box<str>,
    /// Targets and their abilities in the order of the text.
    order: Vec<(Box<str>, Vec<Ability>)>,
    abilities: Abilities,
    proofs: Vec<Cid>,
    notes: Vec<RecapNote>,
    /// The first number that would be written as another value.
    inexact: Option<Box<str>>,
}

/// What is read in a ReCap, and would not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecapNote {
    /// It is in the standard alphabet of base64.
    StandardAlphabet,
    /// It is padded.
    Padding,
    /// A target is not a URI that would be written.
    NotAUri {
        /// The target.
        target: Box<str>,
    },
    /// It holds a member beside `att` and `prf`, which grants nothing.
    OtherMember {
        /// The member's name.
        name: Box<str>,
    },
}

impl fmt::Display for RecapNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StandardAlphabet => f.write_str("it is in standard base64, not in base64url"),
            Self::Padding => f.write_str("it is padded"),
            Self::NotAUri { target } => write!(f, "the target {target:?} is not a URI"),
            Self::OtherMember { name } => write!(f, "its member {name:?} grants nothing"),
        }
    }
}

impl SignedRecap {
    /// The text that was signed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The abilities that it grants.
    #[must_use]
    pub const fn abilities(&self) -> &Abilities {
        &self.abilities
    }

    /// The proofs (`prf`): capabilities from which the issuer has what it grants.
    #[must_use]
    pub fn proofs(&self) -> &[Cid] {
        &self.proofs
    }

    /// What would not be written in this way.
    #[must_use]
    pub fn notes(&self) -> &[RecapNote] {
        &self.notes
    }

    /// Whether it grants all of `wanted`, by all of its proofs, see [`Recap::is_subset_of`].
    #[must_use]
    pub fn grants(&self, wanted: &Recap) -> bool {
        wanted.is_within(&self.abilities, &self.proofs)
    }

    /// The same to be asked for again.
    ///
    /// # Errors
    /// [`RecapError`] for what is read but not written, such as a target that is not a URI, or a
    /// number that its double does not print.
    pub fn to_recap(&self) -> Result<Recap, RecapError> {
        if let Some(value) = &self.inexact {
            let value = value.to_string();
            return Err(RecapError::InexactNumber { value });
        }
        Recap::of_parts(&self.abilities, &self.proofs)
    }

    pub(super) fn order(&self) -> &[(Box<str>, Vec<Ability>)] {
        &self.order
    }

    /// Reads the JSON that stands in a ReCap.
    pub(super) fn of_details(json: &str) -> Result<Self, RecapError> {
        if json.len() > MAX_TEXT_LEN {
            let limit = MAX_TEXT_LEN;
            return Err(RecapError::TooLong { limit });
        }
        let Json::Object(members) = Json::parse(json)? else {
            return Err(RecapError::Shape("it is not an object"));
        };
        let mut recap = Self {
            text: Box::default(),
            order: Vec::new(),
            abilities: Abilities::default(),
            proofs: Vec::new(),
            notes: Vec::new(),
            inexact: inexact(json),
        };
        for (name, value) in members {
            match &*name {
                "att" => recap.read_abilities(value)?,
                "prf" => recap.read_proofs(value)?,
                _ => recap
                    .notes
                    .push(RecapNote::OtherMember { name: name.into() }),
            }
        }
        Ok(recap)
    }

    fn read_abilities(&mut self, att: Json) -> Result<(), RecapError> {
        let Json::Object(targets) = att else {
            return Err(RecapError::Shape("att is not an object"));
        };
        let mut read = Vec::with_capacity(targets.len());
        for (target, abilities) in targets {
            check_readable(&target)?;
            if check_uri(&target).is_err() {
                let target = target.as_str().into();
                self.notes.push(RecapNote::NotAUri { target });
            }
            let Json::Object(abilities) = abilities else {
                return Err(RecapError::Shape(
                    "what stands under a target is not an object",
                ));
            };
            if abilities.is_empty() {
                return Err(RecapError::Shape("a target has no ability"));
            }
            let mut names = Vec::with_capacity(abilities.len());
            let mut of_target = Vec::with_capacity(abilities.len());
            for (ability, restrictions) in abilities {
                let ability: Ability = ability.parse()?;
                let Json::List(restrictions) = restrictions else {
                    return Err(RecapError::Shape(
                        "what stands under an ability is not a list",
                    ));
                };
                let restrictions = restrictions
                    .iter()
                    .map(Restriction::of_json)
                    .collect::<Result<Vec<_>, _>>()?;
                of_target.push((ability.clone(), restrictions));
                names.push(ability);
            }
            let target: Box<str> = target.into();
            read.push((target.clone(), of_target));
            self.order.push((target, names));
        }
        // no name comes twice in what was read
        self.abilities = Abilities::of(read);
        Ok(())
    }

    fn read_proofs(&mut self, prf: Json) -> Result<(), RecapError> {
        let Json::List(proofs) = prf else {
            return Err(RecapError::Shape("prf is not a list"));
        };
        for proof in proofs {
            let Json::Text(text) = proof else {
                return Err(RecapError::Shape("a proof is not a text"));
            };
            let read = read_any(&text).and_then(|cid| cid.into_v1().ok());
            let proof = read.ok_or(RecapError::Proof { text })?;
            if !self.proofs.contains(&proof) {
                self.proofs.push(proof);
            }
        }
        Ok(())
    }
}

impl FromStr for SignedRecap {
    type Err = RecapError;

    fn from_str(text: &str) -> Result<Self, RecapError> {
        if text.len() > MAX_TEXT_LEN {
            let limit = MAX_TEXT_LEN;
            return Err(RecapError::TooLong { limit });
        }
        let base64 = text.strip_prefix(PREFIX).ok_or(RecapError::Prefix)?;
        let mut notes = Vec::new();
        let json = decode(base64, &mut notes)?;
        let mut recap = Self::of_details(&json)?;
        recap.text = text.into();
        recap.notes.splice(0..0, notes);
        Ok(recap)
    }
}

/// The first number that would be written as another value.
fn inexact(json: &str) -> Option<Box<str>> {
    let scanned = scan(json, |token| match token {
        Token::Number(number) if !is_exact(number) => Err(shown(number).into()),
        _ => Ok(()),
    });
    scanned.err()
}

/// Reads base64 in either alphabet, not in both at once; notes what is not base64url without
/// padding.
fn decode(base64: &str, notes: &mut Vec<RecapNote>) -> Result<String, RecapError> {
    let bare = base64.trim_end_matches('=');
    let padding = base64.len() - bare.len();
    // as much padding as is missing, or none
    if padding > 0 && (padding > 2 || !base64.len().is_multiple_of(4)) {
        return Err(RecapError::Base64);
    }
    let engine: &GeneralPurpose = if bare.contains(['+', '/']) {
        notes.push(RecapNote::StandardAlphabet);
        &STANDARD_NO_PAD
    } else {
        &URL_SAFE_NO_PAD
    };
    if padding > 0 {
        notes.push(RecapNote::Padding);
    }
    let bytes = engine.decode(bare).map_err(|_| RecapError::Base64)?;
    String::from_utf8(bytes).map_err(|error| RecapError::Json {
        detail: error.to_string(),
    })
}

impl Recap {
    /// Reads the JSON of a ReCap (`{"att": …, "prf": …}`), whose names may be in any order.
    ///
    /// # Errors
    /// [`RecapError`] for what is not a ReCap, and for what is read but not written: a target that
    /// is not a URI, for example, or a number that its double does not print.
    pub fn from_json(text: &str) -> Result<Self, RecapError> {
        SignedRecap::of_details(text)?.to_recap()
    }
}

/// Reads a `urn:recap:` resource.
impl FromStr for Recap {
    type Err = RecapError;

    fn from_str(text: &str) -> Result<Self, RecapError> {
        text.parse::<SignedRecap>()?.to_recap()
    }
}

impl PartialEq for SignedRecap {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for SignedRecap {}

impl fmt::Debug for SignedRecap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRecap")
            .field("abilities", &self.abilities)
            .field("proofs", &self.proofs)
            .field("notes", &self.notes)
            .finish_non_exhaustive()
    }
}
