//! The prompt lock as a Web Lock, which the browser frees when the tab dies.

use crate::error::IndexedDbError;
use crate::js::{self, LockManager, LockOptions};
use crate::sleep::sleep;
use async_trait::async_trait;
use futures_util::future::{Either, select};
use js_sys::{Function, Promise};
use session_core::PromptLockGuard;
use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

/// Asks for a lock; `None` when somebody else still has it after `max_wait`.
pub(super) async fn acquire(
    locks: &LockManager,
    name: &str,
    max_wait: Duration,
) -> Result<Option<Held>, IndexedDbError> {
    let options: LockOptions = js::dictionary();
    let controller = AbortController::new().map_err(|value| IndexedDbError::thrown(&value))?;
    if max_wait.is_zero() {
        options.set_if_available(true);
    } else {
        options.set_signal(&controller.signal());
    }
    let (held_until, release) = promise();
    // from here on, dropping gives the lock back, or stops waiting for it
    let stolen = Rc::new(Cell::new(false));
    let held = Held {
        release,
        controller,
        stolen: Rc::clone(&stolen),
    };
    let (granted, grant) = promise();
    // the browser calls this once, with the lock, or with null when it is not available at once
    let on_granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        let got = !lock.is_null();
        let _ = grant.call1(&JsValue::UNDEFINED, &got.into());
        if got {
            held_until.into()
        } else {
            JsValue::UNDEFINED
        }
    });
    let refused = locks.request(name, &options, on_granted.unchecked_ref());
    // settles when the lock is given, or when the browser refuses to give it
    let settled = JsFuture::from(Promise::race(&js_sys::Array::of2(&granted, &refused)));
    let settled = if max_wait.is_zero() {
        settled.await
    } else {
        match select(pin!(settled), pin!(sleep(max_wait))).await {
            Either::Left((settled, _)) => settled,
            Either::Right(_) => return Ok(None),
        }
    };
    match settled {
        Ok(got) if got.as_bool() == Some(true) => {
            // the promise that lasts as long as the lock is rejected when the lock is taken away
            spawn_local(async move {
                if JsFuture::from(refused).await.is_err() {
                    stolen.set(true);
                }
            });
            Ok(Some(held))
        }
        Ok(_) => Ok(None),
        Err(value) => Err(IndexedDbError::thrown(&value)),
    }
}

/// A promise and the function that resolves it.
fn promise() -> (Promise, Function) {
    // the executor has run, and put the function in its place, when the constructor returns
    let mut resolver = JsValue::UNDEFINED.unchecked_into();
    let promise = Promise::new(&mut |resolve, _| resolver = resolve);
    (promise, resolver)
}

/// The lock, or the wait for it.
pub(super) struct Held {
    release: Function,
    controller: AbortController,
    stolen: Rc<Cell<bool>>,
}

/// Held until it is dropped, or until another page steals it, which Web Locks allow.
#[async_trait(?Send)]
impl PromptLockGuard for Held {
    fn is_held(&self) -> bool {
        !self.stolen.get()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // a request that still waits is withdrawn; one that was granted ends
        let _ = self.release.call0(&JsValue::UNDEFINED);
        self.controller.abort();
    }
}
