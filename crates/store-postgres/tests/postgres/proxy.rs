//! A proxy between a client and the server that delays, cuts and swallows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is done to the bytes that pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Fault {
    /// They pass.
    None,
    /// The next request is swallowed, and its connection cut.
    LoseRequest,
    /// The next reply is swallowed, and its connection cut: the request has arrived.
    LoseReply,
    /// The next request waits for [`Proxy::DELAY`], whatever becomes of its sender, and arrives then.
    DelayRequest,
    /// At random: replies are lost, requests and replies cut or delayed a little.
    Random,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    fault: Arc<AtomicU8>,
    pub(crate) faults: Arc<AtomicU64>,
}

impl Proxy {
    /// Longer than the max_wait of who asks in these tests.
    pub(crate) const DELAY: Duration = Duration::from_millis(900);

    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            fault: Arc::default(),
            faults: Arc::default(),
        };
        let (fault, faults) = (Arc::clone(&proxy.fault), Arc::clone(&proxy.faults));
        tokio::spawn(async move {
            let mut seed = 1_u64;
            while let Ok((client, _)) = listener.accept().await {
                seed += 1;
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else {
                    continue;
                };
                let way = Way {
                    fault: Arc::clone(&fault),
                    faults: Arc::clone(&faults),
                    random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                };
                tokio::spawn(way.carry(client, server));
            }
        });
        proxy
    }

    pub(crate) fn set(&self, fault: Fault) {
        self.fault.store(fault as u8, Ordering::SeqCst);
    }
}

struct Way {
    fault: Arc<AtomicU8>,
    faults: Arc<AtomicU64>,
    random: u64,
}

impl Way {
    /// Whether this fault is to happen now; it happens once.
    fn once(&self, fault: Fault) -> bool {
        let (fault, none, order) = (fault as u8, Fault::None as u8, Ordering::SeqCst);
        let ours = self
            .fault
            .compare_exchange(fault, none, order, order)
            .is_ok();
        self.faults.fetch_add(u64::from(ours), Ordering::SeqCst);
        ours
    }

    /// One of so many, at random (xorshift), while faults are.
    fn one_in(&mut self, many: u64) -> bool {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let is_random = self.fault.load(Ordering::SeqCst) == Fault::Random as u8;
        let now = is_random && self.random % many == 0;
        self.faults.fetch_add(u64::from(now), Ordering::SeqCst);
        now
    }

    async fn carry(mut self, mut client: TcpStream, mut server: TcpStream) {
        let (mut request, mut reply) = (vec![0; 65_536], vec![0; 65_536]);
        loop {
            tokio::select! {
                many = client.read(&mut request) => {
                    let Ok(many @ 1..) = many else { return };
                    if self.once(Fault::DelayRequest) {
                        tokio::time::sleep(Proxy::DELAY).await;
                    }
                    if self.once(Fault::LoseRequest) || self.one_in(80) {
                        return;
                    }
                    if self.one_in(80) {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                    if server.write_all(&request[..many]).await.is_err() {
                        return;
                    }
                }
                many = server.read(&mut reply) => {
                    let Ok(many @ 1..) = many else { return };
                    if self.once(Fault::LoseReply) || self.one_in(40) {
                        return;
                    }
                    if client.write_all(&reply[..many]).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}
