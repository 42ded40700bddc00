//! Races over two servers of HTTP, each with its own connection to one Redis: what is used ten
//! thousand times at once counts once.

use crate::world::{DOMAIN, ORIGIN, START, Signer, World, proven};
use cacao::UnixTime;
use http::Request;
use session_core::{DidSession, ManualClock};
use session_http::State;
use session_http::client::Content;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store_redis::{
    Options, Redis, RedisCapabilities, RedisChallenges, RedisDevices, RedisReplayWindow,
    RedisRevocations,
};
use test_support::{Kind, RedisServer};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Each has so many requests on their way at once.
const CONNECTIONS: usize = 200;
const USES: usize = 10_000;

/// What is told of a request: the status, and the code of a refusal with its reason.
type Told = (u16, String);

/// A server that listens, with what it shares.
struct Instance {
    world: World,
    address: SocketAddr,
}

async fn instance(url: &str, clock: &Arc<ManualClock>) -> Instance {
    // the clock stands in another year than that of the engine
    let options = Options::new().with_any_clock();
    let options = options.with_reply_timeout(Duration::from_secs(30));
    let redis = Redis::open_with(url, options).await.unwrap();
    let began = UnixTime::from_secs(START - 3600);
    let state = State::new(
        RedisReplayWindow::open(&redis, began).await.unwrap(),
        RedisChallenges::new(&redis).unwrap(),
        RedisCapabilities::new(&redis),
        RedisDevices::new(&redis),
        RedisRevocations::new(&redis),
    );
    let world = World::on(Arc::clone(clock), state);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = world.app.clone();
    tokio::spawn(async move { axum::serve(listener, app).await });
    Instance { world, address }
}

/// Two instances over one Redis; nothing where there is none.
async fn two() -> Option<(RedisServer, [Instance; 2])> {
    match RedisServer::start(Kind::Redis, &[]) {
        Ok(server) => {
            let clock = Arc::new(ManualClock::new(UnixTime::from_secs(START)));
            let (one, other) = (
                instance(&server.url(), &clock).await,
                instance(&server.url(), &clock).await,
            );
            Some((server, [one, other]))
        }
        Err(why) => {
            eprintln!("skipped: {why}");
            None
        }
    }
}

/// A request as it goes over the wire.
fn written(request: &Request<Vec<u8>>) -> Vec<u8> {
    let target = request.uri().path_and_query().unwrap();
    let mut head = format!(
        "{} {target} HTTP/1.1\r\nhost: {DOMAIN}\r\n",
        request.method()
    );
    for (name, value) in request.headers() {
        write!(head, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
    }
    write!(head, "content-length: {}\r\n\r\n", request.body().len()).unwrap();
    [head.as_bytes(), request.body()].concat()
}

/// Sends all at once over one connection, and reads the answers, which come in their order.
async fn exchange(address: SocketAddr, requests: Vec<Arc<[u8]>>) -> Vec<Told> {
    let (read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
    let count = requests.len();
    let sends = tokio::spawn(async move {
        for request in requests {
            write.write_all(&request).await.unwrap();
        }
        write
    });
    let (mut read, mut told) = (BufReader::new(read), Vec::new());
    for _ in 0..count {
        let (mut status, mut length, mut line) = (0, 0, String::new());
        loop {
            line.clear();
            assert_ne!(read.read_line(&mut line).await.unwrap(), 0, "it is cut off");
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.trim().parse().unwrap();
            } else if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        read.read_exact(&mut body).await.unwrap();
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let word = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
        told.push((
            status,
            format!("{} {}", word("code"), word("reason"))
                .trim()
                .to_owned(),
        ));
    }
    drop(sends.await.unwrap());
    told
}

/// What is told of each of these, which are sent at once, to both servers in turn.
async fn storm(instances: &[Instance; 2], requests: Vec<Arc<[u8]>>) -> Vec<Told> {
    let mut shares = vec![Vec::new(); CONNECTIONS];
    for (n, request) in requests.iter().enumerate() {
        shares[n % CONNECTIONS].push(Arc::clone(request));
    }
    let shares = shares.into_iter().enumerate();
    let exchanges: Vec<_> = shares
        .map(|(n, share)| tokio::spawn(exchange(instances[n % 2].address, share)))
        .collect();
    let mut told = vec![Told::default(); requests.len()];
    for (connection, exchange) in exchanges.into_iter().enumerate() {
        for (n, one) in exchange.await.unwrap().into_iter().enumerate() {
            told[n * CONNECTIONS + connection] = one;
        }
    }
    told
}

fn counts(told: &[Told]) -> BTreeMap<&Told, usize> {
    let mut counts = BTreeMap::new();
    for one in told {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_thousand_uses_of_one_proof_over_two_servers_and_a_redis_one_wins() {
    let Some((_redis, instances)) = two().await else {
        return;
    };
    let [one, other] = instances.each_ref().map(|instance| &instance.world);
    let signer = one.log_in(&["app://notes/write"]).await;
    let request: Arc<[u8]> = written(&proven(&signer, "POST", "/notes", "hello").await).into();
    let told = storm(&instances, vec![request; USES]).await;
    let (won, again) = ((200, String::new()), (401, "replayed".to_owned()));
    assert_eq!(
        counts(&told),
        BTreeMap::from([(&won, 1), (&again, USES - 1)])
    );
    assert_eq!(one.effects() + other.effects(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_thousand_uses_of_one_challenge_over_two_servers_and_a_redis_one_wins() {
    let Some((_redis, instances)) = two().await else {
        return;
    };
    let one = &instances[0].world;
    let first = one.challenged(&["app://notes/0"]).await;
    let nonce = first.session().cacao().payload().nonce().to_owned();
    let seed = first.session().key().to_seed();
    // twenty capabilities answer the same challenge, each of them five hundred times, in turn
    let mut signers = Vec::new();
    for n in 0..20 {
        let asked = session_core::Request::new(DOMAIN, [format!("app://notes/{n}")]);
        let key = didkey::Ed25519SigningKey::from_seed(&seed);
        let asked = asked.with_nonce(nonce.clone());
        let session = DidSession::authorize_key(&one.context(), key, &one.wallet, &asked).await;
        signers.push(Signer::new(session.unwrap()));
    }
    let mut requests = Vec::new();
    let origin = ORIGIN.parse().unwrap();
    for n in 0..USES {
        let signer = &signers[n % signers.len()];
        let login = signer.post_capability(&origin, "/session/login").await;
        let mut login = login.unwrap();
        let content = login.body().clone();
        signer
            .prove(&mut login, Content::Bytes(&content))
            .await
            .unwrap();
        requests.push(written(&login).into());
    }
    let told = storm(&instances, requests).await;
    let is_winner = |(n, (status, _)): (usize, &Told)| (*status == 200).then_some(n % 20);
    let winners: BTreeSet<_> = told.iter().enumerate().filter_map(is_winner).collect();
    assert_eq!(winners.len(), 1, "{winners:?}");
    // it may say so again, and nobody else may
    let refused = (401, "invalid_token challenge_used".to_owned());
    assert_eq!(counts(&told)[&refused], USES - USES / 20);
    assert_eq!(counts(&told).len(), 2);
}
