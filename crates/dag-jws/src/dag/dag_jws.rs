//! A JWS whose payload is the CID of a block, with its link stated beside it.

use crate::error::Error;
use crate::forms::{JsonForm, malformed, read_object};
use crate::json::deserialize_object;
use crate::jws::{Jws, serialize_members};
use alloc::string::String;
use cacao::car::{cid_text, exact_cid, read_cid};
use cid::Cid;
use core::str::FromStr;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::{Map, Value};

/// A DagJWS (DAG-JOSE, section "DagJWS") with exactly one signature: a JWS over the bytes of a
/// CID, and that CID as `link`.
///
/// As JSON it is a form of JWS with the member `link`, `{"/": "<CID>"}`. Only
/// [`verify`](Self::verify) compares `link` with the signed payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DagJws {
    jws: Jws,
    link: Cid,
}

impl DagJws {
    /// A JWS with the link that is stated beside it.
    #[must_use]
    pub const fn new(jws: Jws, link: Cid) -> Self {
        Self { jws, link }
    }

    /// A JWS with the link that its payload holds.
    ///
    /// # Errors
    /// [`Error::PayloadNotLink`] when the payload is not exactly the bytes of a CID.
    pub fn from_jws(jws: Jws) -> Result<Self, Error> {
        let link = payload_link(&jws.payload_bytes())?;
        Ok(Self { jws, link })
    }

    /// Reads the general or the flattened JSON form. The member `link` is `{"/": "<CID>"}` or the CID as a text;
    /// where it is absent, the link is the payload's.
    ///
    /// # Errors
    /// As [`Jws::parse`]; [`Error::Json`] when `link` is not a CID, [`Error::PayloadNotLink`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::from_object(read_object(text)?)
    }

    /// The JWS.
    #[must_use]
    pub const fn jws(&self) -> &Jws {
        &self.jws
    }

    /// The JWS, by value.
    #[must_use]
    pub fn into_jws(self) -> Jws {
        self.jws
    }

    /// The link as stated.
    #[must_use]
    pub const fn link(&self) -> &Cid {
        &self.link
    }

    /// The general JSON form with `link`, in one line without spaces.
    #[must_use]
    pub fn to_general(&self) -> String {
        let mut out = String::with_capacity(self.jws.as_compact().len() + 160);
        self.jws.write_general(&mut out);
        out.push_str(",\"link\":{\"/\":\"");
        out.push_str(&cid_text(&self.link));
        out.push_str("\"}}");
        out
    }

    /// The CID in the signed payload.
    pub(super) fn signed_link(&self) -> Result<Cid, Error> {
        payload_link(&self.jws.payload_bytes())
    }

    fn from_object(mut object: Map<String, Value>) -> Result<Self, Error> {
        let form = JsonForm::take(&mut object)?;
        let jws = Jws::from_form(&form.payload, form.only()?)?;
        match object.remove("link") {
            None => Self::from_jws(jws),
            Some(value) => {
                let link = read_link(value).ok_or_else(|| malformed("link", "is not a link"))?;
                // without a CID in the payload it is not a DagJWS, whatever is stated beside it
                payload_link(&jws.payload_bytes())?;
                Ok(Self { jws, link })
            }
        }
    }
}

/// Exactly the bytes of a CID, in its shortest form.
fn payload_link(payload: &[u8]) -> Result<Cid, Error> {
    exact_cid(payload).ok_or(Error::PayloadNotLink)
}

fn read_link(value: Value) -> Option<Cid> {
    match value {
        Value::String(text) => read_cid(&text),
        Value::Object(mut object) => match (object.remove("/"), object.is_empty()) {
            (Some(Value::String(text)), true) => read_cid(&text),
            _ => None,
        },
        _ => None,
    }
}

impl FromStr for DagJws {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

/// The general JSON form with `link`.
impl Serialize for DagJws {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Link {
            #[serde(rename = "/")]
            cid: String,
        }

        let mut object = serializer.serialize_struct("DagJws", 3)?;
        serialize_members(&self.jws, &mut object)?;
        let cid = cid_text(&self.link);
        object.serialize_field("link", &Link { cid })?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for DagJws {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = deserialize_object(deserializer)?;
        Self::from_object(object).map_err(D::Error::custom)
    }
}
