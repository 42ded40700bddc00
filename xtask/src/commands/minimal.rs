//! `minimal`: what the version table promises is enough. The published crates are checked with the
//! oldest version of each direct dependency that their manifests accept.

use std::path::Path;

use anyhow::{Context, Result};

use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::{Package, Workspace};

/// Only this toolchain resolves to the oldest versions.
const NIGHTLY: &str = "nightly";

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    report.step("minimal: the oldest direct dependencies", || check(ws));
}

fn check(ws: &Workspace) -> Result<Outcome> {
    if let Err(missing) = tools::toolchain(NIGHTLY) {
        return Ok(missing.into());
    }
    // a copy, so that the lock file of the workspace stays as it is
    let copy = ws.target.join("minimal-tree");
    if copy.exists() {
        std::fs::remove_dir_all(&copy).context("target/minimal-tree")?;
    }
    for name in ["Cargo.toml", "README.md", "clippy.toml"] {
        copy_file(&ws.root.join(name), &copy.join(name))?;
    }
    for folder in ["crates", "docs", "examples", "xtask", "benches"] {
        copy_folder(&ws.root.join(folder), &copy.join(folder))?;
    }
    let cargo = |command: &str| {
        Cmd::new("cargo")
            .arg(command)
            .any_toolchain()
            .env("RUSTUP_TOOLCHAIN", NIGHTLY)
            .quiet_env("CARGO_TARGET_DIR", ws.target.join("minimal"))
            .dir(&copy)
    };
    cargo("update").arg("-Zdirect-minimal-versions").run()?;
    let published = ws.packages.iter().filter(|package| package.is_published());
    let (wasm, native): (Vec<_>, Vec<_>) =
        published.partition(|package| package.is_for_wasm_alone());
    let select = |packages: &[&Package]| -> Vec<String> {
        let names = packages.iter().map(|package| package.name.clone());
        names
            .flat_map(|name| ["--package".to_owned(), name])
            .collect()
    };
    cargo("check")
        .args(["--all-features", "--locked"])
        .args(select(&native))
        .run()?;
    Ok(Outcome::Passed(format!(
        "{} crates; {} for wasm alone are not among them",
        native.len(),
        wasm.len()
    )))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    const LEFT_OUT: [&str; 4] = ["target", "node_modules", "vectors", "pkg"];
    for entry in
        std::fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))?
    {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let left_out = LEFT_OUT.iter().any(|name| entry.file_name() == *name);
        if entry.file_type()?.is_dir() && !left_out {
            copy_folder(&from, &to)?;
        } else if entry.file_type()?.is_file() {
            copy_file(&from, &to)?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}
