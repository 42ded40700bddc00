//! Every store under the contract of `store-testkit`; those of a browser are tried with the pages.

use anyhow::Result;

use super::test::{Count, failed_names};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::workspace::{Package, Workspace};

/// How the test is named by which a store takes the contract.
const CONTRACT: &str = "contract";

/// The store that a reader would write.
const EXAMPLE: (&str, &str) = ("did-session", "custom_store");

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    for package in ws.packages.iter().filter(|package| takes_contract(package)) {
        report.step(&format!("stores: {}", package.folder()), || {
            test(&package.name, &["--test", CONTRACT])
        });
    }
    let (package, example) = EXAMPLE;
    report.step(&format!("stores: example {example}"), || {
        test(package, &["--example", example])
    });
}

fn takes_contract(package: &Package) -> bool {
    !package.is_for_wasm_alone() && package.targets("test").any(|test| test.name == CONTRACT)
}

fn test(package: &str, which: &[&str]) -> Result<Outcome> {
    let ended = Cmd::cargo("test")
        .args(["--quiet", "--all-features", "--package", package])
        .args(which)
        .tee()?;
    let count = Count::of(&ended.stdout);
    Ok(judge(ended.success(), count, &failed_names(&ended.stdout)))
}

fn judge(success: bool, count: Count, failed: &[String]) -> Outcome {
    if !success || !failed.is_empty() {
        return Outcome::Failed(format!("{count}\n{}", failed.join("\n")));
    }
    if count.passed == 0 {
        return Outcome::Failed("no test ran".to_owned());
    }
    Outcome::Passed(count.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_without_tests_fails() {
        let some = || Count::of("test result: ok. 3 passed; 0 failed;");
        assert!(matches!(judge(true, some(), &[]), Outcome::Passed(_)));
        assert!(matches!(judge(false, some(), &[]), Outcome::Failed(_)));
        assert!(matches!(
            judge(true, Count::of(""), &[]),
            Outcome::Failed(_)
        ));
        let failed = judge(true, some(), &["x".to_owned()]);
        assert!(matches!(failed, Outcome::Failed(why) if why.ends_with("\nx")));
    }
}
