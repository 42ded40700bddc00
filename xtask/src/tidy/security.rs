//! A promise of `SECURITY.md` names the tests that show it; a test that was renamed would leave the
//! promise without one.

use std::path::Path;

use anyhow::{Context, Result};

/// A table that lost its names would pass without this.
const AT_LEAST: usize = 40;

/// A test by its file below `crates/`, and its function or title.
#[derive(Debug, PartialEq, Eq)]
struct Named<'a> {
    path: &'a str,
    test: &'a str,
}

/// What is wrong with the names in the real text.
pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let path = root.join("SECURITY.md");
    let text = std::fs::read_to_string(&path).context("SECURITY.md")?;
    let named = named(&text);
    if named.len() < AT_LEAST {
        let found = named.len();
        return Ok(vec![format!("SECURITY.md names {found} tests only")]);
    }
    let missing = |named: &Named<'_>| {
        let file = std::fs::read_to_string(root.join("crates").join(named.path));
        match file {
            Err(error) => Some(format!("SECURITY.md: {}: {error}", named.path)),
            Ok(file) if is_there(&file, named) => None,
            Ok(_) => Some(format!(
                "SECURITY.md: {} has no test {:?}",
                named.path, named.test
            )),
        }
    };
    Ok(named.iter().filter_map(missing).collect())
}

/// Every `path: test` between backquotes.
fn named(text: &str) -> Vec<Named<'_>> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted
        .filter_map(|words| words.split_once(": "))
        .filter(|(path, _)| path.ends_with(".rs") || path.ends_with(".mjs"))
        .map(|(path, test)| Named { path, test })
        .collect()
}

fn is_there(file: &str, named: &Named<'_>) -> bool {
    if named.path.ends_with(".mjs") {
        return file.contains(&format!("test('{}'", named.test));
    }
    let lines: Vec<&str> = file.lines().map(str::trim).collect();
    let head = format!("fn {}(", named.test);
    let is_head = |line: &str| line.trim_start_matches("async ").starts_with(&head);
    let Some(at) = lines.iter().position(|line| is_head(line)) else {
        return false;
    };
    // a helper of that name is no test, nor is what nobody runs
    let attributes = || {
        lines[..at]
            .iter()
            .rev()
            .take_while(|line| line.starts_with("#[") || line.starts_with("//"))
    };
    let is_test = |line: &&&str| line.starts_with("#[") && line.contains("test");
    attributes().any(|line| is_test(&line)) && !attributes().any(|l| l.starts_with("#[ignore"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        let text = "| a promise | `a/tests/b.rs: c`, `d/e.mjs: it holds: always` | `open: x` |";
        let found: Vec<_> = named(text)
            .iter()
            .map(|named| (named.path, named.test))
            .collect();
        assert_eq!(
            found,
            [("a/tests/b.rs", "c"), ("d/e.mjs", "it holds: always")]
        );
    }

    #[test]
    fn only_a_test_that_runs_counts() {
        for (counts, path, file) in [
            (true, "b.rs", "#[test]\nfn c() {}"),
            (true, "b.rs", "    #[tokio::test]\n    async fn c() {}"),
            (false, "b.rs", "#[test]\nfn d() {}\nfn c() {}"),
            (false, "b.rs", "#[test]\n#[ignore = \"slow\"]\nfn c() {}"),
            (false, "b.rs", "#[test]\nfn cc() {}"),
            (true, "b.mjs", "test('c', () => {})"),
            (false, "b.mjs", "test('cc', () => {})"),
        ] {
            assert_eq!(is_there(file, &Named { path, test: "c" }), counts, "{file}");
        }
    }
}
