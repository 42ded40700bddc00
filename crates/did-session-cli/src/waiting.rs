//! Says on a terminal what a command waits for, once it has waited for a second.

use indicatif::{ProgressBar, ProgressStyle};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::terminal;

/// Nobody wonders for so long.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line changes, so that it is seen that the command goes on.
const TICK: Duration = Duration::from_millis(200);

/// A line on standard error that says what is waited for, until this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Option<(Sender<()>, JoinHandle<()>)>);

impl Waiting {
    /// Waits for this from now on. If standard error is not a terminal, nothing is said.
    pub(crate) fn on(what: impl Into<String>) -> Self {
        if !terminal::is_watched() {
            return Self(None);
        }
        let what = what.into();
        let (end, ended) = mpsc::channel();
        let thread = thread::spawn(move || {
            if ended.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let line = ProgressBar::new_spinner().with_message(what);
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
                line.set_style(style);
            }
            line.tick();
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                line.tick();
            }
            line.finish_and_clear();
        });
        Self(Some((end, thread)))
    }
}

impl Drop for Waiting {
    /// The line is gone before anything else is written.
    fn drop(&mut self) {
        if let Some((end, thread)) = self.0.take() {
            drop(end);
            // it only draws: that it panicked is nothing to the command
            let _ = thread.join();
        }
    }
}
