//! One tab at a time asks the wallet of an issuer.

mod lease;
mod web_lock;

use crate::error::IndexedDbError;
use crate::js;
use cacao::Issuer;
use session_core::{FlightGuard, StoreError};
use std::time::Duration;

/// Waits for the flight of an issuer, for at most `patience`.
pub(crate) async fn acquire(
    database: &str,
    issuer: &Issuer,
    patience: Duration,
    web_locks: bool,
) -> Result<Box<dyn FlightGuard>, StoreError> {
    let did = issuer.normalized().did();
    let locks = js::scope()
        .navigator()
        .and_then(|navigator| navigator.locks())
        .filter(|_| web_locks);
    let acquired: Result<Option<Box<dyn FlightGuard>>, IndexedDbError> = match locks {
        Some(locks) => {
            let name = format!("did-session:{database}:flight:{did}");
            web_lock::acquire(&locks, &name, patience)
                .await
                .map(|guard| guard.map(|guard| Box::new(guard) as Box<dyn FlightGuard>))
        }
        None => lease::acquire(database, &did, patience)
            .await
            .map(|guard| guard.map(|guard| Box::new(guard) as Box<dyn FlightGuard>)),
    };
    match acquired {
        Ok(Some(guard)) => Ok(guard),
        Ok(None) => Err(StoreError::Busy {
            issuer: did,
            patience,
        }),
        Err(error) => Err(StoreError::medium(
            format!("cannot reserve the wallet of {did}"),
            error,
        )),
    }
}
