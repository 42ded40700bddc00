//! `load`: what it costs a server that every request proves a session, beside others: rows H1 to
//! H8. The program is that of `benches/load`, a workspace of its own.

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use super::bench::{load_average, today};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools::{self, Missing};
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
    let Some(program) = report.made("load: build", || build(ws)) else {
        return;
    };
    if let Some(Kind::Soak { minutes }) = load.kind {
        report.made("load: soak", || {
            program()
                .args(["soak", "--minutes", &minutes.to_string()])
                .run()
        });
        return;
    }
    let known = report.made("load: bytes of a request and of memory", || costs(ws));
    report.step("load: requests", || {
        let loaded = load_average() > 0.5;
        let (folder, rounds, requests) = match load.quick {
            true => (ws.target.join("bench"), "20", "200"),
            false => (ws.root.join("docs/bench"), "400", "400"),
        };
        std::fs::create_dir_all(&folder)?;
        let json = folder.join(format!("load-{}.json", today()));
        let known = known.iter().flatten();
        program()
            .args([
                "bench",
                "--rounds",
                rounds,
                "--requests",
                requests,
                "--json",
            ])
            .arg(&json)
            .args(known.map(|figure| format!("--known={figure}")))
            .run()?;
        if loaded {
            println!("others were using this machine: only ratios say something");
        }
        Ok(Outcome::Passed(ws.relative(&json).display().to_string()))
    });
}

/// Builds the program, and answers how it is begun.
fn build(ws: &Workspace) -> Result<impl Fn() -> Cmd> {
    let cores = std::thread::available_parallelism()?.get();
    if !cfg!(target_os = "linux") || cores < 2 {
        let why = "it reads times of processes as Linux tells them, and wants two cores";
        return Err(Missing::Unavailable(why.to_owned()).into());
    }
    let target = ws.target.join("load-build");
    let built = Cmd::cargo("build")
        .args(["--release", "--locked", "--target-dir"])
        .arg(&target)
        .dir(&ws.root.join("benches/load"))
        .tee()?;
    tools::outcome_of_download("cargo build", &built.stderr, built.success())?;
    Ok(move || Cmd::new(target.join("release/load")))
}

/// What the tests of `session-http` counted: words such as `H6=479`.
fn costs(ws: &Workspace) -> Result<Vec<String>> {
    let told = Cmd::cargo("test")
        .args(["--package", "session-http", "--all-features"])
        .args(["--test", "costs", "--", "--nocapture"])
        .dir(&ws.root)
        .shown()
        .read()
        .context("bytes of a request and of memory")?;
    let words = told.split_whitespace();
    let figures = words.filter(|word| word.starts_with('H') && word.contains('='));
    Ok(figures.map(str::to_owned).collect())
}
