//! The page "Renew sessions".

// ANCHOR: imports
use did_session::didkey::Ed25519SigningKey;
use did_session::store::FsStore;
use did_session::{AuthMethod, DidSession, Error, Request, Sessions};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
// ANCHOR_END: imports

// ANCHOR: renew
/// A session that lasts for another day at least: the stored one, or a new one from the wallet.
/// Where the wallet declines, the stored one is given back for as long as it serves.
pub async fn for_a_day<W: AuthMethod>(
    sessions: &Sessions<FsStore>,
    wallet: &W,
) -> Result<DidSession<Ed25519SigningKey>, Error> {
    let request = Request::new("app.example", ["ceramic://*"]);
    sessions.renew(wallet, &request, DAY).await
}
// ANCHOR_END: renew

// ANCHOR: lifetime
/// A session of one hour instead of a week.
pub async fn for_an_hour<W: AuthMethod>(
    sessions: &Sessions<FsStore>,
    wallet: &W,
) -> Result<DidSession<Ed25519SigningKey>, Error> {
    let hour = Duration::from_secs(60 * 60);
    let request = Request::new("app.example", ["ceramic://*"]).with_lifetime(hour);
    sessions.get(wallet, &request).await
}
// ANCHOR_END: lifetime

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
