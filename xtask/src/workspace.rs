//! What `cargo metadata` knows about our crates. Crates are named by their folder, so that a
//! crate may be published under another name without any check losing sight of it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::shell::Cmd;

/// The workspace on disk.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// A member of the workspace.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    #[serde(default)]
    pub(crate) keywords: Vec<String>,
    #[serde(default)]
    pub(crate) categories: Vec<String>,
    pub(crate) rust_version: Option<String>,
    /// `Some([])` for what is never published.
    pub(crate) publish: Option<Vec<String>>,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

/// A line of a dependency table.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Dependency {
    /// `None` for a normal dependency, else `dev` or `build`.
    pub(crate) kind: Option<String>,
    /// The `cfg(…)` or triple it is limited to.
    pub(crate) target: Option<String>,
}

/// A library, binary, example, test or benchmark.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
    pub(crate) src_path: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
    workspace_root: PathBuf,
}

impl Workspace {
    /// Asks cargo about the workspace that this tool belongs to.
    pub(crate) fn load() -> Result<Self> {
        // Set by `cargo run`; the compile-time value serves a binary that is started by hand.
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        Self::of(&here.join("Cargo.toml"))
    }

    /// The workspace of a manifest.
    pub(crate) fn of(manifest: &Path) -> Result<Self> {
        let text = Cmd::cargo("metadata")
            .args(["--format-version", "1", "--no-deps", "--manifest-path"])
            .arg(manifest)
            .read()?;
        let data: Metadata = serde_json::from_str(&text).context("cargo metadata")?;
        Ok(Self {
            root: data.workspace_root,
            target: data.target_directory,
            packages: data.packages,
        })
    }

    /// The crate that lives in a folder of this name.
    pub(crate) fn member(&self, folder: &str) -> Option<&Package> {
        self.packages
            .iter()
            .find(|package| package.folder() == folder)
    }

    /// The oldest Rust that the manifests promise.
    pub(crate) fn oldest_rust(&self) -> Option<&str> {
        let mut promised = self.packages.iter();
        promised.find_map(|package| package.rust_version.as_deref())
    }

    /// A path as a reader of the repository would write it.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

impl Package {
    pub(crate) fn folder(&self) -> &str {
        self.dir()
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or(&self.name)
    }

    pub(crate) fn dir(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    pub(crate) fn is_published(&self) -> bool {
        self.publish
            .as_ref()
            .is_none_or(|registries| !registries.is_empty())
    }

    /// True for a crate all of whose dependencies are for wasm: nothing of it is left elsewhere.
    pub(crate) fn is_for_wasm_alone(&self) -> bool {
        let on_wasm = |dependency: &&Dependency| {
            let cfg = dependency.target.as_deref().unwrap_or_default();
            cfg.contains("wasm") && !cfg.contains("not(")
        };
        let normal = || {
            self.dependencies
                .iter()
                .filter(|dependency| dependency.kind.is_none())
        };
        normal().count() > 0 && normal().all(|dependency| on_wasm(&dependency))
    }

    pub(crate) fn targets(&self, kind: &str) -> impl Iterator<Item = &Target> {
        self.targets
            .iter()
            .filter(move |target| target.kind.iter().any(|k| k == kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_tells_about_this_workspace() {
        let ws = Workspace::load().unwrap();
        let xtask = ws.member("xtask").unwrap();
        assert!(!xtask.is_published());
        assert_eq!(xtask.targets("bin").count(), 1);
        assert_eq!(ws.relative(xtask.dir()), Path::new("xtask"));
        assert!(ws.member("no such crate").is_none());
        assert!(!ws.member("didkey").unwrap().is_for_wasm_alone());
        assert!(ws.member("store-indexeddb").unwrap().is_for_wasm_alone());
    }
}
