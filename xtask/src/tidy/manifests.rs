//! What the manifests of the members must say.

use anyhow::{Context, Result};
use toml::{Table, Value};

use crate::workspace::{Package, Workspace};

/// The tables of dependencies.
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// A member's manifest.
#[derive(Debug)]
pub(super) struct Manifest {
    folder: String,
    table: Table,
}

/// All manifests of the members.
pub(super) fn read(ws: &Workspace) -> Result<Vec<Manifest>> {
    ws.packages
        .iter()
        .map(|package| {
            let path = &package.manifest_path;
            let shown = || format!("cannot read {}", ws.relative(path).display());
            let text = std::fs::read_to_string(path).with_context(shown)?;
            Ok(Manifest {
                folder: package.folder().to_owned(),
                table: text.parse().with_context(shown)?,
            })
        })
        .collect()
}

/// Dependencies that name a version themselves instead of taking it from the workspace's table.
pub(super) fn own_versions(manifests: &[Manifest]) -> Vec<String> {
    let mut problems = Vec::new();
    for Manifest { folder, table } in manifests {
        // those of one target stand in a table of its own
        let targets = table.get("target").and_then(Value::as_table);
        let tables = targets.into_iter().flat_map(Table::values);
        let tables = tables.filter_map(Value::as_table).chain([table]);
        let dependencies = tables
            .flat_map(|table| DEPENDENCIES.map(|kind| table.get(kind)))
            .flatten()
            .filter_map(Value::as_table)
            .flatten();
        let own = dependencies.filter(|(_, value)| match value {
            Value::Table(table) => table.contains_key("version"),
            _ => true,
        });
        problems.extend(own.map(|(name, _)| format!("{folder}: {name} names its own version")));
    }
    problems
}

/// Members that do not take the lints of the workspace.
pub(super) fn without_lints(manifests: &[Manifest]) -> Vec<String> {
    let inherits = |manifest: &&Manifest| {
        let lints = manifest.table.get("lints");
        let workspace = lints.and_then(|lints| lints.get("workspace"));
        workspace.and_then(Value::as_bool) == Some(true)
    };
    manifests
        .iter()
        .filter(|manifest| !inherits(manifest))
        .map(|manifest| format!("{}: no `[lints]` with `workspace = true`", manifest.folder))
        .collect()
}

/// Published crates that a registry could not describe: what stands beside their name there, and
/// their front page.
pub(super) fn undescribed(packages: &[Package]) -> Vec<String> {
    let published = packages.iter().filter(|package| package.is_published());
    let problems = published.flat_map(|package| {
        let front_page = package
            .readme
            .as_ref()
            .and_then(|name| std::fs::read_to_string(package.dir().join(name)).ok());
        let found = missing(package).into_iter();
        let found = found.chain(front_page_lacks(package, front_page.as_deref()));
        found.map(|what| format!("{}: {what}", package.folder()))
    });
    problems.collect()
}

fn missing(package: &Package) -> Vec<&'static str> {
    let words = package.description.as_deref().unwrap_or_default();
    let checks = [
        (
            words.split_whitespace().count() >= 3,
            "the description says nothing",
        ),
        (package.license.is_some(), "there is no licence"),
        (package.rust_version.is_some(), "there is no oldest Rust"),
        (!package.keywords.is_empty(), "there are no keywords"),
        (!package.categories.is_empty(), "there are no categories"),
    ];
    let missing = checks.iter().filter(|(is_there, _)| !is_there);
    missing.map(|(_, what)| *what).collect()
}

/// What every front page says: how the crate is added, and which Rust it needs. Lines that rustdoc hides
/// are shown by a registry.
fn front_page_lacks(package: &Package, text: Option<&str>) -> Vec<&'static str> {
    let Some(text) = text else {
        return vec!["there is no README.md"];
    };
    let command = |verb: &str| text.contains(&format!("cargo {verb} {}", package.name));
    let oldest = package.rust_version.as_deref().unwrap_or_default();
    let mut is_code = false;
    let hidden = text.lines().any(|line| {
        is_code ^= line.starts_with("```");
        is_code && (line == "#" || line.starts_with("# "))
    });
    let checks = [
        (
            ["add", "add --dev", "install"].into_iter().any(command),
            "README.md has no `cargo add` with its name",
        ),
        (
            text.contains(&format!("Rust {oldest} or newer")),
            "README.md does not name the oldest Rust of the manifest",
        ),
        (!hidden, "README.md has lines that only rustdoc hides"),
    ];
    let missing = checks.iter().filter(|(is_there, _)| !is_there);
    missing.map(|(_, what)| *what).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> [Manifest; 1] {
        [Manifest {
            folder: "x".to_owned(),
            table: text.parse().unwrap(),
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
        let mut package = Package::named("x");
        assert_eq!(missing(&package).len(), 5);
        package.description = Some("Todo".to_owned());
        assert_eq!(missing(&package).len(), 5);
        package.description = Some("Keys as decentralized identifiers".to_owned());
        assert_eq!(missing(&package).len(), 4);
        package.license = Some("MIT".to_owned());
        package.rust_version = Some("1.89".to_owned());
        package.keywords = vec!["did".to_owned()];
        package.categories = vec!["authentication".to_owned()];
        assert!(missing(&package).is_empty());
        assert_eq!(
            undescribed(std::slice::from_ref(&package)),
            ["x: there is no README.md"]
        );
        package.publish = Some(Vec::new());
        assert!(undescribed(&[package]).is_empty());
    }

    #[test]
    fn a_front_page_says_how_the_crate_is_added_and_hides_nothing() {
        let mut package = Package::named("x");
        package.rust_version = Some("1.89".to_owned());
        let lacks = |text: &str| front_page_lacks(&package, Some(text)).len();
        assert_eq!(
            lacks("```sh\ncargo add x\n```\nNeeds Rust 1.89 or newer.\n"),
            0
        );
        assert_eq!(
            lacks("```sh\ncargo install x\n```\nNeeds Rust 1.89 or newer.\n"),
            0
        );
        assert_eq!(lacks("cargo add y\nNeeds Rust 1.89 or newer.\n"), 1);
        assert_eq!(lacks("cargo add x\nNeeds Rust 1.70 or newer.\n"), 1);
        assert_eq!(
            lacks("# X\ncargo add x\nRust 1.89 or newer\n```\n# x\n```\n"),
            1
        );
    }
}
