//! What was revoked, in a database of its own: one ledger that is read whole and replaced whole.

use crate::error::IndexedDbError;
use crate::idb::{self, Entry, Reading, Write};
use crate::unstorable::Unstorable;
use async_trait::async_trait;
use cacao::{Cacao, Issuer, UnixTime};
use session_core::StoreError;
use session_core::revoke::{AcceptedRevocation, LedgerError, RevocationLedger, Revocations};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;

const OBJECT_STORE: &str = "revocations";
/// The only key.
const LEDGER: &str = "ledger";

/// Revocations in IndexedDB, beside the sessions of an [`IndexedDbStore`](crate::IndexedDbStore):
/// its [`revocations`](crate::IndexedDbStore::revocations).
///
/// They lie in a database of their own, which is made when the first is recorded; that of the npm
/// package `did-session` stays as it is. Each question reads them, so that what another tab
/// recorded counts at once. What is damaged is an error until the database is deleted.
///
/// Where nothing can be stored and the store keeps sessions in memory, revocations are kept there,
/// too. Clones share the database, and what is in memory.
#[derive(Clone, Debug)]
pub struct IndexedDbRevocations {
    database: Rc<str>,
    unstorable: Unstorable,
    memory: Rc<RefCell<RevocationLedger>>,
}

impl IndexedDbRevocations {
    pub(crate) fn of(database: &str, unstorable: Unstorable) -> Self {
        Self {
            database: format!("{database}-revocations").into(),
            unstorable,
            memory: Rc::default(),
        }
    }

    /// The name of the database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    async fn load(&self) -> Result<RevocationLedger, StoreError> {
        let read = async {
            Ok(
                match idb::open_existing(&self.database, OBJECT_STORE).await? {
                    Some(connection) => connection.read(Reading::Values, is_ledger).await?,
                    None => Vec::new(),
                },
            )
        };
        match read.await {
            Ok(entries) => ledger_in(entries).map_err(|problem| self.failed("read", problem)),
            Err(error) if self.unstorable.spares(&error) => Ok(RevocationLedger::default()),
            Err(error) => Err(self.failed("read", error)),
        }
    }

    /// Changes the ledger in one transaction, while nobody else does. `edit` says whether there is
    /// something to write.
    async fn change<T: Default + 'static>(
        &self,
        edit: impl FnOnce(&mut RevocationLedger) -> (bool, T) + 'static,
    ) -> Result<T, Problem> {
        let answer = Rc::new(RefCell::new(Ok(T::default())));
        let told = Rc::clone(&answer);
        let decide = move |entries: Vec<Entry>| match ledger_in(entries) {
            Ok(mut ledger) => {
                let (changed, given) = edit(&mut ledger);
                *told.borrow_mut() = Ok(given);
                let put = Write::Put {
                    key: LEDGER.into(),
                    value: ledger.to_text().into(),
                };
                Vec::from_iter(changed.then_some(put))
            }
            Err(problem) => {
                *told.borrow_mut() = Err(problem);
                Vec::new()
            }
        };
        let connection = idb::open(&self.database, OBJECT_STORE).await?;
        let changed = connection.update(Reading::Values, is_ledger, decide);
        changed.await?;
        answer.replace(Ok(T::default()))
    }

    fn failed(&self, what: &str, problem: impl Into<Problem>) -> StoreError {
        let action = format!("cannot {what} the database {}", self.database);
        match problem.into() {
            Problem::Browser(error) => StoreError::medium(action, error),
            Problem::Damaged(error) => StoreError::medium(action, error),
            Problem::NoText => StoreError::medium(action, "the ledger is not a text"),
        }
    }
}

/// Why there is no ledger.
enum Problem {
    Browser(IndexedDbError),
    Damaged(LedgerError),
    NoText,
}

impl From<IndexedDbError> for Problem {
    fn from(error: IndexedDbError) -> Self {
        Self::Browser(error)
    }
}

fn is_ledger(key: &JsValue) -> bool {
    key.as_string().as_deref() == Some(LEDGER)
}

/// The ledger in what a transaction gave; an empty one in nothing.
fn ledger_in(entries: Vec<Entry>) -> Result<RevocationLedger, Problem> {
    let Some(entry) = entries.into_iter().next() else {
        return Ok(RevocationLedger::default());
    };
    let text = entry.value?.as_string().ok_or(Problem::NoText)?;
    RevocationLedger::from_text(&text).map_err(Problem::Damaged)
}

#[async_trait(?Send)]
impl Revocations for IndexedDbRevocations {
    async fn is_revoked(&self, capability: &Cacao) -> Result<bool, StoreError> {
        if self.memory.borrow().is_revoked(capability) {
            return Ok(true);
        }
        Ok(self.load().await?.is_revoked(capability))
    }

    async fn record(&self, revocation: &AcceptedRevocation) -> Result<(), StoreError> {
        let recorded = revocation.clone();
        match self
            .change(move |ledger| (ledger.record(&recorded), ()))
            .await
        {
            Ok(()) => Ok(()),
            Err(Problem::Browser(error)) if self.unstorable.spares(&error) => {
                tracing::warn!(%error, "the revocation is kept in memory");
                self.memory.borrow_mut().record(revocation);
                Ok(())
            }
            Err(problem) => Err(self.failed("write", problem)),
        }
    }

    async fn count(&self, issuer: &Issuer, domain: &str) -> Result<usize, StoreError> {
        let in_memory = self.memory.borrow().len_of(issuer, domain);
        Ok(self.load().await?.len_of(issuer, domain) + in_memory)
    }

    async fn purge(&self, now: UnixTime) -> Result<usize, StoreError> {
        let in_memory = self.memory.borrow_mut().purge(now);
        let purge = move |ledger: &mut RevocationLedger| {
            let purged = ledger.purge(now);
            (purged > 0, purged)
        };
        match self.change(purge).await {
            Ok(purged) => Ok(purged + in_memory),
            Err(Problem::Browser(error)) if self.unstorable.spares(&error) => Ok(in_memory),
            Err(problem) => Err(self.failed("write", problem)),
        }
    }
}
