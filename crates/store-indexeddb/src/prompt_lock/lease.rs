//! The prompt lock as a lease, where there are no Web Locks: a record with a holder and an end, in a
//! database of its own.
//!
//! A lease that nobody renews ends by itself, so that a tab that dies gives it back, although late.
//! Its end is written by the clock of the device, which all tabs share and the user can set. So a
//! tab that waits for a lease, or holds one, counts by `performance.now()`, too.

use crate::error::IndexedDbError;
use crate::idb::{self, Entry, Reading, Write};
use crate::js;
use crate::sleep::sleep;
use async_trait::async_trait;
use session_core::PromptLockGuard;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

const OBJECT_STORE: &str = "leases";
/// Browsers wake the timers of a hidden tab once a minute: a lease must outlive that.
const LIFE: Duration = Duration::from_secs(80);
/// A holder counts on it for this much less.
const MARGIN: Duration = Duration::from_secs(5);
const RENEW_EVERY: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(250);

#[wasm_bindgen]
extern "C" {
    /// The record of a lease.
    #[wasm_bindgen(extends = js_sys::Object)]
    type Lease;

    #[wasm_bindgen(method, getter)]
    fn holder(this: &Lease) -> JsValue;

    #[wasm_bindgen(method, setter)]
    fn set_holder(this: &Lease, holder: &str);

    #[wasm_bindgen(method, getter)]
    fn until(this: &Lease) -> JsValue;

    #[wasm_bindgen(method, setter)]
    fn set_until(this: &Lease, until: f64);
}

/// Asks for a lease; `None` when somebody else still has it after `max_wait`.
pub(super) async fn acquire(
    database: &str,
    name: &str,
    max_wait: Duration,
) -> Result<Option<Held>, IndexedDbError> {
    let holding = Holding {
        database: format!("{database}-leases"),
        name: name.to_owned(),
        holder: random_name()?,
        alive: Rc::new(Cell::new(true)),
        taken: Rc::default(),
    };
    // from here on, dropping gives the lease back
    let held = Held(holding.clone());
    let end = steady() + millis(max_wait);
    loop {
        if holding.take().await? {
            spawn_local(holding.renew());
            return Ok(Some(held));
        }
        if steady() >= end {
            return Ok(None);
        }
        sleep(LOOK_EVERY.min(max_wait)).await;
    }
}

/// A lease that is ours until this is dropped, or until it could not be renewed in time.
pub(super) struct Held(Holding);

#[async_trait(?Send)]
impl PromptLockGuard for Held {
    fn is_held(&self) -> bool {
        self.0.is_held()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.alive.set(false);
        spawn_local(self.0.clone().give_back());
    }
}

#[derive(Clone)]
struct Holding {
    database: String,
    name: String,
    holder: String,
    alive: Rc<Cell<bool>>,
    /// When the request was made whose answer said that it is ours.
    taken: Rc<Cell<Option<Taken>>>,
}

/// A point in time by both clocks, in milliseconds.
#[derive(Clone, Copy)]
struct Taken {
    wall: f64,
    steady: f64,
}

impl Taken {
    fn now() -> Self {
        Self {
            wall: js_sys::Date::now(),
            steady: steady(),
        }
    }

    /// Whether its holder may still count on a lease that was taken then. If the clock of the device
    /// was set back to before that time, the lease is over for the others; and the clock that never
    /// goes back may stand still while the device sleeps. So the one counts by which more time has
    /// passed.
    fn counts(self, now: Self) -> bool {
        let (wall, steady) = (now.wall - self.wall, now.steady - self.steady);
        // less what a request may take
        wall >= 0.0 && wall.max(steady) < millis(LIFE - MARGIN)
    }
}

impl Holding {
    /// Takes the lease if it is free, ours, or over; returns whether it is ours now.
    async fn take(&self) -> Result<bool, IndexedDbError> {
        let asked = Taken::now();
        let now = asked.wall;
        let (holder, name) = (self.holder.clone(), self.name.clone());
        let change = self.change(move |found| {
            if !(is_over(found, now) || is_of(found, &holder)) {
                return None;
            }
            let lease: Lease = js::dictionary();
            lease.set_holder(&holder);
            lease.set_until(now + millis(LIFE));
            Some(Write::Put {
                key: name.as_str().into(),
                value: lease.into(),
            })
        });
        let is_ours = change.await?;
        if is_ours {
            self.taken.set(Some(asked));
        }
        Ok(is_ours)
    }

    fn is_held(&self) -> bool {
        let taken = self.taken.get();
        self.alive.get() && taken.is_some_and(|taken| taken.counts(Taken::now()))
    }

    async fn renew(self) {
        loop {
            sleep(RENEW_EVERY).await;
            // once it is over, or somebody else's, it stays so
            if !self.is_held() || !matches!(self.take().await, Ok(true)) {
                self.alive.set(false);
                return;
            }
        }
    }

    async fn give_back(self) {
        let (holder, name) = (self.holder.clone(), self.name.clone());
        let given = self
            .change(move |found| {
                is_of(found, &holder).then(|| Write::Delete {
                    key: name.as_str().into(),
                })
            })
            .await;
        if let Err(error) = given {
            tracing::warn!(%error, "a lease could not be given back; it ends by itself");
        }
    }

    /// One transaction on our record; returns whether it wrote.
    async fn change(
        &self,
        decide: impl FnOnce(Option<&Lease>) -> Option<Write> + 'static,
    ) -> Result<bool, IndexedDbError> {
        let connection = idb::open(&self.database, OBJECT_STORE).await?;
        let wrote = Rc::new(Cell::new(false));
        let (told, name) = (Rc::clone(&wrote), self.name.clone());
        let wanted = move |key: &JsValue| key.as_string().as_deref() == Some(name.as_str());
        let decide = move |entries: Vec<Entry>| {
            let found = entries
                .into_iter()
                .next()
                .and_then(|entry| entry.value.ok());
            let found = found.filter(JsValue::is_object);
            let write = decide(found.as_ref().map(JsCast::unchecked_ref));
            told.set(write.is_some());
            write.into_iter().collect()
        };
        connection.update(Reading::Values, wanted, decide).await?;
        Ok(wrote.get())
    }
}

/// Whether nobody holds it any more. One that ends later than any lease could was written by a
/// clock that has been set back since.
fn is_over(lease: Option<&Lease>, now: f64) -> bool {
    lease
        .and_then(|lease| lease.until().as_f64())
        .is_none_or(|until| until <= now || until > now + millis(LIFE))
}

fn is_of(lease: Option<&Lease>, holder: &str) -> bool {
    lease.is_some_and(|lease| lease.holder().as_string().as_deref() == Some(holder))
}

/// `performance.now()`, which nobody can set.
fn steady() -> f64 {
    js::scope().performance().now()
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn random_name() -> Result<String, IndexedDbError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| IndexedDbError::exception("OperationError", &error.to_string()))?;
    Ok(data_encoding::HEXLOWER.encode(&bytes))
}
