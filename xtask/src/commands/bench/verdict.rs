//! Holds what was measured against the targets.

use serde::Serialize;

use super::measured::{Measured, Pair};
use super::targets::{Bar, Build, Source, Target};

/// A row of the table.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    pub(super) id: &'static str,
    pub(super) row: &'static str,
    pub(super) target: String,
    /// The figure, and the 95 % interval of its median where there is one.
    pub(super) figure: Option<f64>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    /// The ratio of instructions, where it is one of arithmetic.
    pub(super) instructions: Option<f64>,
    pub(super) verdict: &'static str,
    pub(super) note: String,
}

/// A figure with its interval.
#[derive(Debug, Clone, Copy)]
struct Figure {
    low: f64,
    middle: f64,
    high: f64,
    instructions: Option<f64>,
}

impl Figure {
    const fn exact(value: f64) -> Self {
        Self {
            low: value,
            middle: value,
            high: value,
            instructions: None,
        }
    }

    const fn of(pair: &Pair) -> Self {
        Self {
            low: pair.low,
            middle: pair.ratio,
            high: pair.high,
            instructions: None,
        }
    }

    /// The same as how often ours is faster.
    fn inverse(self) -> Self {
        Self {
            low: 1.0 / self.high,
            middle: 1.0 / self.middle,
            high: 1.0 / self.low,
            instructions: self.instructions.map(|ratio| 1.0 / ratio),
        }
    }
}

/// Up to here a ratio is near one: its instructions count, too.
const NEAR_ONE: f64 = 1.5;

pub(super) fn judge(target: &Target, measured: &Measured) -> Verdict {
    let found = figure(target, measured);
    let mut verdict = Verdict {
        id: target.id,
        row: target.row,
        target: match target.bar {
            Bar::AtMost(bar) => format!("≤ {bar}"),
            Bar::AtLeast(bar) => format!("≥ {bar}"),
        },
        figure: None,
        low: None,
        high: None,
        instructions: None,
        verdict: "not measured",
        note: String::new(),
    };
    match found {
        Err(why) => verdict.note = why,
        Ok(figure) => {
            verdict.figure = Some(figure.middle);
            verdict.low = Some(figure.low);
            verdict.high = Some(figure.high);
            verdict.instructions = figure.instructions;
            let (met, note) = holds(target.bar, figure);
            verdict.verdict = if met { "met" } else { "missed" };
            verdict.note = note;
        }
    }
    verdict
}

/// A bar is met when the lower end of the interval meets it; near one the instructions must too.
fn holds(bar: Bar, figure: Figure) -> (bool, String) {
    match bar {
        Bar::AtMost(bar) => {
            let by_time = figure.low <= bar;
            let counted = figure.instructions.filter(|_| bar <= NEAR_ONE);
            let by_count = counted.is_none_or(|ratio| ratio <= bar);
            let note = match (by_time, by_count) {
                (true, false) => "met in time, missed in instructions",
                (false, true) if counted.is_some() => "met in instructions, missed in time",
                _ => "",
            };
            (by_time && by_count, note.to_owned())
        }
        Bar::AtLeast(bar) => (figure.low >= bar, String::new()),
    }
}

fn figure(target: &Target, measured: &Measured) -> Result<Figure, String> {
    let part = |build| match build {
        Build::Portable => "portable",
        Build::Fast => "fast",
    };
    let pair = |build, id| {
        let found = measured.pair(build, id);
        found.ok_or_else(|| measured.reason(part(build)))
    };
    let peer = |id| measured.peer(id).ok_or_else(|| measured.reason("peers"));
    match target.source {
        Source::Ratio(build, id) => {
            let mut figure = Figure::of(pair(build, id)?);
            if build == Build::Portable {
                figure.instructions = ratio_of_instructions(measured, id);
            }
            Ok(figure)
        }
        Source::Gain(build, id) => Ok(Figure::of(pair(build, id)?).inverse()),
        Source::RustPeer(id) => Ok(Figure::of(peer(id)?).inverse()),
        Source::RustRatio(id) => Ok(Figure::of(peer(id)?)),
        Source::RustApart(build, ours, id) => Ok(Figure::exact(
            peer(id)?.floor_ns / pair(build, ours)?.ours_ns,
        )),
        Source::Node(build, ours, id) => {
            let row = measured.node.iter().find(|row| row.id == id);
            let row = row.ok_or_else(|| measured.reason("node"))?;
            let theirs = row
                .ns
                .ok_or_else(|| row.error.clone().unwrap_or_default())?;
            Ok(Figure::exact(theirs / pair(build, ours)?.ours_ns))
        }
        Source::Count(id) => ratio_of_instructions(measured, id)
            .map(|ratio| Figure::exact(ratio.floor()))
            .ok_or_else(|| measured.reason("instructions")),
        Source::Allocations(id) => {
            let row = measured.allocations.iter().find(|row| row.id == id);
            #[expect(clippy::cast_precision_loss, reason = "small counts")]
            row.map(|row| Figure::exact(row.allocations as f64))
                .ok_or_else(|| measured.reason("allocations"))
        }
        Source::Flat(what) => ends(measured, what)
            .map(|(first, last)| Figure::exact(last / first))
            .ok_or_else(|| measured.reason("growth")),
        Source::List => ends(measured, "file store, list")
            .zip(ends(measured, "read_dir of the same directory"))
            .map(|(ours, floor)| Figure::exact(ours.1 / floor.1))
            .ok_or_else(|| measured.reason("growth")),
        Source::Elsewhere(why) => Err(why.to_owned()),
    }
}

fn ends(measured: &Measured, what: &str) -> Option<(f64, f64)> {
    let points = &measured.curve(what)?.points;
    Some((points.first()?.ns, points.last()?.ns))
}

#[expect(clippy::cast_precision_loss, reason = "a ratio")]
fn ratio_of_instructions(measured: &Measured, id: &str) -> Option<f64> {
    let [ours, floor] = measured.instructions.get(id)?;
    (*floor > 0).then(|| *ours as f64 / *floor as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(low: f64, instructions: Option<f64>) -> Figure {
        Figure {
            low,
            middle: low + 0.1,
            high: low + 0.2,
            instructions,
        }
    }

    #[test]
    fn the_lower_end_decides_and_near_one_the_instructions() {
        assert!(holds(Bar::AtMost(1.1), figure(1.05, None)).0);
        assert!(!holds(Bar::AtMost(1.1), figure(1.11, Some(1.0))).0);
        assert!(!holds(Bar::AtMost(1.1), figure(1.05, Some(1.2))).0);
        assert!(holds(Bar::AtMost(2.1), figure(1.9, Some(2.5))).0);
        assert!(!holds(Bar::AtLeast(3.0), figure(2.95, None)).0);
        assert!(holds(Bar::AtLeast(3.0), figure(3.0, None)).0);
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut measured = Measured::default();
        measured
            .missing
            .insert("node".to_owned(), "node is not installed".to_owned());
        for target in super::super::targets::all() {
            let verdict = judge(target, &measured);
            assert_eq!(verdict.verdict, "not measured", "{}", target.id);
            assert!(!verdict.note.is_empty(), "{}", target.id);
        }
    }
}
