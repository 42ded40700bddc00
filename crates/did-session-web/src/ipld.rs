//! IPLD values of JavaScript, told one after the other: what is a list, a map, a link, JavaScript
//! says; what DAG-CBOR makes of them stands in `dag-jws`.

use crate::host::make;
use cacao::car::exact_cid;
use dag_jws::{Ipld, MAX_DEPTH};
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;

/// Takes a value, depth first.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct IpldWriter {
    open: Vec<Open>,
    done: Option<Ipld>,
}

#[derive(Debug)]
enum Open {
    List(Vec<Ipld>),
    Map(BTreeMap<String, Ipld>, String),
}

#[wasm_bindgen]
impl IpldWriter {
    /// Nothing yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn put(&mut self, value: Ipld) {
        match self.open.last_mut() {
            None => self.done = Some(value),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(members, name)) => {
                members.insert(std::mem::take(name), value);
            }
        }
    }

    /// `null`.
    pub fn null(&mut self) {
        self.put(Ipld::Null);
    }

    /// A boolean.
    pub fn bool(&mut self, value: bool) {
        self.put(Ipld::Bool(value));
    }

    /// A number with a fraction, or beyond the safe integers.
    pub fn float(&mut self, value: f64) {
        self.put(Ipld::Float(value));
    }

    /// A safe integer.
    pub fn integer(&mut self, value: f64) {
        // safe integers are exact in both types
        #[allow(clippy::cast_possible_truncation)]
        self.put(Ipld::Integer(i128::from(value as i64)));
    }

    /// A big integer, by its digits.
    ///
    /// # Errors
    /// `invalid_payload` beyond 64 bits.
    pub fn big(&mut self, digits: &str) -> Result<(), JsValue> {
        let value = digits
            .parse()
            .map_err(|_| unsupported("a big integer beyond 64 bits"))?;
        self.put(Ipld::Integer(value));
        Ok(())
    }

    /// A text.
    pub fn text(&mut self, value: String) {
        self.put(Ipld::String(value));
    }

    /// Bytes.
    pub fn bytes(&mut self, value: &[u8]) {
        self.put(Ipld::Bytes(value.to_vec()));
    }

    /// A link, by the bytes of its CID.
    ///
    /// # Errors
    /// `invalid_payload`.
    pub fn link(&mut self, cid: &[u8]) -> Result<(), JsValue> {
        let cid = exact_cid(cid).ok_or_else(|| unsupported("a CID that is not valid"))?;
        self.put(Ipld::Link(cid));
        Ok(())
    }

    /// Opens a list.
    ///
    /// # Errors
    /// `invalid_payload` for what is nested too deeply.
    pub fn list(&mut self) -> Result<(), JsValue> {
        self.deeper(Open::List(Vec::new()))
    }

    /// Opens a map.
    ///
    /// # Errors
    /// As `list`.
    pub fn map(&mut self) -> Result<(), JsValue> {
        self.deeper(Open::Map(BTreeMap::new(), String::new()))
    }

    fn deeper(&mut self, open: Open) -> Result<(), JsValue> {
        if self.open.len() >= MAX_DEPTH {
            return Err(unsupported(
                "a value that is nested too deeply, or in itself",
            ));
        }
        self.open.push(open);
        Ok(())
    }

    /// The name of the member whose value is told next.
    pub fn name(&mut self, name: String) {
        if let Some(Open::Map(_, next)) = self.open.last_mut() {
            *next = name;
        }
    }

    /// Closes the list or map that was opened last.
    pub fn close(&mut self) {
        match self.open.pop() {
            Some(Open::List(items)) => self.put(Ipld::List(items)),
            Some(Open::Map(members, _)) => self.put(Ipld::Map(members)),
            None => {}
        }
    }
}

impl IpldWriter {
    pub(crate) fn finish(self) -> Result<Ipld, JsValue> {
        self.done.ok_or_else(|| unsupported("nothing"))
    }
}

fn unsupported(what: &str) -> JsValue {
    make("invalid_payload", &format!("DAG-CBOR does not know {what}"))
}
