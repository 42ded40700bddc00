//! The rows of the second round of performance, H1 to H8, and what each takes.

use serde::Serialize;
use std::collections::BTreeMap;

/// What was measured of one kind of request in one round.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) requests_per_second: f64,
    pub(crate) cpu_us: f64,
    /// Of Redis, if there is one.
    pub(crate) redis_us: Option<f64>,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) request_bytes: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) what: &'static str,
    pub(crate) figure: Option<Figure>,
    pub(crate) target: f64,
    pub(crate) verdict: String,
}

/// A figure, and between which a half of the figures of single rounds lies.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    pub(crate) half: [f64; 2],
}

impl Figure {
    /// The one in the middle.
    pub(crate) fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_unstable_by(f64::total_cmp);
        let at = |quarters: usize| {
            let place = figures.len().saturating_sub(1) * quarters / 4;
            figures.get(place).copied().unwrap_or(f64::NAN)
        };
        Self {
            value: at(2),
            half: [at(1), at(3)],
        }
    }

    /// Another value for the figure itself.
    const fn with_value(mut self, value: f64) -> Self {
        self.value = value;
        self
    }
}

/// The round of which a tenth took less CPU: what others do on this machine only ever adds to it.
pub(crate) fn best(rounds: &[Measured]) -> Option<&Measured> {
    let mut sorted: Vec<&Measured> = rounds.iter().collect();
    sorted.sort_unstable_by(|a, b| a.cpu_us.total_cmp(&b.cpu_us));
    sorted.get(sorted.len() / 10).copied()
}

/// Why a kind is missing.
pub(crate) const LEFT_OUT: &str = "left out, or no redis-server is installed";

/// All rounds of each kind.
pub(crate) type Rounds = BTreeMap<&'static str, Vec<Measured>>;

fn row(
    (id, what): (&'static str, &'static str),
    figure: Result<Figure, String>,
    target: f64,
    is_least: bool,
) -> Row {
    let verdict = match &figure {
        Err(why) => format!("not measured: {why}"),
        Ok(figure) if is_least && figure.value >= target => "met".to_owned(),
        Ok(figure) if !is_least && figure.value <= target => "met".to_owned(),
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

/// All rows. `scaling` is that of two processes, `known` what was measured elsewhere. A ratio is
/// that of the best rounds of two kinds; a half of the ratios within one round lies around it.
pub(crate) fn judge(
    rounds: &Rounds,
    scaling: Option<Figure>,
    known: &BTreeMap<String, f64>,
) -> Vec<Row> {
    let all = |kind: &str| {
        let all = rounds.get(kind).filter(|all| !all.is_empty());
        all.ok_or_else(|| LEFT_OUT.to_owned())
    };
    let least = |kind| Ok::<_, String>(best(all(kind)?).ok_or(LEFT_OUT)?);
    let ratio = |kind, floor| {
        let pairs = all(kind)?.iter().zip(all(floor)?);
        let ratios = pairs.map(|(one, floor)| one.cpu_us / floor.cpu_us);
        let value = least(kind)?.cpu_us / least(floor)?.cpu_us;
        Ok::<_, String>(Figure::of(ratios.collect()).with_value(value))
    };
    let redis = |kind| {
        let mut times: Vec<f64> = all(kind)?.iter().filter_map(|one| one.redis_us).collect();
        times.sort_unstable_by(f64::total_cmp);
        let value = times.get(times.len() / 10).copied().ok_or(LEFT_OUT)?;
        Ok::<_, String>(Figure::of(times).with_value(value))
    };
    let other = |name: &str| {
        let figure = known.get(name).map(|figure| Figure::of(vec![*figure]));
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
            scaling.ok_or_else(|| LEFT_OUT.to_owned()),
            1.8,
            true,
        ),
    ]
}
