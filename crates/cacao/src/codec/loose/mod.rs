//! Capabilities as honest software spells them, where that is not how they are written here: an
//! integer version, members that hold nothing, a member under another name, members that are not
//! signed. Read as a tree of values, which takes longer; the encoding itself is as strict as
//! elsewhere, and what is read keeps its block.
//!
//! A page loads what stands here when it meets such a one: its entrances are kept out of their
//! callers.

mod json;
mod members;

use self::json::NoTree;
use self::members::{Refusal, wire};
use super::wire::Parts;
use crate::dialect::Variations;
use crate::error::Error;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use ipld_core::ipld::Ipld;

/// Reads a block that was refused for this reason, which stays the reason where nothing here
/// explains it.
#[inline(never)]
pub(super) fn from_block(block: &[u8], refusal: Error) -> Result<(Parts, Variations), Error> {
    let tree = tree_of_block(block).filter(has_json);
    match tree.map(|tree| parts(&tree)) {
        // what has no variation would have been read before
        Some(Ok((parts, variations))) if !variations.is_empty() => Ok((parts, variations)),
        Some(Err(Refusal::Value(error))) => Err(error),
        _ => Err(refusal),
    }
}

/// As [`from_block`], for JSON; with the block that stands for it. A name that comes twice is the
/// reason before all others.
#[inline(never)]
pub(super) fn from_json(
    json: &str,
    refusal: Error,
) -> Result<(Parts, Variations, Arc<[u8]>), Error> {
    let tree = match json::read(json) {
        Ok(tree) if has_json(&tree) => tree,
        // a member that is not known is no fault, and one that comes twice is: it is named first
        Err(NoTree::Twice(error)) => return Err(error),
        _ => return Err(refusal),
    };
    match parts(&tree) {
        Ok((parts, variations)) => match serde_ipld_dagcbor::to_vec(&tree) {
            Ok(block) => Ok((parts, variations, block.into())),
            Err(_) => Err(refusal),
        },
        Err(Refusal::Value(error)) => Err(error),
        Err(Refusal::Shape) => Err(refusal),
        // where it is what the strict reader met, that one knows the place
        Err(Refusal::Missing(member)) => Err(match refusal {
            Error::Json { detail } if !detail.starts_with("missing field") => Error::Json {
                detail: format!("missing field `{}`", member.name()),
            },
            refusal => refusal,
        }),
    }
}

/// The DAG-JSON of a block that was read here.
#[inline(never)]
pub(super) fn to_json(block: &[u8]) -> String {
    tree_of_block(block).map_or_else(String::new, |tree| json::write(&tree))
}

/// What a passkey signs of a block that was read here: all but the signature and the issuer.
#[inline(never)]
#[cfg(feature = "webauthn")]
pub(super) fn without_issuer(block: &[u8]) -> Option<Vec<u8>> {
    let Ipld::Map(mut capability) = tree_of_block(block)? else {
        return None;
    };
    capability.remove("s");
    if let Some(Ipld::Map(payload)) = capability.get_mut("p") {
        payload.remove("iss");
    }
    serde_ipld_dagcbor::to_vec(&Ipld::Map(capability)).ok()
}

fn parts(tree: &Ipld) -> Result<(Parts, Variations), Refusal> {
    let (wire, variations) = wire(tree)?;
    let parts = wire.check().map_err(Refusal::Value)?;
    Ok((parts, variations))
}

/// What a block holds, if it is the one DAG-CBOR encoding of it.
fn tree_of_block(block: &[u8]) -> Option<Ipld> {
    let tree: Ipld = Some(block)
        .filter(|block| block.len() <= json::MAX_LEN)
        .and_then(|block| serde_ipld_dagcbor::from_slice(block).ok())?;
    let written: Vec<u8> = serde_ipld_dagcbor::to_vec(&tree).ok()?;
    (written == block).then_some(tree)
}

/// Whether it can be written as JSON, and read back the same: no fractions, no integer beyond 64
/// bits, no member whose name JSON has for bytes and links, no map that JavaScript has for bytes.
fn has_json(tree: &Ipld) -> bool {
    match tree {
        Ipld::Float(_) => false,
        Ipld::Integer(number) => i64::try_from(*number).is_ok() || u64::try_from(*number).is_ok(),
        Ipld::List(list) => list.iter().all(has_json),
        Ipld::Map(map) => {
            !map.contains_key("/") && json::bytes_of(map).is_none() && map.values().all(has_json)
        }
        Ipld::Null | Ipld::Bool(_) | Ipld::String(_) | Ipld::Bytes(_) | Ipld::Link(_) => true,
    }
}
