//! `web`: the npm package `did-session-web`: built, tested in a real browser, served, weighed and
//! timed.

pub(crate) mod bench;
pub(crate) mod build;
mod data;
pub(crate) mod everywhere;
mod imports;
mod names;
mod order;
mod parts;
mod references;
pub(crate) mod serve;
pub(crate) mod size;
mod split;
pub(crate) mod test;
mod wasm;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Subcommand;

use crate::report::Report;
use crate::shell::Cmd;
use crate::workspace::Workspace;

/// What to do with the package.
#[derive(Debug, Subcommand)]
pub(crate) enum Web {
    /// Build the package into `crates/did-session-web/dist`, ready for `npm pack`
    Build,
    /// The store contract and the package in a headless Chromium
    Test {
        /// Only the test files whose name contains this
        filter: Option<String>,
    },
    /// Build the demo and serve it on loopback
    Serve {
        /// The port; any free one when left out
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// What pages download, raw and compressed, beside the bundle of the TypeScript peer
    Size {
        /// Print one JSON document as well
        #[arg(long)]
        json: bool,
    },
    /// What calls cost in Chromium, beside the same calls of the TypeScript peer in the same page
    Bench {
        /// Interleaved pairs of measurements for each row
        #[arg(long, default_value_t = 40)]
        pairs: u32,
    },
}

pub(crate) fn run(ws: &Workspace, report: &mut Report, web: Web) {
    match web {
        Web::Build => {
            build::run(ws, report);
        }
        Web::Test { filter } => test::run(ws, report, filter.as_deref()),
        Web::Serve { port } => serve::run(ws, report, port),
        Web::Size { json } => size::run(ws, report, json),
        Web::Bench { pairs } => bench::run(ws, report, pairs),
    }
}

/// Where what a build needs or leaves beside the package is kept, below the target folder. Nobody
/// may rely on cargo to make it: only a profile of the same name does.
const BESIDE: &str = "web";

/// The folder of the package.
fn folder(ws: &Workspace) -> Result<PathBuf> {
    let package = ws.member("did-session-web").context("no did-session-web")?;
    Ok(package.dir().to_path_buf())
}

/// Bundles an entry with esbuild, as an ES module for a browser.
fn bundle(ws: &Workspace, entry: &str, to: &str, minify: bool) -> Result<PathBuf> {
    let out = ws.target.join(BESIDE).join(to);
    let mut cmd = Cmd::new("node")
        .args(["node_modules/esbuild/bin/esbuild", entry])
        .args(["--bundle", "--format=esm", "--platform=browser"])
        // the peer's dependencies know Node's name of the global object
        .args(["--define:global=globalThis", "--log-level=warning"])
        .arg(format!("--outfile={}", out.display()))
        .dir(&folder(ws)?);
    if minify {
        cmd = cmd.arg("--minify");
    }
    cmd.run()?;
    Ok(out)
}
