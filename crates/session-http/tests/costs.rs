//! What sessions cost: bytes of a request's header, bytes of memory for what is remembered (rows H6
//! and H7 of the second round of performance).
#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may panic, and this one has figures to tell"
)]

use cacao::car::dag_cbor_cid;
use cacao::eip191::Eip191;
use cacao::{Policy, Provers, Requirement, UnixTime};
use didkey::Ed25519SigningKey;
use http::Request;
use session_core::server::{Capabilities, ProofId, Remembered, ReplayWindow};
use session_core::{Clock, Context, DidSession, SystemClock};
use session_http::client::{Content, ProofSigner};
use session_http::{MAX_PROOF_LEN, NONCE_HEADER};
use session_wallets::EthereumWallet;
use std::time::Duration;
use store_memory::{MemoryCapabilities, MemoryReplayWindow};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// The allocator counts for the whole process: these tests run one after the other.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

const DOMAIN: &str = "notes.example.com";
const RESOURCES: [&str; 2] = ["app://notes/read", "app://notes/write"];

fn heap() -> usize {
    dhat::HeapStats::get().curr_bytes
}

fn context() -> Context {
    Context::with_system_clock(Provers::none().with(Eip191).unwrap())
}

async fn session(wallet: &EthereumWallet) -> DidSession<Ed25519SigningKey> {
    let request = session_core::Request::new(DOMAIN, RESOURCES);
    let key = Ed25519SigningKey::generate().unwrap();
    let session = DidSession::authorize_key(&context(), key, wallet, &request).await;
    session.unwrap()
}

fn wallet() -> EthereumWallet {
    EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap()
}

#[tokio::test]
async fn a_server_cannot_make_proofs_long() {
    let _alone = ALONE.lock().await;
    let signer = ProofSigner::new(session(&wallet()).await);
    let uri = format!("https://{DOMAIN}/").parse().unwrap();
    for nonce in ["", "a b", "a=", &"\\".repeat(600), &"a".repeat(65)] {
        let headers = [(NONCE_HEADER, nonce.parse().unwrap())]
            .into_iter()
            .collect();
        assert!(!signer.learn(&uri, &headers), "{nonce:?}");
    }
    let longest = [(NONCE_HEADER, "a".repeat(64).parse().unwrap())];
    assert!(signer.learn(&uri, &longest.into_iter().collect()));
    let mut request = Request::get(&uri).body(()).unwrap();
    signer.prove(&mut request, Content::Nothing).await.unwrap();
    let value = request.headers()["authorization"].to_str().unwrap();
    let proof = value.strip_prefix("DIDSession ").unwrap();
    assert!(proof.len() <= MAX_PROOF_LEN, "{value}");
}

#[tokio::test]
async fn the_field_of_a_proof_stays_below_480_bytes_for_any_url() {
    let _alone = ALONE.lock().await;
    let signer = ProofSigner::new(session(&wallet()).await);
    let mut longest = 0;
    for path in [
        "/",
        &format!("/{}?q={}", "a".repeat(3000), "b".repeat(3000)),
    ] {
        let request = Request::post(format!("https://{DOMAIN}{path}"));
        let mut request = request.body(()).unwrap();
        signer
            .prove(&mut request, Content::Bytes(b"content"))
            .await
            .unwrap();
        let value = request.headers()["authorization"].len();
        longest = longest.max("authorization: ".len() + value);
    }
    println!("H6={longest}");
    assert!(longest <= 480, "{longest} bytes");
}

#[tokio::test]
async fn a_remembered_proof_takes_40_bytes_at_most() {
    let _alone = ALONE.lock().await;
    let profiler = dhat::Profiler::builder().testing().build();
    let mut most = 0.0_f64;
    for proofs in [20_000_u32, 48_000, 60_000, 100_000] {
        let before = heap();
        let now = UnixTime::from_secs(1_700_000_000);
        let window = MemoryReplayWindow::new(now).unwrap();
        for number in 0..proofs {
            // those of a minute, as they come in one
            let until = now + Duration::from_secs(u64::from(number % 60));
            let proof = ProofId::new("did:key:z6Mk", &number.to_string());
            let first = window.remember(proof, until, now).await.unwrap();
            assert_eq!(first, Remembered::First);
        }
        let each = (heap() - before) as f64 / f64::from(proofs);
        assert_eq!(window.len(), proofs as usize);
        most = most.max(each);
    }
    drop(profiler);
    println!("H7={most:.1}");
    assert!(most <= 40.0, "{most} bytes");
}

#[tokio::test]
async fn a_registered_capability_takes_256_bytes_beside_its_block() {
    let _alone = ALONE.lock().await;
    let profiler = dhat::Profiler::builder().testing().build();
    let before = heap();
    let (blocks, len) = (5_000_u32, 700);
    let capabilities = MemoryCapabilities::with_bytes(u64::from(blocks) * 1000);
    for number in 0..blocks {
        let mut block = vec![0; len];
        block[..4].copy_from_slice(&number.to_be_bytes());
        let cid = dag_cbor_cid(&block);
        let until = SystemClock.now();
        capabilities.put(&cid, &block, until).await.unwrap();
    }
    let each = (heap() - before) as f64 / f64::from(blocks);
    let beside = each - len as f64;
    drop(profiler);
    println!("H7c={beside:.1}");
    assert!(
        capabilities.bytes() >= u64::from(blocks) * 700,
        "all are there"
    );
    assert!(beside <= 256.0, "{beside} bytes");
}

/// What a server keeps so that the issuer's signature is verified once: the capability as it was
/// read, whose block it holds.
#[tokio::test]
async fn a_capability_that_was_proven_before_takes_little_beside_its_block() {
    let _alone = ALONE.lock().await;
    let count = 256_usize;
    let wallet = wallet();
    let mut blocks = Vec::new();
    for _ in 0..count {
        blocks.push(session(&wallet).await.cacao().to_dag_cbor());
    }
    let len: usize = blocks.iter().map(Vec::len).sum();
    let profiler = dhat::Profiler::builder().testing().build();
    let before = heap();
    let provers = Provers::none().with(Eip191).unwrap().with_memory(count * 2);
    let empty = heap();
    let requirement = Requirement::for_domain(DOMAIN);
    for block in &blocks {
        let cacao = provers.read_dag_cbor(block).unwrap();
        let now = SystemClock.now();
        let verified = cacao.verify(&provers, &Policy::default(), &requirement, now);
        // as a server does with each request
        assert!(verified.unwrap().cacao().audience_key().is_some());
    }
    let known = provers.known().unwrap().stats().len;
    let each = (heap() - empty) as f64 / count as f64;
    let table = (empty - before) as f64 / (count * 2) as f64;
    let beside = each + table - len as f64 / count as f64;
    drop(profiler);
    assert_eq!(known, count);
    println!("H7k={beside:.1}");
    assert!(beside <= KNOWN, "{beside} bytes");
}

/// More than row H7 has for a capability that is registered, by what was read of the block once.
const KNOWN: f64 = 1800.0;
