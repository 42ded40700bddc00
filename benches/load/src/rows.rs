//! The rows of the second round of performance, H1 to H8, and what each takes.

use serde::Serialize;
use std::collections::BTreeMap;

/// What was measured of one kind of request: the best of several rounds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) requests_per_second: f64,
    pub(crate) cpu_us: f64,
    /// Of Redis, where there is one.
    pub(crate) redis_us: Option<f64>,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) request_bytes: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) what: &'static str,
    pub(crate) figure: Option<f64>,
    pub(crate) target: f64,
    pub(crate) verdict: String,
}

/// Why what Redis takes part in is missing.
pub(crate) const NO_REDIS: &str = "no redis-server is installed";

type Kinds = BTreeMap<&'static str, Measured>;

fn row(
    (id, what): (&'static str, &'static str),
    figure: Result<f64, String>,
    target: f64,
    is_least: bool,
) -> Row {
    let verdict = match &figure {
        Err(why) => format!("not measured: {why}"),
        Ok(figure) if is_least && *figure >= target => "met".to_owned(),
        Ok(figure) if !is_least && *figure <= target => "met".to_owned(),
        Ok(_) => "missed".to_owned(),
    };
    Row {
        id,
        what,
        figure: figure.ok(),
        target,
        verdict,
    }
}

/// All rows. `scaling` is that of two processes, `known` what was measured elsewhere.
pub(crate) fn judge(kinds: &Kinds, scaling: f64, known: &BTreeMap<String, f64>) -> Vec<Row> {
    // the one thing that may be missing here is an engine
    let measured = |kind: &str| kinds.get(kind).ok_or_else(|| NO_REDIS.to_owned());
    let cpu = |kind: &str| Ok::<_, String>(measured(kind)?.cpu_us);
    let ratio = |kind, floor| Ok(cpu(kind)? / cpu(floor)?);
    let redis = |kind: &str| measured(kind)?.redis_us.ok_or_else(|| NO_REDIS.to_owned());
    let other = |name: &str| {
        let figure = known.get(name).copied();
        figure.ok_or_else(|| "no figure by the tests of session-http (--known)".to_owned())
    };
    let most = |name, figure, target| row(name, figure, target, false);
    vec![
        most(
            ("H1", "proof ÷ raw check, CPU"),
            ratio("proof", "raw"),
            1.10,
        ),
        most(
            ("H2", "Redis in batches ÷ proof, CPU"),
            ratio("proof, Redis in batches", "proof"),
            1.10,
        ),
        most(
            ("H2r", "Redis in batches, its own µs"),
            redis("proof, Redis in batches"),
            5.0,
        ),
        most(
            ("H3", "Redis one by one ÷ proof, CPU"),
            ratio("proof, Redis one by one", "proof"),
            1.15,
        ),
        most(
            ("H4", "first-time capability ÷ raw check, CPU"),
            ratio("first-time", "raw"),
            if cfg!(feature = "native-curves") {
                1.8
            } else {
                2.8
            },
        ),
        most(
            ("H5", "proof ÷ httpsig, CPU"),
            ratio("proof", "httpsig"),
            0.80,
        ),
        most(("H6", "bytes of Authorization"), other("H6"), 480.0),
        most(
            ("H7", "bytes of memory for a remembered proof"),
            other("H7"),
            40.0,
        ),
        most(
            ("H7c", "bytes beside the block for a registered capability"),
            other("H7c"),
            256.0,
        ),
        most(
            (
                "H7k",
                "bytes beside the block for a capability proven before",
            ),
            other("H7k"),
            256.0,
        ),
        // the client takes part of both cores, so that the time on the wall says nothing
        row(
            ("H8", "two processes ÷ one, requests / s of each core's CPU"),
            Ok(scaling),
            1.8,
            true,
        ),
    ]
}

/// Columns of one width.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
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
