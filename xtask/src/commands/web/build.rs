//! `web build`: cargo, wasm-bindgen, wasm-opt, and the JavaScript beside them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result};

use super::folder;
use crate::commands::conformance;
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::tools::{self, Found, Missing};
use crate::workspace::Workspace;

/// The crate, the module that cargo makes of it, and the profile that makes it small.
const CRATE: &str = "did-session-web";
const MODULE: &str = "did_session_web";
const PROFILE: &str = "web";

/// What rustc emits for wasm32 today and every browser that has WebCrypto's Ed25519 or P-256 keys
/// in IndexedDB understands.
const WASM_FEATURES: [&str; 6] = [
    "bulk-memory",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "sign-ext",
];

/// Whether the package was built, once it was tried.
static BUILT: OnceLock<bool> = OnceLock::new();

/// Builds the package, once for all that want it; true when it is there.
pub(crate) fn run(ws: &Workspace, report: &mut Report) -> bool {
    *BUILT.get_or_init(|| steps(ws, report))
}

fn steps(ws: &Workspace, report: &mut Report) -> bool {
    let mut built = false;
    if !npm(ws, report) {
        return false;
    }
    report.step("web: build", || {
        if let Err(missing) = tools::target(tools::WASM) {
            return Ok(missing.into());
        }
        let bindgen = match wasm_bindgen(ws, "wasm-bindgen") {
            Ok(path) => path,
            Err(missing) => return Ok(missing.into()),
        };
        let bytes = build(ws, &bindgen)?;
        built = true;
        Ok(Outcome::Passed(format!("{bytes} bytes of wasm")))
    });
    built
}

/// Installs the package's development tools; true when they are there.
fn npm(ws: &Workspace, report: &mut Report) -> bool {
    let mut there = false;
    report.step("web: npm packages", || {
        if let Err(missing) = tools::node() {
            return Ok(missing.into());
        }
        let outcome = conformance::install(&folder(ws)?)?;
        there = matches!(outcome, Outcome::Passed(_));
        Ok(outcome)
    });
    there
}

fn build(ws: &Workspace, bindgen: &Path) -> Result<u64> {
    let folder = folder(ws)?;
    let dist = folder.join("dist");
    Cmd::cargo("build")
        .args(["--package", CRATE, "--profile", PROFILE])
        .args(["--target", tools::WASM])
        .dir(&ws.root)
        .run()?;
    if dist.exists() {
        std::fs::remove_dir_all(&dist).context("cannot empty dist")?;
    }
    let module = compiled(ws);
    Cmd::new(bindgen)
        // where the file is, `js/parts.js` says
        .args(["--target", "web", "--omit-default-module-path"])
        .args(["--no-typescript", "--out-dir"])
        .arg(&dist)
        .arg(&module)
        .run()?;
    let wasm = dist.join(format!("{MODULE}_bg.wasm"));
    shrink(&folder, &wasm)?;
    minify(&folder, &dist.join(format!("{MODULE}.js")))?;
    for entry in std::fs::read_dir(folder.join("js")).context("js")? {
        let path = entry?.path();
        let name = path.file_name().context("a file without a name")?;
        std::fs::copy(&path, dist.join(name))
            .with_context(|| format!("cannot copy {}", path.display()))?;
    }
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        std::fs::copy(ws.root.join(name), dist.join(name))
            .with_context(|| format!("cannot copy {name}"))?;
    }
    Ok(std::fs::metadata(&wasm)?.len())
}

/// The module as cargo leaves it, names of functions included.
pub(super) fn compiled(ws: &Workspace) -> PathBuf {
    let folder = ws.target.join(tools::WASM).join(PROFILE);
    folder.join(format!("{MODULE}.wasm"))
}

/// The machine, the judgement and the verification alone, as `examples/core.rs` uses them, without
/// what wasm-bindgen would describe to itself. What these libraries put into the table of functions
/// stays, so that the answer is an upper bound.
pub(super) fn core(ws: &Workspace) -> Result<PathBuf> {
    let folder = folder(ws)?;
    Cmd::cargo("build")
        .args(["--package", CRATE, "--example", "core"])
        .args(["--profile", PROFILE, "--target", tools::WASM])
        .dir(&ws.root)
        .run()?;
    let built = ws.target.join(tools::WASM).join(PROFILE);
    let to = ws.target.join("web");
    std::fs::create_dir_all(&to).context("cannot make the folder for the core")?;
    let (roots, wasm) = (to.join("core.json"), to.join("core.wasm"));
    // the libraries below bring exports for wasm-bindgen, which only the entry here must outlive
    std::fs::write(&roots, r#"[{"name":"main","export":"main","root":true}]"#)?;
    Cmd::new("node")
        .arg("node_modules/binaryen/bin/wasm-metadce")
        .args(WASM_FEATURES.map(|feature| format!("--enable-{feature}")))
        .arg("--graph-file")
        .arg(&roots)
        .arg(built.join("examples/core.wasm"))
        .arg("-o")
        .arg(&wasm)
        .dir(&folder)
        .read()?; // it names each of the exports that go
    shrink(&folder, &wasm)?;
    Ok(wasm)
}

fn shrink(folder: &Path, wasm: &Path) -> Result<()> {
    Cmd::new("node")
        .args(["node_modules/binaryen/bin/wasm-opt", "-Oz"])
        .args(["--strip-debug", "--strip-producers"])
        .args(WASM_FEATURES.map(|feature| format!("--enable-{feature}")))
        .arg(wasm)
        .arg("-o")
        .arg(wasm)
        .dir(folder)
        .run()
}

fn minify(folder: &Path, glue: &Path) -> Result<()> {
    Cmd::new("node")
        .args(["node_modules/esbuild/bin/esbuild"])
        .arg(glue)
        .args(["--minify", "--format=esm", "--log-level=warning"])
        .args([
            "--allow-overwrite",
            &format!("--outfile={}", glue.display()),
        ])
        .dir(folder)
        .run()
}

/// A program of wasm-bindgen-cli, of just the version that the lock file names for the library.
pub(super) fn wasm_bindgen(ws: &Workspace, program: &str) -> Found<PathBuf> {
    let version = locked_version(ws).map_err(|error| Missing::Broken(format!("{error:#}")))?;
    let fits = |path: &Path| {
        let told = Cmd::new(path).arg("--version").capture();
        told.is_ok_and(|told| told.stdout.split_whitespace().nth(1) == Some(&version))
    };
    if fits(Path::new(program)) {
        return Ok(program.into());
    }
    let root = ws.target.join("tools");
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let path = root.join("bin").join(name);
    if fits(&path) {
        return Ok(path);
    }
    println!(
        "wasm-bindgen {version} is missing: installing it below {}",
        ws.relative(&root).display()
    );
    let installed = Cmd::cargo("install")
        .args([
            "wasm-bindgen-cli",
            "--version",
            &version,
            "--force",
            "--root",
        ])
        .arg(&root)
        .arg("--target-dir")
        .arg(ws.target.join("tools-build"))
        .tee()
        .map_err(|error| Missing::Broken(format!("{error:#}")))?;
    tools::outcome_of_download(
        "cargo install wasm-bindgen-cli",
        &installed.stderr,
        installed.success(),
    )?;
    Ok(path)
}

fn locked_version(ws: &Workspace) -> Result<String> {
    let lock = std::fs::read_to_string(ws.root.join("Cargo.lock")).context("Cargo.lock")?;
    version_in(&lock, "wasm-bindgen").context("Cargo.lock names no wasm-bindgen")
}

fn version_in(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
            [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(lock, "wasm"), None);
        let ws = Workspace::load().unwrap();
        assert!(locked_version(&ws).unwrap().starts_with("0.2."));
    }
}
