//! Shared fixtures: sessions as the peer writes them, with fixed keys and a fixed clock, so that
//! every run measures the same bytes.

use cacao::{Cacao, HeaderType, Payload, Provers, SignatureValue, UnixTime, siwx};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use didkey::{Ed25519SigningKey, P256SigningKey};
use session_core::{AuthMethod, Context, DidSession, ManualClock, Request};
use session_wallets::{EthereumWallet, SolanaWallet, StacksWallet, TezosWallet};
use sha2::{Digest, Sha256};
use std::future::Future;

/// When everything here is judged.
pub const NOW: UnixTime = UnixTime::from_millis(1_680_797_719_058);

/// The secret of each wallet.
const SECRET: [u8; 32] = [7; 32];

/// What is asked for: five resources, about 900 bytes of DAG-CBOR.
pub fn request() -> Request {
    let model = "kjzl6hvfrbw6c7l9n9s2p9w5y3z5t6x1q8r4e0m2u7i9o3a5d1f6g8h0j2k4l6";
    let resources = (0..5).map(|i| format!("ceramic://*?model={model}{i}"));
    Request::new("app.example", resources).with_nonce("HPiCXGTXHI")
}

/// The wallet whose sessions are measured.
#[must_use]
pub fn wallet() -> EthereumWallet {
    EthereumWallet::from_secret(&SECRET, &"eip155:1".parse().unwrap()).unwrap()
}

/// The clock that stands at [`NOW`].
pub fn context() -> Context {
    Context::new(ManualClock::new(NOW), Provers::all_compiled_in())
}

/// A session of any wallet.
#[must_use]
pub fn session_of(auth: &dyn AuthMethod) -> DidSession<Ed25519SigningKey> {
    let key = Ed25519SigningKey::from_seed(&[9; 32]);
    block_on(DidSession::authorize_key(&context(), key, auth, &request())).unwrap()
}

/// A session of an Ethereum account.
#[must_use]
pub fn session() -> DidSession<Ed25519SigningKey> {
    session_of(&wallet())
}

/// A capability of a Solana account.
#[must_use]
pub fn solana() -> Cacao {
    let chain = cacao::solana::MAINNET.parse().unwrap();
    let wallet = SolanaWallet::from_secret(&SECRET, &chain).unwrap();
    session_of(&wallet).cacao().clone()
}

/// A capability of a Tezos account.
#[must_use]
pub fn tezos() -> Cacao {
    let chain = cacao::tezos::MAINNET.parse().unwrap();
    let wallet = TezosWallet::from_secret(&SECRET, &chain).unwrap();
    session_of(&wallet).cacao().clone()
}

/// A capability of a Stacks account.
#[must_use]
pub fn stacks() -> Cacao {
    let wallet = StacksWallet::from_secret(&SECRET, &"stacks:1".parse().unwrap()).unwrap();
    session_of(&wallet).cacao().clone()
}

/// A passkey.
#[must_use]
pub fn passkey() -> P256SigningKey {
    P256SigningKey::from_seed(&SECRET).unwrap()
}

/// A capability of the passkey, and the bytes that the passkey signed.
#[must_use]
pub fn webauthn() -> (Cacao, Vec<u8>, [u8; 64]) {
    let key = passkey();
    let asked = session();
    let asked = asked.cacao().payload();
    let payload = Payload::builder(
        asked.domain(),
        key.did_key().as_str().parse().unwrap(),
        asked.audience(),
        asked.nonce(),
        asked.issued_at().clone(),
    )
    .with_not_before(asked.issued_at().clone())
    .with_resources(asked.resources())
    .build()
    .unwrap();
    let challenge = BASE64URL_NOPAD.encode(&cacao::webauthn::challenge(&payload));
    let domain = payload.domain();
    let client_data = format!(
        r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://{domain}","crossOrigin":false}}"#
    );
    let authenticator = [&Sha256::digest(domain)[..], &[0b101], &[0, 0, 0, 1]].concat();
    let signed = [&authenticator[..], &Sha256::digest(&client_data)[..]].concat();
    let rs = key.sign(&signed).to_bytes();
    let der = p256::ecdsa::Signature::from_slice(&rs).unwrap();
    let signature = cacao::webauthn::signature(
        &authenticator,
        client_data.as_bytes(),
        der.to_der().as_bytes(),
    )
    .unwrap();
    (
        Cacao::new(HeaderType::Caip122, payload, Some(signature)),
        signed,
        rs,
    )
}

/// The text that the wallet of an Ethereum account signed.
#[must_use]
pub fn text_of(cacao: &Cacao) -> String {
    siwx::render(cacao.payload(), siwx::Dialect::default()).unwrap()
}

/// The text of the signature.
#[must_use]
pub fn signature_of(cacao: &Cacao) -> String {
    match cacao.signature().unwrap().value() {
        SignatureValue::Text(text) => text.to_string(),
        other => unreachable!("our own signatures are texts: {other:?}"),
    }
}

/// The 65 bytes of an `eip191` signature.
#[must_use]
pub fn eip191_bytes(cacao: &Cacao) -> [u8; 65] {
    let hex = signature_of(cacao);
    let bytes = HEXLOWER.decode(&hex.as_bytes()[2..]).unwrap();
    bytes.try_into().unwrap()
}

/// What the raw recovery needs: the digest of the signed text, r ‖ s, and the parity of R.
#[must_use]
pub fn raw_parts(cacao: &Cacao) -> ([u8; 32], [u8; 64], bool) {
    let bytes = eip191_bytes(cacao);
    let digest = cacao::eip191::digest(text_of(cacao).as_bytes());
    (digest, bytes[..64].try_into().unwrap(), bytes[64] == 28)
}

/// A runtime for futures that seldom wait.
#[must_use]
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

/// Runs a future that never waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    runtime().block_on(future)
}
