//! The server built alone, and built together with a crate that enables every feature, says the
//! same of every capability. Both are built by this test, so that nothing but the features of the
//! one that stands beside it can differ.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const VECTORS: [&str; 2] = ["cacaos.json", "wild.json"];

/// The folder that the test was built in, without the name of the profile.
fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(3).unwrap().to_owned()
}

/// Builds the packages that these arguments select, and gives a copy of the server among them.
fn build(selected: &[&str], name: &str) -> PathBuf {
    let target = target();
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--offline"])
        .args(selected)
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .status();
    assert!(status.unwrap().success(), "{selected:?} do not build");
    let suffix = std::env::consts::EXE_SUFFIX;
    let copy = target.join(format!("trust-server-{name}{suffix}"));
    let built = target.join(format!("debug/trust-server{suffix}"));
    std::fs::copy(built, &copy).unwrap();
    copy
}

/// What a server prints: a line for each case.
fn lines(server: &Path, arguments: &[&str]) -> Vec<String> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/cacao/tests/vectors");
    let mut command = Command::new(server);
    command.args(arguments);
    command.args(VECTORS.map(|name| vectors.join(name)));
    let output = command.output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}");
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.lines().map(str::to_owned).collect()
}

/// How often each verdict stands there.
fn tally(lines: &[String]) -> BTreeMap<&str, usize> {
    let mut tally = BTreeMap::new();
    for line in lines {
        let (_, verdict) = line.rsplit_once('\t').unwrap();
        *tally.entry(verdict).or_default() += 1;
    }
    tally
}

/// What a decoder hands over depends on its features, which any crate of a build may enable: the
/// order of an object's members, and numbers as texts instead of numbers.
fn readers_of_json_say_the_same(alone: &Path, united: &Path) {
    let (by_alone, by_united) = (lines(alone, &["--json"]), lines(united, &["--json"]));
    assert!(by_alone.len() > 1000, "{} cases", by_alone.len());
    assert_eq!(by_alone.len(), by_united.len());
    let (mut read, mut different) = (0, Vec::new());
    for (alone, united) in by_alone.iter().zip(&by_united) {
        if alone != united {
            different.push(format!("alone:  {alone}\nunited: {united}"));
        }
        read += usize::from(alone.contains("\t{") || alone.contains("baf"));
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(read > 100, "{read} texts are read");
}

#[test]
fn a_server_built_alone_and_beside_a_crate_that_enables_every_feature_judges_alike() {
    let alone = build(&["-p", "trust-server"], "alone");
    let united = build(&["--workspace"], "united");
    let (by_alone, by_united) = (lines(&alone, &[]), lines(&united, &[]));
    assert!(by_alone.len() > 700, "{} cases", by_alone.len());
    for (alone, united) in by_alone.iter().zip(&by_united) {
        assert_eq!(alone, united);
    }
    assert_eq!(by_alone.len(), by_united.len());
    let named = tally(&by_alone);
    assert!(named["accepted"] > 50, "{named:?}");
    assert!(named["unsupported_kind"] > 50, "{named:?}");

    readers_of_json_say_the_same(&alone, &united);

    // the builds differ indeed: all that is compiled in is more in one of them
    let all_of_alone = lines(&alone, &["--everything"]);
    let all_of_united = lines(&united, &["--everything"]);
    assert_eq!(
        all_of_alone, by_alone,
        "the server alone has other kinds in it than those that it names"
    );
    let (few, many) = (tally(&all_of_alone), tally(&all_of_united));
    println!("alone {few:?}\nunited {many:?}");
    assert!(many["accepted"] > few["accepted"] + 50, "{few:?}, {many:?}");
    assert!(
        many.get("unsupported_kind") < few.get("unsupported_kind"),
        "{few:?}, {many:?}"
    );
}
