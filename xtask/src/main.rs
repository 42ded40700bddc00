//! Every check of the workspace, by name: `cargo xtask` lists them, each ends with a table.
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stdout,
    reason = "a command line program talks on its standard output"
)]

mod chains;
mod commands;
mod report;
mod shell;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::ci::Tier;
use crate::commands::conformance::Live;
use crate::commands::fuzz::Effort;
use crate::commands::load::Load;
use crate::commands::mutants::Budget;
use crate::commands::portable::Extent;
use crate::commands::web::Web;
use crate::report::Report;
use crate::workspace::Workspace;

/// The checks of the workspace, by name.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The tests of all crates with all features, the doctests, and every example run once
    Test {
        /// The unit tests and the program `all` of each crate only, with fewer random cases
        #[arg(long)]
        quick: bool,
    },
    /// Formatting, clippy, rustdoc, and cargo-deny on licences, bans, sources and advisories
    Lint,
    /// The rules that no other tool holds: who may import whom, crate roots, plain text, features
    Tidy,
    /// The guide as a book below target/guide, to read and to see that it builds
    Guide,
    /// Tests in workspaces of their own: contract wallets before an EVM, signers of others, a
    /// store over a database, trust
    Apart,
    /// The portable crates compile without std and for wasm32, each chain alone, all with the oldest Rust
    Portable,
    /// Every published crate packs, and what was packed compiles alone and holds tests
    Package,
    /// Vectors, every store under the contract, the TypeScript peer, live in Node and in Chromium
    Conformance(Live),
    /// Run the fuzz targets for a while; shows executions, corpus and crashes
    Fuzz(Effort),
    /// Run the tests with coverage; shows which share of each crate they run through
    Coverage {
        /// Also list the lines of each file that no test ran
        #[arg(long)]
        missing: bool,
    },
    /// Run the benchmarks and print them as ratios to the raw operation each one contains
    Bench(commands::bench::Effort),
    /// Requests that prove a session under load, beside others: bounded, and on loopback
    Load(Load),
    /// Change the code that must not be wrong in one place after the other: do tests notice?
    Mutants(Budget),
    /// The published crates build with the oldest direct dependencies that they accept
    Minimal,
    /// The npm package: build, test in Chromium, serve the demo, weigh, time
    #[command(subcommand)]
    Web(Web),
    /// All checks in the order of what fails fastest
    Ci {
        /// How much to do
        #[arg(long, value_enum, default_value_t = Tier::Full)]
        tier: Tier,
        /// Remove what only one step needs as soon as it is done: for small disks
        #[arg(long)]
        discard: bool,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    let Some(command) = cli.command else {
        Cli::command().print_help()?;
        return Ok(ExitCode::SUCCESS);
    };
    let ws = Workspace::load()?;
    let mut report = Report::new();
    match command {
        Command::Test { quick } => commands::test::run(&ws, &mut report, quick),
        Command::Lint => commands::lint::run(&ws, &mut report),
        Command::Tidy => tidy::run(&ws, &mut report),
        Command::Guide => commands::guide::run(&ws, &mut report),
        Command::Apart => commands::apart::run(&ws, &mut report),
        Command::Portable => commands::portable::run(&ws, &mut report, Extent::Whole),
        Command::Package => commands::package::run(&ws, &mut report),
        Command::Conformance(live) => commands::conformance::parts(&ws, &mut report, &live),
        Command::Fuzz(effort) => commands::fuzz::run(&ws, &mut report, &effort)?,
        Command::Coverage { missing } => commands::coverage::run(&ws, &mut report, missing),
        Command::Bench(effort) => commands::bench::run(&ws, &mut report, &effort),
        Command::Load(load) => commands::load::run(&ws, &mut report, &load),
        Command::Mutants(budget) => commands::mutants::run(&ws, &mut report, &budget),
        Command::Minimal => commands::minimal::run(&ws, &mut report),
        Command::Web(web) => commands::web::run(&ws, &mut report, web),
        Command::Ci { tier, discard } => commands::ci::run(&ws, &mut report, tier, discard)?,
    }
    Ok(report.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
