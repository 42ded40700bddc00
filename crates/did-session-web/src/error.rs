//! Errors as JavaScript has them: `Error` objects with a stable `code`.

use js_sys::Reflect;
use session_core::{AnswerProblem, Error, NotUsable};
use std::error::Error as StdError;
use store_indexeddb::IndexedDbError;
use wasm_bindgen::JsValue;

/// The error of a call; `cause` is what the wallet threw.
pub(crate) fn thrown(error: &Error, cause: Option<JsValue>) -> JsValue {
    let thrown = make(code_of(error), &(chain(error) + &cure(error)));
    if let Some(cause) = cause {
        set(&thrown, "cause", &cause);
    }
    thrown
}

/// What a page can do about it, where it is the page's to say.
fn cure(error: &Error) -> String {
    let Error::Answer(problem) = error else {
        return String::new();
    };
    match &**problem {
        AnswerProblem::OtherDomain { found, .. } => format!(
            "; where {found:?} is this site, too, say so: by the option domain, or by \
             configure({{ domains: [{found:?}] }})"
        ),
        _ => String::new(),
    }
}

/// An error of our own.
pub(crate) fn make(code: &str, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    error.set_name("DIDSessionError");
    set(&error, "code", &code.into());
    error.into()
}

/// An option that cannot be used.
pub(crate) fn option(option: &'static str, problem: &str) -> Error {
    Error::InvalidOption {
        option,
        problem: problem.to_owned(),
    }
}

/// Why a stored session is not used: `{code, message}`.
pub(crate) fn reason(reason: &NotUsable) -> JsValue {
    let object = js_sys::Object::new();
    set(&object, "code", &reason.code().into());
    set(&object, "message", &chain(reason).into());
    object.into()
}

/// The store's own reasons are told apart, too.
fn code_of(error: &Error) -> &'static str {
    match error {
        Error::Store(store) => IndexedDbError::of(store).map_or(store.code(), IndexedDbError::code),
        other => other.code(),
    }
}

/// Every reason, outermost first.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(": ");
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}

/// Sets a member of an object that we made ourselves, which cannot fail.
pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}
