//! `coverage`: which share of each crate the tests run through. A hint where to look, no goal.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// What the compiler's coverage is read with.
const COMPONENT: &str = "llvm-tools";

/// What is counted, as `llvm-cov` calls it.
const COUNTED: [&str; 3] = ["lines", "functions", "regions"];

/// Of each, how many there are, and how many a test ran.
type Counts = [[u64; 2]; 3];

pub(crate) fn run(ws: &Workspace, report: &mut Report, missing: bool) {
    let mut tool = None;
    report.step("coverage: tests", || {
        let path = tools::cargo_tool(ws, "cargo-llvm-cov")
            .and_then(|path| tools::component(COMPONENT).map(|()| path))?;
        let ended = Cmd::new(&path)
            .args([
                "llvm-cov",
                "--no-report",
                "--no-fail-fast",
                "--workspace",
                "--all-features",
            ])
            .args(["--exclude", "xtask", "--exclude", "benches"])
            .dir(&ws.root)
            .tee()?;
        // a test that fails is told, and hides no figures
        tool = Some(path);
        Ok(super::test::judged(ended.success(), &ended.output()))
    });
    let Some(tool) = tool else { return };
    // processes that a test kills leave half a profile
    let cov = |args: &[&str]| {
        let cmd = Cmd::new(&tool).args(["llvm-cov", "report", "--failure-mode", "all"]);
        cmd.args(args).dir(&ws.root)
    };
    report.step("coverage: table", || {
        let told = cov(&["--json", "--summary-only"]).shown().read()?;
        let told = serde_json::from_str(&told).context("the report of cargo-llvm-cov")?;
        println!("{}", table(&ws.root, &told));
        Ok(Outcome::passed())
    });
    if missing {
        report.step("coverage: lines that no test ran", || {
            cov(&["--show-missing-lines"]).run()?;
            Ok(Outcome::passed())
        });
    }
}

/// The sums of the crates, as they are copied into `docs/assurance.md`.
fn table(root: &Path, told: &Value) -> String {
    let mut crates: BTreeMap<String, Counts> = BTreeMap::new();
    let mut all = Counts::default();
    let files = told["data"].as_array().into_iter().flatten();
    for file in files.flat_map(|data| data["files"].as_array().into_iter().flatten()) {
        let path = file["filename"].as_str().unwrap_or_default();
        let below = Path::new(path).strip_prefix(root.join("crates"));
        let Some(name) = below.ok().and_then(|path| path.iter().next()) else {
            continue;
        };
        let sums = crates.entry(format!("`{}`", name.display())).or_default();
        for (at, what) in COUNTED.iter().enumerate() {
            for (which, field) in ["count", "covered"].iter().enumerate() {
                let count = file["summary"][what][field].as_u64().unwrap_or_default();
                sums[at][which] += count;
                all[at][which] += count;
            }
        }
    }
    // in tenths, cut off: what is not whole does not look whole
    let share = |[count, covered]: [u64; 2]| {
        let tenths = (covered * 1000).checked_div(count).unwrap_or(0);
        format!(" {}.{} % of {count} |", tenths / 10, tenths % 10)
    };
    let mut out = "| Crate | Lines | Functions | Regions |\n| --- | --- | --- | --- |\n".to_owned();
    for (name, sums) in crates.into_iter().chain([("all".to_owned(), all)]) {
        out += &format!("| {name} |{}\n", sums.map(share).concat());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn files_are_summed_by_crate() {
        let file = |name: &str, covered: u64| {
            let share = json!({"count": 4, "covered": covered});
            json!({"filename": name, "summary": {"lines": share, "functions": share, "regions": share}})
        };
        let files = [
            file("/w/crates/a/src/lib.rs", 4),
            file("/w/crates/a/src/b.rs", 3),
            file("/w/crates/b/src/lib.rs", 0),
            file("/elsewhere/lib.rs", 4),
        ];
        let table = table(Path::new("/w"), &json!({"data": [{"files": files}]}));
        assert!(table.contains("| `a` | 87.5 % of 8 |"), "{table}");
        assert!(table.contains("| all | 58.3 % of 12 |"), "{table}");
    }
}
