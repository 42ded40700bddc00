//! Measures, and writes JSON: one line for each row. `cargo xtask bench` reads it.
//!
//! `pairs N [FILTER]` · `names [FILTER]` · `instructions ID ours|floor` (under callgrind) · `growth [quick]` · `inputs`
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "its output is its result")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark may panic")]

use benches::{Row, growth, inputs, pairs, rows};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let filter = |at: usize| args.get(at).cloned();
    match args.first().map(String::as_str) {
        Some("pairs") => {
            let pairs = args.get(1).map_or(30, |n| n.parse().unwrap());
            for mut row in chosen(filter(2).as_deref()) {
                print(&pairs::measure(&mut row, pairs));
            }
        }
        Some("names") => {
            for row in chosen(filter(1).as_deref()) {
                if !row.waits {
                    println!("{}", row.id);
                }
            }
        }
        Some("instructions") => {
            let mut rows = rows::all();
            let row = rows
                .iter_mut()
                .find(|row| Some(row.id) == args.get(1).map(String::as_str));
            let row = row.unwrap();
            let ours = args.get(2).map(String::as_str) == Some("ours");
            let work = if ours { &mut row.ours } else { &mut row.floor };
            // once before, for what is computed at first use
            work();
            measured_call(work);
        }
        Some("growth") => {
            for curve in growth::all(filter(1).as_deref() == Some("quick")) {
                print(&curve);
            }
        }
        Some("inputs") => println!("{}", inputs::for_node()),
        _ => panic!("pairs, names, instructions, growth or inputs"),
    }
}

fn chosen(filter: Option<&str>) -> Vec<Row> {
    let mut rows = rows::all();
    rows.retain(|row| filter.is_none_or(|filter| row.matches(filter)));
    rows
}

fn print(value: &impl serde::Serialize) {
    println!("{}", serde_json::to_string(value).unwrap());
}

/// Callgrind counts inside this function alone, so the call must not be its last act, which would
/// leave it before the work is done.
#[inline(never)]
fn measured_call(work: &mut benches::Work) {
    let begun = std::hint::black_box(1_u64);
    work();
    std::hint::black_box(begun);
}
