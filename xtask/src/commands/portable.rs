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
    features: &'static [&'static str],
}

const BUILDS: &[Build] = &[
    Build {
        target: NO_STD,
        folder: "didkey",
        features: &[],
    },
    Build {
        target: NO_STD,
        folder: "cacao",
        features: &[],
    },
    Build {
        target: WASM,
        folder: "didkey",
        features: &["default"],
    },
    Build {
        target: WASM,
        folder: "cacao",
        features: &["default"],
    },
    Build {
        target: WASM,
        folder: "dag-jws",
        features: &["default"],
    },
    Build {
        target: WASM,
        folder: "session-core",
        features: &["default"],
    },
    Build {
        target: WASM,
        folder: "store-memory",
        features: &["default"],
    },
    Build {
        target: WASM,
        folder: "did-session",
        features: &[],
    },
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
            Cmd::cargo("build")
                .args(["--lib", "--no-default-features", "--package", &package.name])
                .args([
                    "--target",
                    build.target,
                    "--features",
                    &build.features.join(","),
                ])
                .quiet_env("CARGO_TARGET_DIR", ws.target.join("portable"))
                .dir(&ws.root)
                .run()?;
            Ok(Outcome::passed())
        });
    }
}
