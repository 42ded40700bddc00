//! A proxy that does to connections what networks do.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens to what the engine answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// It arrives.
    #[default]
    None,
    /// It arrives so much later.
    Delay(Duration),
    /// The request arrives so much later, even if its sender is gone by then.
    DelayRequest(Duration),
    /// It is swallowed, and the connection stays open.
    Swallow,
    /// It is lost: the connection is cut when the engine has answered.
    Cut,
    /// The request is lost: the connection is cut before the engine has it.
    CutRequest,
}

/// Listens on loopback, and passes on to an engine what comes.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
}

#[derive(Debug)]
struct Shared {
    to: u16,
    /// For each answer of the engine, counted from 0.
    fault: Mutex<fn(u64) -> Fault>,
    /// For the next requests, one each, before all else.
    next: Mutex<VecDeque<Fault>>,
    answers: AtomicU64,
    faults: AtomicU64,
}

impl Proxy {
    /// A proxy to a port of loopback, on which nothing happens to anything.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(to: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let shared = Arc::new(Shared {
            to,
            fault: Mutex::new(|_| Fault::None),
            next: Mutex::default(),
            answers: AtomicU64::new(0),
            faults: AtomicU64::new(0),
        });
        let (stop, mut stopped) = watch::channel(false);
        let accepts = Arc::clone(&shared);
        tokio::spawn(async move {
            loop {
                let connection = tokio::select! {
                    connection = listener.accept() => connection,
                    _ = stopped.changed() => return,
                };
                if let Ok((client, _)) = connection {
                    let (shared, mut stopped) = (Arc::clone(&accepts), stopped.clone());
                    tokio::spawn(async move {
                        tokio::select! {
                            _ = pass(client, shared) => {}
                            _ = stopped.changed() => {}
                        }
                    });
                }
            }
        });
        Self {
            address,
            shared,
            stop,
        }
    }

    /// On which port of loopback it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// What happens from now on, to the first, second … answer.
    ///
    /// # Panics
    /// When a fault did.
    pub fn set(&self, fault: fn(u64) -> Fault) {
        *self.shared.fault.lock().expect("nobody panicked") = fault;
    }

    /// What happens to the next request or its answer, and to no other.
    ///
    /// # Panics
    /// When a fault did.
    pub fn once(&self, fault: Fault) {
        self.next(&[fault]);
    }

    /// What happens to the next requests or their answers, to one after the other, and to no other.
    ///
    /// # Panics
    /// When a fault did.
    pub fn next(&self, faults: &[Fault]) {
        let mut next = self.shared.next.lock().expect("nobody panicked");
        *next = faults.iter().copied().collect();
    }

    /// To how many answers something happened.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.shared.faults.load(Ordering::SeqCst)
    }

    /// Cuts all connections, and takes no more.
    pub fn stop(&self) {
        let _ = self.stop.send(true);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn next(&self) -> Fault {
        let number = self.answers.fetch_add(1, Ordering::SeqCst);
        let once = self.next.lock().expect("nobody panicked").pop_front();
        let always = self.fault.lock().expect("nobody panicked")(number);
        let fault = once.unwrap_or(always);
        if fault != Fault::None {
            self.faults.fetch_add(1, Ordering::SeqCst);
        }
        fault
    }
}

/// One connection. A request is what arrives in one piece, and so is an answer: with one caller
/// on a connection these are its requests and answers.
async fn pass(client: TcpStream, shared: Arc<Shared>) -> std::io::Result<()> {
    let engine = TcpStream::connect((Ipv4Addr::LOCALHOST, shared.to)).await?;
    for stream in [&client, &engine] {
        stream.set_nodelay(true)?;
    }
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_engine, mut to_engine) = engine.into_split();
    let (mut request, mut answer) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut fault = Fault::None;
    loop {
        tokio::select! {
            length = from_client.read(&mut request) => {
                let length = length?;
                if length == 0 {
                    return Ok(());
                }
                fault = shared.next();
                if fault == Fault::CutRequest {
                    return Ok(());
                }
                if let Fault::DelayRequest(time) = fault {
                    tokio::time::sleep(time).await;
                }
                to_engine.write_all(request.get(..length).unwrap_or_default()).await?;
            }
            length = from_engine.read(&mut answer) => {
                let length = length?;
                if length == 0 {
                    return Ok(());
                }
                match fault {
                    Fault::Cut => return Ok(()),
                    Fault::Swallow => continue,
                    Fault::Delay(time) => tokio::time::sleep(time).await,
                    Fault::None | Fault::CutRequest | Fault::DelayRequest(_) => {}
                }
                to_client.write_all(answer.get(..length).unwrap_or_default()).await?;
            }
        }
    }
}
