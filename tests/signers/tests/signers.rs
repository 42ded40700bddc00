//! What other crates' signers sign is a session.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use alloy_signer_local::PrivateKeySigner;
use did_session::cacao::Provers;
use did_session::cacao::eip191::Eip191;
use did_session::cacao::solana::SolanaEd25519;
use did_session::{AuthMethod, Context, DidSession, EthereumWallet, Request, SolanaWallet};
use signer_tests::{by_alloy, by_solana};
use solana_keypair::keypair_from_seed;

const SECRET: [u8; 32] = [7; 32];

/// The session is verified as it is made; its issuer is that of our own wallet of the same key.
async fn check(auth: &dyn AuthMethod, own: &dyn AuthMethod) {
    assert_eq!(auth.issuer(), own.issuer());
    let provers = Provers::none().with(Eip191).unwrap();
    let context = Context::with_system_clock(provers.with(SolanaEd25519).unwrap());
    let request = Request::new("app.example", ["ceramic://*"]);
    let session = DidSession::authorize(&context, auth, &request)
        .await
        .unwrap();
    assert!(session.is_authorized(["ceramic://*"]));
    let again = DidSession::from_session(&context, &session.serialize()).unwrap();
    assert_eq!(again.id(), own.issuer().did());
}

#[tokio::test]
async fn alloy() {
    let chain = "eip155:137".parse().unwrap();
    let signer = PrivateKeySigner::from_slice(&SECRET).unwrap();
    let own = EthereumWallet::from_secret(&SECRET, &chain).unwrap();
    check(&by_alloy(signer, &chain).unwrap(), &own).await;
}

#[tokio::test]
async fn solana() {
    let chain = did_session::cacao::solana::MAINNET.parse().unwrap();
    let keypair = keypair_from_seed(&SECRET).unwrap();
    let own = SolanaWallet::from_secret(&SECRET, &chain).unwrap();
    check(&by_solana(keypair, &chain).unwrap(), &own).await;
}
