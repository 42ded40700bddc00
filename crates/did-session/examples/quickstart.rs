//! The main job from end to end, with a throw-away wallet: `cargo run --example quickstart -p
//! did-session` does it and says what happens.

use did_session::cacao::{AccountId, Cacao, MemberOrder, Provers, Requirement, eip191::Eip191};
use did_session::jws::{Jws, Verification};
use did_session::store::FsStore;
use did_session::{
    AuthError, AuthMethod, Clock as _, DidSession, EthereumAuth, EthereumWallet, Request, Sessions,
    SystemClock,
};
use serde_json::json;
use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    let directory = tempfile::tempdir()?;

    // A wallet with a fresh key, behind a closure that counts how often it is asked.
    let wallet = Arc::new(EthereumWallet::generate(&"eip155:1".parse()?)?);
    let account: AccountId = wallet.account().cloned().ok_or("a wallet has an account")?;
    let prompts = Arc::new(AtomicUsize::new(0));
    let auth = counting(&account, &wallet, &prompts)?;
    let asked = || prompts.load(Ordering::Relaxed);

    writeln!(out, "1. get: the wallet {account} is asked to sign")?;
    let request = Request::new("app.example", ["ceramic://*"]);
    let provers = Provers::none().with(Eip191)?; // signatures of Ethereum accounts, and no other
    let session = Sessions::new(FsStore::open(directory.path()), provers.clone())
        .get(&auth, &request)
        .await?;
    writeln!(out, "   prompts so far: {}", asked())?;

    writeln!(out, "2. persisted: the store keeps it as a file")?;
    for entry in std::fs::read_dir(directory.path())? {
        writeln!(out, "   {}", entry?.path().display())?;
    }

    writeln!(
        out,
        "3. found again: the store is opened anew, nobody is asked"
    )?;
    let sessions = Sessions::new(FsStore::open(directory.path()), provers.clone());
    let found = sessions.has_session_for(auth.issuer(), &request).await?;
    let again = sessions.get(&auth, &request).await?;
    let same = again.key_did() == session.key_did();
    writeln!(out, "   has_session_for: {found}, the same session: {same}")?;
    writeln!(out, "   prompts so far: {}", asked())?;

    writeln!(out, "4. inspected")?;
    writeln!(out, "   issuer      {}", session.id())?;
    writeln!(out, "   session key {}", session.key_did())?;
    writeln!(out, "   capability  {}", session.cacao().cid())?;
    writeln!(out, "   identity    {}", session.cacao().identity())?;
    writeln!(out, "   expired     {}", session.is_expired())?;
    let left = session.expires_in().unwrap_or_default();
    writeln!(out, "   expires in  {} seconds", left.as_secs())?;
    for resource in session.authorizations() {
        writeln!(out, "   may use     {resource}")?;
    }

    writeln!(out, "5. signed: a JWS that names the capability")?;
    let message = session.create_jws(&json!({ "hello": "world" })).await?;
    let message = message.as_compact();
    let (head, tail) = message.split_at(48.min(message.len()));
    writeln!(out, "   {head}… and {} characters", tail.len())?;

    writeln!(
        out,
        "6. verified by somebody else, from two texts, for their site and the account"
    )?;
    let capability = session.cacao().to_json(MemberOrder::DagJson);
    let requirement = Requirement::for_domain("app.example").with_issuer(account.into());
    let verification = Verification::new(SystemClock.now(), requirement)
        .with_provers(provers)
        .with_capability(&Cacao::from_json(&capability)?);
    let verified = Jws::parse(message)?.verify(&verification)?;
    let payload = String::from_utf8_lossy(verified.payload());
    writeln!(out, "   {} says {payload}", verified.principal().did())?;

    writeln!(
        out,
        "7. serialized and restored (the session string is a secret)"
    )?;
    let text = session.serialize();
    let restored = DidSession::from_session(sessions.context(), &text)?;
    let same = restored
        .create_jws(&json!({ "hello": "world" }))
        .await?
        .as_compact()
        == message;
    writeln!(
        out,
        "   {} characters; the restored session signs the same: {same}",
        text.len()
    )?;

    writeln!(out, "8. removed")?;
    sessions.remove(session.issuer()).await?;
    let found = sessions.has_session_for(session.issuer(), &request).await?;
    writeln!(out, "   has_session_for: {found}")?;
    Ok(())
}

/// The wallet as an auth method that counts its prompts, and shows what it signs.
fn counting(
    account: &AccountId,
    wallet: &Arc<EthereumWallet>,
    prompts: &Arc<AtomicUsize>,
) -> Result<impl AuthMethod + use<>, Box<dyn Error>> {
    let (wallet, prompts) = (Arc::clone(wallet), Arc::clone(prompts));
    let auth = EthereumAuth::new(account, move |text: String| {
        prompts.fetch_add(1, Ordering::Relaxed);
        let signature = wallet.personal_sign(text.as_bytes());
        let shown = show(&text);
        async move {
            shown.map_err(AuthError::failed)?;
            Ok(signature)
        }
    })?;
    Ok(auth)
}

/// What a wallet shows to its user.
fn show(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in text.lines() {
        writeln!(out, "   | {line}")?;
    }
    Ok(())
}
