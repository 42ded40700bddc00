//! `bench`: what is measured as ratios, held against its targets. An absolute time says something
//! about one machine; what our code adds to the raw operation that it contains, and how it compares
//! with others on the same bytes, says something about our code.

mod machine;
mod measured;
mod plot;
mod programs;
mod targets;
mod verdict;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use self::machine::Machine;
pub(super) use self::machine::{load as load_average, today};
use self::measured::{Measured, Pair};
use self::targets::Target;
use self::verdict::Verdict;
use crate::report::{Outcome, Report, table};
use crate::workspace::Workspace;

/// How much is run.
#[derive(Debug, Args)]
pub(crate) struct Effort {
    /// Fewer pairs, smaller directories, no native build
    #[arg(long)]
    quick: bool,
    /// Only these rows: an id such as F2, or a part of the row's text
    filter: Option<String>,
}

impl Effort {
    const fn pairs(&self) -> usize {
        if self.quick { 12 } else { 30 }
    }
}

/// What is saved.
#[derive(Serialize)]
struct Saved<'a> {
    date: String,
    machine: Machine,
    pairs: usize,
    rows: &'a [Verdict],
    measured: &'a Measured,
}

pub(crate) fn run(ws: &Workspace, report: &mut Report, effort: &Effort) {
    let load = load_average();
    let Some(folder) = report.made("bench: build", || programs::build(ws, false)) else {
        return;
    };
    let measured = measure(ws, report, effort, &folder);
    let rows: Vec<Verdict> = wanted(effort)
        .map(|target| verdict::judge(target, &measured))
        .collect();
    report.step("bench: verdicts", || {
        println!("{}\n", others(&measured, effort));
        println!("{}", verdicts(&rows));
        let count = |word: &str| rows.iter().filter(|row| row.verdict == word).count();
        Ok(Outcome::Passed(format!(
            "{} met, {} missed, {} not measured",
            count("met"),
            count("missed"),
            count("not measured")
        )))
    });
    report.step("bench: save", || {
        let saved = Saved {
            date: today(),
            machine: Machine::look(load),
            pairs: effort.pairs(),
            rows: &rows,
            measured: &measured,
        };
        if saved.machine.is_loaded() {
            println!("others were using this machine: times are upper bounds");
        }
        // a part of the rows is nobody's record
        let whole = !effort.quick && effort.filter.is_none();
        let to = if whole {
            ws.root.join("docs/bench")
        } else {
            ws.target.join("bench")
        };
        save(&to, &saved, effort)?;
        Ok(Outcome::Passed(ws.relative(&to).display().to_string()))
    });
}

/// Runs a part, and notes why it is missing when it cannot be run.
fn part<T: Default>(
    report: &mut Report,
    missing: &mut BTreeMap<String, String>,
    name: &str,
    work: impl FnOnce() -> Result<T>,
) -> T {
    let mut found = T::default();
    report.step(&format!("bench: {name}"), || {
        Ok(match work() {
            Ok(rows) => {
                found = rows;
                Outcome::passed()
            }
            Err(error) => {
                let why = format!("{error:#}");
                missing.insert(name.to_owned(), why.clone());
                Outcome::Skipped(why)
            }
        })
    });
    found
}

fn measure(ws: &Workspace, report: &mut Report, effort: &Effort, folder: &Path) -> Measured {
    let mut missing = BTreeMap::new();
    let mut measured = Measured {
        portable: part(report, &mut missing, "portable", || {
            programs::pairs(folder, effort)
        }),
        allocations: part(report, &mut missing, "allocations", || {
            programs::allocations(folder, effort)
        }),
        instructions: part(report, &mut missing, "instructions", || {
            programs::instructions(ws, folder, effort)
        }),
        ..Measured::default()
    };
    if effort.filter.is_none() {
        measured.growth = part(report, &mut missing, "growth", || {
            programs::growth(folder, effort)
        });
        measured.node = part(report, &mut missing, "node", || {
            programs::node(ws, folder, effort)
        });
        measured.rust_peers = part(report, &mut missing, "peers", || {
            programs::rust_peers(ws, effort)
        });
    }
    if effort.quick {
        missing.insert("fast".to_owned(), "left out by --quick".to_owned());
    } else {
        measured.fast = part(report, &mut missing, "fast", || {
            programs::pairs(&programs::build(ws, true)?, effort)
        });
    }
    measured.missing = missing;
    measured
}

fn wanted(effort: &Effort) -> impl Iterator<Item = &'static Target> + use<'_> {
    let filter = effort.filter.as_deref();
    let targets = targets::ALL.iter();
    targets.filter(move |target| filter.is_none_or(|filter| target.matches(filter)))
}

/// Rows that have no target: they are there to be watched.
fn others(measured: &Measured, effort: &Effort) -> String {
    let is_judged = |pair: &Pair| targets::ALL.iter().any(|target| target.id == pair.id);
    let rows: Vec<[String; 5]> = measured
        .portable
        .iter()
        .filter(|pair| !is_judged(pair) && effort.filter.is_none())
        .map(|pair| {
            [
                pair.id.clone(),
                pair.what.clone(),
                format!("{:.2}", pair.ours_ns / 1e3),
                pair.against.clone(),
                format!("{:.3}", pair.ratio),
            ]
        })
        .collect();
    let mut text = table(&["row", "ours", "µs", "against", "ratio"], &rows);
    for curve in &measured.growth {
        let (exponent, explained) = curve.fit();
        text.push_str(&format!(
            "\n{} by {}: exponent {exponent:.2}, straight line R² {explained:.4}",
            curve.what, curve.unit
        ));
    }
    text
}

fn verdicts(rows: &[Verdict]) -> String {
    let number = |value: Option<f64>, none: &str| {
        value.map_or_else(|| none.to_owned(), |value| format!("{value:.3}"))
    };
    let cells = |row: &Verdict| {
        let interval = match (row.low, row.high) {
            (Some(low), Some(high)) if low < high => format!("{low:.3}–{high:.3}"),
            _ => String::new(),
        };
        let verdict = format!("{}: {}", row.verdict, row.note);
        [
            row.id.to_owned(),
            row.row.to_owned(),
            row.target.clone(),
            number(row.figure, "-"),
            interval,
            number(row.instructions, ""),
            verdict.trim_end_matches(": ").to_owned(),
        ]
    };
    let rows: Vec<_> = rows.iter().map(cells).collect();
    table(
        &[
            "id",
            "row",
            "target",
            "figure",
            "95 %",
            "instructions",
            "verdict",
        ],
        &rows,
    )
}

fn save(to: &Path, saved: &Saved<'_>, effort: &Effort) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    let write = |name: &str, text: &str| {
        std::fs::write(to.join(name), text).with_context(|| format!("cannot write {name}"))
    };
    let mut json = serde_json::to_string_pretty(saved)?;
    json.push('\n');
    write(&format!("{}.json", saved.date), &json)?;
    let both: Vec<_> = wanted(effort).zip(saved.rows).collect();
    write("ratios.svg", &plot::ratios(&both)?)?;
    if !saved.measured.growth.is_empty() {
        write("growth.svg", &plot::growth(saved.measured)?)?;
    }
    Ok(())
}
