//! What the programs wrote, by build and row.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::targets::Build;

/// A row of interleaved pairs.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(super) struct Pair {
    pub(super) id: String,
    pub(super) what: String,
    pub(super) against: String,
    pub(super) waits: bool,
    pub(super) ratio: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ours_ns: f64,
    pub(super) floor_ns: f64,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
pub(super) struct Allocated {
    pub(super) id: String,
    pub(super) allocations: u64,
    pub(super) bytes: u64,
}

/// The peer in Node: a time, or why there is none.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(super) struct NodeRow {
    pub(super) id: String,
    pub(super) ns: Option<f64>,
    pub(super) error: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
pub(super) struct Point {
    pub(super) size: f64,
    pub(super) ns: f64,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
pub(super) struct Curve {
    pub(super) what: String,
    pub(super) unit: String,
    pub(super) points: Vec<Point>,
}

/// Everything of one run.
#[derive(Debug, Default, Serialize)]
pub(super) struct Measured {
    pub(super) portable: Vec<Pair>,
    pub(super) fast: Vec<Pair>,
    pub(super) rust_peers: Vec<Pair>,
    pub(super) node: Vec<NodeRow>,
    /// Row → instructions of ours and of the primitive, in the portable build.
    pub(super) instructions: BTreeMap<String, [u64; 2]>,
    pub(super) allocations: Vec<Allocated>,
    pub(super) growth: Vec<Curve>,
    /// What could not be run, and why.
    pub(super) missing: BTreeMap<String, String>,
}

impl Measured {
    /// A row of a build, or why there is none.
    pub(super) fn pair(&self, build: Build, id: &str) -> Result<&Pair, String> {
        let (rows, part) = match build {
            Build::Portable => (&self.portable, "portable"),
            Build::Fast => (&self.fast, "fast"),
        };
        self.or(part, rows.iter().find(|row| row.id == id))
    }

    pub(super) fn peer(&self, id: &str) -> Result<&Pair, String> {
        self.or("peers", self.rust_peers.iter().find(|row| row.id == id))
    }

    /// The times of the smallest and of the largest size of a curve.
    pub(super) fn ends(&self, what: &str) -> Result<[f64; 2], String> {
        let curve = self.growth.iter().find(|curve| curve.what == what);
        let points = curve.map_or(&[][..], |curve| &curve.points);
        let ends = points.first().zip(points.last());
        self.or("growth", ends.map(|(first, last)| [first.ns, last.ns]))
    }

    /// What was found, or why the part that it is of is missing.
    pub(super) fn or<T>(&self, part: &str, found: Option<T>) -> Result<T, String> {
        let reason = || {
            self.missing
                .get(part)
                .map_or("filtered out", String::as_str)
        };
        found.ok_or_else(|| reason().to_owned())
    }
}

impl Curve {
    /// The slope of log(time) over log(size) by least squares, and how much of the variation a
    /// straight line (not logarithmic) through the points explains. One is linear, nought is flat.
    pub(super) fn fit(&self) -> (f64, f64) {
        let log = |point: &Point| (point.size.ln(), point.ns.ln());
        let (exponent, _) = line(self.points.iter().map(log));
        let (_, explained) = line(self.points.iter().map(|point| (point.size, point.ns)));
        (exponent, explained)
    }
}

/// Least squares: slope and R².
#[expect(clippy::cast_precision_loss, reason = "a handful of points")]
fn line(points: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    let points: Vec<_> = points.collect();
    let n = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in &points {
        xx += (x - mean_x).powi(2);
        xy += (x - mean_x) * (y - mean_y);
        yy += (y - mean_y).powi(2);
    }
    let slope = xy / xx;
    let explained = if yy == 0.0 { 1.0 } else { xy * xy / (xx * yy) };
    (slope, explained)
}

#[cfg(test)]
mod tests {
    use super::{Curve, Point};

    #[test]
    fn a_line_is_found_to_be_one() {
        let points = [1.0, 10.0, 100.0].map(|size| Point {
            size,
            ns: 7.0 * size,
        });
        let curve = Curve {
            what: String::new(),
            unit: String::new(),
            points: points.to_vec(),
        };
        let (exponent, explained) = curve.fit();
        assert!((exponent - 1.0).abs() < 1e-9 && (explained - 1.0).abs() < 1e-9);
    }
}
