//! A stable description of any stored value: what an unreadable record's tag is made of, and how
//! a transaction sees whether a slot is still as it was.

use js_sys::{
    Array, ArrayBuffer, BigInt, Date, Function, JsString, Map, Object, Reflect, Set, Uint8Array,
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::CryptoKey;

/// Values are described to this depth; no record of a session is nested deeper than five.
const MAX_DEPTH: usize = 16;
/// The number of nodes after which a description ends.
const MAX_NODES: usize = 1 << 16;

/// Describes a value, whatever it is. Equal values have equal descriptions; values that differ
/// anywhere but in the bits of a `CryptoKey`, which no script can see, differ in theirs (unless
/// deeper than 16 or larger than 65,536 nodes).
pub(crate) fn describe(value: &JsValue) -> Vec<u8> {
    let mut writer = Writer {
        out: Vec::new(),
        nodes: 0,
    };
    writer.value(value, 0);
    writer.out
}

/// A short name of what a value is, without anything of its content.
pub(crate) fn kind_of(value: &JsValue) -> String {
    if value.is_null() {
        return "null".to_owned();
    }
    if value.is_undefined() {
        return "undefined".to_owned();
    }
    if value.is_object() || value.is_function() {
        return match Array::is_array(value) {
            true => "an array".to_owned(),
            false => format!("an object ({})", class_of(value)),
        };
    }
    let kind = value.js_typeof().as_string().unwrap_or_default();
    format!("a {kind}")
}

/// What a key is for, `ECDSA P-384` for example.
pub(crate) fn algorithm_of(key: &CryptoKey) -> String {
    let algorithm = key.algorithm().map(JsValue::from).unwrap_or_default();
    let text = |member: &str| {
        Reflect::get(&algorithm, &member.into())
            .ok()
            .and_then(|value| value.as_string())
    };
    let name = text("name").unwrap_or_default();
    match text("namedCurve") {
        Some(curve) => format!("{name} {curve}"),
        None => name,
    }
}

/// What a key may be used for.
pub(crate) fn usages(key: &CryptoKey) -> Vec<String> {
    key.usages()
        .iter()
        .filter_map(|usage| usage.as_string())
        .collect()
}

/// `Object.prototype.toString.call(value)` without its brackets, which no member of the value can
/// override.
fn class_of(value: &JsValue) -> String {
    let tag = Reflect::get(&Object::new(), &"toString".into())
        .and_then(JsCast::dyn_into::<Function>)
        .and_then(|to_string| to_string.call0(value))
        .ok()
        .and_then(|tag| tag.as_string())
        .unwrap_or_default();
    tag.trim_start_matches("[object ")
        .trim_end_matches(']')
        .to_owned()
}

struct Writer {
    out: Vec<u8>,
    nodes: usize,
}

impl Writer {
    fn value(&mut self, value: &JsValue, depth: usize) {
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            self.tagged(b'~', &[]);
        } else if let Some(text) = value.dyn_ref::<JsString>() {
            // UTF-16, since JavaScript texts may hold lone surrogates
            let units: Vec<u8> = text.iter().flat_map(u16::to_le_bytes).collect();
            self.tagged(b's', &units);
        } else if let Some(number) = value.as_f64() {
            self.tagged(b'n', &number.to_le_bytes());
        } else if let Some(boolean) = value.as_bool() {
            self.tagged(b'b', &[u8::from(boolean)]);
        } else if let Some(big) = value.dyn_ref::<BigInt>() {
            let text = big.to_string(16).map(String::from).unwrap_or_default();
            self.tagged(b'i', text.as_bytes());
        } else if value.is_object() {
            self.object(value, depth);
        } else {
            self.tagged(b'-', kind_of(value).as_bytes());
        }
    }

    fn object(&mut self, value: &JsValue, depth: usize) {
        if let Some(key) = value.dyn_ref::<CryptoKey>() {
            let text = format!(
                "{} {} {} {:?}",
                key.type_(),
                key.extractable(),
                algorithm_of(key),
                usages(key)
            );
            self.tagged(b'k', text.as_bytes());
        } else if let Some(date) = value.dyn_ref::<Date>() {
            self.tagged(b'd', &date.get_time().to_le_bytes());
        } else if value.is_instance_of::<ArrayBuffer>() {
            self.tagged(b'y', &Uint8Array::new(value).to_vec());
        } else if ArrayBuffer::is_view(value) {
            let view: &Uint8Array = value.unchecked_ref();
            let bytes = Uint8Array::new_with_byte_offset_and_length(
                &view.buffer(),
                view.byte_offset(),
                view.byte_length(),
            );
            self.tagged(b'v', class_of(value).as_bytes());
            self.tagged(b'y', &bytes.to_vec());
        } else if Array::is_array(value) {
            let list: &Array = value.unchecked_ref();
            self.tagged(b'[', &list.length().to_le_bytes());
            for item in list.iter() {
                if self.nodes > MAX_NODES {
                    break;
                }
                self.value(&item, depth + 1);
            }
        } else {
            self.members(value, depth);
        }
    }

    /// A plain object, or one whose class is known by name only (a Map, a Blob).
    fn members(&mut self, value: &JsValue, depth: usize) {
        self.tagged(b'{', class_of(value).as_bytes());
        if let Some(map) = value.dyn_ref::<Map>() {
            self.value(&Array::from(map.unchecked_ref()), depth + 1);
            return;
        }
        if let Some(set) = value.dyn_ref::<Set>() {
            self.value(&Array::from(set.unchecked_ref()), depth + 1);
            return;
        }
        let mut members: Vec<(String, JsValue)> = Object::keys(value.unchecked_ref::<Object>())
            .iter()
            .filter_map(|name| Some((name.as_string()?, Reflect::get(value, &name).ok()?)))
            .collect();
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, member) in members {
            self.tagged(b'm', name.as_bytes());
            self.value(&member, depth + 1);
        }
        self.out.push(b'}');
    }

    fn tagged(&mut self, tag: u8, bytes: &[u8]) {
        self.out.push(tag);
        self.out.extend(bytes.len().to_le_bytes());
        self.out.extend(bytes);
    }
}
