//! Counts the allocations of one call of ours, for each row, and writes JSON lines.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "its output is its result")]

use benches::rows;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

fn main() {
    let filter = std::env::args().nth(1);
    let _profiler = dhat::Profiler::builder().testing().build();
    for mut row in rows::all() {
        if filter.as_deref().is_some_and(|filter| !row.matches(filter)) {
            continue;
        }
        // once before, for what is computed at first use
        (row.ours)();
        let before = dhat::HeapStats::get();
        (row.ours)();
        let after = dhat::HeapStats::get();
        let (blocks, bytes) = (
            after.total_blocks - before.total_blocks,
            after.total_bytes - before.total_bytes,
        );
        println!(
            "{{\"id\":\"{}\",\"allocations\":{blocks},\"bytes\":{bytes}}}",
            row.id
        );
    }
}
