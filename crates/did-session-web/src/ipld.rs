//! IPLD values of JavaScript, told one after the other: what is a list, a map, a link, JavaScript
//! says; what DAG-CBOR makes of them stands in `dag-jws`.

use crate::host::make;
use cacao::car::exact_cid;
use dag_jws::{BlockWriter, Error, UnsignedDagJws};
use wasm_bindgen::prelude::*;

/// Takes a value, depth first.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct IpldWriter(BlockWriter);

#[wasm_bindgen]
impl IpldWriter {
    /// Nothing yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `null`.
    pub fn null(&mut self) {
        self.0.null();
    }

    /// A boolean.
    pub fn bool(&mut self, value: bool) {
        self.0.bool(value);
    }

    /// A number with a fraction, or beyond the safe integers.
    pub fn float(&mut self, value: f64) {
        self.0.float(value);
    }

    /// A safe integer.
    pub fn integer(&mut self, value: f64) {
        // safe integers are exact in both types
        #[allow(clippy::cast_possible_truncation)]
        self.0.integer(i128::from(value as i64));
    }

    /// A big integer: its sign, and what it is without it.
    pub fn big(&mut self, is_negative: bool, value: u64) {
        let value = i128::from(value);
        self.0.integer(if is_negative { -1 - value } else { value });
    }

    /// A text.
    pub fn text(&mut self, value: &str) {
        self.0.text(value);
    }

    /// Bytes.
    pub fn bytes(&mut self, value: &[u8]) {
        self.0.bytes(value);
    }

    /// A link, by the bytes of its CID.
    ///
    /// # Errors
    /// `invalid_payload`.
    pub fn link(&mut self, cid: &[u8]) -> Result<(), JsValue> {
        let cid = exact_cid(cid).ok_or_else(|| unsupported("a CID that is not valid"))?;
        self.0.link(&cid);
        Ok(())
    }

    /// Begins a list.
    pub fn list(&mut self) {
        self.0.list();
    }

    /// Begins a map.
    pub fn map(&mut self) {
        self.0.map();
    }

    /// The name of the member whose value is told next.
    pub fn name(&mut self, name: String) {
        self.0.name(name);
    }

    /// Ends the list or map that was begun last.
    pub fn close(&mut self) {
        self.0.close();
    }
}

impl IpldWriter {
    /// The block of the value, if it has one.
    pub(crate) fn into_block(self) -> Option<Vec<u8>> {
        self.0.finish().ok()
    }

    pub(crate) fn finish(self) -> Result<UnsignedDagJws, JsValue> {
        UnsignedDagJws::written(self.0).map_err(|error| match error {
            Error::TooDeep { .. } => unsupported("a value that is nested too deeply, or in itself"),
            error => crate::host::thrown(&error.into()),
        })
    }
}

fn unsupported(what: &str) -> JsValue {
    make("invalid_payload", &format!("DAG-CBOR does not know {what}"))
}
