//! Limits of the process that end it unless it asks to be told.

/// From here on, a file that would grow beyond what the process may write (`ulimit -f`) is an error
/// of the code that writes it, which knows its name, and not the end of the process by a signal.
#[cfg(unix)]
pub(crate) fn report() {
    use signal_hook::{consts::SIGXFSZ, flag};
    use std::sync::Arc;
    // that it is handled is what counts: the write fails then. If it cannot be handled, the
    // signal does what it does
    let _ = flag::register(SIGXFSZ, Arc::default());
}

/// Elsewhere there is no such signal.
#[cfg(not(unix))]
pub(crate) const fn report() {}
