//! What an account is asked for, as the options of a call say it.

use crate::host::{chain, json, option, thrown};
use cacao::{UnixTime, recap::Recap};
use std::time::Duration;
use wasm_bindgen::prelude::*;

/// A request in the making. JavaScript has checked the types, what they say is checked here.
#[wasm_bindgen]
#[derive(Clone, Debug)]
pub struct Request(session_core::Request);

#[wasm_bindgen]
impl Request {
    /// For this domain and these resources.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(domain: String, resources: Vec<String>) -> Self {
        Self(session_core::Request::new(domain, resources))
    }

    fn edit(&mut self, edit: impl FnOnce(session_core::Request) -> session_core::Request) {
        self.0 = edit(self.0.clone());
    }

    /// A domain for which a stored session may be signed, too.
    #[wasm_bindgen(js_name = acceptedDomain)]
    pub fn accepted_domain(&mut self, domain: String) {
        self.edit(|request| request.with_accepted_domain(domain));
    }

    /// What the user reads.
    pub fn statement(&mut self, statement: String) {
        self.edit(|request| request.with_statement(statement));
    }

    /// The request id.
    #[wasm_bindgen(js_name = requestId)]
    pub fn request_id(&mut self, id: String) {
        self.edit(|request| request.with_request_id(id));
    }

    /// The challenge of a server.
    pub fn nonce(&mut self, nonce: String) {
        self.edit(|request| request.with_nonce(nonce));
    }

    /// How long it lasts, in seconds.
    ///
    /// # Errors
    /// `invalid_option`.
    pub fn lifetime(&mut self, secs: f64) -> Result<(), JsValue> {
        let lifetime = seconds("expiresInSecs", secs)?;
        self.edit(|request| request.with_lifetime(lifetime));
        Ok(())
    }

    /// When it ends, in milliseconds since 1970.
    pub fn end(&mut self, millis: f64) {
        // whole milliseconds below 2^53, as the times of JavaScript are
        #[allow(clippy::cast_possible_truncation)]
        let time = UnixTime::from_millis(millis as i64);
        self.edit(|request| request.with_end(time));
    }

    /// A stored session grants exactly these resources.
    pub fn exact(&mut self) {
        self.edit(session_core::Request::with_exact_resources);
    }

    /// Domain and resources keep to the grammar of EIP-4361.
    pub fn strict(&mut self) {
        self.edit(session_core::Request::with_strict_grammar);
    }

    /// Abilities that are asked for, too, as the JSON of a ReCap.
    ///
    /// # Errors
    /// `invalid_option`.
    pub fn recap(&mut self, json: &str) -> Result<(), JsValue> {
        let recap = Recap::from_json(json).map_err(|error| {
            let problem = format!("is not a valid ReCap: {}", chain(&error));
            thrown(&option("recap", problem))
        })?;
        self.edit(|request| request.with_recap(recap));
        Ok(())
    }

    /// How long somebody else's prompt is waited for, in seconds.
    ///
    /// # Errors
    /// `invalid_option`.
    #[wasm_bindgen(js_name = maxWait)]
    pub fn max_wait(&mut self, secs: f64) -> Result<(), JsValue> {
        let max_wait = seconds("maxWaitSecs", secs)?;
        self.edit(|request| request.with_max_wait(max_wait));
        Ok(())
    }
}

impl Request {
    pub(crate) const fn inner(&self) -> &session_core::Request {
        &self.0
    }
}

pub(crate) fn seconds(name: &'static str, secs: f64) -> Result<Duration, JsValue> {
    Duration::try_from_secs_f64(secs).map_err(|_| {
        let problem = "must be a number of seconds, not negative";
        thrown(&option(name, problem))
    })
}

/// Which texts of a request leave the grammar of EIP-4361: a list of `{option, text, message}`, as
/// JSON.
#[wasm_bindgen]
#[must_use]
pub fn warnings(request: &Request) -> String {
    #[derive(serde::Serialize)]
    struct Warning<'a> {
        option: &'a str,
        text: &'a str,
        message: String,
    }
    let warnings = request.0.warnings();
    let told = warnings.iter().map(|warning| Warning {
        option: warning.option(),
        text: warning.text(),
        message: warning.to_string(),
    });
    json(&told.collect::<Vec<_>>())
}
