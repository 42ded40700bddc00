//! Takes the Rust code out of the pages of the guide, so that what a reader copies is compiled, and
//! run by the tests of this crate.
#![allow(
    clippy::expect_used,
    reason = "a build script ends where it cannot go on"
)]

use std::fs;
use std::path::Path;

/// Writes the blocks of each page to `PAGE.rs`, and each alone to `PAGE-1.rs`, `PAGE-2.rs` …
fn main() {
    const PAGES: &str = "../src";
    println!("cargo::rerun-if-changed={PAGES}");
    let out = std::env::var_os("OUT_DIR").expect("cargo names a folder");
    for page in fs::read_dir(PAGES).expect("the pages are there").flatten() {
        let page = page.path();
        if page.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&page).expect("a page is a text");
        let name = page.file_stem().expect("a page has a name");
        let write = |end: &str, code: &str| {
            let file = format!("{}{end}.rs", name.to_string_lossy());
            fs::write(Path::new(&out).join(file), code).expect("the code can be written");
        };
        let blocks = blocks(&text);
        write("", &blocks.join("\n"));
        for (at, block) in blocks.iter().enumerate() {
            write(&format!("-{}", at + 1), block);
        }
    }
}

/// What stands between "```rust" and "```".
fn blocks(text: &str) -> Vec<&str> {
    let blocks = text.split("\n```rust\n").skip(1);
    blocks
        .filter_map(|rest| rest.find("\n```").and_then(|end| rest.get(..=end)))
        .collect()
}
