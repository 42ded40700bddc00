//! `package`: a versioned release packs, and builds from what was packed.

use super::portable::UNOPTIMISED;
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::workspace::Workspace;

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    report.step("package: published crates pack and build", || {
        let (published, kept): (Vec<_>, Vec<_>) = ws
            .packages
            .iter()
            .partition(|package| package.is_published());
        let excluded = kept
            .iter()
            .flat_map(|package| ["--exclude", package.name.as_str()]);
        // cargo unpacks a packed crate once for each path and version, and would build what an
        // earlier run packed in the same place
        let folder = ws.target.join(format!("package-{}", std::process::id()));
        let ended = Cmd::cargo("package")
            .args(["--workspace", "--allow-dirty", "--locked", "--target-dir"])
            .arg(&folder)
            .args(["--config", UNOPTIMISED])
            .args(excluded)
            .dir(&ws.root)
            .tee();
        // large, and of no use to a later run
        let _ = std::fs::remove_dir_all(&folder);
        let ended = ended?;
        if !ended.success() {
            return Ok(Outcome::Failed("cargo package failed".to_owned()));
        }
        let packed = ended
            .stderr
            .lines()
            .filter(|line| line.trim().starts_with("Packaged "))
            .count();
        if packed != published.len() {
            let wanted = published.len();
            return Ok(Outcome::Failed(format!(
                "{packed} crates packed, {wanted} published"
            )));
        }
        Ok(Outcome::Passed(format!("{packed} crates")))
    });
}
