//! `{"jws", "linkedBlock", "cacaoBlock"}`: a DagJWS as JSON with the blocks that go with it, as
//! `sign --dag` prints it.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use did_session::jws::{DagJws, Jws, SignedDagJws};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::document::Document;
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
        decoded.map_err(|error| {
            let line = format!("{member} is not valid unpadded base64url");
            Failure::input("malformed_base64url", line).caused_by(&error)
        })
    }
}

/// Reads it: with a linked block it is a DagJWS, without one the JWS alone.
pub(crate) fn parse(text: &str) -> Result<Document, Failure> {
    let wire: Wire<'_> = serde_json::from_str(text).map_err(malformed)?;
    let jws = wire.jws.get().trim_ascii();
    let jws = if jws.starts_with('"') {
        let compact: String = serde_json::from_str(jws).map_err(malformed)?;
        Document::Jws(Jws::parse(&compact)?)
    } else {
        Document::from_general(jws)?
    };
    let Some(linked_block) = wire.linked_block else {
        if wire.cacao_block.is_some() {
            let line = "cacaoBlock stands without linkedBlock: give the capability by --capability";
            return Err(Failure::input("malformed_json", line));
        }
        return Ok(jws);
    };
    let jws = match jws {
        Document::Jws(jws) => DagJws::from_jws(jws)?,
        Document::Link(jws) => jws,
        other => return Ok(other),
    };
    let linked_block = linked_block.decode("linkedBlock")?;
    let cacao_block = wire.cacao_block.map(|block| block.decode("cacaoBlock"));
    let signed = SignedDagJws::new(jws, linked_block, cacao_block.transpose()?);
    Ok(Document::Dag(Box::new(signed)))
}

#[allow(clippy::needless_pass_by_value)] // the shape that map_err takes
fn malformed(error: serde_json::Error) -> Failure {
    Failure::input("malformed_json", "no {jws, linkedBlock, cacaoBlock}").caused_by(&error)
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
