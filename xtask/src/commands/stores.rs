//! Every store under the contract of `store-testkit`; those of a browser are tried with the pages.

use std::path::Path;

use anyhow::Result;

use super::test::{SHOWN, judged};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::{Package, Workspace};

/// How the test is named by which a store takes the contract.
const CONTRACT: &str = "contract";

/// The store that a reader would write.
const EXAMPLE: (&str, &str) = ("did-session", "custom_store");

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    let valkey = report.made("stores: valkey-server", || Ok(tools::valkey(ws)?));
    for package in ws.packages.iter().filter(|package| takes_contract(package)) {
        report.step(&format!("stores: {}", package.folder()), || {
            test(&package.name, &["--test", CONTRACT], valkey.as_deref())
        });
    }
    let (package, example) = EXAMPLE;
    report.step(&format!("stores: example {example}"), || {
        test(package, &["--example", example], None)
    });
}

fn takes_contract(package: &Package) -> bool {
    !package.is_for_wasm_alone() && package.targets("test").any(|test| test.name == CONTRACT)
}

fn test(package: &str, which: &[&str], valkey: Option<&Path>) -> Result<Outcome> {
    let mut cmd = Cmd::cargo("test")
        .args(["--quiet", "--all-features", "--package", package])
        .args(which)
        .args(SHOWN);
    if let Some(valkey) = valkey {
        cmd = cmd.env(tools::VALKEY, valkey);
    }
    let ended = cmd.tee()?;
    Ok(judged(ended.success(), &ended.output()))
}
