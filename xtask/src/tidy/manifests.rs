//! What the manifests of the members must say.

use anyhow::{Context, Result};

use crate::workspace::{Package, Workspace};

/// A member's manifest as text.
#[derive(Debug)]
pub(super) struct Manifest {
    folder: String,
    text: String,
}

/// All manifests of the members.
pub(super) fn read(ws: &Workspace) -> Result<Vec<Manifest>> {
    ws.packages
        .iter()
        .map(|package| {
            let path = &package.manifest_path;
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", ws.relative(path).display()))?;
            Ok(Manifest {
                folder: package.folder().to_owned(),
                text,
            })
        })
        .collect()
}

/// Dependencies that name a version themselves instead of taking it from the workspace's table.
pub(super) fn own_versions(manifests: &[Manifest]) -> Vec<String> {
    let mut problems = Vec::new();
    for manifest in manifests {
        let mut section = Section::default();
        for line in manifest.text.lines().map(str::trim) {
            section.enter(line);
            let own = match section.entry(line) {
                Entry::Other => false,
                Entry::Dependency(value) => value.starts_with('"') || value.contains("version ="),
                Entry::Member(name) => name == "version",
            };
            if own {
                problems.push(format!(
                    "{}: `{line}` names its own version",
                    manifest.folder
                ));
            }
        }
    }
    problems
}

/// Members that do not take the lints of the workspace.
pub(super) fn without_lints(manifests: &[Manifest]) -> Vec<String> {
    manifests
        .iter()
        .filter(|manifest| {
            let mut lines = manifest
                .text
                .lines()
                .map(str::trim)
                .skip_while(|line| *line != "[lints]");
            lines.nth(1) != Some("workspace = true")
        })
        .map(|manifest| format!("{}: no `[lints]` with `workspace = true`", manifest.folder))
        .collect()
}

/// Published crates without a description of their own.
pub(super) fn undescribed(packages: &[Package]) -> Vec<String> {
    packages
        .iter()
        .filter(|package| package.is_published())
        .filter(|package| {
            package
                .description
                .as_deref()
                .is_none_or(|text| text.split_whitespace().count() < 3)
        })
        .map(|package| format!("{}: the description says nothing", package.folder()))
        .collect()
}

/// Where in a manifest a line stands.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Section {
    #[default]
    Other,
    /// `[dependencies]`: one line each.
    Table,
    /// `[dependencies.name]`: one section each.
    Single,
}

/// What a line says about a dependency.
enum Entry<'a> {
    Other,
    Dependency(&'a str),
    Member(&'a str),
}

impl Section {
    fn enter(&mut self, line: &str) {
        let Some(name) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        else {
            return;
        };
        let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
        // A `.` in front, so that tables of one target look like all others.
        let name = format!(".{name}");
        *self = if kinds.iter().any(|kind| name.ends_with(&format!(".{kind}"))) {
            Self::Table
        } else if kinds.iter().any(|kind| name.contains(&format!(".{kind}."))) {
            Self::Single
        } else {
            Self::Other
        };
    }

    fn entry(self, line: &str) -> Entry<'_> {
        let Some((name, value)) = line.split_once('=') else {
            return Entry::Other;
        };
        if line.starts_with(['[', '#']) {
            return Entry::Other;
        }
        match self {
            Self::Other => Entry::Other,
            Self::Table => Entry::Dependency(value.trim()),
            Self::Single => Entry::Member(name.trim()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> [Manifest; 1] {
        [Manifest {
            folder: "x".to_owned(),
            text: text.to_owned(),
        }]
    }

    #[test]
    fn a_version_outside_the_table_is_named() {
        for text in [
            "[dependencies]\nsha2 = \"0.11\"",
            "[dev-dependencies]\nsha2 = { version = \"0.11\" }",
            "[target.'cfg(unix)'.dependencies]\nrustix = \"1\"",
            "[build-dependencies.cc]\nversion = \"1\"",
        ] {
            assert_eq!(own_versions(&manifest(text)).len(), 1, "{text}");
        }
        for text in [
            "[package]\nversion = \"1\"\n[dependencies]\nsha2 = { workspace = true }",
            "[dependencies]\nsha2.workspace = true\n[features]\nx = [\"sha2/std\"]",
            "[target.'cfg(target_os = \"unknown\")'.dependencies]\n# x = \"1\"\nx.workspace = true",
            "[dev-dependencies]\nstore-testkit = { path = \"../store-testkit\" }",
        ] {
            assert!(own_versions(&manifest(text)).is_empty(), "{text}");
        }
    }

    #[test]
    fn lints_must_be_inherited() {
        assert!(without_lints(&manifest("[package]\n\n[lints]\nworkspace = true\n")).is_empty());
        assert_eq!(without_lints(&manifest("[package]\n")).len(), 1);
        assert_eq!(
            without_lints(&manifest("[lints]\nrust.unsafe_code = \"allow\"\n")).len(),
            1
        );
    }

    #[test]
    fn a_description_must_say_something() {
        let mut package = Package {
            name: "x".to_owned(),
            manifest_path: "/w/x/Cargo.toml".into(),
            description: None,
            rust_version: None,
            publish: None,
            dependencies: Vec::new(),
            targets: Vec::new(),
        };
        assert_eq!(undescribed(std::slice::from_ref(&package)).len(), 1);
        package.description = Some("Todo".to_owned());
        assert_eq!(undescribed(std::slice::from_ref(&package)).len(), 1);
        package.description = Some("Keys as decentralized identifiers".to_owned());
        assert!(undescribed(std::slice::from_ref(&package)).is_empty());
        package.description = None;
        package.publish = Some(Vec::new());
        assert!(undescribed(&[package]).is_empty());
    }
}
