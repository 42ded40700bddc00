//! `{"jws", "linkedBlock", "cacaoBlock"}`: a DagJWS as JSON with the blocks that go with it, as
//! `sign --dag` prints it.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, DecodeError, DecodeKind};
use did_session::jws::{DagJws, SignedDagJws};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::failure::Failure;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    #[serde(borrow)]
    jws: &'a RawValue,
    #[serde(default, rename = "linkedBlock")]
    linked_block: Option<Block>,
    #[serde(default, rename = "cacaoBlock")]
    cacao_block: Option<Block>,
}

/// Bytes: base64url without padding, or as DAG-JSON has them, `{"/": {"bytes": "…"}}`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Block {
    Text(String),
    DagJson(DagJsonBytes),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DagJsonBytes {
    #[serde(rename = "/")]
    inner: Inner,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    bytes: String,
}

impl Block {
    fn decode(&self, member: &str) -> Result<Vec<u8>, Failure> {
        let decoded = match self {
            Self::Text(text) => BASE64URL_NOPAD.decode(text.as_bytes()),
            Self::DagJson(json) => BASE64_NOPAD.decode(json.inner.bytes.as_bytes()),
        };
        decoded.map_err(|DecodeError { position, kind }| {
            let why = match kind {
                DecodeKind::Length => "is one too many",
                DecodeKind::Trailing => "has bits that are not used and not zero",
                DecodeKind::Symbol | DecodeKind::Padding => "is not one of its characters",
            };
            let place = position + 1;
            let line = format!("{member} is not valid unpadded base64url: character {place} {why}");
            Failure::input("malformed_base64url", line)
        })
    }
}

/// What stands in one, the blocks still encoded.
pub(crate) struct Parts<'a> {
    pub(crate) jws: JwsText<'a>,
    linked_block: Option<Block>,
    cacao_block: Option<Block>,
}

/// The text of a JWS in one of its two forms.
pub(crate) enum JwsText<'a> {
    Compact(String),
    General(&'a str),
}

impl<'a> Parts<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, Failure> {
        let wire: Wire<'a> = serde_json::from_str(text).map_err(malformed)?;
        let jws = wire.jws.get().trim_ascii();
        let jws = if jws.starts_with('"') {
            JwsText::Compact(serde_json::from_str(jws).map_err(malformed)?)
        } else {
            JwsText::General(jws)
        };
        Ok(Self {
            jws,
            linked_block: wire.linked_block,
            cacao_block: wire.cacao_block,
        })
    }

    /// With its blocks it is a DagJWS; `None` if it has none, and is the JWS alone.
    pub(crate) fn signed(
        &self,
        jws: impl FnOnce() -> Result<DagJws, Failure>,
    ) -> Result<Option<SignedDagJws>, Failure> {
        let Some(linked_block) = &self.linked_block else {
            if self.cacao_block.is_some() {
                let line = "has a member cacaoBlock but no linkedBlock: give the capability by --capability";
                return Err(Failure::input("malformed_json", line));
            }
            return Ok(None);
        };
        let jws = jws()?;
        let linked_block = linked_block.decode("linkedBlock")?;
        let cacao_block = self.cacao_block.as_ref();
        let cacao_block = cacao_block.map(|block| block.decode("cacaoBlock"));
        let signed = SignedDagJws::new(jws, linked_block, cacao_block.transpose()?);
        Ok(Some(signed))
    }
}

#[allow(clippy::needless_pass_by_value)] // the shape that map_err takes
fn malformed(error: serde_json::Error) -> Failure {
    Failure::input(
        "malformed_json",
        "is not a valid JSON object {jws, linkedBlock, cacaoBlock}, as `sign --dag` prints it",
    )
    .caused_by(&error)
}

/// What is printed.
#[derive(Debug, Serialize)]
pub(crate) struct Envelope<'a> {
    jws: &'a DagJws,
    #[serde(rename = "linkedBlock")]
    linked_block: String,
    #[serde(rename = "cacaoBlock", skip_serializing_if = "Option::is_none")]
    cacao_block: Option<String>,
}

impl<'a> Envelope<'a> {
    pub(crate) fn new(signed: &'a SignedDagJws) -> Self {
        let encode = |block: &[u8]| BASE64URL_NOPAD.encode(block);
        Self {
            jws: signed.jws(),
            linked_block: encode(signed.linked_block()),
            cacao_block: signed.cacao_block().map(encode),
        }
    }
}
