//! `web bench`: calls of ours and of the peer in one page, as ratios of interleaved pairs.

use super::{build, bundle, folder, test};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::workspace::Workspace;

/// A figure is no check: `bench.mjs` tells which aims were missed, and fails for none.
pub(crate) fn run(ws: &Workspace, report: &mut Report, pairs: u32) {
    if !build::run(ws, report) {
        return;
    }
    report.step("web: bench", || {
        let browser = test::chromium()?;
        bundle(ws, "tests/support/peer.entry.js", "peer.js", true)?;
        super::serve::demo_wallet(ws)?;
        Cmd::new("node")
            .args(["bench/bench.mjs", &pairs.to_string()])
            .quiet_env("CHROMIUM", browser)
            .dir(&folder(ws)?)
            .run()?;
        Ok(Outcome::passed())
    });
}
