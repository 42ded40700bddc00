//! The page "Move from the JavaScript package".

include!(concat!(env!("OUT_DIR"), "/javascript.rs"));

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
