//! Rules about files as text.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

const CODE_LIMIT: usize = 500;
const TEST_LIMIT: usize = 600;

/// Folders that hold no text of ours.
const SKIPPED_FOLDERS: [&str; 9] = [
    ".git",
    "target",
    "dist",
    "node_modules",
    "vectors",
    "corpus",
    "artifacts",
    "coverage",
    "seeds",
];
const EXTENSIONS: [&str; 11] = [
    "rs", "toml", "md", "mjs", "js", "ts", "html", "css", "sh", "yml", "json",
];

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
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    fn shown(&self) -> std::path::Display<'_> {
        self.path.display()
    }

    pub(super) fn is(&self, extension: &str) -> bool {
        self.path
            .extension()
            .is_some_and(|found| found == extension)
    }

    /// A file that holds nothing but tests.
    fn is_test(&self) -> bool {
        self.path
            .components()
            .any(|part| part.as_os_str() == "tests")
            || self.path.file_stem().is_some_and(|stem| stem == "tests")
    }

    /// The lines in front of the unit tests, numbered from one.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let tests = lines.windows(2).position(|pair| {
            pair[0].trim() == "#[cfg(test)]" && pair[1].trim_start().starts_with("mod ")
        });
        let end = tests.unwrap_or(lines.len());
        lines
            .into_iter()
            .take(end)
            .enumerate()
            .map(|(at, line)| (at + 1, line))
    }

    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line))
    }
}

/// All text files of the repository, test data aside.
pub(super) fn files(root: &Path) -> Result<Vec<File>> {
    let wanted = |path: &Path| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let lock = path
            .file_name()
            .is_some_and(|name| name == "package-lock.json");
        let run = path.ends_with(".ci/run");
        run || !lock && extension.is_some_and(|found| EXTENSIONS.contains(&found))
    };
    read(root, wanted)
}

/// The lock files of cargo and npm.
pub(super) fn lock_files(root: &Path) -> Result<Vec<File>> {
    let names = ["Cargo.lock", "package-lock.json"];
    read(root, |path| {
        path.file_name()
            .is_some_and(|name| names.iter().any(|n| name == *n))
    })
}

fn read(root: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<File>> {
    let (mut files, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            let skipped = SKIPPED_FOLDERS
                .iter()
                .any(|name| entry.file_name() == *name);
            if kind.is_dir() && !skipped {
                folders.push(path);
            } else if kind.is_file() && wanted(&path) {
                let text = std::fs::read_to_string(&path)
                    .with_context(|| format!("{} is not text", path.display()))?;
                let path = path.strip_prefix(root).unwrap_or(&path).to_owned();
                files.push(File { path, text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Rust files that do not begin by saying why they exist.
pub(super) fn without_purpose(file: &File) -> Vec<String> {
    let fine = !file.is("rs") || file.text.starts_with("//! ");
    if fine {
        Vec::new()
    } else {
        vec![format!("{}: does not begin with `//! `", file.shown())]
    }
}

/// Rust files that should be split.
pub(super) fn too_long(file: &File) -> Vec<String> {
    let limit = if file.is_test() {
        TEST_LIMIT
    } else {
        CODE_LIMIT
    };
    let lines = file.text.lines().count();
    if file.is("rs") && lines > limit {
        return vec![format!("{}: {lines} lines, {limit} allowed", file.shown())];
    }
    Vec::new()
}

/// Tabs, trailing blanks, carriage returns, and a last line that does not end.
pub(super) fn stray_blanks(file: &File) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in file.text.split('\n').enumerate() {
        if line.contains('\t') {
            problems.push(format!("{}:{}: a tab", file.shown(), number + 1));
        }
        if line.ends_with([' ', '\r']) {
            problems.push(format!(
                "{}:{}: blanks at the end",
                file.shown(),
                number + 1
            ));
        }
    }
    if !file.text.is_empty() && !file.text.ends_with('\n') || file.text.ends_with("\n\n") {
        problems.push(format!(
            "{}: must end with exactly one line break",
            file.shown()
        ));
    }
    problems
}

/// Paths of one machine. Tests and prose may name the directory for temporary files.
pub(super) fn machine_paths(file: &File) -> Vec<String> {
    let lenient = file.is_test() || file.is("md");
    let forbidden = if lenient {
        &MACHINE_PATHS[..3]
    } else {
        &MACHINE_PATHS[..]
    };
    hits(file, file.code(), |line| {
        forbidden
            .iter()
            .find(|path| names_path(line, path))
            .copied()
    })
}

/// True when the path stands in the line as an absolute one, not inside a longer word.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | '/'))
    })
}

/// Marks of work that was put off.
pub(super) fn left_to_do(file: &File) -> Vec<String> {
    hits(file, file.lines(), |line| {
        LEFT_TO_DO.iter().find(|mark| line.contains(*mark)).copied()
    })
}

/// Lock files that name the host a package was fetched from.
pub(super) fn lock_hosts(files: &[File]) -> Vec<String> {
    const REGISTRY: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    files
        .iter()
        .flat_map(|file| {
            hits(file, file.lines(), |line| {
                let line = line.trim();
                let cargo = line.starts_with("source = ") && line != REGISTRY;
                let npm = line.starts_with("\"resolved\":");
                (cargo || npm).then_some("a host")
            })
        })
        .collect()
}

fn hits<'a>(
    file: &File,
    lines: impl Iterator<Item = (usize, &'a str)>,
    look: impl Fn(&str) -> Option<&'static str>,
) -> Vec<String> {
    lines
        .filter_map(|(number, line)| Some((number, look(line)?)))
        .map(|(number, what)| format!("{}:{number}: {what}", file.shown()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: impl Into<String>) -> File {
        File::new(path, text)
    }

    #[test]
    fn a_file_without_a_purpose_is_named() {
        assert!(without_purpose(&file("a.rs", "//! Why.\n")).is_empty());
        assert_eq!(without_purpose(&file("a.rs", "// Why.\n")).len(), 1);
        assert_eq!(without_purpose(&file("a.rs", "\n//! Why.\n")).len(), 1);
        assert!(without_purpose(&file("a.toml", "[x]\n")).is_empty());
    }

    #[test]
    fn a_long_file_is_named() {
        assert!(too_long(&file("src/a.rs", "x\n".repeat(CODE_LIMIT))).is_empty());
        assert_eq!(
            too_long(&file("src/a.rs", "x\n".repeat(CODE_LIMIT + 1))).len(),
            1
        );
        assert!(too_long(&file("tests/a.rs", "x\n".repeat(TEST_LIMIT))).is_empty());
        assert!(too_long(&file("src/a/tests.rs", "x\n".repeat(TEST_LIMIT))).is_empty());
        assert_eq!(
            too_long(&file("tests/a.rs", "x\n".repeat(TEST_LIMIT + 1))).len(),
            1
        );
    }

    #[test]
    fn stray_blanks_are_named() {
        assert!(stray_blanks(&file("a.md", "a b\n\nc\n")).is_empty());
        for text in ["a\tb\n", "a \n", "a\r\n", "a", "a\n\n"] {
            assert_eq!(stray_blanks(&file("a.md", text)).len(), 1, "{text:?}");
        }
    }

    #[test]
    fn paths_of_a_machine_are_named() {
        let [work, home, _, tmp] = MACHINE_PATHS;
        let found = |path: &str, text: String| machine_paths(&file(path, text)).len();
        assert_eq!(found("src/a.rs", format!("let x = \"{work}x\";\n")), 1);
        assert_eq!(found("src/a.rs", format!("let x = \"{tmp}x\";\n")), 1);
        assert_eq!(found("tests/a.rs", format!("let x = \"{tmp}x\";\n")), 0);
        assert_eq!(found("README.md", format!("see {home}me\n")), 1);
        assert_eq!(
            found("src/a.rs", format!("https://example.com{home}x\n")),
            0
        );
        assert_eq!(
            found(
                "src/a.rs",
                format!("#[cfg(test)]\nmod tests {{ \"{tmp}x\" }}\n")
            ),
            0
        );
    }

    #[test]
    fn work_put_off_is_named() {
        for mark in LEFT_TO_DO {
            assert_eq!(
                left_to_do(&file("a.rs", format!("ok\n// {mark} later\n"))).len(),
                1
            );
        }
        assert!(left_to_do(&file("a.rs", "// nothing\n")).is_empty());
    }

    #[test]
    fn hosts_in_lock_files_are_named() {
        let cargo =
            |source: &str| lock_hosts(&[file("Cargo.lock", format!("source = \"{source}\"\n"))]);
        assert!(cargo("registry+https://github.com/rust-lang/crates.io-index").is_empty());
        assert_eq!(cargo("registry+https://mirror.example/index").len(), 1);
        assert_eq!(cargo("git+https://example.com/x").len(), 1);
        let npm = file(
            "package-lock.json",
            "  \"resolved\": \"https://x.example/a.tgz\",\n",
        );
        assert_eq!(lock_hosts(&[npm]).len(), 1);
    }

    #[test]
    fn the_walk_skips_what_is_not_ours() {
        let root = tempfile::tempdir().unwrap();
        for path in [
            "src/a.rs",
            "target/b.rs",
            "node_modules/c.js",
            "dist/f.js",
            "tests/vectors/d.json",
            "e.png",
        ] {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "//! x\n").unwrap();
        }
        let found = files(root.path()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, Path::new("src/a.rs"));
    }
}
