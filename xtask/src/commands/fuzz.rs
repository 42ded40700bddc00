//! `fuzz`: each target for a while, from the committed seeds and what earlier runs found.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// What is searched, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Effort {
    /// One target; all of them when left out
    pub(crate) target: Option<String>,
    /// Seconds for each target
    #[arg(long, default_value_t = 30)]
    pub(crate) seconds: u32,
    /// One program for all targets: it is built in a fraction of the time, and searches slower
    #[arg(long)]
    pub(crate) together: bool,
}

/// The program that stands for all targets, and the variable by which it is told which.
const ALL: (&str, &str) = ("all", "FUZZ_TARGET");

/// Inputs longer than this only slow the search down: limits are tested in the crates.
const MAX_LEN: u32 = 8192;
/// A single input that takes this many seconds is a finding.
const TIMEOUT: u32 = 10;

pub(crate) fn run(ws: &Workspace, report: &mut Report, effort: &Effort) -> Result<()> {
    let fuzz = Fuzz::new(ws)?;
    let is_wanted = |name: &&String| effort.target.as_ref().is_none_or(|only| only == *name);
    let targets: Vec<&String> = fuzz.targets.iter().filter(is_wanted).collect();
    let all = fuzz.targets.join(", ");
    ensure!(!targets.is_empty(), "no such fuzz target; there are: {all}");
    let built = report.made("fuzz: build", || fuzz.build(effort)).is_some();
    // The laws hold for every seed on any toolchain; the program for all targets replays them itself.
    if !built || !effort.together {
        report.step("fuzz: seeds replayed as tests", || fuzz.replay());
    }
    if built {
        let name = |target: &&String| format!("fuzz: {target}");
        report.at_once(&targets, name, |target| fuzz.search(target, effort));
    }
    Ok(())
}

struct Fuzz<'a> {
    ws: &'a Workspace,
    dir: PathBuf,
    targets: Vec<String>,
}

impl<'a> Fuzz<'a> {
    fn new(ws: &'a Workspace) -> Result<Self> {
        let dir = ws.root.join("fuzz");
        let own = Workspace::of(&dir.join("Cargo.toml"))?;
        let package = own
            .member("fuzz")
            .context("fuzz/Cargo.toml holds no package")?;
        let names = package.targets("bin").map(|target| target.name.clone());
        let targets = names.filter(|name| name != ALL.0).collect();
        Ok(Self { ws, dir, targets })
    }

    fn replay(&self) -> Result<Outcome> {
        let ended = Cmd::cargo("test")
            .args(["--lib", "--no-default-features", "--manifest-path"])
            .arg(self.dir.join("Cargo.toml"))
            .quiet_env("CARGO_TARGET_DIR", &self.ws.target)
            .tee()?;
        Ok(super::test::judged(ended.success(), &ended.output()))
    }

    /// The code is safe Rust: without a sanitizer the coverage hooks of the stable compiler are enough.
    fn build(&self, effort: &Effort) -> Result<()> {
        let mut cmd = Cmd::new(tools::cargo_tool(self.ws, "cargo-fuzz")?)
            .args(["build", "--sanitizer", "none", "--fuzz-dir"])
            .arg(&self.dir)
            .arg("--target-dir")
            .arg(self.ws.target.join("fuzz"))
            .args(effort.together.then_some(ALL.0))
            .dir(&self.ws.root);
        if effort.together {
            // it searches for seconds: what is saved in building is more
            cmd = cmd
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
                .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        }
        cmd.run()
    }

    fn search(&self, target: &str, effort: &Effort) -> Result<Outcome> {
        let program = if effort.together { ALL.0 } else { target };
        let built = self.ws.target.join("fuzz").join(host()?).join("release");
        let (corpus, artifacts) = (self.sub("corpus", target), self.sub("artifacts", target));
        for folder in [&corpus, &artifacts] {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        let before = count_files(&artifacts);
        let mut cmd = Cmd::new(built.join(program))
            .env(ALL.1, target)
            .arg(format!("-max_total_time={}", effort.seconds))
            .arg(format!("-max_len={MAX_LEN}"))
            .arg(format!("-timeout={TIMEOUT}"))
            .args(["-print_final_stats=1", "-verbosity=0", "-print_funcs=0"])
            .arg(format!("-artifact_prefix={}/", artifacts.display()));
        let dictionary = self.dir.join("dicts").join(format!("{target}.dict"));
        if dictionary.is_file() {
            cmd = cmd.arg(format!("-dict={}", dictionary.display()));
        }
        let ended = cmd
            .arg(&corpus)
            .arg(self.seeds(target))
            .dir(&self.dir)
            .shown()
            .capture()?;
        if !ended.success() {
            // Its progress is only worth reading when it found something.
            println!("{}", ended.stderr);
        }
        let executions = stat(&ended.stderr, "number_of_executed_units");
        let crashes = count_files(&artifacts).saturating_sub(before);
        let mut note = format!(
            "{} executions, corpus {}, {crashes} crashes",
            executions.map_or_else(|| "unknown".to_owned(), |number| number.to_string()),
            count_files(&corpus),
        );
        if crashes > 0 {
            // so that it is replayed on every toolchain from now on
            let (from, to) = (self.ws.relative(&artifacts), self.seeds(target));
            let to = self.ws.relative(&to).display();
            note.push_str(&format!("; move them from {} to {to}", from.display()));
        }
        Ok(judge(ended.success(), executions, note))
    }

    fn sub(&self, folder: &str, target: &str) -> PathBuf {
        self.dir.join(folder).join(target)
    }

    fn seeds(&self, target: &str) -> PathBuf {
        self.sub("seeds", target)
    }
}

fn judge(success: bool, executions: Option<u64>, note: String) -> Outcome {
    if success && executions.is_some_and(|number| number > 0) {
        Outcome::Passed(note)
    } else {
        Outcome::Failed(note)
    }
}

fn host() -> Result<String> {
    let rustc = Cmd::new("rustc").arg("-vV").read()?;
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names no host")?.to_owned())
}

fn stat(words: &str, name: &str) -> Option<u64> {
    let line = words
        .lines()
        .find_map(|line| line.strip_prefix(&format!("stat::{name}:")))?;
    line.trim().parse().ok()
}

fn count_files(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, |entries| entries.flatten().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_final_statistics_are_read() {
        let words = "Done 7 runs\nstat::number_of_executed_units: 7794921\nstat::peak_rss_mb: 27";
        assert_eq!(stat(words, "number_of_executed_units"), Some(7_794_921));
        assert_eq!(stat("", "number_of_executed_units"), None);
    }

    #[test]
    fn a_run_that_did_nothing_fails() {
        let passes = |success, executions| {
            matches!(
                judge(success, executions, String::new()),
                Outcome::Passed(_)
            )
        };
        assert!(passes(true, Some(3)));
        assert!(!passes(true, Some(0)) && !passes(true, None) && !passes(false, Some(3)));
    }
}
