//! JavaScript values as IPLD has them, by the rules of JavaScript's own DAG-CBOR encoder.

use crate::error::make;
use dag_jws::{Cid, Ipld, MAX_DEPTH};
use js_sys::{Array, ArrayBuffer, BigInt, Function, Map, Number, Object, Reflect, Uint8Array};
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    // a getter of the caller's object may throw
    #[wasm_bindgen(catch, js_namespace = Object, js_name = entries)]
    fn entries_of(object: &JsValue) -> Result<Array, JsValue>;
}

/// Reads a value. Whole numbers are integers, as long as JavaScript tells them from their
/// neighbours.
pub(crate) fn from_js(value: &JsValue) -> Result<Ipld, JsValue> {
    read(value, 0)
}

fn read(value: &JsValue, depth: usize) -> Result<Ipld, JsValue> {
    if depth > MAX_DEPTH {
        return Err(unsupported(
            "a value that is nested too deeply, or in itself",
        ));
    }
    if value.is_null() {
        return Ok(Ipld::Null);
    }
    if let Some(boolean) = value.as_bool() {
        return Ok(Ipld::Bool(boolean));
    }
    if let Some(text) = value.as_string() {
        return Ok(Ipld::String(text));
    }
    if let Some(number) = value.as_f64() {
        return Ok(match Number::is_safe_integer(value) {
            // safe integers are exact in both types
            #[allow(clippy::cast_possible_truncation)]
            true => Ipld::Integer(i128::from(number as i64)),
            false => Ipld::Float(number),
        });
    }
    if let Some(big) = value.dyn_ref::<BigInt>() {
        let digits = big.to_string(10).map(String::from).unwrap_or_default();
        return digits
            .parse()
            .map(Ipld::Integer)
            .map_err(|_| unsupported("a big integer beyond 64 bits"));
    }
    if !value.is_object() {
        let kind = value.js_typeof().as_string().unwrap_or_default();
        return Err(unsupported(&format!("a value of the type {kind}")));
    }
    object(value, depth)
}

fn object(value: &JsValue, depth: usize) -> Result<Ipld, JsValue> {
    if let Some(cid) = as_cid(value)? {
        return Ok(Ipld::Link(cid));
    }
    if value.is_instance_of::<ArrayBuffer>() {
        return Ok(Ipld::Bytes(Uint8Array::new(value).to_vec()));
    }
    if ArrayBuffer::is_view(value) {
        let view: &Uint8Array = value.unchecked_ref();
        let (from, len) = (view.byte_offset(), view.byte_length());
        let bytes = Uint8Array::new_with_byte_offset_and_length(&view.buffer(), from, len);
        return Ok(Ipld::Bytes(bytes.to_vec()));
    }
    if Array::is_array(value) {
        let items = Array::from(value);
        let list: Result<_, _> = items.iter().map(|item| read(&item, depth + 1)).collect();
        return list.map(Ipld::List);
    }
    let entries = match value.dyn_ref::<Map>() {
        Some(map) => Array::from(map.unchecked_ref()),
        None if is_plain(value) => {
            Object::entries(value.unchecked_ref::<Object>()).unchecked_into()
        }
        None => return Err(unsupported("an object of a class")),
    };
    let mut members = BTreeMap::new();
    for entry in entries.iter() {
        let entry: Array = entry.unchecked_into();
        let name = entry
            .get(0)
            .as_string()
            .ok_or_else(|| unsupported("a map whose keys are not all texts"))?;
        members.insert(name, read(&entry.get(1), depth + 1)?);
    }
    Ok(Ipld::Map(members))
}

/// `{…}`, or an instance of a class without a tag of its own; not a Date, a Set, a Promise.
fn is_plain(value: &JsValue) -> bool {
    Reflect::get(&Object::new(), &"toString".into())
        .and_then(JsCast::dyn_into::<Function>)
        .and_then(|to_string| to_string.call0(value))
        .is_ok_and(|tag| tag == "[object Object]")
}

/// A CID of the `multiformats` package, of any of its versions, or one of ours.
fn as_cid(value: &JsValue) -> Result<Option<Cid>, JsValue> {
    let get = |name: &str| Reflect::get(value, &name.into());
    let bytes = get("bytes")?;
    let marked = get("/")? == bytes || get("asCID")? == *value;
    if !marked {
        return Ok(None);
    }
    let Some(bytes) = bytes.dyn_ref::<Uint8Array>() else {
        return Ok(None);
    };
    Cid::try_from(bytes.to_vec())
        .map(Some)
        .map_err(|error| unsupported(&format!("a CID that is not valid ({error})")))
}

fn unsupported(what: &str) -> JsValue {
    make("invalid_payload", &format!("DAG-CBOR does not know {what}"))
}
