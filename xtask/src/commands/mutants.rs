//! `mutants`: are the tests of what must not be wrong able to fail? cargo-mutants changes the code
//! in one place after the other; a change that no test notices is a survivor.

use std::path::Path;

use anyhow::Result;

use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// What is worth the time: proofs, policy, times, texts, `did:key`, the judgement of signatures, of
/// sessions and of requests.
const FILES: &[&str] = &[
    "crates/cacao/src/judge/*.rs",
    "crates/cacao/src/prove/*.rs",
    "crates/cacao/src/prove/*/*.rs",
    "crates/cacao/src/time/*.rs",
    "crates/cacao/src/siwx/*.rs",
    "crates/didkey/src/did_key.rs",
    "crates/dag-jws/src/verify/*.rs",
    "crates/session-core/src/ask/answer.rs",
    "crates/session-core/src/flow/*.rs",
    "crates/session-core/src/flow/machine/phase.rs",
    "crates/session-core/src/revoke/judge.rs",
    "crates/session-core/src/revocations/ledger.rs",
    "crates/session-http/src/*.rs",
];
/// A change that makes a test run for so many seconds has been noticed.
const TIMEOUT: u32 = 120;

/// How long, and which part.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) minutes: u32,
    /// Patterns of files, in place of `FILES`, unless there are none.
    pub(crate) files: Vec<String>,
    /// `k/n`: the k-th of n parts, counted from zero.
    pub(crate) shard: Option<String>,
}

pub(crate) fn run(ws: &Workspace, report: &mut Report, budget: &Budget) {
    report.step("mutants", || search(ws, budget));
}

fn search(ws: &Workspace, budget: &Budget) -> Result<Outcome> {
    let tool = match tools::cargo_tool(ws, "cargo-mutants") {
        Ok(path) => path,
        Err(missing) => return Ok(missing.into()),
    };
    if Cmd::new("timeout").arg("--version").capture().is_err() {
        let why = "no `timeout` of coreutils, which ends the run at the budget";
        return Ok(Outcome::Skipped(why.to_owned()));
    }
    let folder = ws.target.join("mutants");
    std::fs::create_dir_all(&folder)?;
    let seconds = u64::from(budget.minutes) * 60;
    let mut cmd = Cmd::new("timeout")
        .args(["--signal=INT", "--kill-after=60", &seconds.to_string()])
        .arg(tool)
        .args(["mutants", "--all-features", "--shuffle", "--no-times"])
        .args(["--timeout", &TIMEOUT.to_string()])
        .arg("--output")
        .arg(&folder)
        // no doctests: they take longer than all others, and show how, not whether
        .args(["--cargo-test-arg=--lib", "--cargo-test-arg=--tests"]);
    let files = budget.files.iter().map(String::as_str);
    for file in files.chain(FILES.iter().copied().filter(|_| budget.files.is_empty())) {
        cmd = cmd.args(["--file", file]);
    }
    if let Some(shard) = &budget.shard {
        cmd = cmd.args(["--shard", shard]);
    }
    // a folder of its own: whoever builds meanwhile holds a lock that would look like a slow test
    let ended = cmd
        .quiet_env("CARGO_TARGET_DIR", ws.target.join("mutants-build"))
        .dir(&ws.root)
        .tee()?;
    let found = Found::read(&folder.join("mutants.out"))?;
    for survivor in &found.missed {
        println!("survived: {survivor}");
    }
    Ok(found.outcome(budget, ended.status.code()))
}

/// What cargo-mutants wrote down.
#[derive(Debug, Default)]
struct Found {
    planned: usize,
    caught: usize,
    timeouts: usize,
    unviable: usize,
    missed: Vec<String>,
}

impl Found {
    fn read(folder: &Path) -> Result<Self> {
        let lines = |name: &str| -> Vec<String> {
            let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
            text.lines().map(str::to_owned).collect()
        };
        let planned = std::fs::read_to_string(folder.join("mutants.json")).unwrap_or_default();
        let planned: Vec<serde_json::Value> = serde_json::from_str(&planned).unwrap_or_default();
        Ok(Self {
            planned: planned.len(),
            caught: lines("caught.txt").len(),
            timeouts: lines("timeout.txt").len(),
            unviable: lines("unviable.txt").len(),
            missed: lines("missed.txt"),
        })
    }

    fn tried(&self) -> usize {
        self.caught + self.timeouts + self.unviable + self.missed.len()
    }

    /// Of those that compile, how many were noticed, in whole percent.
    fn score(&self) -> Option<usize> {
        let noticed = self.caught + self.timeouts;
        (noticed * 100).checked_div(noticed + self.missed.len())
    }

    /// Survivors are for people to look at: they fail nothing. A run that tried nothing does.
    fn outcome(&self, budget: &Budget, code: Option<i32>) -> Outcome {
        let (tried, untried) = (self.tried(), self.planned.saturating_sub(self.tried()));
        let Some(score) = self.score() else {
            return Outcome::Failed(format!(
                "nothing was tried ({} planned, exit code {code:?})",
                self.planned
            ));
        };
        let part = match &budget.shard {
            Some(shard) => format!("shard {shard}: "),
            None => String::new(),
        };
        Outcome::Passed(format!(
            "{part}{score} % of {} noticed: {} caught, {} timed out, {} survived; {} do not \
             compile; {tried} of {} tried, {untried} not tried in {} min",
            self.caught + self.timeouts + self.missed.len(),
            self.caught,
            self.timeouts,
            self.missed.len(),
            self.unviable,
            self.planned,
            budget.minutes,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Budget = Budget {
        minutes: 5,
        files: Vec::new(),
        shard: None,
    };

    #[test]
    fn what_was_not_tried_is_said() {
        let found = Found {
            planned: 10,
            caught: 5,
            timeouts: 1,
            unviable: 1,
            missed: vec!["x".to_owned(), "y".to_owned()],
        };
        let Outcome::Passed(note) = found.outcome(&BUDGET, Some(124)) else {
            panic!("it failed");
        };
        assert_eq!(
            note,
            "75 % of 8 noticed: 5 caught, 1 timed out, 2 survived; 1 do not compile; 9 of 10 \
             tried, 1 not tried in 5 min"
        );
    }

    #[test]
    fn a_run_that_tried_nothing_fails() {
        let found = Found {
            planned: 10,
            ..Found::default()
        };
        let outcome = found.outcome(&BUDGET, Some(4));
        assert!(matches!(outcome, Outcome::Failed(_)));
    }
}
