//! What the figures were made on, and with.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

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
#[expect(clippy::disallowed_methods, reason = "the file is named by its day")]
pub(crate) fn today() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    date(since.map_or(0, |since| since.as_secs() / 86_400))
}

/// The civil date of a day since 1970-01-01.
fn date(mut day: u64) -> String {
    let is_leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let mut year = 1970;
    while day >= 365 + u64::from(is_leap(year)) {
        day -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", day + 1)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_have_their_dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(20_784), "2026-11-27");
    }
}
