//! Shared fixtures of the benchmarks: one capability as the peer writes it, and its parts.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark may panic"
)]
#![allow(clippy::missing_panics_doc, reason = "a benchmark may panic")]

use cacao::{Cacao, SignatureValue, UnixTime, siwx};
use didkey::Ed25519SigningKey;
use session_core::{Context, DidSession, EthereumWallet, ManualClock, SessionOptions};
use std::future::Future;

/// When everything here is judged.
pub const NOW: UnixTime = UnixTime::from_millis(1_680_797_719_058);

/// A session with five resources, signed by a local wallet; about 900 bytes of DAG-CBOR.
#[must_use]
pub fn session() -> DidSession<Ed25519SigningKey> {
    let chain = "eip155:1".parse().expect("a chain");
    let wallet = EthereumWallet::from_secret(&[7; 32], &chain).expect("a wallet");
    let model = "kjzl6hvfrbw6c7l9n9s2p9w5y3z5t6x1q8r4e0m2u7i9o3a5d1f6g8h0j2k4l6";
    let resources = (0..5).map(|i| format!("ceramic://*?model={model}{i}"));
    let options = SessionOptions::new("app.example", resources);
    let key = Ed25519SigningKey::from_seed(&[9; 32]);
    let context = context();
    block_on(DidSession::authorize_key(&context, key, &wallet, &options)).expect("a session")
}

/// The clock that stands at [`NOW`].
pub fn context() -> Context {
    Context::with_clock(ManualClock::new(NOW))
}

/// What the raw recovery needs: the digest of the signed text, r ‖ s, and the parity of R.
#[must_use]
pub fn raw_parts(cacao: &Cacao) -> ([u8; 32], [u8; 64], bool) {
    let text = siwx::render(cacao.payload(), siwx::Dialect::default()).expect("a text");
    let SignatureValue::Text(hex) = cacao.signature().expect("a signature").value() else {
        unreachable!("our own signature is a text");
    };
    let bytes = data_encoding::HEXLOWER
        .decode(hex[2..].as_bytes())
        .expect("hex");
    let mut rs = [0; 64];
    rs.copy_from_slice(&bytes[..64]);
    (cacao::eip191::digest(text.as_bytes()), rs, bytes[64] == 28)
}

/// Runs a future that never waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(future)
}
