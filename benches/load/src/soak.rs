//! Half of the peak for some minutes: every request is answered, and memory does not grow once the
//! window of used proofs is full: the most of it in the second half of that time is not more than
//! in the first. A byte lost by each request would be a tenth more after two million.

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
    let (mut first, mut second, mut requests) = (0, 0, 0_usize);
    let half = FULL + time.saturating_sub(FULL) / 2;
    while began.elapsed() < time {
        // making proofs takes a part of each second, too, which the rate does not count
        let count = (rate * 2.0) as usize;
        let made = sessions.proven(PATH, count).await?;
        let run = connections.send(made, Some(rate)).await?;
        requests += count;
        let memory = process.memory()?;
        if began.elapsed() >= half {
            second = memory.max(second);
        } else if began.elapsed() >= FULL {
            first = memory.max(first);
        }
        let at = began.elapsed().as_secs_f64();
        let p99 = run.percentile(0.99).as_secs_f64() * 1e3;
        println!("{at:>6.1} s  {requests:>9} requests  p99 {p99:.2} ms  {memory} KiB");
    }
    if first == 0 || second == 0 {
        println!("too short to tell whether memory grows: more than {FULL:?} are needed");
    } else {
        let share = second as f64 / first as f64;
        println!("memory: at most {first} KiB, then at most {second} KiB: × {share:.3}");
        ensure!(share <= 1.05, "memory grows");
    }
    println!("{requests} requests, no error");
    Ok(())
}
