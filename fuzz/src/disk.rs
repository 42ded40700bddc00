//! Directories for the stores: one for each input, so that no input sees what another one left.

use std::future::Future;
use std::path::Path;

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// An empty directory, in memory where there is such a place: a search is no test of the disk.
pub(crate) fn home() -> TempDir {
    let memory = Path::new("/dev/shm");
    let home = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    home.expect("a temporary directory can be made")
}

/// Runs what a store does to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: Runtime = Builder::new_current_thread()
            .build()
            .expect("a runtime without drivers");
    }
    RUNTIME.with(|runtime| runtime.block_on(work))
}
