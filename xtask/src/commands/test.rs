//! `test`: everything that `cargo test` knows, and every example run once.

use anyhow::Result;

use crate::chains::all_features;
use crate::report::{Outcome, Report};
use crate::shell::Cmd;
use crate::workspace::Workspace;

/// The crate whose examples a reader is told to run.
const EXAMPLES_OF: &str = "did-session";

/// Everything that verifies: `--all-features` has the curves of C libraries.
const PORTABLE: &str = "--lib --tests --package didkey --package did-cacao --package dag-jws \
    --features dag-jws/p384,dag-jws/p521 --features";

/// The unit tests and the program `all` of each crate, with the features of the whole, so that
/// nothing is built twice: engines, broken stores and whatever else is long stand in programs of
/// their own.
const QUICK: &str = "--workspace --all-features --lib --bins --test all";

pub(crate) fn run(ws: &Workspace, report: &mut Report, quick: bool) {
    if quick {
        report.step(
            "test: unit tests, and the program `all` of each crate",
            || cargo_test(ws, QUICK, Some("32")),
        );
        return;
    }
    // with the flags of the tests below, so that nothing is built twice
    let built = report.step("test: build the examples", || {
        Cmd::cargo("build")
            .args(["--workspace", "--all-features", "--examples"])
            .dir(&ws.root)
            .run()?;
        Ok(Outcome::passed())
    });
    for example in examples(ws).filter(|_| built) {
        report.step(&format!("test: example {example}"), || {
            let program = format!("{example}{}", std::env::consts::EXE_SUFFIX);
            Cmd::new(ws.target.join("debug/examples").join(program))
                .dir(&ws.root)
                .run()?;
            Ok(Outcome::passed())
        });
    }
    // What an optimiser leaves behind is what counts; there is no other way to see it.
    report.step("test: dropped seeds, release build", || {
        let ended = Cmd::cargo("test")
            .args(["--release", "--package", "store-fs", "--all-features"])
            .args(["--test", "memory"])
            .dir(&ws.root)
            .tee()?;
        Ok(judge(ended.success(), Count::of(&ended.output())))
    });
    report.step("test: the portable curves, without `native-curves`", || {
        cargo_test(ws, &format!("{PORTABLE} {}", all_features()), None)
    });
    // Last, so that the closing lines of cargo test stand right above the table.
    report.step("test: all crates, all features, doctests", || {
        cargo_test(ws, "--workspace --all-features --no-fail-fast", None)
    });
}

fn cargo_test(ws: &Workspace, args: &str, proptest_cases: Option<&str>) -> Result<Outcome> {
    // many tests wait for a clock or for a server: another one runs meanwhile
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut cmd = Cmd::cargo("test")
        .args(args.split_whitespace())
        .args(SHOWN)
        .env("RUST_TEST_THREADS", (2 * cores).to_string())
        .dir(&ws.root);
    if let Some(cases) = proptest_cases {
        cmd = cmd.env("PROPTEST_CASES", cases);
    }
    let ended = cmd.tee()?;
    Ok(judged(ended.success(), &ended.output()))
}

fn judge(success: bool, count: Count) -> Outcome {
    if success && (cfg!(not(target_os = "linux")) || count.passed > 0) {
        Outcome::Passed(count.to_string())
    } else {
        Outcome::Failed(count.to_string())
    }
}

fn examples(ws: &Workspace) -> impl Iterator<Item = &str> {
    let package = ws.member(EXAMPLES_OF).into_iter();
    package.flat_map(|package| {
        package
            .targets("example")
            .map(|target| target.name.as_str())
    })
}

/// Behind everything that cargo is told: what tests say that pass is shown, too, so that one that
/// could not do its work here is heard.
pub(super) const SHOWN: [&str; 2] = ["--", "--show-output"];

/// What the closing lines of `cargo test` add up to. Who said that it was skipped has not passed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) ignored: u64,
    pub(super) skipped: u64,
}

impl Count {
    /// Of all that tests said, on both ways out.
    pub(super) fn of(output: &str) -> Self {
        let mut count = Self::default();
        let lines = output.lines();
        for line in lines.filter(|line| line.starts_with("test result: ")) {
            let of = |word: &str| -> u64 {
                let mut parts = line.split(['.', ';']).map(str::trim);
                let found = parts.find_map(|part| part.strip_suffix(word)?.trim().parse().ok());
                found.unwrap_or_default()
            };
            count.passed += of("passed");
            count.failed += of("failed");
            count.ignored += of("ignored");
        }
        let said = u64::try_from(skipped(output).count()).unwrap_or(u64::MAX);
        count.skipped = said.min(count.passed);
        count.passed -= count.skipped;
        count
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} ignored",
            self.passed, self.failed, self.ignored
        )?;
        match self.skipped {
            0 => Ok(()),
            skipped => write!(f, ", {skipped} skipped"),
        }
    }
}

/// What became of tests that said this: at least one must have run.
pub(super) fn judged(success: bool, output: &str) -> Outcome {
    let count = Count::of(output);
    if !success {
        return Outcome::Failed(format!("{count}\n{}", words_of_failures(output).join("\n")));
    }
    match (count.passed, count.skipped) {
        (0, 0) => Outcome::Failed("no test ran".to_owned()),
        (0, _) => Outcome::Skipped(count.to_string()),
        (_, _) => Outcome::Passed(count.to_string()),
    }
}

/// The names of the tests that failed.
pub(super) fn failed_names(output: &str) -> Vec<String> {
    output
        .lines()
        .filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"))
        .map(str::to_owned)
        .collect()
}

/// The names of the tests that failed, each with the first things that it said; of an output
/// without tests its last lines.
fn words_of_failures(output: &str) -> Vec<String> {
    const LINES: usize = 8;
    let names = failed_names(output);
    if names.is_empty() {
        let lines: Vec<&str> = output.lines().collect();
        let last = lines.len().saturating_sub(LINES);
        return lines[last..].iter().map(|&line| line.to_owned()).collect();
    }
    let mut words = Vec::new();
    for name in names {
        let heading = format!("---- {name} stdout ----");
        let mut said = output.lines().skip_while(|&line| line != heading).skip(1);
        words.push(name);
        words.extend(
            said.by_ref()
                .take_while(|line| !line.starts_with("---- ") && *line != "stack backtrace:")
                .filter(|line| !line.trim().is_empty())
                .take(LINES)
                .map(|line| format!("  {line}")),
        );
    }
    words
}

/// Lines in which a test says that it could not do its work here.
fn skipped(output: &str) -> impl Iterator<Item = &str> {
    output
        .lines()
        .filter(|line| line.trim_start().starts_with("skipped: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "running 2 tests\ntest a::b ... ok\ntest a::c ... FAILED\n\
        test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
        test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";

    #[test]
    fn the_closing_lines_are_added_up_and_what_was_skipped_has_not_passed() {
        assert_eq!(
            Count::of(OUTPUT).to_string(),
            "13 passed, 1 failed, 3 ignored"
        );
        assert_eq!(Count::of("error: could not compile"), Count::default());
        let said = format!("{OUTPUT}skipped: a::b: no server\nnot skipped: one\n");
        assert_eq!(
            Count::of(&said).to_string(),
            "12 passed, 1 failed, 3 ignored, 1 skipped"
        );
    }

    #[test]
    fn a_failure_is_told_with_its_words() {
        assert_eq!(failed_names(OUTPUT), ["a::c"]);
        let output = format!(
            "{OUTPUT}failures:\n\n---- a::c stdout ----\n\nthread 'a::c' panicked at x.rs:1:2:\n\
             left is not right\nstack backtrace:\n   0: main\n\n---- a::d stdout ----\nother\n"
        );
        let told = [
            "a::c",
            "  thread 'a::c' panicked at x.rs:1:2:",
            "  left is not right",
        ];
        assert_eq!(words_of_failures(&output), told);
        assert_eq!(words_of_failures("a\nerror: no"), ["a", "error: no"]);
    }

    #[test]
    fn a_run_without_tests_fails() {
        let none = judged(true, "test result: ok. 0 passed; 0 failed;");
        assert_eq!(none, Outcome::Failed("no test ran".to_owned()));
        let some = judged(true, "test result: ok. 3 passed; 0 failed;");
        assert!(matches!(some, Outcome::Passed(_)));
        let skipped = "skipped: x: no server\ntest result: ok. 1 passed; 0 failed;";
        assert!(matches!(judged(true, skipped), Outcome::Skipped(_)));
        let failed = "test x ... FAILED\ntest result: FAILED. 1 passed; 1 failed;";
        let told = "1 passed, 1 failed, 0 ignored\nx".to_owned();
        assert_eq!(judged(false, failed), Outcome::Failed(told));
    }
}
