//! `web build`: cargo, wasm-bindgen, wasm-opt, and the JavaScript beside them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result};

use super::{folder, imports, names, order, parts, split};
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
pub(super) const WASM_FEATURES: [&str; 6] = [
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
        let outcome = build(ws, &bindgen)?;
        built = true;
        Ok(outcome)
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

fn build(ws: &Workspace, bindgen: &Path) -> Result<Outcome> {
    let folder = folder(ws)?;
    let dist = folder.join("dist");
    let (linked, how) = compile(ws)?;
    std::fs::create_dir_all(ws.target.join(super::BESIDE)).context("the folder of the parts")?;
    let module = ws.target.join(super::BESIDE).join(format!("{MODULE}.wasm"));
    let told = std::fs::read(&linked).context("the module as it was linked")?;
    std::fs::write(&module, parts::without_relocations(&told)?).context("the module")?;
    if dist.exists() {
        std::fs::remove_dir_all(&dist).context("cannot empty dist")?;
    }
    Cmd::new(bindgen)
        // where the file is, `js/parts.js` says
        .args(["--target", "web", "--omit-default-module-path"])
        // wasm-split knows functions by names without spaces
        .args(["--no-typescript", "--no-demangle", "--out-dir"])
        .arg(&dist)
        .arg(&module)
        .run()?;
    let glue = dist.join(format!("{MODULE}.js"));
    let whole = dist.join(format!("{MODULE}_bg.wasm"));
    std::fs::copy(&whole, named(ws)).context("cannot keep the module with its names")?;
    let split = split::run(ws, &told, &whole, &dist)?;
    for name in files() {
        shrink(&folder, &dist.join(name))?;
    }
    shorten_names(&dist)?;
    let mut sizes = Vec::new();
    for name in files() {
        let file = dist.join(&name);
        sizes.push(format!("{name} {}", std::fs::metadata(&file)?.len()));
    }
    admit_parts(&glue)?;
    minify(&folder, &glue)?;
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
    Ok(Outcome::Passed(format!(
        "{how}, {split}: {}",
        sizes.join(", ")
    )))
}

/// The machine, the judgement and the verification alone, as `xtask/core` uses them: a module that
/// nothing of JavaScript belongs to.
pub(super) fn core(ws: &Workspace) -> Result<PathBuf> {
    let target = ws.target.join("core");
    Cmd::cargo("build")
        .args(["--release", "--locked", "--target", tools::WASM])
        .arg("--manifest-path")
        .arg(ws.root.join("xtask/core/Cargo.toml"))
        .quiet_env("CARGO_TARGET_DIR", &target)
        .run()?;
    let built = target.join(tools::WASM).join("release/core-alone.wasm");
    let module = std::fs::read(&built).context("the core")?;
    let strangers = imports::modules(&module)?;
    anyhow::ensure!(
        strangers.is_empty(),
        "the core wants something of {}",
        strangers.join(", ")
    );
    let small = ws.target.join(super::BESIDE).join("core.wasm");
    std::fs::write(&small, module).context("the core")?;
    shrink(&folder(ws)?, &small)?;
    Ok(small)
}

/// The files of WebAssembly in the package, the first part first.
pub(super) fn files() -> Vec<String> {
    let later = parts::LATER
        .iter()
        .map(|later| format!("{}.wasm", later.name));
    std::iter::once(format!("{MODULE}_bg.wasm"))
        .chain(later)
        .collect()
}

/// The module as wasm-bindgen leaves it, names of functions included.
pub(super) fn named(ws: &Workspace) -> PathBuf {
    ws.target
        .join(super::BESIDE)
        .join(format!("{MODULE}.named.wasm"))
}

/// What makes the module small beyond the profile, where there is a nightly toolchain with the
/// sources of std: std is built for size, a panic is a trap without a text, and nothing knows
/// where it stands in a file. A derived `Debug` writes the variant's name only, which is all that
/// any text for a page has of one. What is short is inlined before it is optimised, which rustc does for
/// speed only, and which leaves less. The rounds of SHA-256 are a loop.
const SMALLER: &str = "-Zlocation-detail=none -Zfmt-debug=shallow -Zinline-mir=yes \
    -Cpanic=immediate-abort -Zunstable-options --cfg sha2_backend_soft=\"compact\"";

/// The tool that splits the module knows one table only: without reference types JavaScript's values
/// are kept by JavaScript.
const ONE_TABLE: &str = "-Ctarget-feature=-reference-types";

/// The linker tells what refers to what.
const RELOCATIONS: &str = "-Clink-arg=--emit-relocs";

/// Compiles the crate; answers the module, and how it was made.
fn compile(ws: &Workspace) -> Result<(PathBuf, &'static str)> {
    let common = |cmd: Cmd| {
        cmd.args(["--package", CRATE, "--profile", PROFILE])
            .args(["--target", tools::WASM])
            .dir(&ws.root)
    };
    let flags = format!("{ONE_TABLE} {RELOCATIONS}");
    let mut cmd = common(Cmd::cargo("build")).env("RUSTFLAGS", &flags);
    let (mut target, mut how) = (ws.target.clone(), "by stable, larger than need be");
    match tools::nightly_with_sources() {
        Ok(toolchain) => {
            target = target.join("nightly");
            how = "by nightly, for size";
            cmd = common(Cmd::new("cargo").arg("build"))
                .any_toolchain()
                .env("RUSTUP_TOOLCHAIN", &toolchain)
                .env("RUSTFLAGS", format!("{SMALLER} {flags}"))
                .args(["-Zbuild-std=std,panic_abort"])
                .args(["-Zbuild-std-features=optimize_for_size"])
                .arg("--target-dir")
                .arg(&target);
        }
        Err(missing) => println!("{missing:?}: the module is built by the stable toolchain"),
    }
    cmd.run()?;
    let folder = target.join(tools::WASM).join(PROFILE);
    Ok((folder.join(format!("{MODULE}.wasm")), how))
}

/// Whether the package was split.
pub(super) fn is_split(ws: &Workspace) -> bool {
    let rest = folder(ws).map(|folder| folder.join("dist/rest.wasm"));
    let length = rest.and_then(|rest| Ok(std::fs::metadata(rest)?.len()));
    length.is_ok_and(|length| length > split::EMPTY.len() as u64)
}

/// What compiles the module.
pub(super) fn compiler() -> String {
    let toolchain = tools::nightly_with_sources().unwrap_or_else(|_| "stable".to_owned());
    let told = Cmd::new("rustup")
        .args(["run", &toolchain, "rustc", "--version"])
        .read();
    told.map_or(toolchain, |told| told.trim().to_owned())
}

/// Lets the glue of wasm-bindgen give the first part what stands for the others until they are
/// there.
fn admit_parts(glue: &Path) -> Result<()> {
    let text = std::fs::read_to_string(glue).context("the glue")?;
    let wanted = "const imports = __wbg_get_imports();";
    anyhow::ensure!(text.contains(wanted), "wasm-bindgen writes another glue");
    let patched = text.replace(wanted, "const imports = withParts(__wbg_get_imports());");
    let import = "import { withParts } from './placeholders.js'\n";
    std::fs::write(glue, format!("{import}{patched}")).context("the glue")
}

/// What wasm-opt does by itself and gzip undoes: a body that is inlined, and an expression that is
/// kept in a local, are read again in fewer bits where they are repeated.
const LEFT_OUT: [&str; 3] = ["inlining", "inlining-optimizing", "local-cse"];

/// Makes a part smaller as it is downloaded, which is compressed.
fn shrink(folder: &Path, wasm: &Path) -> Result<()> {
    wasm_opt(folder, wasm, |cmd| {
        cmd.args(["-Oz", "--duplicate-import-elimination"])
            .args(LEFT_OUT.map(|pass| format!("--skip-pass={pass}")))
            .args([
                "--strip-debug",
                "--strip-producers",
                "--strip-target-features",
            ])
    })?;
    let named = order::with_names_in_order(&std::fs::read(wasm).context("a part")?)?;
    std::fs::write(wasm, named).context("a part")?;
    wasm_opt(folder, wasm, |cmd| {
        cmd.args(["--reorder-functions-by-name", "--strip-debug"])
    })
}

/// Parts know each other's functions by short names.
fn shorten_names(dist: &Path) -> Result<()> {
    let parts = std::iter::once("session").chain(parts::LATER.iter().map(|later| later.name));
    let mut modules = Vec::new();
    for (part, file) in parts.zip(files()) {
        modules.push((part, std::fs::read(dist.join(file)).context("a part")?));
    }
    for (file, module) in files().iter().zip(names::shortened(&modules)?) {
        std::fs::write(dist.join(file), module).context("a part")?;
    }
    Ok(())
}

fn wasm_opt(folder: &Path, wasm: &Path, passes: impl FnOnce(Cmd) -> Cmd) -> Result<()> {
    let cmd = Cmd::new("node").arg("node_modules/binaryen/bin/wasm-opt");
    passes(cmd)
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
    let path = tools::program_in(&ws.target.join("tools"), program);
    if fits(&path) {
        return Ok(path);
    }
    let how = ["--version", &version, "--force"];
    let programs = ["--bin=wasm-bindgen", "--bin=wasm-bindgen-test-runner"];
    tools::install(ws, "wasm-bindgen-cli", &[&how[..], &programs].concat())?;
    Ok(path)
}

fn locked_version(ws: &Workspace) -> Result<String> {
    let told = Cmd::cargo("pkgid")
        .arg("wasm-bindgen")
        .dir(&ws.root)
        .read()?;
    let (_, version) = told.trim().rsplit_once('@').context("cargo pkgid")?;
    Ok(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_lock_file() {
        let ws = Workspace::load().unwrap();
        assert!(locked_version(&ws).unwrap().starts_with("0.2."));
    }
}
