//! Timers of the browser.

use crate::js::scope;
use js_sys::Promise;
use std::time::Duration;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// The longest that one timer of a browser waits: a signed 32-bit number of milliseconds.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// Waits for some time: by several timers, one after the other, if one cannot wait for so long.
pub(crate) async fn sleep(time: Duration) {
    let mut left = time;
    loop {
        let nap = left.min(LONGEST);
        Timer::start(nap).ended().await;
        left -= nap;
        if left.is_zero() {
            return;
        }
    }
}

/// A timer that is stopped when it is dropped.
struct Timer {
    id: JsValue,
    ended: Promise,
}

impl Timer {
    fn start(time: Duration) -> Self {
        // never too early
        let millis = time.as_micros().div_ceil(1000);
        let millis = i32::try_from(millis).unwrap_or(i32::MAX);
        let mut id = JsValue::UNDEFINED;
        let ended = Promise::new(&mut |resolve, _| id = scope().set_timeout(&resolve, millis));
        Self { id, ended }
    }

    async fn ended(&self) {
        // it is never rejected
        let _ = JsFuture::from(self.ended.clone()).await;
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        scope().clear_timeout(&self.id);
    }
}
