//! `portable`: the crates that promise it build for a target without std, and for wasm32.

use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools;
use crate::workspace::Workspace;

/// A microcontroller: no operating system, hence no std to fall back on by accident.
const NO_STD: &str = "thumbv7em-none-eabi";
const WASM: &str = "wasm32-unknown-unknown";

/// A crate by its folder, and the features that the promise is about.
struct Build {
    target: &'static str,
    folder: &'static str,
    default_features: bool,
}

const fn bare(target: &'static str, folder: &'static str) -> Build {
    Build {
        target,
        folder,
        default_features: false,
    }
}

const fn usual(target: &'static str, folder: &'static str) -> Build {
    Build {
        target,
        folder,
        default_features: true,
    }
}

const BUILDS: &[Build] = &[
    bare(NO_STD, "didkey"),
    bare(NO_STD, "cacao"),
    usual(WASM, "didkey"),
    usual(WASM, "cacao"),
    usual(WASM, "dag-jws"),
    usual(WASM, "session-core"),
    usual(WASM, "store-memory"),
    bare(WASM, "did-session"),
];

pub(crate) fn run(ws: &Workspace, report: &mut Report) {
    for build in BUILDS {
        let name = format!("portable: {} for {}", build.folder, build.target);
        report.step(&name, || {
            if let Err(missing) = tools::target(build.target) {
                return Ok(missing.into());
            }
            let Some(package) = ws.member(build.folder) else {
                return Ok(Outcome::Failed(format!("no crate {}", build.folder)));
            };
            // A target folder of its own: other features must not rebuild what the tests use.
            // Nothing of it runs, so nothing of it is optimised.
            Cmd::cargo("build")
                .args([
                    "--lib",
                    "--package",
                    &package.name,
                    "--target",
                    build.target,
                ])
                .args((!build.default_features).then_some("--no-default-features"))
                .args(["--config", "profile.dev.package.\"*\".opt-level=0"])
                .quiet_env("CARGO_TARGET_DIR", ws.target.join("portable"))
                .dir(&ws.root)
                .run()?;
            Ok(Outcome::passed())
        });
    }
}
