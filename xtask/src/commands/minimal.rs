//! `minimal`: what the manifests promise is enough. The published crates, as they are packed, are
//! checked with the oldest version of each direct dependency that they accept, by the oldest Rust.

use anyhow::Result;

use super::package;
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::{Package, Workspace};

/// Only this toolchain resolves to the oldest versions.
const NIGHTLY: &str = "nightly";

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    report.step("minimal: the oldest direct dependencies and Rust", || {
        check(ws)
    });
}

fn check(ws: &Workspace) -> Result<Outcome> {
    let oldest = ws.oldest_rust().unwrap_or(NIGHTLY);
    for toolchain in [NIGHTLY, oldest] {
        tools::toolchain(toolchain)?;
    }
    let tree = package::pack(ws, "minimal-tree")?;
    let cargo = |command: &str, toolchain: &str| {
        tree.within(ws, Cmd::new("cargo").arg(command))
            .any_toolchain()
            .env("RUSTUP_TOOLCHAIN", toolchain)
            .quiet_env("CARGO_TARGET_DIR", ws.target.join("minimal"))
    };
    cargo("update", NIGHTLY)
        .arg("-Zdirect-minimal-versions")
        .run()?;
    let published = ws.packages.iter().filter(|package| package.is_published());
    let (wasm, native): (Vec<_>, Vec<_>) =
        published.partition(|package| package.is_for_wasm_alone());
    let select = |packages: &[&Package]| -> Vec<String> {
        let names = packages.iter().map(|package| package.name.clone());
        names
            .flat_map(|name| ["--package".to_owned(), name])
            .collect()
    };
    cargo("check", oldest)
        .args(["--all-features", "--locked"])
        .args(select(&native))
        .run()?;
    Ok(Outcome::Passed(format!(
        "{} crates with Rust {oldest}; {} for wasm alone are not among them",
        native.len(),
        wasm.len()
    )))
}
