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
    report.step("guide: every page is listed", || {
        Ok(Outcome::from_problems(&unlisted(&ws.root.join(PAGES))?))
    });
}

fn build(ws: &Workspace) -> Result<Outcome> {
    let mdbook = tools::mdbook(ws)?;
    let book = ws.target.join("guide");
    let built = Cmd::new(mdbook)
        .args(["build", "docs/guide", "--dest-dir"])
        .arg(&book)
        .dir(&ws.root)
        .tee()?;
    // mdBook logs what is wrong with a page, and does not fail for it
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

/// Pages that the list of pages does not name: mdBook leaves them out, and says nothing.
fn unlisted(pages: &Path) -> Result<Vec<String>> {
    let list = std::fs::read_to_string(pages.join("SUMMARY.md"))?;
    let mut problems = Vec::new();
    for entry in std::fs::read_dir(pages)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_page = name.ends_with(".md") && name != "SUMMARY.md";
        if is_page && !list.contains(&format!("({name})")) {
            problems.push(format!("SUMMARY.md does not list {name}"));
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_listed_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text| std::fs::write(folder.path().join(name), text).unwrap();
        write("p.md", "# P\n");
        write("SUMMARY.md", "[p](p.md)\n");
        assert!(unlisted(folder.path()).unwrap().is_empty());
        write("q.md", "# Q\n");
        assert_eq!(unlisted(folder.path()).unwrap().len(), 1);
    }
}
