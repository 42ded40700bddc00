//! `load`: what it costs a server that every request proves a session, beside others: rows H1 to
//! H8. The programs are those of `benches/load`, a workspace of its own.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use super::bench::{load_average, today};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// What to do.
#[derive(Debug, Args)]
pub(crate) struct Load {
    /// A few seconds instead of minutes; the figures are nobody's record
    #[arg(long)]
    quick: bool,
    #[command(subcommand)]
    kind: Option<Kind>,
}

#[derive(Debug, Subcommand)]
enum Kind {
    /// Half of the peak for some minutes: memory stays flat, and no request fails
    Soak {
        /// For how long
        #[arg(long, default_value_t = 10.0)]
        minutes: f64,
    },
}

pub(crate) fn run(ws: &Workspace, report: &mut Report, load: &Load) {
    let mut program = None;
    report.step("load: build", || match build(ws)? {
        Ok(built) => {
            program = Some(built);
            Ok(Outcome::passed())
        }
        Err(missing) => Ok(missing),
    });
    let Some(program) = program else { return };
    match load.kind {
        Some(Kind::Soak { minutes }) => {
            report.step("load: soak", || {
                let minutes = minutes.to_string();
                let cmd = Cmd::new(&program).args(["soak", "--minutes", &minutes]);
                cmd.run()?;
                Ok(Outcome::passed())
            });
        }
        None => bench(ws, report, &program, load.quick),
    }
}

fn bench(ws: &Workspace, report: &mut Report, program: &Path, quick: bool) {
    let mut known = Vec::new();
    report.step("load: bytes of a request and of memory", || {
        known = costs(ws)?;
        Ok(Outcome::Passed(known.join(", ")))
    });
    report.step("load: requests", || {
        let loaded = load_average() > 0.5;
        let whole = !quick;
        let folder = if whole {
            ws.root.join("docs/bench")
        } else {
            ws.target.join("bench")
        };
        std::fs::create_dir_all(&folder)?;
        let json = folder.join(format!("load-{}.json", today()));
        let (rounds, requests) = if quick { ("20", "200") } else { ("400", "400") };
        let mut cmd = Cmd::new(program)
            .args(["bench", "--rounds", rounds, "--requests", requests])
            .arg("--json")
            .arg(&json);
        for figure in &known {
            cmd = cmd.args(["--known", figure]);
        }
        cmd.run()?;
        if loaded {
            println!("others were using this machine: only ratios say something");
        }
        Ok(Outcome::Passed(ws.relative(&json).display().to_string()))
    });
}

fn build(ws: &Workspace) -> Result<std::result::Result<PathBuf, Outcome>> {
    if !cfg!(target_os = "linux") {
        let why = "it reads times of processes as Linux tells them";
        return Ok(Err(Outcome::Skipped(why.to_owned())));
    }
    let cores = std::thread::available_parallelism()?.get();
    if cores < 2 {
        let why = "the server and who asks it need a core each";
        return Ok(Err(Outcome::Skipped(why.to_owned())));
    }
    let target = ws.target.join("load-build");
    let built = Cmd::cargo("build")
        .args(["--release", "--locked", "--target-dir"])
        .arg(&target)
        .dir(&ws.root.join("benches/load"))
        .tee()?;
    let ended = tools::outcome_of_download("cargo build", &built.stderr, built.success());
    Ok(match ended {
        Ok(()) => Ok(target.join("release/load")),
        Err(missing) => Err(missing.into()),
    })
}

/// What the tests of `session-http` counted: lines such as `H6=479`.
fn costs(ws: &Workspace) -> Result<Vec<String>> {
    let told = Cmd::cargo("test")
        .args(["--package", "session-http", "--all-features"])
        .args(["--test", "costs", "--", "--nocapture"])
        .dir(&ws.root)
        .shown()
        .read()
        .context("bytes of a request and of memory")?;
    Ok(figures(&told))
}

fn figures(told: &str) -> Vec<String> {
    // the name of the test may stand before the figure on its line
    let words = told.split_whitespace();
    let is_figure = |word: &&str| {
        let parts = word.split_once('=');
        parts.is_some_and(|(name, value)| name.starts_with('H') && value.parse::<f64>().is_ok())
    };
    words.filter(is_figure).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_among_the_lines_of_tests() {
        let told = "running 2 tests\ntest a ... H6=479\nok\nH7=36.9\nx=1 H8= done";
        assert_eq!(figures(told), ["H6=479", "H7=36.9"]);
    }
}
