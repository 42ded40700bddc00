//! A wallet that does as the test says, and counts how often it is asked.

use async_trait::async_trait;
use cacao::{
    Cacao, HeaderType, Issuer, Payload, PayloadBuilder, Provers, Signature, Timestamp, UnixTime,
    siwx,
};
use session_core::{AuthError, AuthMethod, Context, ManualClock, Pending, Request, Sessions};
use session_wallets::EthereumWallet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store_memory::MemoryStore;
use tokio::sync::Semaphore;

/// 2023-04-06T16:15:19.058Z
pub(crate) const NOW: UnixTime = UnixTime::from_millis(1_680_797_719_058);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

type Edit = fn(&Payload) -> Payload;

/// What the wallet does when it is asked.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    Sign,
    Decline,
    /// Signs, with the key of another account.
    OtherAccount,
    /// Signs something else than it was asked for.
    Change(Edit),
}

pub(crate) struct Wallet {
    inner: EthereumWallet,
    other: EthereumWallet,
    act: Mutex<Act>,
    asked: AtomicUsize,
    /// How many prompts may be answered; the others stay open.
    pub(crate) open: Semaphore,
}

impl Wallet {
    pub(crate) fn new() -> Arc<Self> {
        let chain = "eip155:1".parse().unwrap();
        Arc::new(Self {
            inner: EthereumWallet::from_secret(&[7; 32], &chain).unwrap(),
            other: EthereumWallet::from_secret(&[8; 32], &chain).unwrap(),
            act: Mutex::new(Act::Sign),
            asked: AtomicUsize::new(0),
            open: Semaphore::new(1000),
        })
    }

    /// A wallet whose prompts stay open until `open` gets permits.
    pub(crate) fn waiting() -> Arc<Self> {
        let wallet = Self::new();
        wallet.open.forget_permits(1000);
        wallet
    }

    pub(crate) fn will(&self, act: Act) {
        *self.act.lock().unwrap() = act;
    }

    /// How often it was asked so far.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Waits until it was asked so often.
    pub(crate) async fn until_asked(&self, times: usize) {
        while self.asked() < times {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl AuthMethod for Wallet {
    fn issuer(&self) -> &Issuer {
        self.inner.issuer()
    }

    async fn authorize(&self, pending: &Pending) -> Result<Cacao, AuthError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.open.acquire().await.unwrap().forget();
        let act = *self.act.lock().unwrap();
        let asked = pending
            .payload_for(self.issuer())
            .map_err(AuthError::failed)?;
        let (signer, payload) = match act {
            Act::Sign => (&self.inner, asked),
            Act::Decline => return Err(AuthError::Declined),
            Act::OtherAccount => (&self.other, asked),
            Act::Change(edit) => (&self.inner, edit(&asked)),
        };
        let text = siwx::render(&payload, siwx::Dialect::default()).map_err(AuthError::failed)?;
        let signature = Signature::eip191(&signer.personal_sign(text.as_bytes()));
        Ok(Cacao::new(HeaderType::Eip4361, payload, Some(signature)))
    }
}

/// The same payload, to be changed before it is built.
pub(crate) fn rebuild(
    p: &Payload,
    domain: &str,
    audience: &str,
    nonce: &str,
    iat: &Timestamp,
) -> PayloadBuilder {
    let mut builder = Payload::builder(domain, p.issuer().clone(), audience, nonce, iat.clone());
    if let Some(exp) = p.expires_at() {
        builder = builder.with_expires_at(exp.clone());
    }
    if let Some(statement) = p.statement() {
        builder = builder.with_statement(statement);
    }
    builder.with_resources(p.resources())
}

/// The same payload, to be changed in what a builder can set again.
pub(crate) fn same(p: &Payload) -> PayloadBuilder {
    rebuild(p, p.domain(), p.audience(), p.nonce(), p.issued_at())
}

pub(crate) fn at(time: UnixTime) -> Timestamp {
    Timestamp::from_unix_time(time).unwrap()
}

/// A store in memory, a clock that stands at [`NOW`], and the sessions of both.
pub(crate) fn sessions() -> (Sessions<MemoryStore>, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(NOW));
    let context = Context::with_shared_clock(Arc::clone(&clock) as _, Provers::all_compiled_in());
    (Sessions::with_context(MemoryStore::new(), context), clock)
}

pub(crate) fn request<const N: usize>(resources: [&str; N]) -> Request {
    Request::new("app.example", resources)
}
