//! Lock files that say what is built: a crate that gained a dependency changes those of every
//! workspace that uses it, and a test with `--locked` would notice much later.

use std::path::Path;

use anyhow::Result;

use super::text::File;
use crate::shell::{self, Cmd};

/// The lock files of cargo that no longer fit their manifests. Without a network nothing can be
/// said, and nothing is.
pub(super) fn stale(root: &Path, locks: &[File]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for lock in locks
        .iter()
        .filter(|lock| lock.path.ends_with("Cargo.lock"))
    {
        let manifest = root.join(&lock.path).with_file_name("Cargo.toml");
        let ended = Cmd::cargo("update")
            .args(["--workspace", "--locked", "--manifest-path"])
            .arg(manifest)
            .capture()?;
        if !ended.success() && !shell::is_offline(&ended.stderr) {
            problems.push(format!(
                "{}: does not fit its manifest",
                lock.path.display()
            ));
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_that_does_not_fit_is_named() {
        let root = tempfile::tempdir().unwrap();
        let lock = |text: &str| {
            std::fs::write(root.path().join("Cargo.lock"), text).unwrap();
            let file = File {
                path: "Cargo.lock".into(),
                text: text.to_owned(),
            };
            stale(root.path(), &[file]).unwrap()
        };
        let manifest = "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        std::fs::write(root.path().join("Cargo.toml"), manifest).unwrap();
        std::fs::create_dir(root.path().join("src")).unwrap();
        std::fs::write(root.path().join("src/lib.rs"), "").unwrap();
        let fits = "version = 4\n\n[[package]]\nname = \"one\"\nversion = \"0.1.0\"\n";
        assert!(lock(fits).is_empty());
        assert_eq!(lock(&fits.replace("0.1.0", "0.2.0")).len(), 1);
    }
}
