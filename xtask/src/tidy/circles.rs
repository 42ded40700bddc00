//! The modules of a crate use each other in one direction: a circle of files can only be read,
//! tested and moved as a whole.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use petgraph::algo::tarjan_scc;
use petgraph::prelude::DiGraphMap;

use super::modules::{Modules, Name, Uses, shown};
use crate::workspace::Workspace;

/// Files below a module that are the other half of one thing, by crate, file and module: what a
/// trait does unless its implementation does otherwise, and a type beside the one that makes it.
const HALVES: [(&str, &str, &str); 2] = [
    ("session-core", "lease::held", "lease"),
    ("session-core", "store::surely", "store"),
];

/// Every circle in the crates of ours.
pub(super) fn check(ws: &Workspace) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for package in &ws.packages {
        let dir = package.dir();
        if !ws.relative(dir).starts_with("crates") {
            continue;
        }
        let modules = Modules::read(&|name| source(&dir.join("src"), name))?;
        let folder = package.folder();
        let (uses, idle) = without_halves(folder, modules.uses());
        problems.extend(idle);
        let found = circles(&uses);
        problems.extend(
            found
                .into_iter()
                .map(|circle| format!("{folder}: {circle}")),
        );
    }
    Ok(problems)
}

/// Leaves out what is listed, and tells what of it is listed needlessly.
fn without_halves(folder: &str, mut uses: Uses) -> (Uses, Vec<String>) {
    let mut idle = Vec::new();
    let halves = HALVES.iter().filter(|(of, ..)| *of == folder);
    for (_, file, module) in halves {
        let name = |text: &str| text.split("::").map(str::to_owned).collect::<Name>();
        let used = uses.get_mut(&name(file));
        if used.and_then(|used| used.remove(&name(module))).is_none() {
            idle.push(format!("{folder}: {file} does not use {module}"));
        }
    }
    (uses, idle)
}

/// The source of a module: `a/b.rs` or `a/b/mod.rs`.
fn source(src: &Path, name: &[String]) -> Result<String> {
    let Some((last, above)) = name.split_last() else {
        return read(&src.join("lib.rs"));
    };
    let folder = above
        .iter()
        .fold(src.to_owned(), |path, name| path.join(name));
    let file = folder.join(format!("{last}.rs"));
    if file.exists() {
        return read(&file);
    }
    read(&folder.join(last).join("mod.rs"))
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The circles among the files, and among the folders: a module together with all that is below
/// it, beside its siblings.
fn circles(uses: &Uses) -> Vec<String> {
    let parents: BTreeSet<&[String]> = uses
        .keys()
        .filter_map(|name| name.split_last().map(|(_, parent)| parent))
        .collect();
    let mut found = circles_of(uses);
    for parent in parents {
        for circle in circles_of(&below(parent, uses)) {
            if !found.contains(&circle) {
                found.push(circle);
            }
        }
    }
    found
}

/// Who uses whom among the children of a module, each with all that is below it.
fn below(parent: &[String], uses: &Uses) -> Uses {
    let child = |name: &Name| {
        let below = name.len() > parent.len() && name.starts_with(parent);
        below.then(|| name[..=parent.len()].to_vec())
    };
    let mut siblings = Uses::new();
    for (from, used) in uses {
        let Some(from) = child(from) else { continue };
        let all = siblings.entry(from.clone()).or_default();
        for (to, path) in used {
            if let Some(to) = child(to).filter(|to| *to != from) {
                all.entry(to).or_insert_with(|| path.clone());
            }
        }
    }
    siblings
}

/// What can be reached from each other, with every step in between.
fn circles_of(uses: &Uses) -> Vec<String> {
    let steps = uses
        .iter()
        .flat_map(|(from, used)| used.iter().map(move |(to, path)| (from, to, path)));
    let graph = DiGraphMap::<&Name, &String>::from_edges(steps);
    let mut groups = tarjan_scc(&graph);
    groups.retain(|group| group.len() > 1);
    let told = groups.iter_mut().map(|group| {
        group.sort();
        let steps = graph
            .all_edges()
            .filter(|(from, to, _)| [from, to].iter().all(|name| group.contains(name)));
        let told =
            steps.map(|(from, to, path)| format!("{} → {} ({path})", shown(from), shown(to)));
        told.collect::<Vec<_>>().join(", ")
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let load = |name: &[String]| {
            let name = shown(name);
            let file = files.iter().find(|(path, _)| *path == name);
            let (_, source) = file.with_context(|| name.clone())?;
            Ok((*source).to_owned())
        };
        circles(&Modules::read(&load).unwrap().uses())
    }

    const ROOT: (&str, &str) = (
        "crate",
        "mod a;\nmod b;\npub use a::A;\npub use b::{B, c};\n",
    );

    #[test]
    fn one_direction_is_fine() {
        let a = (
            "a",
            "use crate::b::B;\npub struct A(B);\nimpl A { fn x() { crate::b::c() } }\n",
        );
        assert!(found(&[ROOT, a, ("b", "pub struct B;\npub fn c() {}\n")]).is_empty());
    }

    #[test]
    fn a_circle_is_printed() {
        let a = ("a", "use crate::b::B;\npub struct A(B);\n");
        for b in [
            "use super::a::A;\npub struct B;\npub fn c(a: A) {}\n",
            "pub struct B;\npub fn c(a: crate::a::A) {}\n",
            "pub struct B;\npub fn c() { println!(\"{}\", crate::a::A::x()) }\n",
            // through what the root hands on
            "use crate::A;\npub struct B;\npub fn c(a: A) {}\n",
            "use crate::a;\npub struct B;\npub fn c(a: a::A) {}\n",
            "use crate::*;\nuse a::A as Other;\npub struct B;\npub fn c(a: Other) {}\n",
            "pub struct B;\npub fn c() { use crate::{a::{self, A}}; }\n",
            "mod inner { use super::super::a::A; }\npub struct B;\npub fn c() {}\n",
        ] {
            let found = found(&[ROOT, a, ("b", b)]);
            assert_eq!(found.len(), 1, "{b}: {found:?}");
            assert!(
                found[0].starts_with("a → b (crate::b::B), b → a ("),
                "{found:?}"
            );
        }
    }

    #[test]
    fn tests_comments_and_other_crates_do_not_count() {
        let a = ("a", "use crate::b::B;\npub struct A(B);\n");
        for b in [
            "pub struct B;\n#[cfg(test)]\nmod tests { use crate::a::A; }\n",
            "pub struct B;\n#[cfg(test)]\nmod tests;\n",
            "pub struct B;\nimpl B { #[cfg(test)] fn x() -> crate::a::A { todo!() } fn y() {} }\n",
            "/// [`A`](crate::a::A)\npub struct B; // crate::a::A\n",
            "use a::A;\npub struct B(A);\n",
            "pub struct B;\nfn x() { let _ = \"crate::a::A\"; }\n",
            // what is handed on is not used
            "pub use crate::a::A;\npub struct B;\n",
            "pub use crate::a::A;\npub enum B { A(u8) }\n",
        ] {
            let found = found(&[ROOT, a, ("b", b)]);
            assert!(found.is_empty(), "{b}: {found:?}");
        }
    }

    /// No two files use each other, and yet neither folder can be read without the other.
    #[test]
    fn folders_count_as_a_whole() {
        let found = found(&[
            ROOT,
            ("a", "mod x;\nmod y;\npub use x::A;\npub(crate) use y::Y;\n"),
            ("a::x", "pub struct A(crate::b::B);\n"),
            ("a::y", "pub struct Y;\n"),
            ("b", "use crate::a::Y;\npub struct B(Y);\npub fn c() {}\n"),
        ]);
        assert_eq!(found, ["a → b (crate::b::B), b → a (crate::a::Y)"]);
    }

    #[test]
    fn a_file_and_the_one_below_it() {
        let below = ("a::x", "use super::A;\npub struct X(A);\n");
        let b = ("b", "pub struct B;\npub fn c() {}\n");
        let hands_on = ("a", "mod x;\npub use x::X;\npub struct A;\n");
        assert!(found(&[ROOT, hands_on, below, b]).is_empty());
        let uses = ("a", "mod x;\nuse x::X;\npub struct A;\nfn x(x: X) {}\n");
        assert_eq!(
            found(&[ROOT, uses, below, b]),
            ["a → a::x (x::X), a::x → a (super::A)"]
        );
    }

    #[test]
    fn the_other_half_of_a_module_is_listed() {
        let name = |text: &str| text.split("::").map(str::to_owned).collect::<Name>();
        let (folder, file, module) = HALVES[0];
        let back = std::collections::BTreeMap::from([(name(module), "super::X".to_owned())]);
        let there = std::collections::BTreeMap::from([(name(file), "x::Y".to_owned())]);
        let uses = Uses::from([(name(file), back), (name(module), there)]);
        assert_eq!(circles(&uses).len(), 1);
        let (uses, idle) = without_halves(folder, uses);
        assert!(circles(&uses).is_empty());
        // the others of this list are not there
        assert_eq!(idle.len(), HALVES.len() - 1);
        assert_eq!(without_halves("x", uses).1, Vec::<String>::new());
    }
}
