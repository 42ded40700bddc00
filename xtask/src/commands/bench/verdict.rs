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

/// A figure between the ends of its interval, and its ratio of instructions.
#[derive(Debug, Clone, Copy)]
struct Figure {
    low: f64,
    middle: f64,
    high: f64,
    instructions: Option<f64>,
}

impl Figure {
    const fn new(low: f64, middle: f64, high: f64) -> Self {
        let instructions = None;
        Self {
            low,
            middle,
            high,
            instructions,
        }
    }

    const fn exact(value: f64) -> Self {
        Self::new(value, value, value)
    }

    const fn of(pair: &Pair) -> Self {
        Self::new(pair.low, pair.ratio, pair.high)
    }

    /// The same as how often ours is faster.
    fn inverse(self) -> Self {
        Self::new(1.0 / self.high, 1.0 / self.middle, 1.0 / self.low)
    }
}

/// Up to here a ratio is near one: its instructions count, too.
const NEAR_ONE: f64 = 1.5;

pub(super) fn judge(target: &Target, measured: &Measured) -> Verdict {
    let (figure, (verdict, note)) = match figure(target, measured) {
        Err(why) => (None, ("not measured", why)),
        Ok(figure) => (Some(figure), holds(target.bar, figure)),
    };
    Verdict {
        id: target.id,
        row: target.row,
        target: match target.bar {
            Bar::AtMost(bar) => format!("≤ {bar}"),
            Bar::AtLeast(bar) => format!("≥ {bar}"),
        },
        figure: figure.map(|figure| figure.middle),
        low: figure.map(|figure| figure.low),
        high: figure.map(|figure| figure.high),
        instructions: figure.and_then(|figure| figure.instructions),
        verdict,
        note,
    }
}

/// A bar is met when the lower end of the interval meets it; near one the instructions must too.
fn holds(bar: Bar, figure: Figure) -> (&'static str, String) {
    let (met, note) = match bar {
        Bar::AtMost(bar) => {
            let by_time = figure.low <= bar;
            let counted = figure.instructions.filter(|_| bar <= NEAR_ONE);
            match (by_time, counted.map(|ratio| ratio <= bar)) {
                (true, Some(false)) => (false, "met in time, missed in instructions"),
                (false, Some(true)) => (false, "met in instructions, missed in time"),
                _ => (by_time, ""),
            }
        }
        Bar::AtLeast(bar) => (figure.low >= bar, ""),
    };
    (if met { "met" } else { "missed" }, note.to_owned())
}

fn figure(target: &Target, measured: &Measured) -> Result<Figure, String> {
    let instructions = |id| ratio_of_instructions(measured, id);
    Ok(match target.source {
        Source::Ratio(build, id) => Figure {
            instructions: instructions(id).filter(|_| build == Build::Portable),
            ..Figure::of(measured.pair(build, id)?)
        },
        Source::Gain(build, id) => Figure::of(measured.pair(build, id)?).inverse(),
        Source::RustPeer(id) => Figure::of(measured.peer(id)?).inverse(),
        Source::RustRatio(id) => Figure::of(measured.peer(id)?),
        Source::RustApart(build, ours, id) => {
            Figure::exact(measured.peer(id)?.floor_ns / measured.pair(build, ours)?.ours_ns)
        }
        Source::Node(build, ours, id) => {
            let row = measured.or("node", measured.node.iter().find(|row| row.id == id))?;
            let theirs = row
                .ns
                .ok_or_else(|| row.error.clone().unwrap_or_default())?;
            Figure::exact(theirs / measured.pair(build, ours)?.ours_ns)
        }
        Source::Count(id) => Figure::exact(measured.or("instructions", instructions(id))?.floor()),
        Source::Allocations(id) => {
            let row = measured.allocations.iter().find(|row| row.id == id);
            #[expect(clippy::cast_precision_loss, reason = "small counts")]
            Figure::exact(measured.or("allocations", row)?.allocations as f64)
        }
        Source::Flat(what) => {
            let [first, last] = measured.ends(what)?;
            Figure::exact(last / first)
        }
        Source::List => {
            let [_, ours] = measured.ends("file store, list")?;
            let [_, floor] = measured.ends("read_dir of the same directory")?;
            Figure::exact(ours / floor)
        }
        Source::Elsewhere(why) => return Err(why.to_owned()),
    })
}

#[expect(clippy::cast_precision_loss, reason = "a ratio")]
fn ratio_of_instructions(measured: &Measured, id: &str) -> Option<f64> {
    let [ours, floor] = measured.instructions.get(id)?;
    (*floor > 0).then(|| *ours as f64 / *floor as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_end_decides_and_near_one_the_instructions() {
        for (bar, low, instructions, verdict) in [
            (Bar::AtMost(1.1), 1.05, None, "met"),
            (Bar::AtMost(1.1), 1.11, Some(1.0), "missed"),
            (Bar::AtMost(1.1), 1.05, Some(1.2), "missed"),
            (Bar::AtMost(2.1), 1.9, Some(2.5), "met"),
            (Bar::AtLeast(3.0), 2.95, None, "missed"),
            (Bar::AtLeast(3.0), 3.0, None, "met"),
        ] {
            let figure = Figure {
                instructions,
                ..Figure::new(low, low + 0.1, low + 0.2)
            };
            assert_eq!(holds(bar, figure).0, verdict, "{bar:?} {low}");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        let measured = Measured::default();
        for target in super::super::targets::ALL {
            let verdict = judge(target, &measured);
            assert_eq!(verdict.verdict, "not measured", "{}", target.id);
            assert!(!verdict.note.is_empty(), "{}", target.id);
        }
    }
}
