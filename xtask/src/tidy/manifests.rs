//! What the manifests of the members must say, and the front pages beside them. cargo-deny sees that
//! no two of them name a version of their own.

use anyhow::{Context, Result};

use crate::workspace::{Package, Workspace};

/// What is wrong with the real ones.
pub(super) fn check(ws: &Workspace) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for package in &ws.packages {
        let read = |path| std::fs::read_to_string(package.dir().join(path));
        let manifest = read("Cargo.toml").context("a manifest")?;
        let page = read("README.md").unwrap_or_default();
        let lacks = lacks(package, &manifest, &page).into_iter();
        problems.extend(lacks.map(|what| format!("{}: {what}", package.folder())));
    }
    Ok(problems)
}

/// What every member says; and what a registry shows of those that are published, with their front
/// page, which stands there alone: lines that rustdoc hides are shown.
fn lacks(package: &Package, manifest: &str, page: &str) -> Vec<&'static str> {
    let command = |verb: &&str| page.contains(&format!("cargo {verb} {}", package.name));
    let oldest = package.rust_version.as_deref().unwrap_or("?");
    let description = package.description.as_deref().unwrap_or_default();
    let (mut is_code, mut prose) = (false, String::new());
    let mut hidden = false;
    for line in page.lines() {
        is_code ^= line.starts_with("```");
        hidden |= is_code && (line == "#" || line.starts_with("# "));
        prose += if is_code { "" } else { line };
    }
    let mut targets = prose.split("](").skip(1);
    let alone = targets.all(|to| to.starts_with('#') || to.starts_with("https://"));
    let everywhere = [(
        manifest.contains("[lints]\nworkspace = true"),
        "no `[lints]` with `workspace = true`",
    )];
    let published = [
        (
            description.split_whitespace().count() >= 3,
            "the description says nothing",
        ),
        (package.license.is_some(), "there is no licence"),
        (!package.keywords.is_empty(), "there are no keywords"),
        (!package.categories.is_empty(), "there are no categories"),
        (
            ["add", "add --dev", "install"].iter().any(command),
            "README.md has no `cargo add` with its name",
        ),
        (
            page.contains(&format!("Rust {oldest} or newer")),
            "README.md does not name the oldest Rust of the manifest",
        ),
        (!hidden, "README.md has lines that only rustdoc hides"),
        (
            alone,
            "README.md has a link that leads out of the page, which a registry shows alone",
        ),
    ];
    let published = published.into_iter().filter(|_| package.is_published());
    let rules = everywhere.into_iter().chain(published);
    rules
        .filter(|(holds, _)| !holds)
        .map(|(_, what)| what)
        .collect()
}

/// Files of tests that no program has, in crates that name their programs themselves: they would
/// never run.
pub(super) fn tests_left_out(ws: &Workspace) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for package in &ws.packages {
        let folder = package.dir().join("tests");
        if !folder.join("main.rs").exists() {
            continue;
        }
        // what any of the programs names
        let programs = package.targets("test").map(|test| &test.src_path);
        let programs = programs.filter(|path| path.parent() == Some(folder.as_path()));
        let roots = programs.map(std::fs::read_to_string);
        let root = roots
            .collect::<Result<String, _>>()
            .context("a program of tests")?;
        for entry in std::fs::read_dir(&folder).context("a folder of tests")? {
            let path = entry?.path();
            let own = package.targets("test").any(|test| test.src_path == path);
            let name = path.file_name().and_then(|name| name.to_str());
            if !own && name.is_some_and(|name| is_left_out(&root, name)) {
                let path = ws.relative(&path).display();
                problems.push(format!("{path}: stands in no program of tests"));
            }
        }
    }
    Ok(problems)
}

fn is_left_out(root: &str, file: &str) -> bool {
    file.strip_suffix(".rs").is_some_and(|name| {
        let modules = [format!("mod {name};"), format!("mod r#{name};")];
        !root
            .lines()
            .any(|line| modules.iter().any(|module| line == module))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_tests_that_never_runs_is_named() {
        let root = "//! x\nmod get;\nmod r#use;\n";
        assert!(
            ["get.rs", "use.rs", "vectors"]
                .iter()
                .all(|file| !is_left_out(root, file))
        );
        assert!(is_left_out(root, "new.rs"));
    }

    #[test]
    fn what_a_registry_shows_must_be_there() {
        const LINTS: &str = "[lints]\nworkspace = true\n";
        let mut package = Package {
            name: "x".to_owned(),
            ..Package::default()
        };
        assert_eq!(lacks(&package, "", "").len(), 7);
        package.publish = Some(Vec::new());
        assert_eq!(lacks(&package, "[package]\n", "").len(), 1);
        assert!(lacks(&package, LINTS, "").is_empty());
        package.publish = None;
        package.description = Some("Keys as decentralized identifiers".to_owned());
        package.license = Some("MIT".to_owned());
        package.rust_version = Some("1.89".to_owned());
        package.keywords = vec!["did".to_owned()];
        package.categories = vec!["authentication".to_owned()];
        for (faults, page) in [
            (
                0,
                "# X\n```sh\ncargo add x\n```\nRust 1.89 or newer [a](#x) [b](https://x.example)\n",
            ),
            (0, "cargo install x\nRust 1.89 or newer\n"),
            (1, "cargo add y\nRust 1.89 or newer\n"),
            (1, "cargo add x\nRust 1.70 or newer\n"),
            (1, "cargo add x\nRust 1.89 or newer\n```\n# x\n```\n"),
            (1, "cargo add x\nRust 1.89 or newer [a](../b.md)\n"),
        ] {
            assert_eq!(lacks(&package, LINTS, page).len(), faults, "{page}");
        }
        package.description = Some("Todo".to_owned());
        assert_eq!(
            lacks(&package, LINTS, "cargo add x\nRust 1.89 or newer\n").len(),
            1
        );
    }
}
