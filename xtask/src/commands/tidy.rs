//! `tidy`: the rules of [`crate::tidy`] on the real tree, each one a row.

use crate::report::{Outcome, Report, Stopwatch};
use crate::tidy::findings;
use crate::workspace::Workspace;

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    let watch = Stopwatch::start();
    match findings(ws) {
        Ok(found) => {
            let each = watch.elapsed() / u32::try_from(found.len()).unwrap_or(u32::MAX).max(1);
            for finding in found {
                let name = format!("tidy: {}", finding.rule);
                report.note(&name, Outcome::from_problems(&finding.problems), each);
            }
        }
        Err(error) => {
            report.note(
                "tidy",
                Outcome::Failed(format!("{error:#}")),
                watch.elapsed(),
            );
        }
    }
}
