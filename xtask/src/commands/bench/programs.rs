//! Builds and runs the programs that measure, and reads what they write.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;

use super::Effort;
use super::measured::{Allocated, Curve, NodeRow, Pair};
use crate::commands::conformance;
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// Lines of JSON.
fn lines<T: DeserializeOwned>(text: &str) -> Result<Vec<T>> {
    let rows = text.lines().filter(|line| line.starts_with('{'));
    rows.map(|line| serde_json::from_str(line).with_context(|| line.to_owned()))
        .collect()
}

/// Builds the programs of `benches`, in a target directory for each set of features, so that one
/// build does not undo the other.
pub(super) fn build(ws: &Workspace, fast: bool) -> Result<PathBuf> {
    let mut cmd = Cmd::cargo("build")
        .args(["--release", "--package", "benches", "--bins"])
        .dir(&ws.root);
    let mut target = ws.target.clone();
    if fast {
        target = target.join("bench-fast");
        cmd = cmd
            .args(["--features", "native-curves", "--target-dir"])
            .arg(&target);
    }
    cmd.run()?;
    Ok(target.join("release"))
}

fn program(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

fn with_filter(cmd: Cmd, effort: &Effort) -> Cmd {
    match &effort.filter {
        Some(filter) if filter.starts_with('F') || filter.starts_with('S') => cmd.arg(filter),
        _ => cmd,
    }
}

pub(super) fn pairs(folder: &Path, effort: &Effort) -> Result<Vec<Pair>> {
    let cmd = Cmd::new(program(folder, "measure"))
        .args(["pairs", &effort.pairs().to_string()])
        .shown();
    lines(&with_filter(cmd, effort).read()?)
}

pub(super) fn growth(folder: &Path, effort: &Effort) -> Result<Vec<Curve>> {
    let size = if effort.quick { "quick" } else { "whole" };
    let cmd = Cmd::new(program(folder, "measure")).args(["growth", size]);
    lines(&cmd.shown().read()?)
}

pub(super) fn allocations(folder: &Path, effort: &Effort) -> Result<Vec<Allocated>> {
    let cmd = Cmd::new(program(folder, "allocations")).shown();
    lines(&with_filter(cmd, effort).read()?)
}

/// Counts instructions inside the one function that runs a call: a process for each side of each
/// row, since their setting-up is not to be counted.
pub(super) fn instructions(
    ws: &Workspace,
    folder: &Path,
    effort: &Effort,
) -> Result<BTreeMap<String, [u64; 2]>> {
    let valgrind = Cmd::new("valgrind").arg("--version").read();
    valgrind.context("valgrind is not installed")?;
    let dumps = ws.target.join("callgrind");
    std::fs::create_dir_all(&dumps).context("callgrind")?;
    let count = |id: &str, side: &str| -> Result<u64> {
        let dump = dumps.join(format!("{id}.{side}"));
        Cmd::new("valgrind")
            .args(["--tool=callgrind", "--toggle-collect=*measured_call*"])
            .arg(format!("--callgrind-out-file={}", dump.display()))
            .arg(program(folder, "measure"))
            .args(["instructions", id, side])
            .read()?;
        total(&dump)
    };
    let names = with_filter(Cmd::new(program(folder, "measure")).arg("names"), effort).read()?;
    println!("$ valgrind --tool=callgrind measure instructions ID SIDE, for each");
    let both = |id: &str| Ok((id.to_owned(), [count(id, "ours")?, count(id, "floor")?]));
    names.lines().map(both).collect()
}

/// The total of a dump.
fn total(dump: &Path) -> Result<u64> {
    let text = std::fs::read_to_string(dump).with_context(|| dump.display().to_string())?;
    let line = text.lines().find_map(|line| {
        line.strip_prefix("totals: ")
            .or(line.strip_prefix("summary: "))
    });
    line.and_then(|count| count.trim().parse().ok())
        .with_context(|| format!("no total in {}", dump.display()))
}

/// The peers in Rust, from their own workspace.
pub(super) fn rust_peers(ws: &Workspace, effort: &Effort) -> Result<Vec<Pair>> {
    let folder = ws.root.join("benches/peers");
    let target = ws.target.join("peers-build");
    let built = Cmd::cargo("build")
        .args(["--release", "--locked", "--target-dir"])
        .arg(&target)
        .dir(&folder)
        .tee()?;
    tools::outcome_of_download("cargo build", &built.stderr, built.success())?;
    let cmd = Cmd::new(program(&target.join("release"), "peers"))
        .arg(effort.pairs().to_string())
        .shown();
    lines(&cmd.read()?)
}

/// The peer in Node, on the inputs of ours.
pub(super) fn node(ws: &Workspace, folder: &Path, effort: &Effort) -> Result<Vec<NodeRow>> {
    tools::node()?;
    let peer = ws.target.join("peer");
    conformance::copy_scripts(&ws.root.join("xtask/peer"), &peer)?;
    conformance::install(&peer)?;
    let inputs = Cmd::new(program(folder, "measure")).arg("inputs").read()?;
    let path = peer.join("bench-inputs.json");
    std::fs::write(&path, inputs).context("inputs of the peer")?;
    let cmd = Cmd::new("node")
        .arg(peer.join("bench.mjs"))
        .arg(&path)
        .arg(if effort.quick { "1" } else { "3" })
        .dir(&peer)
        .shown();
    lines(&cmd.read()?)
}
