//! The page "Keep sessions".

// ANCHOR: imports
use did_session::cacao::{Issuer, Provers, eip191::Eip191};
use did_session::store::{FsStore, SealKey, SealedStore};
use did_session::{AuthMethod, Clock, Error as SessionError, Request, Sessions, SystemClock};
use std::error::Error;
use std::path::Path;
// ANCHOR_END: imports

// ANCHOR: files
/// The first call asks the wallet, and every later one finds the session in its file.
pub async fn log_in(directory: &Path, wallet: &dyn AuthMethod) -> Result<String, Box<dyn Error>> {
    let provers = Provers::none().with(Eip191)?;
    let sessions = Sessions::new(FsStore::open(directory), provers);
    let request = Request::new("app.example", ["ceramic://*"]);
    let session = sessions.get(wallet, &request).await?;
    Ok(session.key_did().to_string())
}
// ANCHOR_END: files

// ANCHOR: profiles
/// Two sessions of one account, side by side: each profile has its own.
pub async fn two_profiles(
    sessions: Sessions<FsStore>,
    wallet: &dyn AuthMethod,
) -> Result<(), Box<dyn Error>> {
    let work = sessions.clone().with_profile("work".parse()?);
    let request = Request::new("app.example", ["ceramic://*?model=work"]);
    work.get(wallet, &request).await?;
    // `remove` ends those of all profiles, and says which there were
    let ended = sessions.remove(wallet.issuer()).await?;
    println!("{} sessions of {} are gone", ended.len(), wallet.issuer());
    Ok(())
}
// ANCHOR_END: profiles

// ANCHOR: sealed
/// The same files, encrypted. A wrong key is an error here, before anything is written.
pub async fn sealed(directory: &Path, key_file: &Path) -> Result<(), Box<dyn Error>> {
    let key = SealKey::from_file(key_file)?;
    let store = SealedStore::open_or_create(FsStore::open(directory), &key).await?;
    let sessions = Sessions::new(store, Provers::none().with(Eip191)?);
    println!("{} sessions", sessions.list().await?.len());
    Ok(())
}
// ANCHOR_END: sealed

// ANCHOR: why
/// Why the wallet would be asked: `None` where it would not be.
pub async fn why(
    sessions: &Sessions<FsStore>,
    issuer: &Issuer,
    request: &Request,
) -> Result<Option<String>, SessionError> {
    match sessions.find(issuer, request).await {
        Ok(_) => Ok(None),
        Err(SessionError::NotUsable(reason)) => Ok(Some(reason.code().to_owned())),
        Err(error) => Err(error),
    }
}
// ANCHOR_END: why

// ANCHOR: purge
/// Deletes what has expired: from a timer, once a day for example.
pub async fn purge(sessions: &Sessions<FsStore>) -> Result<usize, SessionError> {
    sessions.purge(SystemClock.now()).await
}
// ANCHOR_END: purge

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use did_session::EthereumWallet;

    #[tokio::test]
    async fn sessions_are_kept_found_listed_and_removed() {
        let home = tempfile::tempdir().unwrap();
        let wallet = EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap();
        let first = log_in(home.path(), &wallet).await.unwrap();
        let again = log_in(home.path(), &wallet).await.unwrap();
        assert_eq!(
            first, again,
            "the second call finds what the first one kept"
        );

        let provers = Provers::none().with(Eip191).unwrap();
        let sessions = Sessions::new(FsStore::open(home.path()), provers);
        let request = Request::new("app.example", ["ceramic://*"]);
        let other = Request::new("other.example", ["ceramic://*"]);
        assert_eq!(
            why(&sessions, wallet.issuer(), &request).await.unwrap(),
            None
        );
        let reason = why(&sessions, wallet.issuer(), &other).await.unwrap();
        assert_eq!(reason.as_deref(), Some("other_domain"));
        assert_eq!(purge(&sessions).await.unwrap(), 0);

        two_profiles(sessions.clone(), &wallet).await.unwrap();
        assert!(sessions.list().await.unwrap().is_empty());
        let reason = why(&sessions, wallet.issuer(), &request).await.unwrap();
        assert_eq!(reason.as_deref(), Some("no_session"));
    }

    #[tokio::test]
    async fn a_sealed_directory_opens_with_its_key_alone() {
        let home = tempfile::tempdir().unwrap();
        let key = |name: &str, byte: u8| {
            let path = home.path().join(name);
            std::fs::write(&path, [byte; 32]).unwrap();
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let private = std::fs::Permissions::from_mode(0o600);
                std::fs::set_permissions(&path, private).unwrap();
            }
            path
        };
        let directory = home.path().join("sessions");
        let (right, wrong) = (key("right.key", 7), key("wrong.key", 8));
        sealed(&directory, &right).await.unwrap();
        sealed(&directory, &right).await.unwrap();
        assert!(sealed(&directory, &wrong).await.is_err());
    }
}
