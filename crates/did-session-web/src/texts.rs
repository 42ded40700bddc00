//! Lists of texts, as calls give them.

use js_sys::Array;
use wasm_bindgen::JsValue;

/// A list of texts, if it is one.
pub(crate) fn texts(value: &JsValue) -> Option<Vec<String>> {
    if !Array::is_array(value) {
        return None;
    }
    Array::from(value)
        .iter()
        .map(|text| text.as_string())
        .collect()
}
