//! `web size`: what a page downloads of ours and of the peer, and what takes the space.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{build, bundle, folder, wasm};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::workspace::Workspace;

/// Crates that are named in the answer to what takes the space.
const NAMED: usize = 14;

/// Bytes of one download.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
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

    /// With another of its summands.
    const fn with(self, new: Self, old: Self) -> Self {
        Self {
            raw: self.raw - old.raw + new.raw,
            gzip: self.gzip - old.gzip + new.gzip,
            brotli: self.brotli - old.brotli + new.brotli,
        }
    }
}

/// What a page downloads.
#[derive(Debug, Clone, Deserialize, Serialize)]
struct Sizes {
    /// A visitor without a session.
    first: Weight,
    /// A page that signs in with an Ethereum account, and signs with the session.
    ethereum: Weight,
    /// Everything.
    all: Weight,
    /// The bundle of the TypeScript peer.
    peer: Weight,
    /// The machine, the judgement and the verification of a JWS alone, which no page downloads.
    #[serde(default)]
    core: Option<Weight>,
    /// The compiler, without which nothing can be compared.
    rustc: String,
}

/// Bytes of gzip that each may have.
const TARGETS: [(&str, u64); 3] = [("first", 75_000), ("ethereum", 110_000), ("all", 165_000)];

/// By how much one may grow until somebody looks at it.
const GROWTH: f64 = 1.01;

pub(crate) fn run(ws: &Workspace, report: &mut Report, json: bool) {
    if !build::run(ws, report) {
        return;
    }
    report.step("web: size", || {
        let sizes = measure(ws)?;
        print_crates(ws)?;
        if json {
            println!("{}", serde_json::to_string(&sizes)?);
        }
        judge(ws, &sizes)
    });
}

fn measure(ws: &Workspace) -> Result<Sizes> {
    let whole = weigh(ws, &bundle(ws, "dist/index.js", "ours.min.js", true)?)?;
    // what the peer is weighed for, too
    let script = weigh(
        ws,
        &bundle(ws, "bench/ethereum.entry.js", "ethereum.min.js", true)?,
    )?;
    let peer = weigh(ws, &bundle(ws, "bench/peer.entry.js", "peer.min.js", true)?)?;
    let dist = folder(ws)?.join("dist");
    let mut rows = vec![("JavaScript for Ethereum".to_owned(), script)];
    for name in build::files() {
        rows.push((name.clone(), weigh(ws, &dist.join(name))?));
    }
    let core = weigh(ws, &build::core(ws)?)?;
    let upto = |count: usize| {
        let taken = rows[..count].iter().map(|(_, weight)| *weight);
        taken.reduce(Weight::plus).context("no files")
    };
    let sizes = Sizes {
        first: upto(2)?,
        ethereum: upto(5)?,
        all: upto(rows.len())?.with(whole, script),
        peer,
        core: Some(core),
        rustc: build::compiler(),
    };
    let told = [
        ("first", sizes.first),
        ("ethereum", sizes.ethereum),
        // before its session signs anything
        ("ethereum, signed in", upto(4)?),
        ("JavaScript", whole),
        ("all", sizes.all),
        ("peer", sizes.peer),
        ("core", core),
    ];
    rows.extend(told.map(|(name, weight)| (name.to_owned(), weight)));
    print_table(&rows);
    Ok(sizes)
}

/// What it was when somebody looked at it last.
const RECORDED: &str = "size.json";

/// Which targets are met is said; what has grown fails.
fn judge(ws: &Workspace, sizes: &Sizes) -> Result<Outcome> {
    let path = folder(ws)?.join(RECORDED);
    let now = [sizes.first.gzip, sizes.ethereum.gzip, sizes.all.gzip];
    let mut notes = Vec::new();
    for ((name, target), gzip) in TARGETS.iter().zip(now) {
        let met = if gzip <= *target { "met" } else { "missed" };
        notes.push(format!("{name} {gzip} of {target}, {met}"));
    }
    let note = notes.join("; ");
    if std::env::var_os("DID_SESSION_WRITE_SIZES").is_some() {
        let text = serde_json::to_string_pretty(sizes)?;
        std::fs::write(&path, format!("{text}\n")).context("size.json")?;
        return Ok(Outcome::Passed(format!("{note}; written to {RECORDED}")));
    }
    let recorded = std::fs::read_to_string(&path).context("size.json")?;
    let recorded: Sizes = serde_json::from_str(&recorded).context("size.json")?;
    if !build::is_split(ws) || recorded.rustc != sizes.rustc {
        return Ok(Outcome::Skipped(format!(
            "{note}; not compared: {RECORDED} is of a module that {} built, in parts",
            recorded.rustc
        )));
    }
    let before = [
        recorded.first.gzip,
        recorded.ethereum.gzip,
        recorded.all.gzip,
    ];
    let grown = now
        .iter()
        .zip(before)
        .any(|(now, before)| ratio(*now, before) > GROWTH);
    if grown {
        let problem = format!("it has grown by more than 1 % beyond {before:?}: {note}");
        return Ok(Outcome::Failed(problem));
    }
    Ok(Outcome::Passed(note))
}

fn weigh(ws: &Workspace, file: &Path) -> Result<Weight> {
    let told = Cmd::new("node")
        .arg("bench/weigh.mjs")
        .arg(file)
        .dir(&folder(ws)?)
        .read()?;
    serde_json::from_str(&told).context("the answer of weigh.mjs")
}

fn print_table(rows: &[(String, Weight)]) {
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
    let module = std::fs::read(build::named(ws)).context("the module with its names")?;
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
