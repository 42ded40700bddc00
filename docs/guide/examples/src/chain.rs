//! The page "Write a chain": accounts whose address is their Ed25519 key in hex.

include!(concat!(env!("OUT_DIR"), "/chain.rs"));

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[tokio::test]
    async fn accounts_of_the_chain_get_sessions() {
        let store = MemoryStore::new();
        let issuer = log_in(&store).await.unwrap();
        assert!(issuer.did().starts_with("did:pkh:example:main:"));

        let provers = Provers::none().with(ExampleEd25519).unwrap();
        let known = Sessions::new(store.clone(), provers);
        assert!(known.load(&issuer).await.is_ok());
        // who does not name the prover does not accept them
        let nobody = Sessions::new(store, Provers::none());
        assert!(nobody.load(&issuer).await.is_err());
    }
}
