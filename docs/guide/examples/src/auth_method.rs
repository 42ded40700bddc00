//! The page "Write an auth method".

include!(concat!(env!("OUT_DIR"), "/auth-method.rs"));

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use did_session::cacao::{Provers, eip191::Eip191};
    use did_session::{EthereumWallet, Request, Sessions, store::MemoryStore};
    use std::sync::Arc;

    fn sessions() -> Sessions<MemoryStore> {
        Sessions::new(MemoryStore::new(), Provers::none().with(Eip191).unwrap())
    }

    #[tokio::test]
    async fn a_closure_signs() {
        let wallet = Arc::new(EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap());
        let account = wallet.account().unwrap().clone();
        let auth = remote_signer(&account, move |text| {
            let wallet = Arc::clone(&wallet);
            async move { Ok(wallet.personal_sign(text.as_bytes())) }
        });
        let request = Request::new("app.example", ["ceramic://*"]);
        let session = sessions().get(&auth.unwrap(), &request).await.unwrap();
        assert_eq!(session.issuer(), &Issuer::from(account));
    }

    #[tokio::test]
    async fn whoever_declines_leaves_no_session() {
        let request = Request::new("app.example", ["ceramic://*"]);
        for (asks, signs) in [((|_| true) as fn(&str) -> bool, true), (|_| false, false)] {
            let wallet = EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap();
            let (wallet, sessions) = (Asking { wallet, asks }, sessions());
            let got = sessions.get(&wallet, &request).await;
            assert_eq!(got.is_ok(), signs, "{got:?}");
            assert_eq!(sessions.list().await.unwrap().len(), usize::from(signs));
        }
    }
}
