//! Races: one proof and one challenge, used ten thousand times at once over two servers that share
//! what they keep; and a real connection.

use crate::world::{ORIGIN, START, World, call, proven};
use cacao::UnixTime;
use http::{Request, StatusCode};
use session_core::{DidSession, ManualClock};
use session_http::State;
use session_http::client::Content;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn two() -> [World; 2] {
    let state = State::in_memory(UnixTime::from_secs(START - 3600)).unwrap();
    let clock = Arc::new(ManualClock::new(UnixTime::from_secs(START)));
    [(); 2].map(|()| World::on(Arc::clone(&clock), state.clone()))
}

/// The statuses of so many calls at once, to both servers in turn.
async fn storm(worlds: &[World; 2], requests: Vec<Request<Vec<u8>>>) -> Vec<StatusCode> {
    let calls: Vec<_> = requests
        .into_iter()
        .enumerate()
        .map(|(n, request)| {
            let app = worlds[n % 2].app.clone();
            tokio::spawn(async move { call(&app, request).await.status() })
        })
        .collect();
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await.unwrap());
    }
    statuses
}

fn accepted(statuses: &[StatusCode]) -> usize {
    statuses
        .iter()
        .filter(|status| **status == StatusCode::OK)
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_thousand_uses_of_one_proof_one_wins() {
    let worlds = two();
    let signer = worlds[0].log_in(&["app://notes/write"]).await;
    let proven = proven(&signer, "POST", "/notes", "hello").await;
    let statuses = storm(&worlds, vec![proven; 10_000]).await;
    assert_eq!(accepted(&statuses), 1);
    assert_eq!(worlds[0].effects() + worlds[1].effects(), 1);
    assert_eq!(
        statuses
            .iter()
            .filter(|status| **status == StatusCode::UNAUTHORIZED)
            .count(),
        9_999
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_thousand_uses_of_one_challenge_one_capability_wins() {
    let worlds = two();
    let first = worlds[0].challenged(&["app://notes/0"]).await;
    let nonce = first.session().cacao().payload().nonce().to_owned();
    let seed = first.session().key().to_seed();
    // twenty capabilities answer the same challenge, each of them five hundred times
    let mut requests = Vec::new();
    for n in 0..20 {
        let asked = session_core::Request::new(crate::world::DOMAIN, [format!("app://notes/{n}")])
            .with_nonce(nonce.clone());
        let key = didkey::Ed25519SigningKey::from_seed(&seed);
        let session =
            DidSession::authorize_key(&worlds[0].context(), key, &worlds[0].wallet, &asked).await;
        let signer = crate::world::Signer::new(session.unwrap());
        let login = signer
            .post_capability(&ORIGIN.parse().unwrap(), "/session/login")
            .await
            .unwrap();
        for _ in 0..500 {
            let mut again = login.clone();
            signer
                .prove(&mut again, Content::Bytes(login.body()))
                .await
                .unwrap();
            requests.push((n, again));
        }
    }
    // all of them mixed
    let mut mixed = Vec::new();
    for round in 0..500 {
        mixed.extend((0..20).map(|n| requests[n * 500 + round].clone()));
    }
    let (who, requests): (Vec<_>, Vec<_>) = mixed.into_iter().unzip();
    let statuses = storm(&worlds, requests).await;
    // one capability won, and may say so again
    assert_eq!(accepted(&statuses), 500);
    let winners = who
        .iter()
        .zip(&statuses)
        .filter(|(_, status)| **status == StatusCode::OK);
    let winners: std::collections::BTreeSet<_> = winners.map(|(who, _)| who).collect();
    assert_eq!(winners.len(), 1);
}

/// Over a connection, byte by byte as it goes over the wire.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_connection() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = world.app.clone();
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let mut heads = Vec::new();
    for _ in 0..2 {
        let request = proven(&signer, "POST", "/notes?limit=10", "hello").await;
        let mut head = String::from("POST /notes?limit=10 HTTP/1.1\r\nHost: notes.example.com\r\n");
        for (name, value) in request.headers() {
            head += &format!("{name}: {}\r\n", value.to_str().unwrap());
        }
        heads.push(head);
    }
    let exchange = |text: String| async move {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let one = &heads[0];
    let authorization = one
        .lines()
        .find(|line| line.starts_with("authorization"))
        .unwrap();
    // H6: the line, for any URL
    assert!(authorization.len() <= 480, "{}", authorization.len());
    let whole = format!("{one}Content-Length: 5\r\nConnection: close\r\n\r\nhello");
    let answer = exchange(whole.clone()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = exchange(whole).await;
    assert!(
        answer.starts_with("HTTP/1.1 401") && answer.contains("error=\"replayed\""),
        "{answer}"
    );
    // chunks, the last of which is longer than what was signed
    let two = &heads[1];
    let chunked = format!(
        "{two}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nhel\r\n4\r\nlo!!\r\n0\r\n\r\n"
    );
    let answer = exchange(chunked).await;
    assert!(answer.contains("error=\"invalid_proof\""), "{answer}");
    assert_eq!(world.effects(), 1);
    server.abort();
}
