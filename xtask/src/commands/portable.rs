//! `portable`: the crates that promise it compile for a target without std and for wasm32, each
//! chain compiles alone, and everything does with the oldest Rust that is promised.

use crate::chains::{CHAINS, Chain};
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools::{self, WASM};
use crate::workspace::Workspace;

/// A microcontroller: no operating system, hence no std to fall back on by accident.
const NO_STD: &str = "thumbv7em-none-eabi";

/// A crate by its folder, and the features that the promise is about.
struct Build {
    target: &'static str,
    folder: &'static str,
    features: Features,
}

enum Features {
    Default,
    Only(&'static [&'static str]),
}

const fn bare(target: &'static str, folder: &'static str) -> Build {
    with(target, folder, &[])
}

const fn with(
    target: &'static str,
    folder: &'static str,
    features: &'static [&'static str],
) -> Build {
    Build {
        target,
        folder,
        features: Features::Only(features),
    }
}

const fn usual(target: &'static str, folder: &'static str) -> Build {
    Build {
        target,
        folder,
        features: Features::Default,
    }
}

const BUILDS: &[Build] = &[
    bare(NO_STD, "didkey"),
    with(NO_STD, "didkey", &["document", "p384", "p521"]),
    bare(NO_STD, "cacao"),
    with(
        NO_STD,
        "cacao",
        &["ethereum", "solana", "stacks", "tezos", "webauthn"],
    ),
    bare(NO_STD, "dag-jws"),
    usual(WASM, "didkey"),
    usual(WASM, "cacao"),
    usual(WASM, "dag-jws"),
    usual(WASM, "session-core"),
    usual(WASM, "session-wallets"),
    usual(WASM, "ethereum-rpc"),
    usual(WASM, "store-memory"),
    usual(WASM, "store-indexeddb"),
    with(WASM, "did-session", &["ethereum", "memory"]),
];

/// How much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    /// Each chain for one of the two targets; the oldest Rust is that of `minimal`.
    Sample,
}

pub(crate) fn run(ws: &Workspace, report: &mut Report, extent: Extent) {
    for build in BUILDS {
        let features = match build.features {
            Features::Default => Vec::new(),
            Features::Only(list) => {
                vec![
                    "--no-default-features".to_owned(),
                    format!("--features={}", list.join(",")),
                ]
            }
        };
        let shown = match build.features {
            Features::Default => "default features".to_owned(),
            Features::Only([]) => "no features".to_owned(),
            Features::Only(list) => list.join(" "),
        };
        let name = format!("portable: {} for {}, {shown}", build.folder, build.target);
        report.step(&name, || {
            if let Err(missing) = tools::target(build.target) {
                return Ok(missing.into());
            }
            let Some(package) = ws.member(build.folder) else {
                return Ok(Outcome::Failed(format!("no crate {}", build.folder)));
            };
            Cmd::cargo("check")
                .args([
                    "--lib",
                    "--package",
                    &package.name,
                    "--target",
                    build.target,
                ])
                .args(features)
                .dir(&ws.root)
                .run()?;
            Ok(Outcome::passed())
        });
    }
    for (number, chain) in CHAINS.iter().enumerate() {
        let targets = [None, Some(WASM)];
        let taken = match extent {
            Extent::Whole => &targets[..],
            Extent::Sample => &targets[number % 2..][..1],
        };
        for target in taken {
            alone(ws, report, chain, *target);
        }
    }
    if extent == Extent::Whole {
        oldest_rust(ws, report);
    }
}

/// Every crate that has a chain compiles with it and with nothing else, here or for a target.
fn alone(ws: &Workspace, report: &mut Report, chain: &Chain, target: Option<&str>) {
    let place = target.unwrap_or("this machine");
    let name = format!("portable: {} alone for {place}", chain.feature);
    report.step(&name, || {
        if let Some(triple) = target
            && let Err(missing) = tools::target(triple)
        {
            return Ok(missing.into());
        }
        for (folder, feature) in chain.alone() {
            let Some(package) = ws.member(folder) else {
                return Ok(Outcome::Failed(format!("no crate {folder}")));
            };
            Cmd::cargo("check")
                .args(["--lib", "--package", &package.name])
                .args(["--no-default-features", "--features", feature])
                .args(target.map(|triple| format!("--target={triple}")))
                .dir(&ws.root)
                .run()?;
        }
        Ok(Outcome::passed())
    });
}

/// Everything compiles with the oldest Rust that the manifests promise.
fn oldest_rust(ws: &Workspace, report: &mut Report) {
    let Some(version) = ws.oldest_rust() else {
        return;
    };
    report.step(&format!("portable: everything with Rust {version}"), || {
        if let Err(missing) = tools::toolchain(version) {
            return Ok(missing.into());
        }
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
