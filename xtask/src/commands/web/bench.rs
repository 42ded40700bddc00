//! `web bench`: calls of ours and of the peer in one page, as ratios of interleaved pairs.

use anyhow::{Context, bail};
use serde::Deserialize;

use super::{build, bundle, folder, test};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::workspace::Workspace;

/// One row as the page measured it; times are of one call, in microseconds.
#[derive(Debug, Deserialize)]
struct Row {
    row: String,
    ours: f64,
    peer: f64,
    /// Median of ours ÷ peer over the pairs, and its 95 % interval.
    ratio: f64,
    low: f64,
    high: f64,
    /// The highest ratio that is aimed at.
    aim: f64,
}

impl Row {
    /// An aim is met when the interval's lower end meets it.
    fn is_met(&self) -> bool {
        self.low <= self.aim
    }
}

pub(crate) fn run(ws: &Workspace, report: &mut Report, pairs: u32, json: bool) {
    if !build::run(ws, report) {
        return;
    }
    report.step("web: bench", || {
        let browser = match test::chromium() {
            Ok(browser) => browser,
            Err(missing) => return Ok(missing.into()),
        };
        bundle(ws, "tests/support/peer.entry.js", "peer.js", true)?;
        let told = Cmd::new("node")
            .args(["bench/bench.mjs", &pairs.to_string()])
            .quiet_env("CHROMIUM", browser)
            .dir(&folder(ws)?)
            .shown()
            .read()?;
        if json {
            println!("{told}");
        }
        let rows: Vec<Row> = serde_json::from_str(&told).context("the answer of bench.mjs")?;
        if rows.is_empty() {
            bail!("nothing was measured");
        }
        print_table(&rows);
        Ok(verdict(&rows))
    });
}

/// A figure is no check: a missed aim is told, it fails nothing.
fn verdict(rows: &[Row]) -> Outcome {
    let missed: Vec<_> = rows.iter().filter(|row| !row.is_met()).collect();
    let mut note = format!("{} of {} aims met", rows.len() - missed.len(), rows.len());
    for row in missed {
        note.push_str(&format!("; {}: {:.2} > {:.2}", row.row, row.ratio, row.aim));
    }
    Outcome::Passed(note)
}

fn print_table(rows: &[Row]) {
    println!(
        "{:<34} {:>10} {:>10} {:>12} {:>16} {:>6}",
        "call", "ours, µs", "peer, µs", "ours ÷ peer", "95 %", "aim"
    );
    for row in rows {
        println!(
            "{:<34} {:>10.0} {:>10.0} {:>12.2} {:>16} {:>6.2} {}",
            row.row,
            row.ours,
            row.peer,
            row.ratio,
            format!("{:.2} to {:.2}", row.low, row.high),
            row.aim,
            if row.is_met() { "met" } else { "missed" },
        );
    }
    println!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_is_met_by_the_lower_end() {
        let row = |low, aim| Row {
            row: "get".to_owned(),
            ours: 1.0,
            peer: 1.0,
            ratio: 1.1,
            low,
            high: 1.2,
            aim,
        };
        assert!(row(0.9, 1.0).is_met());
        assert!(!row(1.05, 1.0).is_met());
        let Outcome::Passed(note) = verdict(&[row(0.9, 1.0), row(1.05, 1.0)]) else {
            panic!("a figure fails nothing");
        };
        assert_eq!(note, "1 of 2 aims met; get: 1.10 > 1.00");
    }
}
