//! `ci`: all checks, in the order of what fails fastest.

use anyhow::Result;
use clap::ValueEnum;

use super::conformance::Live;
use super::fuzz::Effort;
use super::portable::Extent;
use super::{apart, conformance, fuzz, guide, lint, minimal, package, portable, test, web};
use crate::report::Report;
use crate::tidy;
use crate::workspace::Workspace;

/// How much to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tier {
    /// Rules, lints and quick tests: a few minutes
    Quick,
    /// Everything, with a short run of each fuzz target
    Full,
    /// Everything, with a long run of each fuzz target and many live cases
    Long,
}

/// Folders below the target directory that one step fills and no later one reads.
const SCRATCH: [&str; 5] = ["oldest", "minimal", "minimal-tree", "packed", "tools-build"];

pub(crate) fn run(ws: &Workspace, report: &mut Report, tier: Tier, discard: bool) -> Result<()> {
    let sweep = || {
        if discard {
            for folder in SCRATCH {
                // what is not there need not go
                let _ = std::fs::remove_dir_all(ws.target.join(folder));
            }
        }
    };
    tidy::run(ws, report);
    lint::run(ws, report);
    guide::run(ws, report);
    sweep();
    if tier == Tier::Quick {
        test::run(ws, report, true);
        return Ok(());
    }
    let (cases, seconds) = if tier == Tier::Long {
        (1000, 300)
    } else {
        (30, 3)
    };
    test::run(ws, report, false);
    apart::run(ws, report);
    sweep();
    let extent = if tier == Tier::Long {
        Extent::Whole
    } else {
        Extent::Sample
    };
    portable::run(ws, report, extent);
    minimal::run(ws, report);
    package::run(ws, report);
    sweep();
    conformance::run(ws, report, &Live::of(cases), conformance::PEER);
    // each of these cases is judged a dozen times
    conformance::run(ws, report, &Live::of(cases / 2), conformance::WILD);
    web::test::run(ws, report, None);
    web::size::run(ws, report, false);
    let effort = Effort {
        target: None,
        seconds,
        together: tier == Tier::Full,
    };
    fuzz::run(ws, report, &effort)
}
