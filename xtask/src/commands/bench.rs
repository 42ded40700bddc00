//! `bench`: the benchmarks as ratios. An absolute time says something about one machine; what our
//! code adds to the raw operation that it contains says something about our code.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::report::{Outcome, Report, table};
use crate::shell::Cmd;
use crate::workspace::Workspace;

/// The member of a group that all others are held against, and ours.
const FLOOR: &str = "floor";
const OURS: &str = "ours";
const PEER_PREFIX: &str = "peer";

/// Group → member → median in nanoseconds.
type Medians = BTreeMap<String, BTreeMap<String, f64>>;

#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: Option<String>,
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

pub(crate) fn run(ws: &Workspace, report: &mut Report, measure: bool, filter: Option<&str>) {
    let results = ws.target.join("criterion");
    if measure {
        report.step("bench: measure", || {
            let mut cmd = Cmd::cargo("bench")
                .args(["--package", "benches"])
                .dir(&ws.root);
            if let Some(filter) = filter {
                cmd = cmd.args(["--", filter]);
            }
            cmd.run()?;
            Ok(Outcome::passed())
        });
    }
    report.step("bench: ratios", || {
        let mut medians = Medians::new();
        collect(&results, &mut medians)?;
        let rows = ratios(&medians);
        if rows.is_empty() {
            return Ok(Outcome::Failed(
                "no group with `ours` and `floor` was measured".to_owned(),
            ));
        }
        println!(
            "{}",
            table(
                &["row", "ours", "floor", "ours / floor", "peers / ours"],
                &rows
            )
        );
        Ok(Outcome::Passed(format!("{} rows", rows.len())))
    });
}

/// Reads every `new/estimates.json` below a folder, with the names that lie beside it.
fn collect(folder: &Path, medians: &mut Medians) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| {
        format!(
            "no results in {}: run the benchmarks first",
            folder.display()
        )
    })?;
    for entry in entries {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        if path.file_name().is_some_and(|name| name == "new") {
            let read = |name: &str| std::fs::read(path.join(name));
            let (Ok(names), Ok(numbers)) = (read("benchmark.json"), read("estimates.json")) else {
                continue;
            };
            let names: Benchmark = serde_json::from_slice(&names).context("benchmark.json")?;
            let numbers: Estimates = serde_json::from_slice(&numbers).context("estimates.json")?;
            if let Some(member) = names.function_id {
                let group = medians.entry(names.group_id).or_default();
                group.insert(member, numbers.median.point_estimate);
            }
        } else {
            collect(&path, medians)?;
        }
    }
    Ok(())
}

fn ratios(medians: &Medians) -> Vec<[String; 5]> {
    let mut rows = Vec::new();
    for (group, members) in medians {
        let (Some(ours), Some(floor)) = (members.get(OURS), members.get(FLOOR)) else {
            continue;
        };
        let peers: Vec<String> = members
            .iter()
            .filter(|(name, _)| name.starts_with(PEER_PREFIX))
            .map(|(name, median)| format!("{name} {:.2}", median / ours))
            .collect();
        let ratio = format!("{:.3}", ours / floor);
        rows.push([
            group.clone(),
            time(*ours),
            time(*floor),
            ratio,
            peers.join(", "),
        ]);
    }
    rows
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.1} ns"),
        n if n < 1e6 => format!("{:.2} µs", n / 1e3),
        n => format!("{:.2} ms", n / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_become_ratios() {
        let folder = tempfile::tempdir().unwrap();
        for (member, median) in [("ours", 1100.0), ("floor", 1000.0), ("peer-x", 2200.0)] {
            let new = folder.path().join("verify").join(member).join("new");
            std::fs::create_dir_all(&new).unwrap();
            let names = format!(r#"{{"group_id":"verify","function_id":"{member}","title":"t"}}"#);
            std::fs::write(new.join("benchmark.json"), names).unwrap();
            let numbers = format!(r#"{{"mean":{{}},"median":{{"point_estimate":{median}}}}}"#);
            std::fs::write(new.join("estimates.json"), numbers).unwrap();
        }
        let mut medians = Medians::new();
        collect(folder.path(), &mut medians).unwrap();
        let rows = ratios(&medians);
        assert_eq!(
            rows,
            [["verify", "1.10 µs", "1.00 µs", "1.100", "peer-x 2.00"]]
        );
    }

    #[test]
    fn a_group_without_a_floor_is_no_row() {
        let members = BTreeMap::from([("ours".to_owned(), 1.0)]);
        assert!(ratios(&Medians::from([("x".to_owned(), members)])).is_empty());
    }
}
