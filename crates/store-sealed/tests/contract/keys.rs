//! Where keys come from.

use crate::common::{key, record_of, save};
use async_trait::async_trait;
use session_core::SealableStore;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store_memory::MemoryStore;
use store_sealed::{Error, KeyKind, SealKey, SealedStore, WrapError, WrappingKey};
use store_testkit::fixtures::TestIssuer;
use test_support::with_sources;
use zeroize::Zeroizing;

const PASSPHRASE: &str = "correct horse battery staple";

async fn opens(inner: &MemoryStore, key: &SealKey) -> Result<(), Error> {
    SealedStore::open(inner.clone(), key).await.map(drop)
}

async fn sealed_with(key: &SealKey) -> MemoryStore {
    let inner = MemoryStore::new();
    SealedStore::create(inner.clone(), key).await.unwrap();
    inner
}

fn private(path: &Path, content: impl AsRef<[u8]>) {
    fs::write(path, content).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
    }
}

#[tokio::test]
async fn a_passphrase_opens_what_it_sealed() {
    let passphrase = |text| SealKey::from_passphrase(text).unwrap();
    let inner = sealed_with(&passphrase(PASSPHRASE)).await;
    opens(&inner, &passphrase(PASSPHRASE)).await.unwrap();
    let wrong = opens(&inner, &passphrase("Tr0ub4dor&3")).await.unwrap_err();
    assert!(matches!(wrong, Error::WrongKey), "{wrong:?}");
    let other = opens(&inner, &key(1)).await.unwrap_err();
    assert_eq!(
        other.to_string(),
        "the store is sealed with a passphrase, but a key was given"
    );
    assert_eq!(
        SealedStore::info(&inner).await.unwrap().unwrap().key,
        KeyKind::Passphrase
    );
}

/// Only a passphrase can be guessed, by its characters and not by its bytes.
#[test]
fn a_short_passphrase_can_be_guessed() {
    for (text, expected) in [
        ("abc", true),
        ("elevenchars", true),
        ("twelve chars", false),
        ("\u{1f600}\u{1f600}\u{1f600}", true),
        (PASSPHRASE, false),
    ] {
        let key = SealKey::from_passphrase(text).unwrap();
        assert_eq!(key.is_guessable(), expected, "{text}");
    }
    assert!(!key(1).is_guessable());
}

/// Whoever writes the seal makes the passphrase neither cheap to guess nor dear to try: what is
/// out of bounds is refused, what is within them is authenticated.
#[tokio::test]
async fn parameters_cannot_be_downgraded() {
    let passphrase = SealKey::from_passphrase(PASSPHRASE).unwrap();
    let inner = sealed_with(&passphrase).await;
    let seal = String::from_utf8(inner.load_seal().await.unwrap().unwrap()).unwrap();
    let salt = seal.split(r#""salt":""#).nth(1).unwrap().get(..32).unwrap();
    for (from, to, code) in [
        ("65536", "8", "malformed_seal"),
        (r#""passes":3"#, r#""passes":1"#, "malformed_seal"),
        ("65536", "4294967295", "malformed_seal"),
        (r#""passes":3"#, r#""passes":4"#, "wrong_seal_key"),
        (salt, "00112233445566778899aabbccddeeff", "wrong_seal_key"),
        (r#""passphrase":{"#, r#""key":{"#, "malformed_seal"),
    ] {
        let other = MemoryStore::new();
        let text = seal.replace(from, to);
        assert_ne!(text, seal);
        assert!(other.replace_seal(text.as_bytes(), None).await.unwrap());
        let error = opens(&other, &passphrase).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}: {text}");
    }
}

#[tokio::test]
async fn keys_and_passphrases_lie_in_files() {
    use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("key");
    let bytes = [0xfb; 32];
    let inner = sealed_with(&SealKey::from_bytes(&bytes)).await;
    let texts = [
        HEXLOWER.encode(&bytes),
        HEXUPPER.encode(&bytes),
        BASE64.encode(&bytes),
        BASE64_NOPAD.encode(&bytes),
        BASE64URL_NOPAD.encode(&bytes),
    ];
    let lines = texts
        .iter()
        .flat_map(|text| [text.clone(), format!("{text}\n")]);
    for content in lines.map(String::into_bytes).chain([bytes.to_vec()]) {
        private(&path, &content);
        let key = SealKey::from_file(&path).unwrap();
        opens(&inner, &key).await.unwrap();
    }
    for bad in [
        "",
        "x",
        &texts[0][1..],
        &format!(" {}", texts[0]),
        &texts[0].repeat(2),
    ] {
        private(&path, bad);
        let error = SealKey::from_file(&path).unwrap_err();
        assert_eq!(error.code(), "malformed_key_file", "{bad}");
        assert!(
            error.to_string().starts_with(path.to_str().unwrap()),
            "{error}"
        );
        assert!(
            bad.len() < 9 || !with_sources(&error).contains(&bad[..9]),
            "{error}"
        );
    }
    let inner = sealed_with(&SealKey::from_passphrase(PASSPHRASE).unwrap()).await;
    for content in [
        PASSPHRASE.to_owned(),
        format!("{PASSPHRASE}\n"),
        format!("{PASSPHRASE}\r\n"),
    ] {
        private(&path, content);
        let key = SealKey::from_passphrase_file(&path).unwrap();
        opens(&inner, &key).await.unwrap();
    }
    private(&path, format!("{PASSPHRASE}\n\n"));
    let key = SealKey::from_passphrase_file(&path).unwrap();
    assert!(opens(&inner, &key).await.is_err());
    for (bad, code) in [
        (&b"\n"[..], "empty_passphrase"),
        (b"\xff", "malformed_key_file"),
        (&[b'x'; 5000], "malformed_key_file"),
    ] {
        private(&path, bad);
        let error = SealKey::from_passphrase_file(&path).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    let error = SealKey::from_file(home.path().join("nowhere")).unwrap_err();
    assert_eq!(error.code(), "key_file_unreadable");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_use_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("key");
    for mode in [0o640, 0o604, 0o660, 0o622, 0o644] {
        private(&path, [7; 32]);
        fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        for error in [
            SealKey::from_file(&path).unwrap_err(),
            SealKey::from_passphrase_file(&path).unwrap_err(),
        ] {
            assert!(
                error.to_string().contains(&format!("mode 0{mode:o}")),
                "{error}"
            );
        }
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        SealKey::from_file(&path).unwrap();
    }
    assert!(SealKey::from_file(home.path()).is_err());
}

/// A stand-in for a token: it wraps, and its key is not seen.
struct Token {
    name: &'static str,
    key: u8,
    is_away: AtomicBool,
}

impl Token {
    fn new(name: &'static str, key: u8) -> Arc<Self> {
        let is_away = AtomicBool::new(false);
        Arc::new(Self { name, key, is_away })
    }
}

#[async_trait]
impl WrappingKey for Token {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    async fn wrap(&self, data_key: &[u8; 32]) -> Result<Vec<u8>, WrapError> {
        // no check value: the worst that a mechanism could do
        Ok(data_key.iter().map(|byte| byte ^ self.key).collect())
    }

    async fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, WrapError> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(WrapError::Custodian("the token is away".into()));
        }
        let key: Vec<_> = wrapped.iter().map(|byte| byte ^ self.key).collect();
        let key = key.try_into().map_err(|_| WrapError::Refused)?;
        Ok(Zeroizing::new(key))
    }
}

#[tokio::test]
async fn a_custodian_wraps_the_key() {
    let token = Token::new("pkcs11:token=a", 1);
    let custodian = SealKey::from_wrapping_key(token.clone());
    let inner = MemoryStore::new();
    let store = SealedStore::create(inner.clone(), &custodian)
        .await
        .unwrap();
    let issuer = TestIssuer::ethereum();
    let record = save(&store, &issuer).await;
    let again = SealedStore::open(inner.clone(), &custodian).await.unwrap();
    assert_eq!(record_of(&again, issuer.slot()).await.tag(), record.tag());

    // what another key unwraps to is a wrong key, whatever the custodian believes
    let other = SealKey::from_wrapping_key(Token::new("pkcs11:token=a", 2));
    assert!(matches!(opens(&inner, &other).await, Err(Error::WrongKey)));
    let other = SealKey::from_wrapping_key(Token::new("pkcs11:token=b", 1));
    assert!(matches!(
        opens(&inner, &other).await,
        Err(Error::OtherKind { .. })
    ));
    assert!(matches!(
        opens(&inner, &key(1)).await,
        Err(Error::OtherKind { .. })
    ));

    token.is_away.store(true, Ordering::SeqCst);
    let away = opens(&inner, &custodian).await.unwrap_err();
    assert!(
        with_sources(&away).contains("the token is away"),
        "{away:?}"
    );
    assert_eq!(away.code(), "custodian_failed");
    // the store goes on, and can be given another key
    store.rekey(&key(5)).await.unwrap();
    opens(&inner, &key(5)).await.unwrap();
}

#[test]
fn keys_are_not_shown() {
    let empty = SealKey::from_passphrase("").unwrap_err();
    assert!(matches!(empty, Error::EmptyPassphrase));
    let shown = [
        SealKey::from_passphrase(PASSPHRASE).unwrap(),
        key(0xab),
        SealKey::from_wrapping_key(Token::new("t", 0xab)),
    ]
    .map(|key| format!("{key:?}"));
    let wanted = [
        "SealKey(passphrase)",
        "SealKey(key)",
        "SealKey(custodian \"t\")",
    ];
    assert_eq!(shown, wanted);
}

#[tokio::test]
async fn a_store_shows_no_key() {
    let store = SealedStore::create(MemoryStore::new(), &key(0xab))
        .await
        .unwrap();
    let shown = format!("{store:?}");
    assert!(shown.contains(&store.id().to_string()), "{shown}");
    assert!(!shown.contains("171") && !shown.contains("abab"), "{shown}");
}

#[cfg(feature = "keyring")]
mod keyring {
    use super::*;
    use keyring_core::{CredentialStore, Entry};

    fn entry(store: &Arc<CredentialStore>) -> Entry {
        Entry::new_in_store(store, "did-session", "sessions").unwrap()
    }

    #[tokio::test]
    async fn a_key_lies_in_the_keyring() {
        let store: Arc<CredentialStore> = keyring_core::mock::Store::new().unwrap();
        let entry = entry(&store);
        let missing = SealKey::from_keyring(&entry).unwrap_err();
        assert_eq!(missing.code(), "custodian_failed");
        let inner = sealed_with(&SealKey::from_keyring_or_new(&entry).unwrap()).await;
        opens(&inner, &SealKey::from_keyring(&entry).unwrap())
            .await
            .unwrap();
        opens(&inner, &SealKey::from_keyring_or_new(&entry).unwrap())
            .await
            .unwrap();
        // what lies there is neither used nor replaced unless it is a key
        entry.set_password("a password").unwrap();
        let other = SealKey::from_keyring_or_new(&entry).unwrap_err();
        assert!(matches!(other, Error::NotAKey) && !with_sources(&other).contains("a password"));
        assert_eq!(entry.get_password().unwrap(), "a password");
    }

    /// The kernel's own keyring, where this process may use it.
    #[cfg(all(feature = "keyutils", target_os = "linux"))]
    #[tokio::test]
    async fn a_key_lies_in_the_kernel() {
        let user = format!("store-sealed test {}", std::process::id());
        let key = match SealKey::from_keyutils("did-session", &user) {
            Ok(key) => key,
            Err(error) => {
                println!(
                    "skipped: no keyring of the kernel here: {}",
                    with_sources(&error)
                );
                return;
            }
        };
        let inner = sealed_with(&key).await;
        let again = SealKey::from_keyutils("did-session", &user).unwrap();
        opens(&inner, &again).await.unwrap();
        let store: Arc<CredentialStore> = linux_keyutils_keyring_store::Store::new().unwrap();
        let entry = Entry::new_in_store(&store, "did-session", &user).unwrap();
        entry.delete_credential().unwrap();
        let other = SealKey::from_keyutils("did-session", &user).unwrap();
        assert!(matches!(opens(&inner, &other).await, Err(Error::WrongKey)));
        entry.delete_credential().unwrap();
    }
}
