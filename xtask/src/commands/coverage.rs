//! `coverage`: which share of each crate the tests run through. A hint where to look, no goal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// What the compiler's coverage is read with.
const COMPONENT: &str = "llvm-tools";

pub(crate) fn run(ws: &Workspace, report: &mut Report, missing: bool) {
    let mut tool = None;
    report.step("coverage: tests", || {
        let path = match tools::cargo_tool(ws, "cargo-llvm-cov")
            .and_then(|path| tools::component(COMPONENT).map(|()| path))
        {
            Ok(path) => path,
            Err(why) => return Ok(why.into()),
        };
        let outcome = run_tests(ws, &path)?;
        // a test that fails is told, and hides no figures
        tool = Some(path);
        Ok(outcome)
    });
    let Some(tool) = tool else { return };
    report.step("coverage: table", || {
        println!("{}", table(&by_crate(ws, &export(ws, &tool)?)));
        Ok(Outcome::passed())
    });
    if missing {
        report.step("coverage: lines that no test ran", || {
            let ended = llvm_cov(&tool, &["report", "--show-missing-lines"])
                .args(["--failure-mode", "all"])
                .dir(&ws.root)
                .tee()?;
            Ok(if ended.success() {
                Outcome::passed()
            } else {
                Outcome::Failed("no report was made".to_owned())
            })
        });
    }
}

/// A tool that runs as `cargo llvm-cov` wants its own name as the first word.
fn llvm_cov(tool: &Path, args: &[&str]) -> Cmd {
    Cmd::new(tool).arg("llvm-cov").args(args)
}

fn run_tests(ws: &Workspace, tool: &Path) -> Result<Outcome> {
    let args = [
        "--no-report",
        "--no-fail-fast",
        "--workspace",
        "--all-features",
    ];
    let ended = llvm_cov(tool, &args)
        .args(["--exclude", "xtask", "--exclude", "benches"])
        .dir(&ws.root)
        .tee()?;
    let count = super::test::Count::of(&ended.output());
    if !ended.success() || count.passed == 0 {
        let names = super::test::failed_names(&ended.stdout).join("\n");
        return Ok(Outcome::Failed(format!("{count}\n{names}")));
    }
    Ok(Outcome::Passed(count.to_string()))
}

fn export(ws: &Workspace, tool: &Path) -> Result<Export> {
    let path = ws.target.join("coverage.json");
    let ended = llvm_cov(tool, &["report", "--json", "--summary-only"])
        // processes that a test kills leave half a profile
        .args(["--failure-mode", "all"])
        .arg("--output-path")
        .arg(&path)
        .dir(&ws.root)
        .tee()?;
    anyhow::ensure!(ended.success(), "no report was made");
    let json = std::fs::read(&path)
        .with_context(|| format!("cannot read {}", ws.relative(&path).display()))?;
    serde_json::from_slice(&json).context("the report of cargo-llvm-cov")
}

/// What `llvm-cov export` writes, as far as it is read here.
#[derive(Debug, Deserialize)]
struct Export {
    data: Vec<Data>,
}

#[derive(Debug, Deserialize)]
struct Data {
    files: Vec<File>,
}

#[derive(Debug, Deserialize)]
struct File {
    filename: PathBuf,
    summary: Summary,
}

/// Counts of a file, or of a crate.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
struct Summary {
    lines: Share,
    functions: Share,
    regions: Share,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
struct Share {
    count: u64,
    covered: u64,
}

impl Share {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.covered += other.covered;
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // in tenths, cut off: what is not whole does not look whole
        let tenths = (self.covered * 1000).checked_div(self.count).unwrap_or(0);
        write!(f, "{}.{} % of {}", tenths / 10, tenths % 10, self.count)
    }
}

/// The sums of the crates, by the folder that a file lies in.
fn by_crate(ws: &Workspace, export: &Export) -> BTreeMap<String, Summary> {
    let mut crates: BTreeMap<String, Summary> = BTreeMap::new();
    for file in export.data.iter().flat_map(|data| &data.files) {
        let mut folders = ws.relative(&file.filename).components();
        let (Some(first), Some(name)) = (folders.next(), folders.next()) else {
            continue;
        };
        if first.as_os_str() != "crates" {
            continue;
        }
        let name = name.as_os_str().to_string_lossy().into_owned();
        let sum = crates.entry(name).or_default();
        sum.lines.add(file.summary.lines);
        sum.functions.add(file.summary.functions);
        sum.regions.add(file.summary.regions);
    }
    crates
}

/// As it is copied into `docs/assurance.md`.
fn table(crates: &BTreeMap<String, Summary>) -> String {
    let mut out = "| Crate | Lines | Functions | Regions |\n| --- | --- | --- | --- |\n".to_owned();
    let mut all = Summary::default();
    let mut row = |name: &str, sum: &Summary| {
        out.push_str(&format!(
            "| {name} | {} | {} | {} |\n",
            sum.lines, sum.functions, sum.regions
        ));
    };
    for (name, sum) in crates {
        row(&format!("`{name}`"), sum);
        all.lines.add(sum.lines);
        all.functions.add(sum.functions);
        all.regions.add(sum.regions);
    }
    row("all", &all);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_summed_by_crate() {
        let ws = Workspace {
            root: PathBuf::from("/w"),
            target: PathBuf::from("/w/target"),
            packages: Vec::new(),
        };
        let file = |name: &str, covered: u64| {
            let share = format!(r#"{{"count":4,"covered":{covered},"percent":0}}"#);
            format!(
                r#"{{"filename":"{name}","summary":{{"lines":{share},"functions":{share},"regions":{share},"branches":{share}}}}}"#
            )
        };
        let json = format!(
            r#"{{"data":[{{"files":[{},{},{},{}]}}],"type":"x"}}"#,
            file("/w/crates/a/src/lib.rs", 4),
            file("/w/crates/a/src/b.rs", 3),
            file("/w/crates/b/src/lib.rs", 0),
            file("/elsewhere/lib.rs", 4),
        );
        let export: Export = serde_json::from_str(&json).unwrap();
        let crates = by_crate(&ws, &export);
        assert_eq!(crates.len(), 2);
        assert_eq!(
            crates["a"].lines,
            Share {
                count: 8,
                covered: 7
            }
        );
        let table = table(&crates);
        assert!(table.contains("| `a` | 87.5 % of 8 |"), "{table}");
        assert!(table.contains("| all | 58.3 % of 12 |"), "{table}");
    }

    #[test]
    fn nothing_covers_nothing() {
        assert_eq!(Share::default().to_string(), "0.0 % of 0");
    }
}
