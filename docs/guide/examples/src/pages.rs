//! The code in the pages as a text: it is formatted, and a page that shows a file of another crate
//! shows it as it is.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::process::Command;

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn the_code_of_the_pages_is_formatted() {
    let mut pages = 0;
    for file in std::fs::read_dir(env!("OUT_DIR")).unwrap() {
        let file = file.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        // the blocks of a page alone, `PAGE-1.rs`, are in that of the whole page, too
        let name = file.file_name().unwrap().to_string_lossy();
        if text.is_empty() || name.contains(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let config = Path::new(GUIDE).join("../../rustfmt.toml");
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--check", "--edition", "2024", "--config-path"]);
        match rustfmt.arg(config).arg(&file).output() {
            Ok(told) => {
                let (said, failed) = (
                    String::from_utf8_lossy(&told.stdout),
                    String::from_utf8_lossy(&told.stderr),
                );
                assert!(told.status.success(), "{}: {said}{failed}", file.display());
            }
            Err(error) => {
                println!("skipped: there is no rustfmt: {error}");
                return;
            }
        }
        pages += 1;
    }
    assert!(pages > 5, "{pages} pages have code");
}

/// The store is an example of the crate `did-session`, whose package has it.
#[test]
fn the_page_of_stores_shows_the_example_as_it_is() {
    let read = |path: &str| std::fs::read_to_string(Path::new(GUIDE).join(path)).unwrap();
    let example = read("../../crates/did-session/examples/custom_store.rs");
    let page = read("src/store.md");
    assert!(
        page.contains(&format!("```rust\n{example}```\n")),
        "copy custom_store.rs into the page"
    );
}
