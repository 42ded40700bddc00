//! The auth methods of each chain through the one flow: a local wallet, and the same wallet behind
//! a closure.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use cacao::{HeaderType, Provers, SignatureKind, SignatureValue, Timestamp};
use didkey::Ed25519SigningKey;
use session_core::{AuthError, AuthMethod, Context, DidSession, Error, ManualClock, Request};
use session_wallets::{
    ContractAuth, EthereumAuth, EthereumWallet, Signer, Solana, SolanaAuth, SolanaWallet,
    StacksAuth, StacksWallet, TezosAuth, TezosWallet,
};
use std::sync::Arc;

const SECRET: [u8; 32] = [7; 32];

/// Everything that makes a session is fixed, so that equal signers make equal sessions.
async fn session(auth: &dyn AuthMethod) -> Result<DidSession<Ed25519SigningKey>, Error> {
    let now: Timestamp = "2023-04-06T16:15:19.058Z".parse().unwrap();
    let context = Context::new(
        ManualClock::new(now.unix_time()),
        Provers::all_compiled_in(),
    );
    let key = Ed25519SigningKey::from_seed(&[1; 32]);
    let request = Request::new("app.example", ["ceramic://*"])
        .with_statement("a statement")
        .with_request_id("request-1")
        .with_nonce("HPiCXGTXHI");
    DidSession::authorize_key(&context, key, auth, &request).await
}

/// The wallet and the closure make the same session; a refusal of the closure comes through, and
/// what another key signed is not taken.
async fn check(
    wallet: &dyn AuthMethod,
    closure: &dyn AuthMethod,
    declining: &dyn AuthMethod,
    foreign: &dyn AuthMethod,
) {
    let made = session(wallet).await.unwrap();
    assert_eq!(made.issuer(), wallet.issuer());
    assert_eq!(made.cacao().payload().statement(), Some("a statement"));
    let by_closure = session(closure).await.unwrap();
    assert_eq!(*made.serialize(), *by_closure.serialize());
    assert_eq!(session(declining).await.unwrap_err().code(), "declined");
    let error = session(foreign).await.unwrap_err();
    assert_eq!(error.code(), "signature_mismatch");
}

#[tokio::test]
async fn ethereum() {
    let chain = "eip155:137".parse().unwrap();
    let wallet = |secret: [u8; 32]| EthereumWallet::from_secret(&secret, &chain).unwrap();
    let account = wallet(SECRET).account().unwrap().clone();
    let signer = |secret: [u8; 32]| {
        let wallet = Arc::new(wallet(secret));
        EthereumAuth::new(&account, move |text: String| {
            let wallet = Arc::clone(&wallet);
            async move { Ok(wallet.personal_sign(text.as_bytes())) }
        })
        .unwrap()
    };
    let declining =
        EthereumAuth::new(&account, async |_: String| Err(AuthError::Declined)).unwrap();
    check(
        &wallet(SECRET),
        &signer(SECRET),
        &declining,
        &signer([8; 32]),
    )
    .await;
}

#[tokio::test]
async fn solana() {
    let chain = cacao::solana::DEVNET.parse().unwrap();
    let wallet = |secret: [u8; 32]| SolanaWallet::from_secret(&secret, &chain).unwrap();
    let account = wallet(SECRET).account().unwrap().clone();
    let signer = |secret: [u8; 32]| {
        let wallet = Arc::new(wallet(secret));
        SolanaAuth::new(&account, move |text: String| {
            let wallet = Arc::clone(&wallet);
            async move { Ok(wallet.sign_message(text.as_bytes())) }
        })
        .unwrap()
    };
    let declining = SolanaAuth::new(&account, async |_: String| Err(AuthError::Declined)).unwrap();
    check(
        &wallet(SECRET),
        &signer(SECRET),
        &declining,
        &signer([8; 32]),
    )
    .await;
}

#[tokio::test]
async fn tezos() {
    let chain = cacao::tezos::MAINNET.parse().unwrap();
    let wallet = |secret: [u8; 32]| TezosWallet::from_secret(&secret, &chain).unwrap();
    let own = wallet(SECRET);
    let account = own.account().unwrap().clone();
    let signer = |secret: [u8; 32]| {
        let wallet = Arc::new(wallet(secret));
        let key = *own.public_key();
        TezosAuth::new(&account, key, move |payload: Vec<u8>| {
            let wallet = Arc::clone(&wallet);
            async move { Ok(wallet.sign_payload(&payload)) }
        })
        .unwrap()
    };
    let declining = TezosAuth::new(&account, *own.public_key(), async |_: Vec<u8>| {
        Err(AuthError::Declined)
    })
    .unwrap();
    check(&own, &signer(SECRET), &declining, &signer([8; 32])).await;
}

#[tokio::test]
async fn stacks() {
    for chain in [cacao::stacks::MAINNET, cacao::stacks::TESTNET] {
        let chain = chain.parse().unwrap();
        let wallet = |secret: [u8; 32]| StacksWallet::from_secret(&secret, &chain).unwrap();
        let account = wallet(SECRET).account().unwrap().clone();
        let signer = |secret: [u8; 32]| {
            let wallet = Arc::new(wallet(secret));
            StacksAuth::new(&account, move |text: String| {
                let wallet = Arc::clone(&wallet);
                async move { Ok(wallet.sign_message(&text)) }
            })
            .unwrap()
        };
        let declining =
            StacksAuth::new(&account, async |_: String| Err(AuthError::Declined)).unwrap();
        check(
            &wallet(SECRET),
            &signer(SECRET),
            &declining,
            &signer([8; 32]),
        )
        .await;
    }
}

#[tokio::test]
async fn a_passkey_is_asked_for_its_challenge() {
    use session_wallets::{PasskeyAssertion, PasskeyAuth};
    let passkey = "did:key:zDnaeQtZGYMpNdZhzoqXYCaj7wmJMqi9USVDmtRhfP6QiWmpY";
    let declining = PasskeyAuth::new(passkey.parse().unwrap(), async |_: Vec<u8>| {
        Err(AuthError::Declined)
    });
    assert_eq!(session(&declining).await.unwrap_err().code(), "declined");
    let nonsense = PasskeyAuth::new(passkey.parse().unwrap(), async |challenge: Vec<u8>| {
        assert_eq!((challenge.len(), challenge[0]), (36, 1));
        Ok(PasskeyAssertion {
            authenticator_data: Vec::new(),
            client_data_json: challenge,
            signature: vec![0x30, 6, 2, 1, 1, 2, 1, 1],
        })
    });
    let error = session(&nonsense).await.unwrap_err();
    assert_eq!(error.code(), "signature_mismatch");
}

/// Whether a contract accepts what its owner signed, only its chain can say: nothing is verified.
#[tokio::test]
async fn the_owner_of_a_contract_signs_the_text_of_the_contract() {
    let account = "eip155:1:0x4E59B44847b379578588920ca78fBf26c0B4956C"
        .parse()
        .unwrap();
    let owner =
        Arc::new(EthereumWallet::from_secret(&SECRET, &"eip155:1".parse().unwrap()).unwrap());
    let signer = Arc::clone(&owner);
    let auth = ContractAuth::new(&account, move |text: String| {
        let signature = signer.personal_sign(text.as_bytes());
        async move { Ok(signature.to_vec()) }
    })
    .unwrap();
    let now: Timestamp = "2023-04-06T16:15:19.058Z".parse().unwrap();
    let pending = Request::new("app.example", ["ceramic://*"])
        .pending(
            Some(auth.issuer()),
            Ed25519SigningKey::from_seed(&[1; 32]).did_key(),
            now.unix_time(),
        )
        .unwrap();
    let payload = pending.payload_for(auth.issuer()).unwrap();
    let signed = auth.authorize(&pending).await.unwrap();
    assert_eq!(
        (signed.header(), signed.payload()),
        (HeaderType::Eip4361, &payload)
    );
    let issuer = "did:pkh:eip155:1:0x4e59b44847b379578588920ca78fbf26c0b4956c";
    assert_eq!(signed.payload().issuer().did(), issuer);
    let text = pending.text_for(auth.issuer()).unwrap();
    let bytes = owner.personal_sign(text.as_bytes());
    let hex = format!("0x{}", data_encoding::HEXLOWER.encode(&bytes));
    let signature = signed.signature().unwrap();
    assert_eq!(*signature.kind(), SignatureKind::EIP1271);
    assert_eq!(*signature.value(), SignatureValue::Text(hex.into()));
}

/// An account of another chain, or a public key of another account, is refused at once.
#[test]
fn foreign_accounts_are_refused() {
    let ethereum = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44"
        .parse()
        .unwrap();
    let text = async |_: String| Err::<[u8; 64], _>(AuthError::Declined);
    assert!(SolanaAuth::new(&ethereum, text).is_err());
    let text = async |_: String| Err::<[u8; 65], _>(AuthError::Declined);
    assert!(StacksAuth::new(&ethereum, text).is_err());
    let bytes = async |_: Vec<u8>| Err::<[u8; 64], _>(AuthError::Declined);
    assert!(TezosAuth::new(&ethereum, [1; 32], bytes).is_err());
    let tezos = "tezos:NetXdQprcVkpaWU:tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx"
        .parse()
        .unwrap();
    assert!(TezosAuth::new(&tezos, [1; 32], bytes).is_err());
    let text = async |_: String| Err::<[u8; 65], _>(AuthError::Declined);
    assert!(EthereumAuth::new(&tezos, text).is_err());
    let text = async |_: String| Err::<Vec<u8>, _>(AuthError::Declined);
    assert!(ContractAuth::new(&tezos, text).is_err());
    let passkey = "did:key:zDnaeQtZGYMpNdZhzoqXYCaj7wmJMqi9USVDmtRhfP6QiWmpY";
    let bytes = async |_: String| Err::<[u8; 64], _>(AuthError::Declined);
    assert!(Signer::with_scheme(&passkey.parse().unwrap(), Solana, bytes).is_err());
    assert!(EthereumWallet::generate(&"solana:1".parse().unwrap()).is_err());
    assert!(EthereumWallet::from_secret(&[0; 32], &"eip155:1".parse().unwrap()).is_err());
}
