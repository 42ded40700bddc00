//! All kinds of requests in turn, many rounds, and the verdicts.

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::client::{Connections, ask};
use crate::process::{Process, SERVER, cpu_model, load_average, redis, server};
use crate::rows::{Measured, Rounds, Row, best, judge};
use crate::scaling::scaling;
use crate::show::show;
use crate::traffic::{ALONE, BATCHED, PATH, Sessions, httpsig, plain};

/// What is saved.
#[derive(Serialize)]
struct Saved<'a> {
    cpu: String,
    /// Processes that wanted a core in the minute before.
    load: f64,
    rounds: usize,
    requests: usize,
    /// Of each kind the round of which a tenth took less CPU.
    kinds: BTreeMap<&'static str, &'a Measured>,
    rows: &'a [Row],
}

/// How much is done.
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    pub(crate) requests: usize,
    /// These kinds and no others, unless it is empty.
    pub(crate) only: Vec<String>,
}

struct World {
    sessions: Sessions,
    server: Process,
    connections: Connections,
    redis: Option<Process>,
    port: Option<u16>,
    /// The cookies that the two stores gave.
    cookies: BTreeMap<&'static str, String>,
}

pub(crate) const KINDS: [&str; 9] = [
    "nothing checked",
    "cookie, memory",
    "cookie, Redis",
    "raw",
    "proof",
    "httpsig",
    "proof, Redis in batches",
    "proof, Redis one by one",
    "first-time",
];

pub(crate) async fn bench(effort: Effort, known: &[String], json: &Path) -> Result<()> {
    let Effort {
        rounds,
        requests,
        only,
    } = effort;
    let known = numbers(known)?;
    let load = load_average();
    let is_wanted = |kind: &&str| only.is_empty() || only.iter().any(|only| only == kind);
    let mut kinds: Vec<&'static str> = KINDS.into_iter().filter(is_wanted).collect();
    ensure!(!kinds.is_empty(), "there is no such kind of request");
    let mut world = World::new().await?;
    let mut measured = Rounds::new();
    for _ in 0..rounds {
        for kind in &kinds {
            let Some(made) = world.requests(kind, requests).await? else {
                continue;
            };
            let one = world.measure(made).await.context(*kind)?;
            measured.entry(kind).or_default().push(one);
        }
        // what grows or shrinks meanwhile has the same part in all
        kinds.reverse();
    }
    let scaling = match only.is_empty() {
        true => Some(scaling(&world.sessions, world.port, requests, rounds / 4).await?),
        false => None,
    };
    let rows = judge(&measured, scaling, &known);
    let kinds = measured
        .iter()
        .filter_map(|(kind, rounds)| Some((*kind, best(rounds)?)))
        .collect();
    show(&kinds, &rows);
    let saved = Saved {
        cpu: cpu_model(),
        load,
        rounds,
        requests,
        kinds,
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
            connections: Connections::open(at).await?,
            redis: redis.map(|(process, _)| process),
            port,
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
        let run = self.connections.send(requests, None).await?;
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
}

fn numbers(known: &[String]) -> Result<BTreeMap<String, f64>> {
    let read = |text: &String| {
        let (name, value) = text.split_once('=').context("NAME=NUMBER")?;
        Ok((name.to_owned(), value.parse()?))
    };
    known.iter().map(read).collect()
}
