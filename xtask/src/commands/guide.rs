//! `guide`: the book of `docs/guide`. Its examples are tests of `guide-examples` and of the command
//! line; its links are a rule of `tidy`.

use anyhow::Result;

use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    report.step("guide: the book", || build(ws));
}

fn build(ws: &Workspace) -> Result<Outcome> {
    let mdbook = match tools::mdbook(ws) {
        Ok(path) => path,
        Err(missing) => return Ok(missing.into()),
    };
    let book = ws.target.join("guide");
    let built = Cmd::new(mdbook)
        .args(["build", "docs/guide", "--dest-dir"])
        .arg(&book)
        .dir(&ws.root)
        .tee()?;
    // mdBook logs what is wrong with a page, and does not fail for it
    let said = built.output();
    let faults: Vec<&str> = said
        .lines()
        .filter(|line| ["ERROR", "WARN"].iter().any(|level| line.contains(level)))
        .collect();
    if !built.success() || !faults.is_empty() {
        return Ok(Outcome::Failed(faults.join("\n")));
    }
    Ok(Outcome::Passed(format!(
        "open {}",
        ws.relative(&book.join("index.html")).display()
    )))
}
