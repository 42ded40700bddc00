//! The page "Renew sessions".

include!(concat!(env!("OUT_DIR"), "/renew.rs"));

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use did_session::EthereumWallet;
    use did_session::cacao::{Provers, eip191::Eip191};

    #[tokio::test]
    async fn what_ends_too_soon_is_replaced_and_what_lasts_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let provers = Provers::none().with(Eip191).unwrap();
        let sessions = Sessions::new(FsStore::open(home.path()), provers);
        let wallet = EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap();

        let short = for_an_hour(&sessions, &wallet).await.unwrap();
        assert!(short.expires_in().unwrap() <= Duration::from_secs(3600));
        let long = for_a_day(&sessions, &wallet).await.unwrap();
        assert_ne!(long.key_did(), short.key_did());
        assert!(long.expires_in().unwrap() > 6 * DAY);
        let same = for_a_day(&sessions, &wallet).await.unwrap();
        assert_eq!(same.key_did(), long.key_did());
    }
}
