//! `web serve`: the demo on loopback, until somebody stops it.

use anyhow::Result;

use super::{build, bundle, folder};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::workspace::Workspace;

/// The throw-away wallet of the demo, bundled beside the package and not into it.
const WALLET: &str = "demo/wallet.entry.js";

pub(crate) fn run(ws: &Workspace, report: &mut Report, port: u16) {
    if !build::run(ws, report) {
        return;
    }
    report.step("web: serve", || {
        demo_wallet(ws)?;
        Cmd::new("node")
            .args(["demo/serve.mjs", &port.to_string()])
            .dir(&folder(ws)?)
            .run()?;
        Ok(Outcome::passed())
    });
}

pub(super) fn demo_wallet(ws: &Workspace) -> Result<()> {
    bundle(ws, WALLET, "demo-wallet.js", true).map(|_| ())
}
