//! `portable`: the crates that promise it compile for a target without std and for wasm32, each
//! chain compiles alone, and everything does with the oldest Rust that is promised.

use anyhow::{Context, Result};

use crate::chains::CHAINS;
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools::{self, WASM};
use crate::workspace::Workspace;

/// A microcontroller: no operating system, hence no std to fall back on by accident.
const NO_STD: &str = "thumbv7em-none-eabi";

/// A target, a crate by its folder, and the features that the promise is about: the default ones
/// where it names none.
const BUILDS: &[(&str, &str, Option<&str>)] = &[
    (NO_STD, "didkey", Some("")),
    (NO_STD, "didkey", Some("document,p384,p521")),
    (NO_STD, "cacao", Some("")),
    (
        NO_STD,
        "cacao",
        Some("ethereum,solana,stacks,tezos,webauthn"),
    ),
    (NO_STD, "dag-jws", Some("")),
    (WASM, "didkey", None),
    (WASM, "cacao", None),
    (WASM, "dag-jws", None),
    (WASM, "session-core", None),
    (WASM, "session-wallets", None),
    (WASM, "ethereum-rpc", None),
    (WASM, "store-memory", None),
    (WASM, "store-indexeddb", None),
    (WASM, "did-session", Some("ethereum,memory")),
];

/// How much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    /// Each chain for one of the two targets; the oldest Rust is that of `minimal`.
    Sample,
}

pub(crate) fn run(ws: &Workspace, report: &mut Report, extent: Extent) {
    for (target, folder, features) in BUILDS {
        let shown = match features {
            None => "default features",
            Some("") => "no features",
            Some(features) => features,
        };
        report.step(&format!("portable: {folder} for {target}, {shown}"), || {
            check(ws, folder, Some(target), *features)
        });
    }
    for (number, chain) in CHAINS.iter().enumerate() {
        let targets = [None, Some(WASM)];
        let taken = match extent {
            Extent::Whole => &targets[..],
            Extent::Sample => &targets[number % 2..][..1],
        };
        for target in taken {
            let place = target.unwrap_or("this machine");
            report.step(
                &format!("portable: {} alone for {place}", chain.feature),
                || {
                    for folder in chain.folders() {
                        check(ws, folder, *target, Some(chain.feature))?;
                    }
                    Ok(Outcome::passed())
                },
            );
        }
    }
    if extent == Extent::Whole {
        oldest_rust(ws, report);
    }
}

/// A crate compiles with these features and no others, here or for a target.
fn check(
    ws: &Workspace,
    folder: &str,
    target: Option<&str>,
    features: Option<&str>,
) -> Result<Outcome> {
    target.map_or(Ok(()), tools::target)?;
    let package = ws.member(folder).context(folder.to_owned())?;
    let features = features.map(|list| {
        [
            "--no-default-features".to_owned(),
            format!("--features={list}"),
        ]
    });
    Cmd::cargo("check")
        .args(["--lib", "--package", &package.name])
        .args(features.into_iter().flatten())
        .args(target.map(|triple| format!("--target={triple}")))
        .dir(&ws.root)
        .run()?;
    Ok(Outcome::passed())
}

/// Everything compiles with the oldest Rust that the manifests promise.
fn oldest_rust(ws: &Workspace, report: &mut Report) {
    let Some(version) = ws.oldest_rust() else {
        return;
    };
    report.step(&format!("portable: everything with Rust {version}"), || {
        tools::toolchain(version)?;
        Cmd::new("cargo")
            .any_toolchain()
            .args(["check", "--workspace", "--all-features", "--locked"])
            .env("RUSTUP_TOOLCHAIN", version)
            .quiet_env("CARGO_TARGET_DIR", ws.target.join("oldest"))
            .dir(&ws.root)
            .run()?;
        Ok(Outcome::passed())
    });
}
