//! A store that is sealed with a key of the token.

use crate::machine::{Token, machine};
use crate::why;
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use session_core::{ExpectedSlot, SessionStore, Slot};
use session_key_pkcs11::{Pkcs11Error, Pkcs11WrappingKey};
use std::sync::Arc;
use store_fs::FsStore;
use store_sealed::{Error, KeyKind, SealKey, SealedStore, WrapError, WrappingKey};
use store_testkit::fixtures::TestIssuer;
use store_testkit::run;

const LABEL: &str = "at rest";

fn create(token: &Token) -> Pkcs11WrappingKey {
    Pkcs11WrappingKey::create(token.open(), LABEL).unwrap()
}

fn seal_key(key: Pkcs11WrappingKey) -> SealKey {
    SealKey::from_wrapping_key(Arc::new(key))
}

/// The secret keys of the token, as somebody else in the program sees them.
fn secret_keys(token: &Token) -> Vec<ObjectHandle> {
    let template = [Attribute::Class(ObjectClass::SECRET_KEY)];
    token.session().find_objects(&template).unwrap()
}

/// Makes an AES key as another program would.
fn make(token: &Token, extractable: bool) {
    let template = [
        Attribute::Token(true),
        Attribute::Sensitive(!extractable),
        Attribute::Extractable(extractable),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::ValueLen(32.into()),
        Attribute::Label(LABEL.into()),
    ];
    let made = token
        .session()
        .generate_key(&Mechanism::AesKeyGen, &template);
    made.unwrap();
}

fn destroy_all(token: &Token) {
    let session = token.session();
    for object in secret_keys(token) {
        session.destroy_object(object).unwrap();
    }
}

#[test]
fn a_store_opens_with_the_key_of_the_token_and_with_no_other() {
    let Some(machine) = machine() else { return };
    let token = machine.token();
    let home = tempfile::tempdir().unwrap();
    let records = || FsStore::open(home.path());
    run(async {
        let key = seal_key(create(&token));
        let store = SealedStore::create(records(), &key).await.unwrap();
        let issuer = TestIssuer::ethereum();
        let record = issuer.record(&store, "nonce001").await;
        let saved = store.save(issuer.slot(), &record, ExpectedSlot::Absent);
        saved.await.unwrap();
        let name = format!(
            "pkcs11:token={};object=at%20rest;type=secret-key",
            token.label.replace(' ', "%20")
        );
        let info = SealedStore::info(&records()).await.unwrap().unwrap();
        assert_eq!(info.key, KeyKind::Custodian(name));

        // another program, later
        let key = Pkcs11WrappingKey::open(token.open(), LABEL).unwrap();
        let store = SealedStore::open(records(), &seal_key(key)).await.unwrap();
        let Slot::Record { record: found, .. } = store.load(issuer.slot()).await.unwrap() else {
            panic!("it was saved");
        };
        assert_eq!(found.tag(), record.tag());

        // a key of another name, and one of this name that wrapped nothing
        let other = Pkcs11WrappingKey::create(token.open(), "other").unwrap();
        let opened = SealedStore::open(records(), &seal_key(other)).await;
        assert!(matches!(opened, Err(Error::OtherKind { .. })), "{opened:?}");
        destroy_all(&token);
        let same_name = seal_key(create(&token));
        let opened = SealedStore::open(records(), &same_name).await;
        assert!(matches!(opened, Err(Error::WrongKey)), "{opened:?}");
    });
}

#[test]
fn the_key_is_made_in_the_token_and_cannot_leave() {
    let Some(machine) = machine() else { return };
    let token = machine.token();
    // others in the program see private objects for as long as somebody is logged in
    let _logged_in = create(&token);
    let (session, keys) = (token.session(), secret_keys(&token));
    assert_eq!(keys.len(), 1);
    let wanted = [
        AttributeType::Token,
        AttributeType::Sensitive,
        AttributeType::Extractable,
        AttributeType::AlwaysSensitive,
        AttributeType::NeverExtractable,
        AttributeType::ValueLen,
    ];
    let found = session.get_attributes(keys[0], &wanted).unwrap();
    assert_eq!(
        found,
        [
            Attribute::Token(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::AlwaysSensitive(true),
            Attribute::NeverExtractable(true),
            Attribute::ValueLen(32.into()),
        ]
    );
    let value = session.get_attributes(keys[0], &[AttributeType::Value]);
    assert!(value.map_or(true, |found| found.is_empty()));
}

#[test]
fn a_label_is_that_of_one_key_that_cannot_leave() {
    let Some(machine) = machine() else { return };
    let token = machine.token();
    let open = || Pkcs11WrappingKey::open(token.open(), LABEL);
    assert_eq!(why(open()), "NoKey");
    let _logged_in = create(&token);
    let again = Pkcs11WrappingKey::create(token.open(), LABEL);
    assert_eq!(why(again), "KeyExists");
    assert_eq!(secret_keys(&token).len(), 1);
    open().unwrap();
    make(&token, false);
    assert_eq!(why(open()), "SeveralKeys");
    destroy_all(&token);
    make(&token, true);
    assert_eq!(why(open()), "CouldLeave");
}

#[test]
fn what_was_not_wrapped_by_it_is_refused_and_a_lost_token_is_no_refusal() {
    let Some(machine) = machine() else { return };
    let token = machine.token();
    run(async {
        let opened = token.open();
        let key = Pkcs11WrappingKey::create(opened.clone(), LABEL).unwrap();
        let secret = [7; 32];
        let wrapped = key.wrap(&secret).await.unwrap();
        assert_ne!(wrapped, key.wrap(&secret).await.unwrap());
        assert!(!wrapped.windows(8).any(|part| part == [7; 8]));
        assert_eq!(*key.unwrap(&wrapped).await.unwrap(), secret);
        let mut bad: Vec<Vec<u8>> = (0..wrapped.len())
            .map(|at| {
                let mut bad = wrapped.clone();
                bad[at] ^= 1;
                bad
            })
            .collect();
        bad.extend((0..wrapped.len()).map(|len| wrapped[..len].to_vec()));
        bad.push([&wrapped[..], &[0]].concat());
        for bad in bad {
            let refused = key.unwrap(&bad).await;
            assert!(
                matches!(refused, Err(WrapError::Refused)),
                "{refused:?} {bad:?}"
            );
        }
        // still the same key, and nothing of a refusal is left in the session
        assert_eq!(*key.unwrap(&wrapped).await.unwrap(), secret);

        token.session().logout().unwrap();
        let lost = key.unwrap(&wrapped).await;
        let Err(WrapError::Custodian(source)) = lost else {
            panic!("{lost:?}");
        };
        let error = Pkcs11Error::of(&*source).unwrap();
        assert!(matches!(error, Pkcs11Error::TokenLost { .. }), "{error:?}");
        opened.reconnect(&Token::pin()).unwrap();
        assert_eq!(*key.unwrap(&wrapped).await.unwrap(), secret);
    });
}
