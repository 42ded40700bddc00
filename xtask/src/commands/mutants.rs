//! `mutants`: are the tests of what must not be wrong able to fail? cargo-mutants changes the code
//! in one place after the other, as `.cargo/mutants.toml` tells it; a change that no test notices is
//! a survivor. Survivors are for people to look at: they fail nothing.

use std::path::Path;

use anyhow::Result;
use clap::Args;

use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// A change that makes a test run for so many seconds has been noticed.
const TIMEOUT: u32 = 120;

/// How long, and which part.
#[derive(Debug, Args)]
pub(crate) struct Budget {
    /// Minutes after which the run ends, whatever is left
    #[arg(long = "budget", default_value_t = 30)]
    minutes: u32,
    /// One part of all changes, `k/n` with k from 0, so that machines share the work
    #[arg(long)]
    shard: Option<String>,
    /// Only files that match a pattern such as `crates/cacao/src/prove/*.rs`; repeat it for more
    #[arg(long = "file")]
    files: Vec<String>,
}

pub(crate) fn run(ws: &Workspace, report: &mut Report, budget: &Budget) {
    report.step("mutants", || search(ws, budget));
}

fn search(ws: &Workspace, budget: &Budget) -> Result<Outcome> {
    let tool = tools::cargo_tool(ws, "cargo-mutants")?;
    if Cmd::new("timeout").arg("--version").capture().is_err() {
        let why = "no `timeout` of coreutils, which ends the run at the budget";
        return Ok(Outcome::Skipped(why.to_owned()));
    }
    let folder = ws.target.join("mutants");
    std::fs::create_dir_all(&folder)?;
    let seconds = u64::from(budget.minutes) * 60;
    Cmd::new("timeout")
        .args(["--signal=INT", "--kill-after=60", &seconds.to_string()])
        .arg(tool)
        .args([
            "mutants",
            "--shuffle",
            "--no-times",
            "--timeout",
            &TIMEOUT.to_string(),
        ])
        .arg("--output")
        .arg(&folder)
        .args(budget.shard.iter().map(|shard| format!("--shard={shard}")))
        .args(budget.files.iter().map(|file| format!("--file={file}")))
        // a folder of its own: whoever builds meanwhile holds a lock that would look like a slow test
        .quiet_env("CARGO_TARGET_DIR", ws.target.join("mutants-build"))
        .dir(&ws.root)
        .tee()?;
    Ok(found(&folder.join("mutants.out")))
}

/// What cargo-mutants wrote down. Of the changes that compile, how many were noticed, and what was
/// not tried; a run that tried nothing fails.
fn found(folder: &Path) -> Outcome {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    let planned = serde_json::from_str::<Vec<serde_json::Value>>(&read("mutants.json"));
    let planned = planned.unwrap_or_default().len();
    let [caught, slow, unviable, survived] = ["caught", "timeout", "unviable", "missed"]
        .map(|name| read(&format!("{name}.txt")).lines().count());
    let (noticed, tried) = (caught + slow, caught + slow + unviable + survived);
    let Some(score) = (noticed * 100).checked_div(noticed + survived) else {
        return Outcome::Failed(format!("nothing was tried of {planned}"));
    };
    Outcome::Passed(format!(
        "{score} % of {} noticed: {caught} caught, {slow} timed out, {survived} survived; {unviable} \
         do not compile; {tried} of {planned} tried",
        noticed + survived,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_tried_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("mutants.json", "[1, 2, 3, 4, 5, 6]");
        assert_eq!(
            found(folder.path()),
            Outcome::Failed("nothing was tried of 6".to_owned())
        );
        write("caught.txt", "a\nb\n");
        write("timeout.txt", "c\n");
        write("missed.txt", "d\n");
        write("unviable.txt", "e\n");
        let note =
            "75 % of 4 noticed: 2 caught, 1 timed out, 1 survived; 1 do not compile; 5 of 6 tried";
        assert_eq!(found(folder.path()), Outcome::Passed(note.to_owned()));
    }
}
