//! The page "Verify".

include!(concat!(env!("OUT_DIR"), "/verify.rs"));

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use did_session::cacao::MemberOrder;
    use did_session::didkey::Ed25519SigningKey;
    use did_session::{AuthMethod, Context, DidSession, EthereumWallet, Request};

    async fn session(domain: &str) -> (EthereumWallet, DidSession<Ed25519SigningKey>) {
        let wallet = EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap();
        let context = Context::with_system_clock(Provers::none().with(Eip191).unwrap());
        let request = Request::new(domain, ["ceramic://*"]);
        let session = DidSession::authorize(&context, &wallet, &request).await;
        (wallet, session.unwrap())
    }

    #[tokio::test]
    async fn messages_of_this_site_are_accepted_and_of_another_refused() {
        let (wallet, here) = session("app.example").await;
        let (_, elsewhere) = session("other.example").await;
        let hello = serde_json::json!({ "hello": "world" });
        for (session, accepted) in [(here, true), (elsewhere, false)] {
            let jws = session.create_jws(&hello).await.unwrap();
            let json = session.cacao().to_json(MemberOrder::DagJson);
            let who = message(jws.as_compact(), &json);
            let identity = capability(&json);
            if accepted {
                assert_eq!(who.unwrap(), wallet.issuer().did());
                assert_eq!(identity.unwrap(), session.cacao().identity().to_string());
            } else {
                assert!(who.is_err() && identity.is_err());
            }
        }
    }
}
