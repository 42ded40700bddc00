//! What every command ends with: one row per step, and an exit code that follows from the rows.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It held; the text says what was counted, or is empty.
    Passed(String),
    /// It could not be done here; the text says why. Never used for something that was tried and
    /// found wrong.
    Skipped(String),
    /// It did not hold; the text says what was found.
    Failed(String),
}

impl Outcome {
    /// A step without anything to tell.
    pub(crate) const fn passed() -> Self {
        Self::Passed(String::new())
    }

    /// Failed with every problem on a line of its own, passed when there is none.
    pub(crate) fn from_problems(problems: &[String]) -> Self {
        if problems.is_empty() {
            return Self::passed();
        }
        Self::Failed(problems.join("\n"))
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::Passed(_) => "ok",
            Self::Skipped(_) => "skipped",
            Self::Failed(_) => "FAILED",
        }
    }

    fn note(&self) -> &str {
        match self {
            Self::Passed(text) | Self::Skipped(text) | Self::Failed(text) => text,
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone)]
struct Row {
    step: String,
    outcome: Outcome,
    took: Duration,
}

/// A row as `--json` prints it.
#[derive(Serialize)]
struct JsonRow<'a> {
    step: &'a str,
    result: &'static str,
    seconds: f64,
    detail: &'a str,
}

/// The steps of one run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Runs one step, says so before and after, and notes how it ended. An error is a failure.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Outcome>) -> bool {
        println!("\n==> {name}");
        let watch = Stopwatch::start();
        let outcome = work().unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
        self.note(name, outcome, watch.elapsed())
    }

    /// Notes a step that was done elsewhere. True unless it failed.
    pub(crate) fn note(&mut self, name: &str, outcome: Outcome, took: Duration) -> bool {
        let fine = !matches!(outcome, Outcome::Failed(_));
        if !outcome.note().is_empty() {
            println!("{}: {}: {}", name, outcome.word(), outcome.note());
        }
        self.rows.push(Row {
            step: name.to_owned(),
            outcome,
            took,
        });
        fine
    }

    /// Prints the table; the exit code is a failure when any step failed.
    pub(crate) fn finish(self) -> ExitCode {
        println!("\n{}", self.table());
        // Last, so that whoever sees only the end of a long output sees what is wrong.
        println!("{}", self.failures());
        if self.failed() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }

    /// All rows as one JSON document.
    pub(crate) fn to_json(&self) -> String {
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|row| JsonRow {
                step: &row.step,
                result: row.outcome.word(),
                seconds: row.took.as_secs_f64(),
                detail: row.outcome.note(),
            })
            .collect();
        serde_json::to_string_pretty(&rows).unwrap_or_default()
    }

    fn failed(&self) -> bool {
        self.rows
            .iter()
            .any(|row| matches!(row.outcome, Outcome::Failed(_)))
    }

    /// What the failed steps found, each with its first lines.
    fn failures(&self) -> String {
        const LINES: usize = 24;
        let mut text = String::new();
        for row in &self.rows {
            let Outcome::Failed(note) = &row.outcome else {
                continue;
            };
            text.push_str(&format!("\nFAILED: {}\n", row.step));
            for line in note.lines().take(LINES) {
                text.push_str(&format!("  {line}\n"));
            }
            let more = note.lines().count().saturating_sub(LINES);
            if more > 0 {
                text.push_str(&format!("  and {more} lines more, printed with the step\n"));
            }
        }
        text
    }

    fn table(&self) -> String {
        let cells: Vec<[String; 4]> = self
            .rows
            .iter()
            .map(|row| {
                [
                    row.step.clone(),
                    row.outcome.word().to_owned(),
                    format!("{:.1}", row.took.as_secs_f64()),
                    one_line(row.outcome.note()),
                ]
            })
            .collect();
        let mut text = table(&["step", "result", "seconds", "note"], &cells);
        let count = |word: &str| {
            self.rows
                .iter()
                .filter(|row| row.outcome.word() == word)
                .count()
        };
        let total: Duration = self.rows.iter().map(|row| row.took).sum();
        text.push_str(&format!(
            "\n{} steps: {} ok, {} failed, {} skipped, {:.0} s",
            self.rows.len(),
            count("ok"),
            count("FAILED"),
            count("skipped"),
            total.as_secs_f64(),
        ));
        text
    }
}

/// Columns set apart by two blanks; texts are left-aligned, plain numbers are right-aligned.
pub(crate) fn table<const N: usize>(head: &[&str; N], rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .chain([head[column].chars().count()])
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |cells: [&str; N]| {
        let mut text = String::new();
        for (cell, width) in cells.iter().zip(&widths) {
            let number = cell.parse::<f64>().is_ok();
            let pad = " ".repeat(width - cell.chars().count());
            text.push_str(&if number {
                format!("{pad}{cell}  ")
            } else {
                format!("{cell}{pad}  ")
            });
        }
        text.truncate(text.trim_end().len());
        text
    };
    let mut out = vec![
        line(*head),
        "-".repeat(widths.iter().sum::<usize>() + 2 * (N - 1)),
    ];
    out.extend(
        rows.iter()
            .map(|row| line(row.each_ref().map(String::as_str))),
    );
    out.join("\n")
}

/// Measures how long a step took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "the table tells how long each step took"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The first line of a note, shortened; the whole of it was printed when the step ended.
fn one_line(note: &str) -> String {
    const LIMIT: usize = 90;
    let more = note.lines().count().saturating_sub(1);
    let first = note.lines().next().unwrap_or_default();
    let mut text: String = first.chars().take(LIMIT).collect();
    if text.len() < first.len() {
        text.push('…');
    }
    if more > 0 {
        text.push_str(&format!(" (and {more} more)"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_fails_the_run() {
        let mut report = Report::new();
        report.note("one", Outcome::passed(), Duration::ZERO);
        report.note(
            "two",
            Outcome::Skipped("no node".to_owned()),
            Duration::ZERO,
        );
        assert!(!report.failed());
        assert!(!report.step("three", || anyhow::bail!("broken")));
        assert!(report.failed());
    }

    #[test]
    fn the_table_names_every_step_and_counts() {
        let mut report = Report::new();
        report.note(
            "first",
            Outcome::Passed("3 tests".to_owned()),
            Duration::from_millis(1500),
        );
        report.note(
            "second",
            Outcome::Failed("a\nb\nc".to_owned()),
            Duration::ZERO,
        );
        let table = report.table();
        assert!(
            table.contains("first   ok          1.5  3 tests"),
            "{table}"
        );
        assert!(
            table.contains("second  FAILED      0.0  a (and 2 more)"),
            "{table}"
        );
        assert!(
            table.ends_with("2 steps: 1 ok, 1 failed, 0 skipped, 2 s"),
            "{table}"
        );
    }

    #[test]
    fn what_failed_is_told_at_the_end() {
        let mut report = Report::new();
        report.note("one", Outcome::passed(), Duration::ZERO);
        assert_eq!(report.failures(), "");
        report.note("two", Outcome::Failed("a\nb".to_owned()), Duration::ZERO);
        assert_eq!(report.failures(), "\nFAILED: two\n  a\n  b\n");
        let long = vec!["x"; 30].join("\n");
        report.note("three", Outcome::Failed(long), Duration::ZERO);
        assert!(
            report
                .failures()
                .ends_with("and 6 lines more, printed with the step\n")
        );
    }

    #[test]
    fn json_carries_the_details() {
        let mut report = Report::new();
        report.note("x", Outcome::Failed("a\nb".to_owned()), Duration::ZERO);
        let value: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
        assert_eq!(value[0]["result"], "FAILED");
        assert_eq!(value[0]["detail"], "a\nb");
    }
}
