//! The dag-jose block of a DagJWS (DAG-JOSE, section "Encoded JOSE"): its parts as bytes in
//! DAG-CBOR, under a codec of its own.

use super::block;
use super::dag_jws::DagJws;
use crate::error::Error;
use crate::jws::Jws;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cid::Cid;
use ipld_core::ipld::Ipld;

/// Multicodec of dag-jose.
pub(super) const DAG_JOSE: u64 = 0x85;

impl DagJws {
    /// Writes the dag-jose block. It holds no link: that is the payload.
    #[must_use]
    pub fn to_dag_jose(&self) -> Vec<u8> {
        let jws = self.jws();
        let signature = Ipld::Map(BTreeMap::from([
            ("protected".to_string(), bytes(jws.protected_base64url())),
            ("signature".to_string(), bytes(jws.signature_base64url())),
        ]));
        let whole = Ipld::Map(BTreeMap::from([
            ("payload".to_string(), bytes(jws.payload_base64url())),
            ("signatures".to_string(), Ipld::List(Vec::from([signature]))),
        ]));
        // maps, a list and bytes: the encoder has nothing here that it could refuse
        serde_ipld_dagcbor::to_vec(&whole).unwrap_or_default()
    }

    /// The CID of the dag-jose block: version 1, dag-jose, sha2-256. Computed anew at each call.
    #[must_use]
    pub fn cid(&self) -> Cid {
        dag_jose_cid(&self.to_dag_jose())
    }

    /// Reads a dag-jose block of a JWS with exactly one signature.
    ///
    /// # Errors
    /// [`Error::DagCbor`] and [`Error::DagJose`] when it is not one, or not in its one encoding;
    /// [`Error::PayloadNotLink`]; otherwise as [`Jws::parse`].
    pub fn from_dag_jose(block: &[u8]) -> Result<Self, Error> {
        block::check_len("dag-jose block", block)?;
        let Ipld::Map(mut whole) = block::decode(block)? else {
            return Err(malformed("it is not a map"));
        };
        let payload = take_base64url(&mut whole, "payload")?;
        let Some(Ipld::List(mut signatures)) = whole.remove("signatures") else {
            return Err(malformed("it has no list of signatures"));
        };
        let (Some(Ipld::Map(mut only)), true) = (signatures.pop(), signatures.is_empty()) else {
            return Err(malformed("it does not have exactly one signature"));
        };
        let protected = take_base64url(&mut only, "protected")?;
        let signature = take_base64url(&mut only, "signature")?;
        let read = Self::from_jws(Jws::from_parts(&protected, &payload, &signature)?)?;
        // whatever else it holds, and whatever is spelled otherwise
        if read.to_dag_jose() != block {
            return Err(malformed("it has an unknown member or another encoding"));
        }
        Ok(read)
    }
}

pub(super) fn dag_jose_cid(block: &[u8]) -> Cid {
    Cid::new_v1(DAG_JOSE, *cacao::car::dag_cbor_cid(block).hash())
}

fn bytes(base64url: &str) -> Ipld {
    // every part was decoded once when the JWS was made
    Ipld::Bytes(URL_SAFE_NO_PAD.decode(base64url).unwrap_or_default())
}

fn take_base64url(map: &mut BTreeMap<String, Ipld>, member: &'static str) -> Result<String, Error> {
    match map.remove(member) {
        Some(Ipld::Bytes(bytes)) => Ok(URL_SAFE_NO_PAD.encode(bytes)),
        _ => Err(malformed("a part is missing or not bytes")),
    }
}

const fn malformed(detail: &'static str) -> Error {
    Error::DagJose { detail }
}
