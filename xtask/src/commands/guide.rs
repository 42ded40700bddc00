//! `guide`: the book of `docs/guide`. Its examples are tests of `guide-examples` and of the command
//! line; its links are a rule of `tidy`.

use std::path::Path;

use anyhow::Result;

use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// The folder of the pages.
const PAGES: &str = "docs/guide/src";

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    report.step("guide: the book", || build(ws));
    report.step(
        "guide: every page is listed, and what it includes is there",
        || Ok(Outcome::from_problems(&unsaid(&ws.root.join(PAGES))?)),
    );
}

fn build(ws: &Workspace) -> Result<Outcome> {
    let mdbook = tools::mdbook(ws)?;
    let book = ws.target.join("guide");
    let built = Cmd::new(mdbook)
        .args(["build", "docs/guide", "--dest-dir"])
        .arg(&book)
        .dir(&ws.root)
        .tee()?;
    // a file that cannot be included is logged, and is no failure for mdBook
    let said = built.output();
    let is_fault = |line: &&str| ["ERROR", "WARN"].iter().any(|level| line.contains(level));
    let faults: Vec<&str> = said.lines().filter(is_fault).collect();
    if !built.success() || !faults.is_empty() {
        return Ok(Outcome::Failed(faults.join("\n")));
    }
    let index = book.join("index.html");
    Ok(Outcome::Passed(format!(
        "open {}",
        ws.relative(&index).display()
    )))
}

/// What mdBook says nothing about: pages that its list does not name, and anchors that are in no file
/// (it includes nothing then).
fn unsaid(pages: &Path) -> Result<Vec<String>> {
    let (mut problems, list) = (
        Vec::new(),
        std::fs::read_to_string(pages.join("SUMMARY.md"))?,
    );
    for entry in std::fs::read_dir(pages)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".md") {
            continue;
        }
        if name != "SUMMARY.md" && !list.contains(&format!("({name})")) {
            problems.push(format!("SUMMARY.md does not list {name}"));
        }
        let page = std::fs::read_to_string(pages.join(&name))?;
        for included in page.split("{{#include ").skip(1) {
            let target = included.split("}}").next().unwrap_or_default();
            let Some((file, anchor)) = target.split_once(':') else {
                continue;
            };
            let text = std::fs::read_to_string(pages.join(file)).unwrap_or_default();
            let has = |mark: &str| {
                text.lines()
                    .any(|line| line.ends_with(&format!("{mark}: {anchor}")))
            };
            if !has("ANCHOR") || !has("ANCHOR_END") {
                problems.push(format!("{name}: {target:?} is not there"));
            }
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_included_is_there_and_every_page_is_listed() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let found = || unsaid(folder.path()).unwrap().len();
        write("x.rs", "// ANCHOR: a\n// ANCHOR_END: a\n");
        write("p.md", "{{#include x.rs:a}}\n{{#include x.rs}}\n");
        write("SUMMARY.md", "[p](p.md)\n");
        assert_eq!(found(), 0);
        write("p.md", "{{#include x.rs:b}}\n{{#include y.rs:a}}\n");
        assert_eq!(found(), 2);
        write("SUMMARY.md", "# S\n");
        assert_eq!(found(), 3);
    }
}
