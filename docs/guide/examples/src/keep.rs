//! The page "Keep sessions".

include!(concat!(env!("OUT_DIR"), "/keep.rs"));

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
