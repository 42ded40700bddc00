//! All kinds of requests in turn, several rounds, and the verdicts.

use anyhow::{Context, Result};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use crate::client::{Run, ask, send};
use crate::process::{CLIENT, Process, SERVER, redis, server};
use crate::rows::{Measured, NO_REDIS, Row, judge, table};
use crate::traffic::{ALONE, BATCHED, PATH, Sessions, httpsig, plain};

/// What is saved.
#[derive(Serialize)]
struct Saved<'a> {
    rounds: usize,
    requests: usize,
    kinds: &'a BTreeMap<&'static str, Measured>,
    rows: &'a [Row],
}

struct World {
    sessions: Sessions,
    server: Process,
    at: SocketAddr,
    redis: Option<Process>,
    /// The cookies that the two stores gave.
    cookies: BTreeMap<&'static str, String>,
}

const KINDS: [&str; 9] = [
    "nothing checked",
    "cookie, memory",
    "cookie, Redis",
    "raw",
    "httpsig",
    "proof",
    "proof, Redis in batches",
    "proof, Redis one by one",
    "first-time",
];

pub(crate) async fn bench(
    rounds: usize,
    requests: usize,
    known: &[String],
    json: &Path,
) -> Result<()> {
    let mut world = World::new().await?;
    let mut kinds = BTreeMap::new();
    for round in 0..rounds {
        for kind in KINDS {
            let Some(made) = world.requests(kind, requests).await? else {
                continue;
            };
            let measured = world.measure(made).await.context(kind)?;
            let best = kinds.entry(kind).or_insert_with(|| measured.clone());
            if measured.cpu_us < best.cpu_us {
                *best = measured;
            }
        }
        eprintln!("round {} of {rounds}", round + 1);
    }
    let scaling = world.scaling(requests, rounds.min(3)).await?;
    let known = numbers(known)?;
    let rows = judge(&kinds, scaling, &known);
    show(&kinds, &rows);
    let saved = Saved {
        rounds,
        requests,
        kinds: &kinds,
        rows: &rows,
    };
    let text = serde_json::to_string_pretty(&saved)? + "\n";
    std::fs::write(json, text).with_context(|| json.display().to_string())
}

impl World {
    async fn new() -> Result<Self> {
        let redis = redis()?;
        let port = redis.as_ref().map(|(_, port)| *port);
        let (server, at) = server(SERVER, port)?;
        let sessions = Sessions::new().await?;
        ask(at, &sessions.introduction().await?).await?;
        let mut cookies = BTreeMap::new();
        for (kind, path) in [("cookie, memory", "/memory"), ("cookie, Redis", "/redis")] {
            if path == "/redis" && redis.is_none() {
                continue;
            }
            let begun = ask(at, &plain(&format!("{path}/begin"), &[])).await?;
            let cookie = begun
                .lines()
                .find_map(|line| line.strip_prefix("set-cookie: "));
            let cookie = cookie.and_then(|cookie| cookie.split(';').next());
            cookies.insert(kind, cookie.context("no cookie")?.to_owned());
        }
        Ok(Self {
            sessions,
            server,
            at,
            redis: redis.map(|(process, _)| process),
            cookies,
        })
    }

    /// `None` for what cannot be measured here.
    async fn requests(&self, kind: &str, count: usize) -> Result<Option<Vec<Vec<u8>>>> {
        let cookie = |path: &str| {
            let cookie = self.cookies.get(kind)?;
            Some(vec![plain(path, &[("cookie", cookie)]); count])
        };
        Ok(match kind {
            "nothing checked" => Some(vec![plain("/hello", &[]); count]),
            "cookie, memory" => cookie("/memory/hello"),
            "cookie, Redis" => cookie("/redis/hello"),
            "raw" => Some(self.sessions.proven("/raw", count).await?),
            "httpsig" => Some(httpsig(count)?),
            "proof" => Some(self.sessions.proven(PATH, count).await?),
            "proof, Redis in batches" => self.shared(BATCHED, count).await?,
            "proof, Redis one by one" => self.shared(ALONE, count).await?,
            "first-time" => Some(self.sessions.first_ones(count.div_ceil(4)).await?),
            _ => None,
        })
    }

    async fn shared(&self, path: &str, count: usize) -> Result<Option<Vec<Vec<u8>>>> {
        if self.redis.is_none() {
            return Ok(None);
        }
        Ok(Some(self.sessions.proven(path, count).await?))
    }

    async fn measure(&mut self, requests: Vec<Vec<u8>>) -> Result<Measured> {
        let (count, bytes) = (requests.len(), requests.first().map_or(0, Vec::len));
        let of_redis = |world: &Self| world.redis.as_ref().map(Process::cpu).transpose();
        let before = (self.server.cpu()?, of_redis(self)?);
        let run = send(self.at, requests, None).await?;
        let after = (self.server.cpu()?, of_redis(self)?);
        let each = |time: Duration| time.as_secs_f64() * 1e6 / count as f64;
        let redis = after
            .1
            .zip(before.1)
            .map(|(after, before)| each(after - before));
        Ok(Measured {
            requests_per_second: count as f64 / run.time.as_secs_f64(),
            cpu_us: each(after.0 - before.0),
            redis_us: redis,
            p50_ms: run.percentile(0.5).as_secs_f64() * 1e3,
            p99_ms: run.percentile(0.99).as_secs_f64() * 1e3,
            request_bytes: bytes,
        })
    }

    /// How many times the requests of one process two serve, each on a core. On two cores the
    /// client takes part of both, so that what counts is requests for each second of a core.
    async fn scaling(&self, requests: usize, rounds: usize) -> Result<f64> {
        let servers = [server(SERVER, None)?, server(CLIENT, None)?];
        for (_, at) in &servers {
            ask(*at, &self.sessions.introduction().await?).await?;
        }
        let (mut alone, mut together) = (0.0_f64, 0.0_f64);
        for _ in 0..rounds {
            let [first, second] = &servers;
            let made = self.sessions.proven(PATH, requests).await?;
            let (_, rate) = on(first, made).await?;
            alone = alone.max(rate);
            let made = self.sessions.proven(PATH, requests).await?;
            let other = self.sessions.proven(PATH, requests).await?;
            let runs = tokio::join!(on(first, made), on(second, other));
            together = together.max(runs.0?.1 + runs.1?.1);
        }
        Ok(together / alone)
    }
}

/// Requests for each second that the process was on its core.
async fn on((process, at): &(Process, SocketAddr), made: Vec<Vec<u8>>) -> Result<(Run, f64)> {
    let (count, before) = (made.len(), process.cpu()?);
    let run = send(*at, made, None).await?;
    let rate = count as f64 / (process.cpu()? - before).as_secs_f64();
    Ok((run, rate))
}

fn numbers(known: &[String]) -> Result<BTreeMap<String, f64>> {
    let read = |text: &String| {
        let (name, value) = text.split_once('=').context("NAME=NUMBER")?;
        Ok((name.to_owned(), value.parse()?))
    };
    known.iter().map(read).collect()
}

fn show(kinds: &BTreeMap<&'static str, Measured>, rows: &[Row]) {
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
        println!("not measured: {kind}: {NO_REDIS}");
    }
    let lines: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let figure = row
                .figure
                .map_or_else(|| "-".to_owned(), |figure| format!("{figure:.2}"));
            let verdict = row.verdict.clone();
            vec![
                row.id.to_owned(),
                row.what.to_owned(),
                figure,
                row.target.to_string(),
                verdict,
            ]
        })
        .collect();
    println!(
        "{}",
        table(&["row", "what", "figure", "target", "verdict"], &lines)
    );
}
