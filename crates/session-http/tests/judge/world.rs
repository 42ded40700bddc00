//! A server with a clock that stands, a node that says what a test wants, and wallets.

use async_trait::async_trait;
use cacao::car::Car;
use cacao::contract::Contracts;
use cacao::eip191::Eip191;
use cacao::{Cacao, CallOutcome, EthCall, Provers, UnixTime};
use didkey::Ed25519SigningKey;
use http::Request;
use http::request::Parts;
use session_core::{AuthMethod, Context, DidSession, EthereumRpc, ManualClock, Outage, SessionKey};
use session_http::client::{Content, ProofSigner};
use session_http::{Caller, Refusal, Registering, Route, Secret, Server, State};
use session_wallets::{ContractAuth, EthereumWallet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

pub(crate) const START: UnixTime = UnixTime::from_secs(1_700_000_010);
pub(crate) const DOMAIN: &str = "notes.example.com";
const ACCOUNT: &str = "eip155:1:0x4e59b44847b379578588920ca78fbf26c0b4956c";
pub(crate) const URI: &str = "https://notes.example.com/notes";

/// What the node says of a signature by a contract.
#[derive(Clone, Copy)]
pub(crate) enum Says {
    Yes,
    No,
    Nothing,
}

/// A node that says what the test wants, and counts how often it is asked.
pub(crate) struct Node(Mutex<Says>, AtomicUsize);

impl Node {
    pub(crate) fn will(&self, says: Says) {
        *self.0.lock().unwrap() = says;
    }

    pub(crate) fn asked(&self) -> usize {
        self.1.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl EthereumRpc for Node {
    async fn eth_calls(&self, calls: &[EthCall]) -> Result<Vec<CallOutcome>, Outage> {
        self.1.fetch_add(1, Ordering::SeqCst);
        let mut word = vec![0; 32];
        match *self.0.lock().unwrap() {
            Says::Yes => word[..4].copy_from_slice(&[0x16, 0x26, 0xba, 0x7e]),
            Says::No => word[..4].copy_from_slice(&[0xff; 4]),
            Says::Nothing => return Err(Outage::new("1", "no connection")),
        }
        let said = calls.iter().map(|_| CallOutcome::Returned(word.clone()));
        Ok(said.collect())
    }
}

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) node: Arc<Node>,
    /// That of the client, which remembers nothing for the server.
    pub(crate) context: Context,
    pub(crate) server: Server,
}

/// A server that runs for long already.
pub(crate) fn world() -> World {
    World::on(State::in_memory(UnixTime::from_secs(1_699_990_000)).unwrap())
}

pub(crate) fn wallet() -> EthereumWallet {
    EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap()
}

pub(crate) type Signer = ProofSigner<Ed25519SigningKey>;

impl World {
    pub(crate) fn on(state: State) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let node = Arc::new(Node(Mutex::new(Says::Yes), AtomicUsize::new(0)));
        let context = || {
            let provers = Provers::none().with(Eip191).unwrap();
            let provers = provers.with_contracts(Contracts::new()).unwrap();
            let context =
                Context::with_shared_clock(Arc::clone(&clock) as _, provers.with_memory(100));
            context.with_rpc(Arc::clone(&node))
        };
        let server = Server::builder(DOMAIN, &context(), state).with_secret(Secret::new([9; 32]));
        let (context, server) = (context(), server.build().unwrap());
        Self {
            clock,
            node,
            context,
            server,
        }
    }

    pub(crate) async fn signer<K: SessionKey>(
        &self,
        auth: &dyn AuthMethod,
        key: K,
    ) -> ProofSigner<K> {
        let asked = session_core::Request::new(DOMAIN, ["app://notes/write"]);
        let session = DidSession::authorize_key(&self.context, key, auth, &asked).await;
        ProofSigner::new(session.unwrap())
    }

    /// A session of this wallet, with what is asked for.
    pub(crate) async fn session(
        &self,
        wallet: &EthereumWallet,
        asked: session_core::Request,
    ) -> Signer {
        let key = Ed25519SigningKey::generate().unwrap();
        let session = DidSession::authorize_key(&self.context, key, wallet, &asked).await;
        ProofSigner::new(session.unwrap())
    }

    /// The head of a request by which a session registers its capability, and the content.
    pub(crate) async fn registering(&self, signer: &Signer) -> (Registering, Vec<u8>) {
        let car = car(signer.session().cacao());
        let parts = proven(signer, URI, &car).await;
        let from = self
            .server
            .judge_registration(&parts, &parts.uri, Route::new());
        (from.await.unwrap(), car)
    }

    /// Who a request of this session is from.
    pub(crate) async fn caller(&self, signer: &Signer) -> Result<Caller, Refusal> {
        let parts = proven(signer, URI, b"").await;
        let accepted = self.server.judge(&parts, &parts.uri, Route::new()).await;
        accepted.map(|accepted| accepted.caller().clone())
    }

    pub(crate) async fn by_wallet<K: SessionKey>(&self, key: K) -> ProofSigner<K> {
        self.signer(&wallet(), key).await
    }

    pub(crate) async fn by_contract(&self) -> ProofSigner<Ed25519SigningKey> {
        let answer = async |_: String| Ok(vec![1, 2, 3]);
        let auth = ContractAuth::new(&ACCOUNT.parse().unwrap(), answer).unwrap();
        let key = Ed25519SigningKey::generate().unwrap();
        self.signer(&auth, key).await
    }

    pub(crate) async fn judge(&self, parts: &Parts) -> Result<(), &'static str> {
        let verdict = self.server.judge(parts, &parts.uri, Route::new()).await;
        verdict.map(|_| ()).map_err(|refusal| match refusal {
            Refusal::InvalidToken(reason) => reason,
            refusal => refusal.code(),
        })
    }
}

/// A capability, as it is registered.
pub(crate) fn car(capability: &Cacao) -> Vec<u8> {
    let block = (capability.cid(), capability.to_dag_cbor());
    Car::new(block.0, vec![block]).to_bytes()
}

/// A request as a server of HTTP/1.1 sees it, with the capability beside the proof.
pub(crate) async fn proven<K: SessionKey>(
    signer: &ProofSigner<K>,
    uri: &str,
    content: &[u8],
) -> Parts {
    let mut request = Request::post(uri).body(()).unwrap();
    signer
        .prove(&mut request, Content::Bytes(content))
        .await
        .unwrap();
    let (mut parts, ()) = request.into_parts();
    let host = parts.uri.authority().unwrap().as_str().parse().unwrap();
    parts.headers.insert("host", host);
    let car = signer.session().cacao().to_car_base64url();
    parts
        .headers
        .insert("did-session-capability", car.parse().unwrap());
    // as a client of HTTP/1.1 writes it, whatever the path is
    let query = parts.uri.query().map(|query| format!("?{query}"));
    let target = format!("{}{}", parts.uri.path(), query.unwrap_or_default());
    parts.uri = target.parse().unwrap();
    parts
}
