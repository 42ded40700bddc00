//! Tells what an input is, and reads it: nothing is proven by that.

use data_encoding::BASE64URL_NOPAD;
use did_session::SessionRecord;
use did_session::cacao::recap::{SignedRecap, is_recap};
use did_session::cacao::{self, Cacao, SignedText, car::Car};
use did_session::didkey::{DidUrl, Ed25519SigningKey};
use did_session::jws::{DagJws, Jws, SignedDagJws};
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

use crate::envelope::{JwsText, Parts};
use crate::failure::Failure;
use crate::input::Input;
use crate::picked::SignatureArg;

/// Everything that `inspect` and `verify` take, read and unproven.
#[derive(Debug)]
pub(crate) enum Document {
    /// A session string.
    Session(Box<SessionRecord<Ed25519SigningKey>>),
    /// A capability: DAG-JSON, DAG-CBOR or CAR.
    Capability(Cacao),
    /// A sign-in text, without its signature.
    Text(SignedText),
    /// A JWS, compact or general.
    Jws(Jws),
    /// A DagJWS without the block that it links.
    Link(DagJws),
    /// A DagJWS with its blocks: JSON or CAR.
    Dag(Box<SignedDagJws>),
    /// A DID, or a DID URL.
    Did(DidUrl),
    /// A ReCap, alone.
    Recap(Box<SignedRecap>),
}

const KINDS: &str = "a session string, a capability (DAG-JSON, DAG-CBOR or CAR), a sign-in text, a JWS, a ReCap or a DID";

impl Document {
    /// Reads what an argument names; of a JWS with several signatures, that with the one that is
    /// picked.
    pub(crate) fn read(argument: &str, what: &str, pick: &SignatureArg) -> Result<Self, Failure> {
        let input = Input::read_or_inline(argument, what)?;
        let document = Self::parse(&input, pick);
        if let Ok(Self::Session(_)) = &document {
            input.warn_if_exposed();
        }
        document.map_err(|failure| failure.about(input.name()))
    }

    fn parse(input: &Input, pick: &SignatureArg) -> Result<Self, Failure> {
        match input.text() {
            Some(text) => Self::from_text(text, pick),
            None => {
                let document = Self::from_bytes(input.bytes())?;
                pick.check_not_given(document.name())?;
                Ok(document)
            }
        }
    }

    pub(crate) fn from_text(text: &str, pick: &SignatureArg) -> Result<Self, Failure> {
        let shape = Shape::of(text)?;
        if !matches!(shape, Shape::General | Shape::Envelope) {
            pick.check_not_given(shape.name())?;
        }
        match shape {
            Shape::Text => Ok(Self::Text(SignedText::parse(text)?)),
            Shape::Did => Ok(Self::Did(text.parse()?)),
            Shape::Recap => {
                let recap = text.parse().map_err(cacao::Error::Recap)?;
                Ok(Self::Recap(Box::new(recap)))
            }
            Shape::Compact => Ok(Self::Jws(Jws::parse(text)?)),
            Shape::General => Self::from_general(text, pick),
            Shape::Envelope => Self::from_envelope(text, pick),
            Shape::Capability => Ok(Self::Capability(Cacao::from_json(text)?)),
            Shape::Session => {
                let record = SessionRecord::from_session_string_unverified(text)?;
                Ok(Self::Session(Box::new(record)))
            }
            Shape::Car => Self::from_car(&Car::from_base64url(text)?),
        }
    }

    /// Reads the general form of a JWS; with a member `link` it is a DagJWS.
    fn from_general(json: &str, pick: &SignatureArg) -> Result<Self, Failure> {
        if members(json)?.contains_key("link") {
            Ok(Self::Link(pick.dag_jws(json)?))
        } else {
            Ok(Self::Jws(pick.jws(json)?))
        }
    }

    /// Reads a JWS that stands beside the blocks that go with it.
    fn from_envelope(json: &str, pick: &SignatureArg) -> Result<Self, Failure> {
        let parts = Parts::parse(json)?;
        let jws = match &parts.jws {
            JwsText::Compact(compact) => {
                pick.check_not_given("one in the compact form")?;
                Self::Jws(Jws::parse(compact)?)
            }
            JwsText::General(json) => Self::from_general(json, pick)?,
        };
        let link = || match &jws {
            Self::Link(link) => Ok(link.clone()),
            Self::Jws(jws) => Ok(DagJws::from_jws(jws.clone())?),
            _ => Err(unknown()),
        };
        let signed = parts.signed(link)?;
        Ok(signed.map_or(jws, |signed| Self::Dag(Box::new(signed))))
    }

    /// A DAG-CBOR map begins with a byte that no text has; so does a CAR, in its second byte.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Failure> {
        match bytes {
            [0xa0..=0xbf, ..] => Ok(Self::Capability(Cacao::from_dag_cbor(bytes)?)),
            [_, 0xa2, b'e', b'r', b'o', b'o', b't', b's', ..] => {
                Self::from_car(&Car::from_bytes(bytes)?)
            }
            _ => Err(unknown()),
        }
    }

    fn from_car(car: &Car) -> Result<Self, Failure> {
        /// Multicodec of dag-jose.
        const DAG_JOSE: u64 = 0x85;
        match car.roots() {
            [root] if root.codec() == DAG_JOSE => {
                Ok(Self::Dag(Box::new(SignedDagJws::from_car(car)?)))
            }
            // roots and codec are judged where capabilities are read
            _ => Ok(Self::Capability(Cacao::from_car(car)?)),
        }
    }

    /// Reads a capability in any encoding; a session string is refused, since it holds a secret
    /// that has no business where a capability is asked for.
    pub(crate) fn read_capability(argument: &str) -> Result<Cacao, Failure> {
        let input = Input::read(argument, "capability")?;
        let name = input.name();
        match Self::parse(&input, &SignatureArg::default())
            .map_err(|failure| failure.about(name))?
        {
            Self::Capability(capability) => Ok(capability),
            other => {
                let line = format!("is {}, not a capability", other.name());
                Err(Failure::input("not_a_capability", line).about(name))
            }
        }
    }

    /// What it is, for people.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Session(_) => "a session string",
            Self::Capability(_) => "a capability",
            Self::Text(_) => "a sign-in text",
            Self::Jws(_) => "a JWS",
            Self::Link(_) | Self::Dag(_) => "a DagJWS",
            Self::Did(_) => "a DID",
            Self::Recap(_) => "a ReCap",
        }
    }
}

/// What a text looks like, before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    Did,
    Recap,
    Compact,
    General,
    Envelope,
    Capability,
    Session,
    Car,
}

impl Shape {
    const fn name(self) -> &'static str {
        match self {
            Self::Text => "a sign-in text",
            Self::Did => "a DID",
            Self::Recap => "a ReCap",
            Self::Compact => "a JWS in the compact form",
            Self::General | Self::Envelope => "a JWS in a JSON form",
            Self::Capability | Self::Car => "a capability",
            Self::Session => "a session string",
        }
    }

    fn of(text: &str) -> Result<Self, Failure> {
        // even if the lines end otherwise than they must, it is this text
        let first = text.lines().next().unwrap_or_default().trim_end();
        if first.contains(" wants you to sign in with your ") && first.ends_with(" account:") {
            return Ok(Self::Text);
        }
        if text.starts_with("did:") {
            return Ok(Self::Did);
        }
        if is_recap(text) {
            return Ok(Self::Recap);
        }
        if text.trim_ascii_start().starts_with('{') {
            return Self::of_json(text);
        }
        let base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if text.is_empty() || !text.bytes().all(|byte| base64url(byte) || byte == b'.') {
            return Err(unknown());
        }
        if text.contains('.') {
            return Ok(Self::Compact);
        }
        // base64url of `{"`, where every session string begins
        if text.starts_with("eyI") || text.starts_with("eyJ") {
            return Ok(Self::Session);
        }
        if is_car(text) {
            return Ok(Self::Car);
        }
        Err(unknown())
    }

    fn of_json(text: &str) -> Result<Self, Failure> {
        let members = members(text)?;
        let has = |name: &str| members.contains_key(name);
        if has("h") || has("p") {
            Ok(Self::Capability)
        } else if has("jws") {
            Ok(Self::Envelope)
        } else if has("payload") || has("signatures") {
            Ok(Self::General)
        } else {
            Err(unknown())
        }
    }
}

/// Whether a text begins as base64url of a CAR does, perhaps after the letter `u`: a length, and a
/// map that begins with `roots`.
fn is_car(text: &str) -> bool {
    let text = text.strip_prefix('u').unwrap_or(text);
    let start = text
        .get(..12)
        .and_then(|start| BASE64URL_NOPAD.decode(start.as_bytes()).ok());
    let start = start.as_deref().and_then(|start| start.get(1..8));
    start == Some(b"\xa2eroots")
}

/// The names of the members of a JSON object.
fn members(json: &str) -> Result<BTreeMap<String, IgnoredAny>, Failure> {
    serde_json::from_str(json).map_err(|error| {
        Failure::input(
            "malformed_json",
            "is not valid JSON of a capability or a JWS",
        )
        .caused_by(&error)
    })
}

fn unknown() -> Failure {
    Failure::input("unknown_input", format!("is not {KINDS}"))
}
