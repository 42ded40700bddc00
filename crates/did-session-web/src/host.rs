//! What the page gives: the time, and errors as JavaScript has them.

use session_core::{AnswerProblem, Error, NotUsable};
use std::error::Error as StdError;
use std::time::Duration;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since 1970.
    #[wasm_bindgen(js_namespace = Date)]
    fn now() -> f64;

    /// Milliseconds by a clock that never goes back.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn monotonic() -> f64;
}

#[wasm_bindgen(raw_module = "./host.js")]
extern "C" {
    /// An error with a stable code; `kind` tells the few that the callers treat differently.
    fn failure(code: &str, message: &str, kind: u32) -> JsValue;
}

/// What kind of failure it is.
#[derive(Clone, Copy)]
enum Kind {
    Other = 0,
    /// There is no stored session that can be used.
    NotUsable = 1,
    /// The account gave none, which everybody is told who asked for the same.
    NotGiven = 2,
}

/// The clock of the browser, with the flow's waiting left to the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageClock;

#[async_trait::async_trait(?Send)]
impl session_core::Clock for PageClock {
    fn now(&self) -> cacao::UnixTime {
        // whole milliseconds below 2^53
        #[allow(clippy::cast_possible_truncation)]
        cacao::UnixTime::from_millis(now() as i64)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs_f64(monotonic().max(0.0) / 1000.0)
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

/// The error of a call.
pub(crate) fn thrown(error: &Error) -> JsValue {
    let kind = match error {
        Error::NotUsable(_) => Kind::NotUsable,
        Error::Auth(_) | Error::Answer(_) => Kind::NotGiven,
        _ => Kind::Other,
    };
    // why a stored session is not used is what callers want to read
    let message = match error {
        Error::NotUsable(why) => chain(&**why),
        other => chain(other) + &cure(other),
    };
    failure(error.code(), &message, kind as u32)
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
    failure(code, message, Kind::Other as u32)
}

/// An option that cannot be used.
pub(crate) fn option(option: &'static str, problem: impl Into<String>) -> Error {
    Error::InvalidOption {
        option,
        problem: problem.into(),
    }
}

/// What the verdict on a capability says.
pub(crate) fn refused(error: &cacao::Error) -> JsValue {
    make(error.code(), &chain(error))
}

/// Why a stored session is not used, as JSON.
pub(crate) fn reason(why: &NotUsable) -> String {
    #[derive(serde::Serialize)]
    struct Reason<'a> {
        code: &'a str,
        message: String,
    }
    json(&Reason {
        code: why.code(),
        message: chain(why),
    })
}

/// What the page is told, as JSON. Written from types of our own: values of no type would bring
/// trees of them along.
pub(crate) fn json<T: serde::Serialize + ?Sized>(told: &T) -> String {
    // texts, and lists of them: serde_json has nothing here that it could refuse
    serde_json::to_string(told).unwrap_or_default()
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
