//! What lies in the store of a server: blocks under CIDs, which need not be theirs.

use crate::changes::{Change, sign_again};
use async_trait::async_trait;
use cacao::{Cacao, UnixTime};
use dag_jws::Cid;
use data_encoding::BASE64;
use serde_json::{Value, json};
use session_core::StoreError;
use session_core::server::Capabilities;
use std::sync::Arc;

/// The blocks of a case, by CID.
pub(crate) struct Registered(pub(crate) Value);

#[async_trait]
impl Capabilities for Registered {
    async fn get(&self, cid: &Cid) -> Result<Option<Arc<[u8]>>, StoreError> {
        let block = self.0[cid.to_string()].as_str();
        Ok(block.map(|block| BASE64.decode(block.as_bytes()).unwrap().into()))
    }

    async fn put(&self, _: &Cid, _: &[u8], _: UnixTime) -> Result<(), StoreError> {
        Ok(())
    }
}

const GARBAGE: &[u8] = b"no capability";

/// Signs for the capability with this CID.
fn for_capability(cid: Cid) -> Change {
    sign_again(move |header, claims| {
        let start = header.find(r#""cap":""#).unwrap() + 7;
        let cid = cid.to_string();
        let rest = &header[start + cid.len()..];
        (
            format!("{}{cid}{rest}", &header[..start]),
            claims.to_owned(),
        )
    })
}

/// Cases of a request that brings no capability: what is registered under which CID, what is changed,
/// the verdict.
pub(crate) fn cases(
    own: &Cacao,
    other: &Cacao,
) -> Vec<(&'static str, &'static str, Value, Option<Change>)> {
    let kept = |cid: Cid, block: &[u8]| json!({ cid.to_string(): BASE64.encode(block) });
    let garbage = cacao::car::dag_cbor_cid(GARBAGE);
    vec![
        (
            "a capability that was registered",
            "accepted",
            kept(own.cid(), &own.to_dag_cbor()),
            None,
        ),
        (
            "a registered block with another hash",
            "capability_required",
            kept(own.cid(), &other.to_dag_cbor()),
            None,
        ),
        (
            "a registered block with another hash that cannot be read",
            "capability_required",
            kept(own.cid(), GARBAGE),
            None,
        ),
        (
            "a registered block that is empty",
            "capability_required",
            kept(own.cid(), b""),
            None,
        ),
        (
            "a registered block that cannot be read",
            "invalid_token",
            kept(garbage, GARBAGE),
            Some(for_capability(garbage)),
        ),
    ]
}
