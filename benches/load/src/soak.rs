//! Half of the peak for some minutes: every request is answered, and memory does not grow once the
//! window of used proofs is full.

use anyhow::{Result, ensure};
use std::time::{Duration, Instant};

use crate::client::{Connections, ask};
use crate::process::{SERVER, server};
use crate::traffic::{PATH, Sessions};

/// So long until as many proofs are forgotten as come: their minute, and the last span.
const FULL: Duration = Duration::from_secs(75);

pub(crate) async fn soak(time: Duration) -> Result<()> {
    let (process, at) = server(SERVER, None)?;
    let sessions = Sessions::new().await?;
    ask(at, &sessions.introduction().await?).await?;
    let mut connections = Connections::open(at).await?;
    let made = sessions.proven(PATH, 10_000).await?;
    let peak = connections.send(made, None).await?;
    let peak = 10_000.0 / peak.time.as_secs_f64();
    let rate = peak / 2.0;
    println!(
        "peak {peak:.0} requests/s: {rate:.0} for {:.1} minutes",
        time.as_secs_f64() / 60.0
    );
    let began = Instant::now();
    let (mut level, mut requests) = (None, 0_usize);
    while began.elapsed() < time {
        // making proofs takes a part of each second, too, which the rate does not count
        let count = (rate * 2.0) as usize;
        let made = sessions.proven(PATH, count).await?;
        let run = connections.send(made, Some(rate)).await?;
        requests += count;
        let memory = process.memory()?;
        if began.elapsed() >= FULL {
            level.get_or_insert(memory);
        }
        let at = began.elapsed().as_secs_f64();
        let p99 = run.percentile(0.99).as_secs_f64() * 1e3;
        println!("{at:>6.1} s  {requests:>9} requests  p99 {p99:.2} ms  {memory} KiB");
    }
    let memory = process.memory()?;
    match level {
        None => println!("too short to tell whether memory grows: {FULL:?} are needed"),
        Some(level) => {
            let share = memory as f64 / level as f64;
            println!("memory {level} KiB, in the end {memory} KiB: × {share:.3}");
            ensure!(share <= 1.05, "memory grows");
        }
    }
    println!("{requests} requests, no error");
    Ok(())
}
