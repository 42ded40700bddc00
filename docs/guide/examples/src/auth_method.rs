//! The page "Write an auth method".

// ANCHOR: imports
use async_trait::async_trait;
use did_session::cacao::{AccountId, Cacao, Issuer};
use did_session::{AuthError, AuthMethod, EthereumAuth, Pending};
use std::future::Future;
// ANCHOR_END: imports

// ANCHOR: closure
/// An account whose key lies somewhere else: the closure gets the exact text, shows it to whoever
/// decides, and answers with the 65 bytes of `personal_sign`.
pub fn remote_signer<F, A>(account: &AccountId, sign: F) -> Result<impl AuthMethod, AuthError>
where
    F: Fn(String) -> A + Send + Sync,
    A: Future<Output = Result<[u8; 65], AuthError>> + Send,
{
    EthereumAuth::new(account, sign)
}
// ANCHOR_END: closure

// ANCHOR: by_hand
/// A wallet that asks its user before another one signs.
#[derive(Debug)]
pub struct Asking<W> {
    wallet: W,
    asks: fn(&str) -> bool,
}

#[async_trait]
impl<W: AuthMethod> AuthMethod for Asking<W> {
    fn issuer(&self) -> &Issuer {
        self.wallet.issuer()
    }

    async fn authorize(&self, pending: &Pending) -> Result<Cacao, AuthError> {
        // the exact text that will be signed
        let text = pending.text_for(self.issuer()).map_err(AuthError::failed)?;
        if !(self.asks)(&text) {
            return Err(AuthError::Declined);
        }
        self.wallet.authorize(pending).await
    }
}
// ANCHOR_END: by_hand

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
