//! Sends requests over a number of connections, each of which waits for its answer.

use anyhow::{Context, Result, bail, ensure};
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const CONNECTIONS: usize = 32;

/// How long an answer may take, before the run is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// One run.
pub(crate) struct Run {
    pub(crate) time: Duration,
    /// Of each request, sorted.
    pub(crate) latencies: Vec<Duration>,
}

impl Run {
    /// The latency below which this share of the requests stayed.
    pub(crate) fn percentile(&self, share: f64) -> Duration {
        let place = (self.latencies.len() as f64 * share) as usize;
        let last = self.latencies.len().saturating_sub(1);
        self.latencies
            .get(place.min(last))
            .copied()
            .unwrap_or_default()
    }
}

/// Connections to one server, which stay open from one run to the next.
pub(crate) struct Connections(Vec<TcpStream>);

impl Connections {
    pub(crate) async fn open(to: SocketAddr) -> Result<Self> {
        let mut streams = Vec::new();
        for _ in 0..CONNECTIONS {
            let stream = TcpStream::connect(to).await?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        Ok(Self(streams))
    }

    /// Sends all of them; every one must be answered with 200. With a rate, no more than so many
    /// in a second.
    pub(crate) async fn send(&mut self, requests: Vec<Vec<u8>>, rate: Option<f64>) -> Result<Run> {
        let requests = Rc::new(requests);
        let next = Rc::new(Cell::new(0_usize));
        let latencies = Rc::new(RefCell::new(Vec::with_capacity(requests.len())));
        let began = Instant::now();
        let mut tasks = Vec::new();
        for mut stream in std::mem::take(&mut self.0) {
            let (requests, next, latencies) = (requests.clone(), next.clone(), latencies.clone());
            tasks.push(tokio::task::spawn_local(async move {
                let mut buffer = Vec::with_capacity(4096);
                loop {
                    let place = next.get();
                    let Some(request) = requests.get(place) else {
                        return Ok::<_, anyhow::Error>(stream);
                    };
                    next.set(place + 1);
                    if let Some(rate) = rate {
                        let at = began + Duration::from_secs_f64(place as f64 / rate);
                        tokio::time::sleep_until(at.into()).await;
                    }
                    let sent = Instant::now();
                    stream.write_all(request).await?;
                    let answered = answer(&mut stream, &mut buffer);
                    tokio::time::timeout(PATIENCE, answered).await??;
                    latencies.borrow_mut().push(sent.elapsed());
                }
            }));
        }
        for task in tasks {
            self.0.push(task.await??);
        }
        let time = began.elapsed();
        let mut latencies = latencies.take();
        ensure!(latencies.len() == requests.len(), "requests were lost");
        latencies.sort_unstable();
        Ok(Run { time, latencies })
    }
}

/// Reads one answer; what came is left in the buffer.
pub(crate) async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<()> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        let Some(head) = buffer.windows(4).position(|end| end == b"\r\n\r\n") else {
            continue;
        };
        let text = std::str::from_utf8(buffer.get(..head).unwrap_or_default())?;
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then_some(value)
        });
        let length: usize = length.context("no content-length")?.trim().parse()?;
        if buffer.len() >= head + 4 + length {
            ensure!(
                text.starts_with("HTTP/1.1 200 "),
                "refused: {}",
                String::from_utf8_lossy(buffer)
            );
            return Ok(());
        }
    }
}

/// One request; its answer as text.
pub(crate) async fn ask(to: SocketAddr, request: &[u8]) -> Result<String> {
    let mut stream = TcpStream::connect(to).await?;
    stream.write_all(request).await?;
    let mut buffer = Vec::new();
    tokio::time::timeout(PATIENCE, answer(&mut stream, &mut buffer)).await??;
    Ok(String::from_utf8_lossy(&buffer).into_owned())
}
