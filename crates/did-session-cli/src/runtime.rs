//! The runtime that the calls of a store need.

use std::future::Future;

use crate::failure::Failure;

/// Runs a command to its end, on this thread.
pub(crate) fn block_on<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| Failure::io("the runtime cannot be started").caused_by(&error))?;
    let ended = runtime.block_on(command);
    // a thread that still waits for a lock is not waited for
    runtime.shutdown_background();
    ended
}
