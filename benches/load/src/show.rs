//! Figures and verdicts as tables, for people.

use std::collections::BTreeMap;

use crate::bench::KINDS;
use crate::rows::{Figure, LEFT_OUT, Measured, Row};

pub(crate) fn show(kinds: &BTreeMap<&'static str, &Measured>, rows: &[Row]) {
    let floor = |kind: &str| kinds.get(kind).map(|measured| measured.cpu_us);
    let against = |cpu: f64, kind| {
        floor(kind).map_or_else(|| "-".to_owned(), |floor| format!("{:.2}", cpu / floor))
    };
    let listed = KINDS
        .iter()
        .filter_map(|kind| Some((kind, kinds.get(kind)?)));
    let lines: Vec<Vec<String>> = listed
        .map(|(kind, measured)| {
            let redis = measured.redis_us.unwrap_or_default();
            vec![
                (*kind).to_owned(),
                format!("{:.0}", measured.requests_per_second),
                format!("{:.2}", measured.p50_ms),
                format!("{:.2}", measured.p99_ms),
                format!("{:.1}", measured.cpu_us),
                format!("{redis:.1}"),
                measured.request_bytes.to_string(),
                against(measured.cpu_us, "nothing checked"),
                against(measured.cpu_us, "raw"),
            ]
        })
        .collect();
    let head = [
        "a request",
        "per second",
        "p50 ms",
        "p99 ms",
        "CPU µs",
        "Redis µs",
        "bytes",
        "÷ nothing",
        "÷ raw",
    ];
    println!("{}", table(&head, &lines));
    for kind in KINDS.iter().filter(|kind| !kinds.contains_key(*kind)) {
        println!("not measured: {kind}: {LEFT_OUT}");
    }
    let lines: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let told = |tell: fn(&Figure) -> String| {
                row.figure.as_ref().map_or_else(|| "-".to_owned(), tell)
            };
            let verdict = row.verdict.clone();
            vec![
                row.id.to_owned(),
                row.what.to_owned(),
                told(|figure| format!("{:.2}", figure.value)),
                told(|figure| format!("{:.2} to {:.2}", figure.half[0], figure.half[1])),
                row.target.to_string(),
                verdict,
            ]
        })
        .collect();
    println!(
        "{}",
        table(
            &[
                "row",
                "what",
                "figure",
                "half of rounds",
                "target",
                "verdict"
            ],
            &lines
        )
    );
}

/// Columns of one width.
fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let mut text = String::new();
    for row in std::iter::once(&head).chain(rows) {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width - cell.chars().count());
            let cell = match column {
                0 => format!("{cell}{pad}"),
                _ => format!("  {pad}{cell}"),
            };
            text.push_str(&cell);
        }
        text.push('\n');
    }
    text
}
