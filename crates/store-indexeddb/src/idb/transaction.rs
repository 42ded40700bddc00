//! One transaction: read, decide, write. The deciding is a plain function, so that nothing can be
//! awaited between the reading and the writing.

use super::open::{Connection, error_of};
use crate::error::IndexedDbError;
use crate::js::{self, Database, TransactionOptions};
use js_sys::{Array, Promise};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, IdbObjectStore, IdbRequest, IdbTransaction};

/// One record of the object store, as a transaction saw it.
pub(crate) struct Entry {
    /// Its key.
    pub(crate) key: JsValue,
    /// Its value, or why the browser cannot give it back; `undefined` where only keys are read.
    pub(crate) value: Result<JsValue, IndexedDbError>,
}

/// What to do with the object store.
pub(crate) enum Write {
    /// Puts a value under a key.
    Put {
        /// The key.
        key: JsValue,
        /// The value.
        value: JsValue,
    },
    /// Deletes what lies under a key.
    Delete {
        /// The key.
        key: JsValue,
    },
}

/// How much of the matching records is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Their keys.
    Keys,
    /// Keys and values.
    Values,
}

type Decide = Box<dyn FnOnce(Vec<Entry>) -> Vec<Write>>;

impl Connection {
    /// Reads the records whose keys match.
    pub(crate) async fn read(
        &self,
        reading: Reading,
        wanted: impl Fn(&JsValue) -> bool + 'static,
    ) -> Result<Vec<Entry>, IndexedDbError> {
        let found = Rc::new(RefCell::new(Vec::new()));
        let kept = Rc::clone(&found);
        let keep = move |entries| {
            *kept.borrow_mut() = entries;
            Vec::new()
        };
        self.run("readonly", reading, wanted, Box::new(keep))
            .await?;
        Ok(found.take())
    }

    /// Reads the records whose keys match, and writes what `decide` says, in one transaction:
    /// nobody else writes in between. When this returns, what was written is there for good.
    ///
    /// `decide` hands what it found to its caller through the variables that it captures.
    pub(crate) async fn update(
        &self,
        reading: Reading,
        wanted: impl Fn(&JsValue) -> bool + 'static,
        decide: impl FnOnce(Vec<Entry>) -> Vec<Write> + 'static,
    ) -> Result<(), IndexedDbError> {
        self.run("readwrite", reading, wanted, Box::new(decide))
            .await
    }

    async fn run(
        &self,
        mode: &str,
        reading: Reading,
        wanted: impl Fn(&JsValue) -> bool + 'static,
        decide: Decide,
    ) -> Result<(), IndexedDbError> {
        let thrown = |value: JsValue| IndexedDbError::thrown(&value);
        let options: TransactionOptions = js::dictionary();
        options.set_durability("strict");
        let db: &Database = self.db.unchecked_ref();
        let transaction = db.transaction(self.store, mode, &options).map_err(thrown)?;
        let store = transaction.object_store(self.store).map_err(thrown)?;
        let ended = Promise::new(&mut |resolve, reject| {
            transaction.set_oncomplete(Some(&resolve));
            transaction.set_onabort(Some(&reject));
        });
        let keys = store.get_all_keys().map_err(thrown)?;
        let steps = Steps::new(transaction, store, reading, decide);
        let running = Running::start(&steps, keys, wanted);
        let ended = JsFuture::from(ended).await;
        running.finished();
        ended.map(drop).map_err(|_| steps.why_aborted())
    }
}

/// The state that the event handlers of one transaction share.
struct Steps {
    transaction: IdbTransaction,
    store: IdbObjectStore,
    reading: Reading,
    inner: RefCell<Inner>,
}

struct Inner {
    decide: Option<Decide>,
    /// Keys and, where values are read, the requests for them.
    reads: Vec<(JsValue, Option<IdbRequest>)>,
    outstanding: usize,
    error: Option<IndexedDbError>,
}

impl Steps {
    fn new(
        transaction: IdbTransaction,
        store: IdbObjectStore,
        reading: Reading,
        decide: Decide,
    ) -> Rc<Self> {
        Rc::new(Self {
            transaction,
            store,
            reading,
            inner: RefCell::new(Inner {
                decide: Some(decide),
                reads: Vec::new(),
                outstanding: 0,
                error: None,
            }),
        })
    }

    /// Asks for the values of the matching keys.
    fn read(&self, keys: impl Iterator<Item = JsValue>, handler: &JsValue) {
        let mut reads = Vec::new();
        let mut outstanding = 0;
        for key in keys {
            let request = match self.reading {
                Reading::Keys => None,
                Reading::Values => match self.store.get(&key) {
                    Ok(request) => {
                        request.set_onsuccess(Some(handler.unchecked_ref()));
                        request.set_onerror(Some(handler.unchecked_ref()));
                        outstanding += 1;
                        Some(request)
                    }
                    Err(value) => return self.abort(IndexedDbError::thrown(&value)),
                },
            };
            reads.push((key, request));
        }
        {
            let mut inner = self.inner.borrow_mut();
            inner.reads = reads;
            inner.outstanding = outstanding;
        }
        if outstanding == 0 {
            self.write();
        }
    }

    /// One value has come, or cannot.
    fn one_read(&self, event: &Event) {
        // one unreadable record must not abort what is done to the others
        event.prevent_default();
        event.stop_propagation();
        let left = {
            let mut inner = self.inner.borrow_mut();
            inner.outstanding = inner.outstanding.saturating_sub(1);
            inner.outstanding
        };
        if left == 0 {
            self.write();
        }
    }

    /// All is read: decides and writes.
    fn write(&self) {
        let (decide, reads) = {
            let mut inner = self.inner.borrow_mut();
            (inner.decide.take(), std::mem::take(&mut inner.reads))
        };
        let Some(decide) = decide else { return };
        let entries = reads
            .into_iter()
            .map(|(key, request)| Entry {
                key,
                value: request.map_or(Ok(JsValue::UNDEFINED), |request| match request.error() {
                    Ok(None) => request
                        .result()
                        .map_err(|value| IndexedDbError::thrown(&value)),
                    _ => Err(error_of(&request)),
                }),
            })
            .collect();
        for write in decide(entries) {
            let issued = match &write {
                Write::Put { key, value } => self.store.put_with_key(value, key),
                Write::Delete { key } => self.store.delete(key),
            };
            if let Err(value) = issued {
                let error = IndexedDbError::thrown(&value);
                return self.abort(match error {
                    IndexedDbError::Exception { name, message } if name == "DataCloneError" => {
                        IndexedDbError::KeyNotStorable { reason: message }
                    }
                    other => other,
                });
            }
        }
    }

    /// Undoes everything; `error` is why.
    fn abort(&self, error: IndexedDbError) {
        {
            let mut inner = self.inner.borrow_mut();
            inner.error = Some(error);
            inner.decide = None;
        }
        // fails only if it is over already
        let _ = self.transaction.abort();
    }

    fn why_aborted(&self) -> IndexedDbError {
        if let Some(error) = self.inner.borrow_mut().error.take() {
            return error;
        }
        match self.transaction.error() {
            Some(exception) => IndexedDbError::thrown(&exception),
            None => IndexedDbError::exception("AbortError", "the database was closed meanwhile"),
        }
    }
}

/// The handlers of a transaction. Dropped before its end (the caller was cancelled), they abort
/// it: all or nothing was written.
struct Running {
    steps: Rc<Steps>,
    keys: IdbRequest,
    finished: bool,
    _on_keys: Closure<dyn FnMut()>,
    _on_value: Rc<Closure<dyn FnMut(Event)>>,
}

impl Running {
    fn start(
        steps: &Rc<Steps>,
        keys: IdbRequest,
        wanted: impl Fn(&JsValue) -> bool + 'static,
    ) -> Self {
        let shared = Rc::clone(steps);
        let on_value = Rc::new(Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            shared.one_read(&event);
        }));
        let shared = Rc::clone(steps);
        let (request, handler) = (keys.clone(), Rc::clone(&on_value));
        let on_keys = Closure::<dyn FnMut()>::new(move || {
            let keys = request.result().map(|keys| Array::from(&keys));
            let keys = keys.unwrap_or_default();
            let matching = keys.iter().filter(|key| wanted(key));
            shared.read(matching, (*handler).as_ref());
        });
        keys.set_onsuccess(Some(on_keys.as_ref().unchecked_ref()));
        Self {
            steps: Rc::clone(steps),
            keys,
            finished: false,
            _on_keys: on_keys,
            _on_value: on_value,
        }
    }

    fn finished(mut self) {
        self.finished = true;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let transaction = &self.steps.transaction;
        self.keys.set_onsuccess(None);
        transaction.set_oncomplete(None);
        transaction.set_onabort(None);
        if !self.finished {
            for (_, request) in &self.steps.inner.borrow().reads {
                if let Some(request) = request {
                    request.set_onsuccess(None);
                    request.set_onerror(None);
                }
            }
            // fails only if it is over already
            let _ = transaction.abort();
        }
    }
}
