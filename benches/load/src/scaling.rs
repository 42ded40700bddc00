//! Row H8: two servers that share a Redis, each on a core, beside one.

use anyhow::Result;

use crate::client::{Connections, ask};
use crate::process::{CLIENT, Process, SERVER, server};
use crate::rows::Figure;
use crate::traffic::{BATCHED, PATH, Sessions};

/// How many times the requests of one process two serve. On two cores the client and Redis take
/// part of one of both, so that what counts is requests for each second that a server was on its
/// core: what processes do to each other by what they share shows in it.
pub(crate) async fn scaling(
    sessions: &Sessions,
    redis: Option<u16>,
    requests: usize,
    rounds: usize,
) -> Result<Figure> {
    let path = if redis.is_some() { BATCHED } else { PATH };
    let mut servers = Vec::new();
    for core in [SERVER, CLIENT] {
        let (process, at) = server(core, redis)?;
        ask(at, &sessions.introduction().await?).await?;
        servers.push((process, Connections::open(at).await?));
    }
    let mut ratios = Vec::new();
    for _ in 0..rounds {
        let mut alone = 0.0;
        for server in &mut servers {
            let made = sessions.proven(path, requests).await?;
            alone += rate(server, made).await?;
        }
        let made = sessions.proven(path, requests).await?;
        let other = sessions.proven(path, requests).await?;
        let [first, second] = &mut servers[..] else {
            return Ok(Figure::of(Vec::new()));
        };
        let (here, there) = tokio::join!(rate(first, made), rate(second, other));
        ratios.push((here? + there?) / (alone / 2.0));
    }
    Ok(Figure::of(ratios))
}

/// Requests for each second that the process was on its core.
async fn rate(
    (process, connections): &mut (Process, Connections),
    made: Vec<Vec<u8>>,
) -> Result<f64> {
    let (count, before) = (made.len(), process.cpu()?);
    connections.send(made, None).await?;
    Ok(count as f64 / (process.cpu()? - before).as_secs_f64())
}
