//! `package`: a versioned release packs, and what was packed compiles and holds its tests.
//!
//! `cargo package` would build each packed crate with its dependencies anew. Here the packed crates
//! become a workspace of their own, which shares with ours what it compiles of others.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::test::judged;
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::workspace::{Package, Workspace};

/// The crate whose tests are run from what was packed: its tests need no other crate of ours.
const TESTED: &str = "didkey";

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    let Some(tree) = report.made("package: published crates pack", || pack(ws, "packed")) else {
        return;
    };
    report.step("package: each packed crate compiles alone", || {
        for package in ws.packages.iter().filter(|p| p.is_published()) {
            tree.within(ws, Cmd::cargo("check"))
                .args(["--package", &package.name])
                .quiet_env("CARGO_TARGET_DIR", &ws.target)
                .run()?;
        }
        Ok(Outcome::passed())
    });
    report.step(&format!("package: the packed tests of {TESTED}"), || {
        let ended = tree
            .within(ws, Cmd::cargo("test"))
            .args(["--package", TESTED, "--lib", "--tests"])
            .quiet_env("CARGO_TARGET_DIR", &ws.target)
            .tee()?;
        Ok(judged(ended.success(), &ended.output()))
    });
}

/// What was packed, unpacked into a workspace.
pub(super) struct Packed {
    folder: PathBuf,
    /// The packages, each with the name of its folder.
    names: Vec<(String, String)>,
}

/// Packs every crate that is published, and unpacks it below the target directory.
pub(super) fn pack(ws: &Workspace, folder: &str) -> Result<Packed> {
    let folder = ws.target.join(folder);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context("what was packed before")?;
    }
    let (published, kept): (Vec<_>, Vec<_>) = ws.packages.iter().partition(|p| p.is_published());
    let excluded = kept
        .iter()
        .flat_map(|package| ["--exclude", package.name.as_str()]);
    Cmd::cargo("package")
        .args(["--workspace", "--allow-dirty", "--locked", "--no-verify"])
        .args(excluded)
        .arg("--target-dir")
        .arg(&folder)
        .dir(&ws.root)
        .run()?;
    let unpacked = |package: &&Package| Ok((package.name.clone(), unpack(&folder, package)?));
    let names: Vec<_> = published.iter().map(unpacked).collect::<Result<_>>()?;
    let tree = Packed { folder, names };
    let manifest = tree.folder.join("Cargo.toml");
    std::fs::write(&manifest, tree.manifest()).context("the workspace of what was packed")?;
    let lock = tree.folder.join("Cargo.lock");
    std::fs::copy(ws.root.join("Cargo.lock"), lock).context("Cargo.lock")?;
    Ok(tree)
}

/// Unpacks a crate, and says where.
fn unpack(folder: &Path, package: &Package) -> Result<String> {
    let name = format!("{}-{}", package.name, package.version);
    let archive = folder.join("package").join(format!("{name}.crate"));
    Cmd::new("tar")
        .arg("-xzf")
        .arg(&archive)
        .arg("-C")
        .arg(folder)
        .read()
        .with_context(|| format!("{name} was not packed"))?;
    // the manifest as it was written, and a lock file, are for people
    Ok(name)
}

impl Packed {
    /// A command of cargo in it, with the profile of our workspace wherever it was unpacked.
    pub(super) fn within(&self, ws: &Workspace, cargo: Cmd) -> Cmd {
        cargo
            .arg("--config")
            .arg(ws.root.join(".cargo/config.toml"))
            .dir(&self.folder)
    }

    /// A workspace in which the packed crates stand for those of the registry.
    fn manifest(&self) -> String {
        let members: Vec<_> = self.names.iter().map(|(_, folder)| folder).collect();
        let patch = |(name, folder): &(_, _)| format!("{name} = {{ path = {folder:?} }}\n");
        let patches = self.names.iter().map(patch).collect::<String>();
        format!(
            "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n[patch.crates-io]\n{patches}"
        )
    }
}
