//! One stored session as a JavaScript value, both ways, in the layout of the npm package
//! `did-session`: `{cacao: {h, p, s}, keypair: {privateKey, publicKey}}`. Evidence is one more
//! member, the text of its JSON, which that package does not look at.

use crate::algorithm::WebCryptoAlgorithm;
use crate::describe::kind_of;
use crate::error::RecordError;
use crate::js::{self, StoredSession};
use crate::key::WebCryptoKey;
use cacao::{Cacao, MAX_ENCODED_LEN, MemberOrder, SignatureValue};
use js_sys::{JSON, JsString, Object, Reflect, Uint8Array};
use session_core::{Evidence, EvidenceError, SessionRecord};
use wasm_bindgen::{JsCast, JsValue};

/// Writes a record as the value to store.
pub(crate) fn to_js(record: &SessionRecord<WebCryptoKey>) -> JsValue {
    let stored: StoredSession = js::dictionary();
    stored.set_cacao(&capability_to_js(record.capability()));
    stored.set_keypair(&record.key().to_pair());
    if let Some(evidence) = record.evidence() {
        stored.set_evidence(evidence.as_str());
    }
    stored.into()
}

/// Reads a stored value. The capability is not judged; the keys are what the store would have
/// made.
pub(crate) async fn from_js(
    value: &JsValue,
    algorithm: WebCryptoAlgorithm,
) -> Result<SessionRecord<WebCryptoKey>, RecordError> {
    if !value.is_object() || js_sys::Array::is_array(value) {
        return Err(RecordError::NotAnObject {
            found: kind_of(value),
        });
    }
    let stored: &StoredSession = value.unchecked_ref();
    let capability = capability_from_js(&member(stored.cacao(), "cacao")?)?;
    let pair = member(stored.keypair(), "keypair")?;
    let evidence = evidence_from(&stored.evidence())?;
    let key = WebCryptoKey::from_pair(&pair, algorithm).await?;
    Ok(SessionRecord::new(capability, key).with_evidence(evidence))
}

fn evidence_from(value: &JsValue) -> Result<Option<Evidence>, RecordError> {
    if value.is_undefined() {
        return Ok(None);
    }
    // a text of JavaScript has at least as many bytes as units: a long one is not even copied
    let text = value
        .dyn_ref::<JsString>()
        .ok_or_else(|| RecordError::WrongType {
            member: "evidence",
            expected: "string",
            found: kind_of(value),
        })?;
    let length = text.length() as usize;
    if length > Evidence::MAX_LEN {
        return Err(RecordError::Evidence(EvidenceError::TooLong { length }));
    }
    let evidence = Evidence::from_json(&String::from(text)).map_err(RecordError::Evidence)?;
    Ok(Some(evidence))
}

fn member(value: JsValue, member: &'static str) -> Result<JsValue, RecordError> {
    if value.is_undefined() || value.is_null() {
        return Err(RecordError::Missing { member });
    }
    if !value.is_object() {
        return Err(RecordError::WrongType {
            member,
            expected: "object",
            found: kind_of(&value),
        });
    }
    Ok(value)
}

/// Writes a capability as a plain object `{h, p, s}`, byte strings as `Uint8Array`.
#[must_use]
pub fn capability_to_js(cacao: &Cacao) -> JsValue {
    // our own JSON always parses
    let value = JSON::parse(&cacao.to_json(MemberOrder::Session)).unwrap_or_default();
    let Some(signature) = cacao.signature() else {
        return value;
    };
    let Ok(s) = Reflect::get(&value, &"s".into()) else {
        return value;
    };
    // plain objects of our own take any member
    if let SignatureValue::Bytes(bytes) = signature.value() {
        let _ = Reflect::set(&s, &"s".into(), &Uint8Array::from(&**bytes));
    }
    if let Some(aad) = signature.aad() {
        let metadata = Object::new();
        let _ = Reflect::set(&metadata, &"aad".into(), &Uint8Array::from(aad));
        let _ = Reflect::set(&s, &"m".into(), &metadata);
    }
    value
}

/// Reads a capability from an object `{h, p, s}`. It is not judged.
///
/// # Errors
/// [`RecordError::Capability`] when it is not a capability, [`RecordError::WrongType`] when it is
/// not an object.
pub fn capability_from_js(value: &JsValue) -> Result<Cacao, RecordError> {
    let not_json = || RecordError::WrongType {
        member: "cacao",
        expected: "capability",
        found: kind_of(value),
    };
    if !value.is_object() {
        return Err(not_json());
    }
    // cyclic values and big integers have no JSON
    let plain = with_dag_json_bytes(value).map_err(|_| not_json())?;
    let json = JSON::stringify(&plain).map_err(|_| not_json())?;
    // nor has an object that says so itself, in its toJSON
    if !json.is_string() {
        return Err(not_json());
    }
    // a text of JavaScript has at least as many bytes as units
    if json.length() as usize > MAX_ENCODED_LEN {
        return Err(RecordError::Capability(cacao::Error::TooLarge {
            what: "JSON",
            limit: MAX_ENCODED_LEN,
        }));
    }
    let json = json.as_string().ok_or_else(not_json)?;
    Cacao::from_json(&json).map_err(RecordError::Capability)
}

/// Byte arrays in `s.s` and `s.m.aad`, where capabilities have them, as DAG-JSON writes them:
/// `JSON.stringify` alone would make an object with numbers for names of them. An error is what a
/// getter of the value threw.
fn with_dag_json_bytes(value: &JsValue) -> Result<JsValue, JsValue> {
    let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into());
    let signature = get(value, "s")?;
    if !signature.is_object() {
        return Ok(value.clone());
    }
    let (text, metadata) = (get(&signature, "s")?, get(&signature, "m")?);
    let aad = match metadata.is_object() {
        true => get(&metadata, "aad")?,
        false => JsValue::UNDEFINED,
    };
    if !text.is_instance_of::<Uint8Array>() && !aad.is_instance_of::<Uint8Array>() {
        return Ok(value.clone());
    }
    // copies, since the value may be somebody else's
    let copy = |object: &JsValue| Object::try_assign(&Object::new(), object.unchecked_ref());
    let put = |object: &Object, name: &str, value: &JsValue| {
        let _ = Reflect::set(object, &name.into(), value);
    };
    let (whole, signature) = (copy(value)?, copy(&signature)?);
    if let Some(bytes) = text.dyn_ref::<Uint8Array>() {
        put(&signature, "s", &dag_json(bytes));
    }
    if let Some(bytes) = aad.dyn_ref::<Uint8Array>() {
        let metadata = copy(&metadata)?;
        put(&metadata, "aad", &dag_json(bytes));
        put(&signature, "m", &metadata);
    }
    put(&whole, "s", &signature);
    Ok(whole.into())
}

/// `{"/": {"bytes": "<unpadded base64>"}}`.
fn dag_json(bytes: &Uint8Array) -> JsValue {
    let (outer, inner) = (Object::new(), Object::new());
    let text = data_encoding::BASE64_NOPAD.encode(&bytes.to_vec());
    let _ = Reflect::set(&inner, &"bytes".into(), &text.into());
    let _ = Reflect::set(&outer, &"/".into(), &inner);
    outer.into()
}
