//! Who may import whom: the table of ARCHITECTURE.md, held against `cargo metadata`.

use crate::workspace::{Dependency, Package};

/// A crate, and the crates of ours that it may take as normal or build dependencies.
type Row = (&'static str, &'static [&'static str]);

const CORE: &[&str] = &["didkey", "cacao", "dag-jws", "session-core"];
const WALLETS: &[&str] = &[
    "didkey",
    "cacao",
    "dag-jws",
    "session-core",
    "session-wallets",
];

/// Each crate by its folder. A crate that is not here may not exist.
const TABLE: &[Row] = &[
    ("didkey", &[]),
    ("cacao", &["didkey"]),
    ("dag-jws", &["didkey", "cacao"]),
    ("session-core", &["didkey", "cacao", "dag-jws"]),
    ("session-wallets", CORE),
    ("ethereum-rpc", CORE),
    ("store-memory", CORE),
    ("store-fs", CORE),
    ("store-sealed", CORE),
    ("store-indexeddb", CORE),
    ("store-redis", CORE),
    ("store-postgres", CORE),
    (
        "session-key-pkcs11",
        &["didkey", "cacao", "dag-jws", "session-core", "store-sealed"],
    ),
    ("store-testkit", WALLETS),
    // its feature `stores` alone; the tests of the crates below it do without
    (
        "test-support",
        &[
            "didkey",
            "cacao",
            "dag-jws",
            "session-core",
            "session-wallets",
            "store-testkit",
        ],
    ),
    (
        "session-http",
        &["didkey", "cacao", "dag-jws", "session-core", "store-memory"],
    ),
    ("session-axum", &["session-http"]),
    (
        "did-session",
        &[
            "didkey",
            "cacao",
            "dag-jws",
            "session-core",
            "session-wallets",
            "ethereum-rpc",
            "store-memory",
            "store-fs",
            "store-sealed",
            "store-indexeddb",
            "store-postgres",
            "store-redis",
            "session-key-pkcs11",
        ],
    ),
    ("did-session-cli", &["did-session"]),
    (
        "did-session-web",
        &["didkey", "cacao", "dag-jws", "session-core", "ethereum-rpc"],
    ),
    (
        "notes",
        &[
            "didkey",
            "cacao",
            "session-core",
            "session-http",
            "session-axum",
            "store-postgres",
            "store-redis",
        ],
    ),
    // the examples of docs/guide
    ("examples", &["did-session", "session-http", "session-axum"]),
    ("xtask", &[]),
    (
        "benches",
        &[
            "didkey",
            "cacao",
            "dag-jws",
            "session-core",
            "session-wallets",
            "store-memory",
            "store-fs",
            "store-testkit",
            "did-session",
        ],
    ),
];

/// Edges that exist on wasm only.
const WASM_ONLY: &[(&str, &str)] = &[("did-session", "store-indexeddb")];

fn allowed(folder: &str) -> Option<&'static [&'static str]> {
    TABLE
        .iter()
        .find(|(name, _)| *name == folder)
        .map(|(_, imports)| *imports)
}

/// Imports that the table does not have.
pub(super) fn forbidden(packages: &[Package]) -> Vec<String> {
    let mut problems = Vec::new();
    for package in packages {
        let may = allowed(package.folder()).unwrap_or_default();
        for (dependency, to) in ours(package).filter(|(dependency, _)| !dependency.is_dev()) {
            let from = package.folder();
            if !may.contains(&to) {
                problems.push(format!("{from} must not import {to}"));
            }
            let on_wasm = dependency
                .target
                .as_deref()
                .is_some_and(|cfg| cfg.contains("wasm"));
            if WASM_ONLY.contains(&(from, to)) && !on_wasm {
                problems.push(format!("{from} may import {to} on wasm only"));
            }
        }
    }
    problems
}

/// Crates that the table does not have.
pub(super) fn unknown(packages: &[Package]) -> Vec<String> {
    packages
        .iter()
        .filter(|package| allowed(package.folder()).is_none())
        .map(|package| {
            format!(
                "{} has no row in the table of xtask/src/tidy",
                package.folder()
            )
        })
        .collect()
}

/// Dev-dependencies on a crate of ours that name a version: such a crate could not be published
/// before the one it is tested with, which may itself depend on it.
pub(super) fn versioned_dev(packages: &[Package]) -> Vec<String> {
    let mut problems = Vec::new();
    for package in packages {
        for (dependency, to) in ours(package) {
            if dependency.is_dev() && dependency.req != "*" {
                let from = package.folder();
                problems.push(format!(
                    "{from}: the dev-dependency on {to} names a version"
                ));
            }
        }
    }
    problems
}

fn ours(package: &Package) -> impl Iterator<Item = (&Dependency, &str)> {
    package
        .dependencies
        .iter()
        .filter_map(|dependency| Some((dependency, dependency.folder()?)))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn package(folder: &str, dependencies: &[Dependency]) -> Package {
        Package {
            dependencies: dependencies.to_vec(),
            ..Package::named(folder)
        }
    }

    fn on(folder: &str, kind: Option<&str>, req: &str) -> Dependency {
        Dependency {
            kind: kind.map(str::to_owned),
            req: req.to_owned(),
            path: Some(PathBuf::from(format!("/w/crates/{folder}"))),
            target: None,
        }
    }

    #[test]
    fn an_edge_against_the_table_is_named() {
        let up = package("didkey", &[on("cacao", None, "^0.1.0")]);
        assert_eq!(forbidden(&[up]), ["didkey must not import cacao"]);
        let built = package("store-fs", &[on("store-memory", Some("build"), "^0.1.0")]);
        assert_eq!(
            forbidden(&[built]),
            ["store-fs must not import store-memory"]
        );
        let any = package("xtask", &[on("didkey", None, "*")]);
        assert_eq!(forbidden(&[any]), ["xtask must not import didkey"]);
    }

    #[test]
    fn edges_of_the_table_and_of_tests_are_fine() {
        let fine = package(
            "store-fs",
            &[
                on("session-core", None, "^0.1.0"),
                on("store-testkit", Some("dev"), "*"),
            ],
        );
        assert!(forbidden(std::slice::from_ref(&fine)).is_empty());
        assert!(versioned_dev(&[fine]).is_empty());
    }

    #[test]
    fn the_browser_store_is_imported_on_wasm_only() {
        let mut edge = on("store-indexeddb", None, "^0.1.0");
        let everywhere = package("did-session", std::slice::from_ref(&edge));
        assert_eq!(
            forbidden(&[everywhere]),
            ["did-session may import store-indexeddb on wasm only"]
        );
        edge.target = Some("cfg(target_family = \"wasm\")".to_owned());
        assert!(forbidden(&[package("did-session", &[edge])]).is_empty());
    }

    #[test]
    fn a_versioned_dev_dependency_is_named() {
        let bad = package(
            "session-core",
            &[on("store-testkit", Some("dev"), "^0.1.0")],
        );
        assert_eq!(
            versioned_dev(&[bad]),
            ["session-core: the dev-dependency on store-testkit names a version"]
        );
    }

    #[test]
    fn a_crate_outside_the_table_is_named() {
        assert_eq!(unknown(&[package("helpers", &[])]).len(), 1);
        assert!(unknown(&[package("didkey", &[])]).is_empty());
    }

    #[test]
    fn the_table_has_no_cycle() {
        for (position, (name, imports)) in TABLE.iter().enumerate() {
            for import in *imports {
                let at = TABLE.iter().position(|(other, _)| other == import);
                assert!(
                    at.is_some_and(|at| at < position),
                    "{name} imports {import} from below"
                );
            }
        }
    }
}
