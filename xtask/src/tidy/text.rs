//! Rules about files as text.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::shell::{Cmd, is_offline};

/// Lines of a file of Rust, and of one that holds nothing but tests.
const LIMITS: [usize; 2] = [500, 600];

/// Folders of data.
const DATA: [&str; 2] = ["vectors", "seeds"];
const EXTENSIONS: [&str; 11] = [
    "rs", "toml", "md", "mjs", "js", "ts", "html", "css", "sh", "yml", "json",
];
const LOCKS: [&str; 2] = ["Cargo.lock", "package-lock.json"];

// Written in two halves, so that this file does not find itself.
const MACHINE_PATHS: [&str; 4] = [
    concat!("/", "work/"),
    concat!("/", "home/"),
    concat!("/", "root/"),
    concat!("/", "tmp/"),
];
const LEFT_TO_DO: [&str; 4] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("HA", "CK:"),
];

/// A text file, by the path that a reader of the repository would write.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl File {
    #[cfg(test)]
    pub(super) fn new(path: &str, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        Self { path, text }
    }

    pub(super) fn is(&self, extension: &str) -> bool {
        self.path
            .extension()
            .is_some_and(|found| found == extension)
    }

    pub(super) fn is_lock(&self) -> bool {
        LOCKS.iter().any(|name| self.path.ends_with(name))
    }

    /// A file that holds nothing but tests.
    fn is_test(&self) -> bool {
        let mut parts = self.path.components();
        parts.any(|part| part.as_os_str() == "tests") || self.path.ends_with("tests.rs")
    }

    /// The lines in front of the unit tests, numbered from one.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let tests = lines.windows(2).position(|pair| {
            pair[0].trim() == "#[cfg(test)]" && pair[1].trim_start().starts_with("mod ")
        });
        let end = tests.unwrap_or(lines.len());
        (1..).zip(lines.into_iter().take(end))
    }

    fn found<'a>(
        &self,
        lines: impl Iterator<Item = (usize, &'a str)>,
        look: impl Fn(&str) -> Option<&'static str>,
    ) -> Vec<String> {
        let found = lines.filter_map(|(number, line)| Some((number, look(line)?)));
        found
            .map(|(number, what)| format!("{}:{number}: {what}", self.path.display()))
            .collect()
    }
}

/// All text files that git knows or would take, data aside.
pub(super) fn files(root: &Path) -> Result<Vec<File>> {
    let listed = Cmd::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .dir(root)
        .read()?;
    let is_text = |path: &&Path| {
        let known = path.extension().and_then(|extension| extension.to_str());
        let is_data = path
            .iter()
            .any(|part| DATA.iter().any(|data| part == *data));
        let is_named = path.ends_with("Cargo.lock") || path.ends_with(".ci/run");
        !is_data && (is_named || known.is_some_and(|known| EXTENSIONS.contains(&known)))
    };
    let paths = listed.lines().map(Path::new).filter(is_text);
    // what was removed, and not yet committed, is listed
    let there = paths.filter(|path| root.join(path).is_file());
    let read = |path: &Path| {
        let text = std::fs::read_to_string(root.join(path))?;
        let path = path.to_owned();
        Ok(File { path, text })
    };
    there.map(read).collect()
}

/// Rust files that do not begin by saying why they exist, and those that should be split.
pub(super) fn shape(files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.is("rs")) {
        let (path, lines) = (file.path.display(), file.text.lines().count());
        let limit = LIMITS[usize::from(file.is_test())];
        if !file.text.starts_with("//! ") {
            problems.push(format!("{path}: does not begin with `//! `"));
        }
        if lines > limit {
            problems.push(format!("{path}: {lines} lines, {limit} allowed"));
        }
    }
    problems
}

/// Paths of one machine, and marks of work that was put off. Tests and prose may name the folder for
/// temporary files.
pub(super) fn words(files: &[File]) -> Vec<String> {
    let of = |file: &File| {
        let lenient = file.is_test() || file.is("md");
        let paths = &MACHINE_PATHS[..if lenient { 3 } else { 4 }];
        let path = |line: &str| paths.iter().find(|path| names_path(line, path)).copied();
        let mark = |line: &str| LEFT_TO_DO.iter().find(|mark| line.contains(*mark)).copied();
        let mut found = file.found(file.code(), path);
        found.extend(file.found((1..).zip(file.text.lines()), mark));
        found
    };
    files.iter().flat_map(of).collect()
}

/// True when the path stands in the line as an absolute one, not inside a longer word.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | '/'))
    })
}

/// Lock files that name the host a package was fetched from.
pub(super) fn hosts(locks: &[File]) -> Vec<String> {
    const REGISTRY: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let host = |line: &str| {
        let line = line.trim();
        let cargo = line.starts_with("source = ") && line != REGISTRY;
        (cargo || line.starts_with("\"resolved\":")).then_some("a host")
    };
    let of = |file: &File| file.found((1..).zip(file.text.lines()), host);
    locks.iter().flat_map(of).collect()
}

/// The lock files of cargo that no longer fit their manifests: a crate that gained a dependency
/// changes those of every workspace that uses it, and a test with `--locked` would notice much
/// later. Without a network nothing can be said, and nothing is.
pub(super) fn stale(root: &Path, locks: &[File]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for lock in locks.iter().filter(|lock| lock.is("lock")) {
        let manifest = root.join(&lock.path).with_file_name("Cargo.toml");
        let ended = Cmd::cargo("update")
            .args(["--workspace", "--locked", "--manifest-path"])
            .arg(manifest)
            .capture()?;
        if !ended.success() && !is_offline(&ended.stderr) {
            let path = lock.path.display();
            problems.push(format!("{path}: does not fit its manifest"));
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: impl Into<String>) -> [File; 1] {
        [File::new(path, text)]
    }

    #[test]
    fn a_file_without_a_purpose_and_a_long_one_are_named() {
        let found = |path: &str, text: &str| shape(&file(path, text)).len();
        assert_eq!(found("a.rs", "//! Why.\n"), 0);
        assert_eq!(found("a.rs", "// Why.\n"), 1);
        assert_eq!(found("a.rs", "\n//! Why.\n"), 1);
        assert_eq!(found("a.toml", "[x]\n"), 0);
        for (path, limit) in [
            ("src/a.rs", 500),
            ("tests/a.rs", 600),
            ("src/tests.rs", 600),
        ] {
            assert_eq!(found(path, &"//! x\n".repeat(limit)), 0);
            assert_eq!(found(path, &"//! x\n".repeat(limit + 1)), 1);
        }
    }

    #[test]
    fn paths_of_a_machine_and_work_put_off_are_named() {
        let [work, home, _, tmp] = MACHINE_PATHS;
        let found = |path: &str, text: String| words(&file(path, text)).len();
        assert_eq!(found("src/a.rs", format!("let x = \"{work}x\";\n")), 1);
        assert_eq!(found("src/a.rs", format!("let x = \"{tmp}x\";\n")), 1);
        assert_eq!(found("tests/a.rs", format!("let x = \"{tmp}x\";\n")), 0);
        assert_eq!(found("README.md", format!("see {home}me\n")), 1);
        assert_eq!(
            found("src/a.rs", format!("https://example.com{home}x\n")),
            0
        );
        let tests = format!("#[cfg(test)]\nmod tests {{ \"{tmp}x\" }}\n");
        assert_eq!(found("src/a.rs", tests), 0);
        for mark in LEFT_TO_DO {
            assert_eq!(found("a.rs", format!("ok\n// {mark} later\n")), 1);
        }
    }

    #[test]
    fn hosts_in_lock_files_are_named() {
        let found = |path: &str, text: &str| hosts(&file(path, text)).len();
        let registry = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
        assert_eq!(found("Cargo.lock", registry), 0);
        assert_eq!(
            found("Cargo.lock", "source = \"git+https://example.com/x\"\n"),
            1
        );
        let npm = "  \"resolved\": \"https://x.example/a.tgz\",\n";
        assert_eq!(found("package-lock.json", npm), 1);
    }

    #[test]
    fn a_lock_file_that_does_not_fit_is_named() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(root.path().join(name), text).unwrap();
        let lock = |text: &str| {
            write("Cargo.lock", text);
            stale(root.path(), &file("Cargo.lock", text)).unwrap().len()
        };
        let manifest = "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        write("Cargo.toml", manifest);
        std::fs::create_dir(root.path().join("src")).unwrap();
        write("src/lib.rs", "");
        let fits = "version = 4\n\n[[package]]\nname = \"one\"\nversion = \"0.1.0\"\n";
        assert_eq!(lock(fits), 0);
        assert_eq!(lock(&fits.replace("0.1.0", "0.2.0")), 1);
    }
}
