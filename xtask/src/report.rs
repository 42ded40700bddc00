//! What every command ends with: one row per step, and an exit code that follows from the rows.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::Result;

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

/// Something is there, or a reason why it is not.
pub(crate) type Found<T> = std::result::Result<T, Missing>;

/// Why a tool cannot be used. A step that ends with it is skipped, or fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Not to be had here (no rustup, no network): the check is skipped.
    Unavailable(String),
    /// It should have worked: the check fails.
    Broken(String),
}

impl std::error::Error for Missing {}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Unavailable(why) | Self::Broken(why)) = self;
        f.write_str(why)
    }
}

impl From<Missing> for Outcome {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Unavailable(why) => Self::Skipped(why),
            Missing::Broken(why) => Self::Failed(why),
        }
    }
}

impl From<Result<Self>> for Outcome {
    fn from(ended: Result<Self>) -> Self {
        ended.unwrap_or_else(|error| match error.downcast::<Missing>() {
            Ok(missing) => missing.into(),
            Err(error) => Self::Failed(format!("{error:#}")),
        })
    }
}

/// One line of the table.
#[derive(Debug, Clone)]
struct Row {
    step: String,
    outcome: Outcome,
    took: Duration,
}

/// The steps of one run.
#[derive(Debug)]
pub(crate) struct Report {
    rows: Vec<Row>,
    watch: Stopwatch,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self {
            rows: Vec::new(),
            watch: Stopwatch::start(),
        }
    }

    /// Runs one step, says so before and after, and notes how it ended. An error is a failure.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Outcome>) -> bool {
        println!("\n==> {name}");
        let watch = Stopwatch::start();
        self.note(name, work().into(), watch.elapsed())
    }

    /// The same for a step that makes what later ones need.
    pub(crate) fn made<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        let mut made = None;
        self.step(name, || {
            made = Some(work()?);
            Ok(Outcome::passed())
        });
        made
    }

    /// Runs a step for each of these, as many at once as there are cores: for steps that wait, or
    /// that use one core. The work says nothing until it ends ([`crate::shell::Cmd::run_apart`]).
    pub(crate) fn at_once<T: Sync>(
        &mut self,
        items: &[T],
        name: impl Fn(&T) -> String,
        work: impl Fn(&T) -> Result<Outcome> + Sync,
    ) {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (next, (sender, ended)) = (AtomicUsize::new(0), mpsc::channel());
        let run = |sender: mpsc::Sender<_>| {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(at) else { return };
                let watch = Stopwatch::start();
                let outcome = work(item).into();
                // whoever waits for it is there until all have ended
                let _ = sender.send((at, outcome, watch.elapsed()));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..cores {
                let sender = sender.clone();
                scope.spawn(|| run(sender));
            }
            drop(sender);
            for (at, outcome, took) in ended {
                self.note(&name(&items[at]), outcome, took);
            }
        });
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
        println!("{}", self.slowest());
        // Last, so that whoever sees only the end of a long output sees what is wrong.
        println!("{}", self.failures());
        if self.failed() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }

    fn failed(&self) -> bool {
        self.rows
            .iter()
            .any(|row| matches!(row.outcome, Outcome::Failed(_)))
    }

    /// Where the time went: of a long run, the steps that took ten seconds or more, and how long the
    /// whole took, which is less than the sum where steps ran at once.
    fn slowest(&self) -> String {
        const SECONDS: f64 = 10.0;
        let mut rows: Vec<(f64, &str)> = self
            .rows
            .iter()
            .map(|row| (row.took.as_secs_f64(), row.step.as_str()))
            .filter(|(seconds, _)| *seconds >= SECONDS)
            .collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut text = String::new();
        if self.rows.len() > rows.len() && rows.len() > 1 {
            text.push_str("\nthe slowest first:\n");
            for (seconds, step) in rows {
                text.push_str(&format!("{seconds:>8.1} s  {step}\n"));
            }
        }
        let minutes = self.watch.elapsed().as_secs_f64() / 60.0;
        text.push_str(&format!("{minutes:.1} minutes from start to end"));
        text
    }

    /// What the failed steps found, each with its first lines.
    fn failures(&self) -> String {
        const LINES: usize = 24;
        let mut text = String::new();
        for row in &self.rows {
            if let Outcome::Failed(note) = &row.outcome {
                let lines: Vec<_> = note.lines().map(|line| format!("  {line}\n")).collect();
                text += &format!("\nFAILED: {}\n", row.step);
                text += &lines[..lines.len().min(LINES)].concat();
                if let Some(more @ 1..) = lines.len().checked_sub(LINES) {
                    text += &format!("  and {more} lines more, printed with the step\n");
                }
            }
        }
        text
    }

    fn table(&self) -> String {
        let cells = |row: &Row| {
            let (word, seconds) = (row.outcome.word().to_owned(), row.took.as_secs_f64());
            [
                row.step.clone(),
                word,
                format!("{seconds:.1}"),
                one_line(row.outcome.note()),
            ]
        };
        let cells: Vec<_> = self.rows.iter().map(cells).collect();
        let mut text = table(&["step", "result", "seconds", "note"], &cells);
        let count = |word: &str| cells.iter().filter(|cells| cells[1] == word).count();
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
    let head = head.map(str::to_owned);
    let lines = || std::iter::once(&head).chain(rows);
    let width = |column: usize| lines().map(|row| row[column].chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|column| width(column).unwrap_or_default());
    let line = |row: &[String; N]| {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| match cell.parse::<f64>() {
                Ok(_) => format!("{cell:>width$}  "),
                Err(_) => format!("{cell:<width$}  "),
            });
        cells.collect::<String>().trim_end().to_owned()
    };
    let mut out: Vec<String> = lines().map(line).collect();
    out.insert(1, "-".repeat(widths.iter().sum::<usize>() + 2 * (N - 1)));
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
    fn the_table_names_every_step_and_a_failed_one_fails_the_run() {
        let mut report = Report::new();
        let passed = Outcome::Passed("3 tests".to_owned());
        report.note("first", passed, Duration::from_millis(1500));
        report.note(
            "skipped",
            Outcome::Skipped("no node".to_owned()),
            Duration::ZERO,
        );
        assert!(!report.failed() && report.failures().is_empty());
        assert!(!report.step("second", || anyhow::bail!("a\nb\nc")));
        assert!(report.failed());
        let table = report.table();
        assert!(
            table.contains("first    ok           1.5  3 tests"),
            "{table}"
        );
        assert!(
            table.contains("second   FAILED       0.0  a (and 2 more)"),
            "{table}"
        );
        assert!(
            table.ends_with("3 steps: 1 ok, 1 failed, 1 skipped, 2 s"),
            "{table}"
        );
        assert_eq!(report.failures(), "\nFAILED: second\n  a\n  b\n  c\n");
        let long = Outcome::Failed(vec!["x"; 30].join("\n"));
        report.note("third", long, Duration::ZERO);
        assert!(
            report
                .failures()
                .ends_with("and 6 lines more, printed with the step\n")
        );
    }

    #[test]
    fn steps_at_once_are_all_noted() {
        let mut report = Report::new();
        let work = |n: &u8| match n {
            3 => anyhow::bail!("broken"),
            _ => Ok(Outcome::Passed(format!("{n}"))),
        };
        report.at_once(&[1, 2, 3, 4], |n| format!("step {n}"), work);
        let mut steps: Vec<_> = report.rows.iter().map(|row| row.step.clone()).collect();
        steps.sort();
        assert_eq!(steps, ["step 1", "step 2", "step 3", "step 4"]);
        assert_eq!(report.failures(), "\nFAILED: step 3\n  broken\n");
    }

    #[test]
    fn the_slowest_steps_are_told_first() {
        let mut report = Report::new();
        for (step, seconds) in [("short", 1), ("long", 20), ("longest", 30)] {
            report.note(step, Outcome::passed(), Duration::from_secs(seconds));
        }
        let told = report.slowest();
        assert!(told.starts_with("\nthe slowest first:\n    30.0 s  longest\n    20.0 s  long\n"));
        assert!(!told.contains("short"), "{told}");
    }
}
