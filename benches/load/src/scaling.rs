//! Row H8: two servers that share a Redis, each on a core, beside one.

use anyhow::Result;
use std::net::SocketAddr;

use crate::client::{ask, send};
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
    let servers = [server(SERVER, redis)?, server(CLIENT, redis)?];
    for (_, at) in &servers {
        ask(*at, &sessions.introduction().await?).await?;
    }
    let [first, second] = &servers;
    let mut ratios = Vec::new();
    for _ in 0..rounds {
        let mut alone = 0.0;
        for server in &servers {
            alone += rate(server, sessions.proven(path, requests).await?).await?;
        }
        let made = sessions.proven(path, requests).await?;
        let other = sessions.proven(path, requests).await?;
        let (here, there) = tokio::join!(rate(first, made), rate(second, other));
        ratios.push((here? + there?) / (alone / 2.0));
    }
    Ok(Figure::of(ratios))
}

/// Requests for each second that the process was on its core.
async fn rate((process, at): &(Process, SocketAddr), made: Vec<Vec<u8>>) -> Result<f64> {
    let (count, before) = (made.len(), process.cpu()?);
    send(*at, made, None).await?;
    Ok(count as f64 / (process.cpu()? - before).as_secs_f64())
}
