//! Interleaved pairs: ours and the primitive in turn, so that a slow phase of the machine meets
//! both; the figure is the median of the pairs' ratios with its 95 % interval.

use crate::Row;
use serde::Serialize;
use std::time::{Duration, Instant};

/// What one row came to.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// As [`Row::id`].
    pub id: String,
    /// As [`Row::what`].
    pub what: String,
    /// As [`Row::against`].
    pub against: String,
    /// As [`Row::waits`].
    pub waits: bool,
    /// Ours ÷ primitive: the median of the pairs.
    pub ratio: f64,
    /// The lower end of the median's 95 % interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The least time of ours, in nanoseconds for each call.
    pub ours_ns: f64,
    /// That of the primitive.
    pub floor_ns: f64,
}

/// How often each side of a pair is timed; the least time counts, since a shared machine can only
/// make it longer.
const TURNS: u32 = 4;
const BATCH: Duration = Duration::from_micros(400);

/// Measures a row in so many pairs.
pub fn measure(row: &mut Row, pairs: usize) -> Measured {
    let (batch_ours, batch_floor, turns) = if row.waits {
        (1, 1, 2)
    } else {
        (batch_of(&mut row.ours), batch_of(&mut row.floor), TURNS)
    };
    let mut ratios = Vec::with_capacity(pairs);
    let (mut ours_ns, mut floor_ns) = (f64::INFINITY, f64::INFINITY);
    for pair in 0..pairs {
        let (mut ours, mut floor) = (f64::INFINITY, f64::INFINITY);
        for turn in 0..turns as usize {
            let ours_first = (pair + turn).is_multiple_of(2);
            if ours_first {
                ours = ours.min(nanoseconds(&mut row.ours, batch_ours));
            }
            floor = floor.min(nanoseconds(&mut row.floor, batch_floor));
            if !ours_first {
                ours = ours.min(nanoseconds(&mut row.ours, batch_ours));
            }
        }
        ratios.push(ours / floor);
        ours_ns = ours_ns.min(ours);
        floor_ns = floor_ns.min(floor);
    }
    let (low, ratio, high) = median_interval(&mut ratios);
    Measured {
        id: row.id.to_owned(),
        what: row.what.to_owned(),
        against: row.against.to_owned(),
        waits: row.waits,
        ratio,
        low,
        high,
        ours_ns,
        floor_ns,
    }
}

/// Nanoseconds for each call of a batch.
#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
pub fn nanoseconds(work: &mut crate::Work, batch: u32) -> f64 {
    let begun = Instant::now();
    for _ in 0..batch {
        work();
    }
    begun.elapsed().as_secs_f64() * 1e9 / f64::from(batch)
}

/// The nanoseconds of one call.
#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
pub fn once(work: &mut dyn FnMut()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64() * 1e9
}

/// So many calls that a batch is long beside the clock and short beside a time slice.
pub fn batch_of(work: &mut crate::Work) -> u32 {
    let mut batch = 1;
    loop {
        let took = nanoseconds(work, batch) * f64::from(batch);
        if took >= BATCH.as_secs_f64() * 1e9 || batch >= 1 << 20 {
            return batch;
        }
        batch *= 2;
    }
}

/// The median and the order statistics between which it lies with 95 % confidence (binomial, by
/// the normal approximation; the 9th and the 22nd of 30).
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "ranks are small and not negative"
)]
pub fn median_interval(values: &mut [f64]) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    let half = 1.96 * (n as f64).sqrt() / 2.0;
    let low = (n as f64 / 2.0 - half).floor().max(1.0) as usize;
    let high = (n + 1 - low).min(n);
    let median = if n.is_multiple_of(2) {
        f64::midpoint(values[n / 2 - 1], values[n / 2])
    } else {
        values[n / 2]
    };
    (values[low - 1], median, values[high - 1])
}

#[cfg(test)]
mod tests {
    use super::median_interval;

    #[test]
    fn the_interval_of_thirty_is_the_ninth_to_the_twenty_second() {
        let mut values: Vec<f64> = (1..=30).rev().map(f64::from).collect();
        assert_eq!(median_interval(&mut values), (9.0, 15.5, 22.0));
        assert_eq!(median_interval(&mut [3.0]), (3.0, 3.0, 3.0));
        assert_eq!(median_interval(&mut [3.0, 1.0, 2.0]), (1.0, 2.0, 3.0));
    }
}
