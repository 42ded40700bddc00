//! What the figures were made on, and with.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::shell::Cmd;

#[derive(Debug, Serialize)]
pub(super) struct Machine {
    cpu: String,
    cores: usize,
    kernel: String,
    /// Processes that wanted a core when the run began and when it ended.
    load: [f64; 2],
    /// True when others took part of the machine: times then are upper bounds, ratios of pairs
    /// and counts of instructions hold.
    loaded: bool,
    versions: BTreeMap<&'static str, String>,
}

impl Machine {
    pub(super) fn look(load_before: f64) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, Into::into);
        let read = |program: &str, arg: &str| {
            let said = Cmd::new(program).arg(arg).read().unwrap_or_default();
            said.lines().next().unwrap_or("not here").trim().to_owned()
        };
        let versions = BTreeMap::from([
            ("rustc", read("rustc", "--version")),
            ("node", read("node", "--version")),
            ("valgrind", read("valgrind", "--version")),
        ]);
        Self {
            cpu: cpu().unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cores,
            kernel: read("uname", "-sr"),
            load: [load_before, load()],
            loaded: load_before > 0.5,
            versions,
        }
    }

    pub(super) fn is_loaded(&self) -> bool {
        self.loaded
    }
}

fn cpu() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The load of the last minute; nought where nobody tells.
pub(crate) fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let first = text.split_whitespace().next();
    first.and_then(|word| word.parse().ok()).unwrap_or_default()
}

/// Today in UTC, as `2026-11-27`.
pub(crate) fn today() -> String {
    time::OffsetDateTime::now_utc().date().to_string()
}
