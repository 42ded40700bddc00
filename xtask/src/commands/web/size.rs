//! `web size`: what a page downloads of ours and of the peer, and what takes the space.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{build, bundle, folder, wasm};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::workspace::Workspace;

/// Crates that are named in the answer to what takes the space.
const NAMED: usize = 14;

/// Bytes of one download.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Weight {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Weight {
    const fn plus(self, other: Self) -> Self {
        Self {
            raw: self.raw + other.raw,
            gzip: self.gzip + other.gzip,
            brotli: self.brotli + other.brotli,
        }
    }
}

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    if !build::run(ws, report) {
        return;
    }
    report.step("web: size", || {
        let glue = weigh(ws, &bundle(ws, "dist/index.js", "ours.min.js", true)?)?;
        let peer = weigh(ws, &bundle(ws, "bench/peer.entry.js", "peer.min.js", true)?)?;
        let wasm = weigh(ws, &folder(ws)?.join("dist/did_session_web_bg.wasm"))?;
        let ours = wasm.plus(glue);
        let core = weigh(ws, &build::core(ws)?)?;
        print_table(&[
            ("wasm", wasm),
            ("JavaScript", glue),
            ("ours, together", ours),
            ("the core alone", core),
            ("the peer's bundle", peer),
        ]);
        print_crates(ws)?;
        Ok(Outcome::Passed(format!(
            "gzip {} of ours, {} of the peer: × {:.2}",
            ours.gzip,
            peer.gzip,
            ratio(ours.gzip, peer.gzip)
        )))
    });
}

fn weigh(ws: &Workspace, file: &Path) -> Result<Weight> {
    let told = Cmd::new("node")
        .arg("bench/weigh.mjs")
        .arg(file)
        .dir(&folder(ws)?)
        .read()?;
    serde_json::from_str(&told).context("the answer of weigh.mjs")
}

fn print_table(rows: &[(&str, Weight)]) {
    println!(
        "{:<20} {:>10} {:>10} {:>10}",
        "bytes", "raw", "gzip", "brotli"
    );
    for (name, weight) in rows {
        println!(
            "{name:<20} {:>10} {:>10} {:>10}",
            weight.raw, weight.gzip, weight.brotli
        );
    }
}

/// Before wasm-opt, which drops the names.
fn print_crates(ws: &Workspace) -> Result<()> {
    let module = std::fs::read(build::compiled(ws)).context("the module that cargo built")?;
    let crates = wasm::code_by_crate(&module)?;
    let all: usize = crates.iter().map(|(_, size)| size).sum();
    println!("\ncode by crate, before wasm-opt ({all} bytes):");
    for (name, size) in crates.iter().take(NAMED) {
        let share = 100.0 * ratio(*size as u64, all as u64);
        println!("{name:<20} {size:>10} {share:>9.1} %");
    }
    let rest: usize = crates.iter().skip(NAMED).map(|(_, size)| size).sum();
    println!("{:<20} {rest:>10}\n", "the others");
    Ok(())
}

fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}
