//! The page "Revoke sessions".

include!(concat!(env!("OUT_DIR"), "/revoke.rs"));

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use did_session::cacao::{Provers, eip191::Eip191};
    use did_session::store::MemoryRevocations;
    use did_session::{EthereumWallet, ManualClock};
    use std::time::Duration;

    fn context() -> Context {
        Context::with_system_clock(Provers::none().with(Eip191).unwrap())
    }

    #[tokio::test]
    async fn one_session_and_all_sessions_are_ended() {
        let wallet = EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap();
        let phone = Sessions::with_context(MemoryStore::new(), context());
        // `all before` counts in whole seconds: this login was a minute ago
        let minute = Duration::from_secs(60);
        let earlier = ManualClock::new(SystemClock.now() - minute);
        let earlier = Context::new(earlier, context().provers().clone());
        let desk = Sessions::with_context(MemoryStore::new(), earlier);
        let request = Request::new("app.example", ["ceramic://*"]);
        let on_phone = phone.get(&wallet, &request).await.unwrap();
        let on_desk = desk.get(&wallet, &request).await.unwrap();
        let revocations = MemoryRevocations::new();
        let ended = async |cacao: &Cacao| revocations.is_revoked(cacao).await.unwrap();

        let statement = end(&phone, wallet.issuer()).await.unwrap();
        let received = receive(&statement, on_phone.cacao(), &context(), &revocations).await;
        received.unwrap();
        assert!(ended(on_phone.cacao()).await);
        assert!(!ended(on_desk.cacao()).await);

        let (statement, capability) = end_all(&phone, &wallet).await.unwrap();
        let received = receive(&statement, &capability, &context(), &revocations).await;
        received.unwrap();
        assert!(ended(on_desk.cacao()).await);
    }
}
