//! The plots: the ratios beside their targets, and how work grows. They follow the reader's choice
//! of light or dark.

use std::fmt::Write;

use super::measured::{Curve, Measured};
use super::targets::{Bar, Target};
use super::verdict::Verdict;

const STYLE: &str = "<style>\
    svg{background:#fff;font:13px system-ui,sans-serif}\
    text{fill:#24292f}.dim{fill:#57606a}.grid{stroke:#d8dee4}.axis{stroke:#8c959f}\
    .met{fill:#1a7f37;stroke:#1a7f37}.missed{fill:#cf222e;stroke:#cf222e}\
    .bar{stroke:#9a6700;stroke-width:2}.head{font-weight:600;font-size:15px}\
    .curve{stroke:#0969da;fill:none;stroke-width:2}.dot{fill:#0969da}\
    .fit{stroke:#8250df;stroke-dasharray:4 4;fill:none}\
    @media(prefers-color-scheme:dark){svg{background:#0d1117}\
    text{fill:#e6edf3}.dim{fill:#9198a1}.grid{stroke:#2d333b}.axis{stroke:#656c76}\
    .met{fill:#3fb950;stroke:#3fb950}.missed{fill:#f85149;stroke:#f85149}\
    .bar{stroke:#d29922}.curve{stroke:#4493f8}.dot{fill:#4493f8}.fit{stroke:#ab7df8}}\
    </style>";

fn document(width: f64, height: f64, label: &str, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{label}\">{STYLE}\n{body}</svg>\n"
    )
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, class: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" class=\"{class}\">{words}</text>"
    );
}

fn segment(out: &mut String, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    let _ = writeln!(
        out,
        "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
    );
}

/// A number as a label has it: three digits.
fn short(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// Every judged row as its figure ÷ its target (or target ÷ figure where more is better), so that
/// one line tells: left of it is met.
pub(super) fn ratios(rows: &[(&Target, &Verdict)]) -> String {
    const ROW: f64 = 21.0;
    const LEFT: f64 = 420.0;
    const WIDTH: f64 = 420.0;
    const TOP: f64 = 62.0;
    let judged: Vec<_> = rows
        .iter()
        .filter_map(|(target, verdict)| position(target, verdict).map(|at| (*target, *verdict, at)))
        .collect();
    let x = |value: f64| LEFT + WIDTH * ((value.clamp(0.125, 8.0).log2() + 3.0) / 6.0);
    #[expect(clippy::cast_precision_loss, reason = "tens of rows")]
    let bottom = TOP + ROW * judged.len() as f64;
    let mut body = String::new();
    text(
        &mut body,
        16.0,
        28.0,
        "start",
        "head",
        "Each row as a multiple of its target: left of the line is met",
    );
    for tick in [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0] {
        let class = if tick == 1.0 { "bar" } else { "grid" };
        segment(&mut body, class, (x(tick), TOP - 6.0), (x(tick), bottom));
        text(
            &mut body,
            x(tick),
            TOP - 12.0,
            "middle",
            "dim",
            &format!("{tick}×"),
        );
    }
    let mut y = TOP + ROW * 0.5;
    for (target, verdict, at) in &judged {
        text(&mut body, 16.0, y + 4.0, "start", "", verdict.id);
        text(&mut body, 132.0, y + 4.0, "start", "dim", verdict.row);
        let class = verdict.verdict;
        segment(&mut body, class, (x(at[0]), y), (x(at[2]), y));
        let _ = writeln!(
            body,
            "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>",
            x(at[1])
        );
        let figure = short(verdict.figure.unwrap_or_default());
        let words = format!("{figure} ({})", verdict.target);
        let _ = target;
        text(
            &mut body,
            LEFT + WIDTH + 16.0,
            y + 4.0,
            "start",
            "dim",
            &words,
        );
        y += ROW;
    }
    document(
        LEFT + WIDTH + 150.0,
        bottom + 20.0,
        "ratios of every row",
        &body,
    )
}

/// Low, middle and high as multiples of the target; below one is met.
fn position(target: &Target, verdict: &Verdict) -> Option<[f64; 3]> {
    let values = [verdict.low?, verdict.figure?, verdict.high?];
    match target.bar {
        Bar::AtMost(bar) if bar > 0.0 => Some(values.map(|value| value / bar)),
        Bar::AtMost(_) => Some(values.map(|value| 1.0 + value)),
        Bar::AtLeast(bar) => Some(values.map(|value| bar / value)),
    }
}

/// The growth curves, one panel each, both axes logarithmic, with the straight line that fits.
pub(super) fn growth(measured: &Measured) -> String {
    const PANEL: (f64, f64) = (400.0, 250.0);
    let mut body = String::new();
    text(
        &mut body,
        16.0,
        28.0,
        "start",
        "head",
        "Growth: time by size; dashed, the straight line that fits best",
    );
    let (mut column, mut row) = (0.0, 0.0);
    for curve in &measured.growth {
        panel(
            &mut body,
            curve,
            (16.0 + column * PANEL.0, 44.0 + row * PANEL.1),
        );
        column += 1.0;
        if column == 2.0 {
            (column, row) = (0.0, row + 1.0);
        }
    }
    let rows = if column == 0.0 { row } else { row + 1.0 };
    document(832.0, 56.0 + rows * PANEL.1, "growth curves", &body)
}

fn panel(body: &mut String, curve: &Curve, (left, top): (f64, f64)) {
    const WIDTH: f64 = 310.0;
    const HEIGHT: f64 = 150.0;
    let (x0, y0) = (left + 62.0, top + 40.0);
    let sizes = curve.points.iter().map(|point| point.size);
    let (first, last) = (
        sizes.clone().fold(f64::INFINITY, f64::min),
        sizes.fold(0.0, f64::max),
    );
    let times = curve.points.iter().map(|point| point.ns);
    // whole decades, so that panels can be compared
    let low = times.clone().fold(f64::INFINITY, f64::min).log10().floor();
    let high = times.fold(0.0, f64::max).log10().ceil().max(low + 1.0);
    let x = |size: f64| x0 + WIDTH * (size / first).ln() / (last / first).ln();
    let y = |ns: f64| y0 + HEIGHT * (high - ns.log10().clamp(low, high)) / (high - low);
    let (exponent, explained) = curve.fit();
    text(body, left, top + 14.0, "start", "", &curve.what);
    let fit = format!("exponent {exponent:.2}, straight line R² {explained:.3}");
    text(body, left, top + 31.0, "start", "dim", &fit);
    let mut decade = low;
    while decade <= high {
        let at = y(10f64.powf(decade));
        segment(body, "grid", (x0, at), (x0 + WIDTH, at));
        text(
            body,
            x0 - 6.0,
            at + 4.0,
            "end",
            "dim",
            &time(10f64.powf(decade)),
        );
        decade += 1.0;
    }
    let (intercept, slope) = curve.line();
    let mut fitted = String::new();
    let mut path = String::new();
    for step in 0..=40 {
        let size = first * (last / first).powf(f64::from(step) / 40.0);
        let ns = (intercept + slope * size).max(10f64.powf(low));
        let _ = write!(fitted, "{:.1},{:.1} ", x(size), y(ns));
    }
    for point in &curve.points {
        let _ = write!(path, "{:.1},{:.1} ", x(point.size), y(point.ns));
    }
    let _ = writeln!(
        body,
        "<polyline class=\"fit\" points=\"{}\"/>",
        fitted.trim_end()
    );
    let _ = writeln!(
        body,
        "<polyline class=\"curve\" points=\"{}\"/>",
        path.trim_end()
    );
    for point in &curve.points {
        let (cx, cy) = (x(point.size), y(point.ns));
        let _ = writeln!(
            body,
            "<circle class=\"dot\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"3.5\"/>"
        );
        text(
            body,
            cx,
            y0 + HEIGHT + 17.0,
            "middle",
            "dim",
            &size(point.size),
        );
    }
    let middle = x0 + WIDTH / 2.0;
    text(
        body,
        middle,
        y0 + HEIGHT + 34.0,
        "middle",
        "dim",
        &curve.unit,
    );
}

/// A size as a label that leaves room for the next one.
fn size(size: f64) -> String {
    if size < 10_000.0 {
        return format!("{size}");
    }
    format!("{:.0}k", size / 1_000.0)
}

fn time(ns: f64) -> String {
    match ns {
        ns if ns >= 1e9 => format!("{} s", ns / 1e9),
        ns if ns >= 1e6 => format!("{} ms", ns / 1e6),
        ns if ns >= 1e3 => format!("{} µs", ns / 1e3),
        ns => format!("{ns} ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::bench::measured::Point;

    #[test]
    fn sizes_are_short() {
        let sizes = [1.0, 8192.0, 61_440.0, 100_000.0].map(size);
        assert_eq!(sizes, ["1", "8192", "61k", "100k"]);
    }

    #[test]
    fn a_plot_is_well_formed_and_names_its_curve() {
        let curve = Curve {
            what: "a < b".to_owned(),
            unit: "accounts".to_owned(),
            points: [1.0, 10.0, 100.0]
                .map(|size| Point {
                    size,
                    ns: 50.0 + size,
                })
                .to_vec(),
        };
        let measured = Measured {
            growth: vec![curve],
            ..Measured::default()
        };
        let svg = growth(&measured);
        assert!(svg.contains("a &lt; b") && svg.contains("accounts"));
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}
