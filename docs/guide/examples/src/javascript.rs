//! The page "Move from the JavaScript package".

// ANCHOR: imports
use did_session::cacao::{Provers, eip191::Eip191};
use did_session::{Context, DidSession, Sessions, store::FsStore};
use std::error::Error;
use std::path::Path;
// ANCHOR_END: imports

// ANCHOR: restore
/// Takes over a session that `session.serialize()` wrote in JavaScript, and keeps it as a file.
pub async fn take_over(text: &str, directory: &Path) -> Result<String, Box<dyn Error>> {
    let context = Context::with_system_clock(Provers::none().with(Eip191)?);
    // verified like everything that comes from outside; the text is a secret
    let session = DidSession::from_session(&context, text)?;
    let sessions = Sessions::with_context(FsStore::open(directory), context);
    sessions.put(&session).await?;
    Ok(session.id())
}
// ANCHOR_END: restore

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use did_session::cacao::Issuer;
    use did_session::{AuthMethod, EthereumWallet, Request};

    #[tokio::test]
    async fn a_session_string_is_taken_over() {
        let wallet = EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap();
        let context = Context::with_system_clock(Provers::none().with(Eip191).unwrap());
        let request = Request::new("app.example", ["ceramic://*"]);
        let session = DidSession::authorize(&context, &wallet, &request).await;
        let text = session.unwrap().serialize();

        let home = tempfile::tempdir().unwrap();
        let id = take_over(&text, home.path()).await.unwrap();
        let issuer: &Issuer = wallet.issuer();
        assert_eq!(id, issuer.did());
        let sessions = Sessions::with_context(FsStore::open(home.path()), context);
        assert!(sessions.has_session_for(issuer, &request).await.unwrap());
        assert!(take_over("no session", home.path()).await.is_err());
    }
}
