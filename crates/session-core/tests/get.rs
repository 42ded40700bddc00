//! `get` and `has_session_for`: reuse, wishes, answers, records that are not what they should be.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::wallet;

use cacao::{
    Cacao, HeaderType, Issuer, Payload, Signature, SignatureKind, SignatureValue, UnixTime,
};
use didkey::Ed25519SigningKey;
use session_core::{
    AuthMethod, Error, ExpectedSlot, Profile, Request, SessionRecord, SessionStore, Sessions, Slot,
};
use std::time::Duration;
use store_memory::MemoryStore;
use wallet::{Act, HOUR, NOW, Wallet, at, rebuild, request, same, sessions};

/// The skew of the default policy.
const SKEW: Duration = Duration::from_secs(300);

async fn stored(sessions: &Sessions<MemoryStore>, issuer: &Issuer) -> bool {
    !matches!(
        sessions.store().load(&issuer.into()).await.unwrap(),
        Slot::Empty
    )
}

#[tokio::test]
async fn the_first_call_asks_the_second_finds() {
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    let request = request(["a", "b"]);
    assert!(
        !sessions
            .has_session_for(wallet.issuer(), &request)
            .await
            .unwrap()
    );
    let first = sessions.get(&*wallet, &request).await.unwrap();
    assert!(
        sessions
            .has_session_for(wallet.issuer(), &request)
            .await
            .unwrap()
    );
    let second = sessions.get(&*wallet, &request).await.unwrap();
    assert_eq!(wallet.asked(), 1);
    assert_eq!(first.key_did(), second.key_did());
    assert_eq!(first.cacao(), second.cacao());
    assert_eq!(first.expires_in(), Some(Request::DEFAULT_LIFETIME));
    assert_eq!(first.cacao().payload().nonce().len(), 20);

    assert_eq!(
        sessions.remove(wallet.issuer()).await.unwrap(),
        [Profile::default()]
    );
    assert_eq!(sessions.remove(wallet.issuer()).await.unwrap(), []);
    assert!(
        !sessions
            .has_session_for(wallet.issuer(), &request)
            .await
            .unwrap()
    );
    let third = sessions.get(&*wallet, &request).await.unwrap();
    assert_eq!(wallet.asked(), 2);
    assert_ne!(third.key_did(), first.key_did());
}

#[tokio::test]
async fn one_account_has_one_record_whatever_its_spelling() {
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    sessions.get(&*wallet, &request(["a"])).await.unwrap();
    let upper = wallet.issuer().did().to_ascii_uppercase();
    let upper = upper
        .replace("DID:PKH:EIP155:1:0X", "did:pkh:eip155:1:0x")
        .parse()
        .unwrap();
    assert!(
        sessions
            .has_session_for(&upper, &request(["a"]))
            .await
            .unwrap()
    );
    assert_eq!(sessions.remove(&upper).await.unwrap(), [Profile::default()]);
    assert!(!stored(&sessions, wallet.issuer()).await);
}

#[tokio::test]
async fn what_covers_the_request_is_reused() {
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    let first = sessions.get(&*wallet, &request(["a", "b"])).await.unwrap();
    for again in [request(["b"]), request(["b", "a"]), request(["a", "a"])] {
        let session = sessions.get(&*wallet, &again).await.unwrap();
        assert_eq!(session.key_did(), first.key_did());
        assert_eq!(session.authorizations().collect::<Vec<_>>(), ["a", "b"]);
    }
    let longer = request(["a"]).with_lifetime(HOUR * 24 * 30);
    sessions.get(&*wallet, &longer).await.unwrap();
    assert_eq!(wallet.asked(), 1);
}

#[tokio::test]
async fn more_exact_or_shorter_wishes_ask_again() {
    for wish in [
        request(["a", "b", "c"]),
        request(["c"]),
        request(["ceramic://*?model=a"]),
        request(["a"]).with_exact_resources(),
        request(["a", "b"]).with_lifetime(HOUR),
    ] {
        let ((sessions, _), wallet) = (sessions(), Wallet::new());
        sessions
            .get(&*wallet, &request(["a", "b", "ceramic://*"]))
            .await
            .unwrap();
        assert!(
            !sessions
                .has_session_for(wallet.issuer(), &wish)
                .await
                .unwrap()
        );
        let session = sessions.get(&*wallet, &wish).await.unwrap();
        assert_eq!(wallet.asked(), 2);
        assert!(
            sessions
                .has_session_for(wallet.issuer(), &wish)
                .await
                .unwrap()
        );
        assert_eq!(
            sessions.get(&*wallet, &wish).await.unwrap().key_did(),
            session.key_did()
        );
    }
}

#[tokio::test]
async fn an_end_is_the_same_time_whenever_it_is_asked_for() {
    let ((sessions, clock), wallet) = (sessions(), Wallet::new());
    let wish = |end| request(["a"]).with_end(end);
    clock.advance(Duration::from_millis(7));
    let first = sessions.get(&*wallet, &wish(NOW + HOUR)).await.unwrap();
    assert_eq!(first.expires_at().unwrap().unix_time(), NOW + HOUR);
    clock.advance(Duration::from_millis(7));
    for later in [Duration::ZERO, HOUR] {
        let session = sessions.get(&*wallet, &wish(NOW + HOUR + later)).await;
        assert_eq!(session.unwrap().key_did(), first.key_did());
    }
    let earlier = NOW + HOUR - Duration::from_millis(1);
    let session = sessions.get(&*wallet, &wish(earlier)).await.unwrap();
    assert_eq!(session.expires_at().unwrap().unix_time(), earlier);
    assert_eq!(wallet.asked(), 2);
    // none that ends then can last as long
    let longer = wish(NOW + HOUR).with_min_remaining(HOUR * 2);
    let refused = sessions.get(&*wallet, &longer).await.unwrap_err();
    assert_eq!(refused.code(), "invalid_option");
    assert_eq!(wallet.asked(), 2);
}

#[tokio::test]
async fn wishes_that_no_session_can_have_are_refused_before_anybody_is_asked() {
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    for bad in [
        request([]),
        request(["a"]).with_lifetime(Duration::ZERO),
        request(["a"]).with_lifetime(Duration::MAX),
        request(["a"]).with_end(NOW),
        request(["a"]).with_end(NOW - HOUR),
        request(["a"]).with_end(UnixTime::from_secs(300_000_000_000)),
        request(["a\nb"]),
        request(["a"]).with_statement("zwei\nZeilen"),
        request(["a"]).with_statement("Zürich"),
        request(["a"]).with_nonce(""),
        request(["a"]).with_request_id("\u{7f}"),
        Request::new("", ["a"]),
    ] {
        let error = sessions.get(&*wallet, &bad).await.unwrap_err();
        assert_eq!(error.code(), "invalid_option", "{bad:?}: {error}");
    }
    assert_eq!(wallet.asked(), 0);
    assert!(!stored(&sessions, wallet.issuer()).await);
}

#[tokio::test]
async fn a_decline_leaves_no_trace() {
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    wallet.will(Act::Decline);
    let error = sessions.get(&*wallet, &request(["a"])).await.unwrap_err();
    assert_eq!(error.code(), "declined");
    assert!(!stored(&sessions, wallet.issuer()).await);
    wallet.will(Act::Sign);
    sessions.get(&*wallet, &request(["a"])).await.unwrap();
    assert_eq!(wallet.asked(), 2);
}

#[tokio::test]
async fn another_account_in_the_wallet_is_noticed() {
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    wallet.will(Act::OtherAccount);
    let error = sessions.get(&*wallet, &request(["a"])).await.unwrap_err();
    assert_eq!(error.code(), "signature_mismatch");
    assert!(!stored(&sessions, wallet.issuer()).await);
}

#[tokio::test]
async fn an_answer_must_be_what_was_asked_for() {
    const OTHER: &str = "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn";
    type Edit = fn(&Payload) -> Payload;
    let changes: [(Edit, &str); 11] = [
        (
            |p| {
                rebuild(p, "evil.example", p.audience(), p.nonce(), p.issued_at())
                    .build()
                    .unwrap()
            },
            "answer_differs",
        ),
        (
            |p| {
                rebuild(p, p.domain(), OTHER, p.nonce(), p.issued_at())
                    .build()
                    .unwrap()
            },
            "answer_differs",
        ),
        (
            |p| {
                rebuild(p, p.domain(), p.audience(), "other", p.issued_at())
                    .build()
                    .unwrap()
            },
            "answer_differs",
        ),
        (
            |p| same(p).with_resources(["b", "a"]).build().unwrap(),
            "answer_differs",
        ),
        (
            |p| same(p).with_resources(["a", "b", "c"]).build().unwrap(),
            "answer_differs",
        ),
        (
            |p| same(p).with_statement("another").build().unwrap(),
            "answer_differs",
        ),
        (
            |p| same(p).with_request_id("unasked").build().unwrap(),
            "answer_differs",
        ),
        (
            |p| {
                same(p)
                    .with_expires_at(at(NOW + HOUR * 24 * 8))
                    .build()
                    .unwrap()
            },
            "answer_lasts_too_long",
        ),
        (
            |p| {
                let asked = (p.domain(), p.issuer().clone(), p.audience(), p.nonce());
                let (domain, issuer, audience, nonce) = asked;
                Payload::builder(domain, issuer, audience, nonce, p.issued_at().clone())
                    .with_resources(p.resources())
                    .build()
                    .unwrap()
            },
            "answer_lasts_too_long",
        ),
        (
            |p| {
                let early = at(NOW - SKEW - Duration::from_millis(1));
                rebuild(p, p.domain(), p.audience(), p.nonce(), &early)
                    .build()
                    .unwrap()
            },
            "answer_not_issued_now",
        ),
        (
            |p| {
                let late = NOW + SKEW + Duration::from_millis(1);
                same(p).with_not_before(at(late)).build().unwrap()
            },
            "answer_not_valid_yet",
        ),
    ];
    for (change, code) in changes {
        let ((sessions, _), wallet) = (sessions(), Wallet::new());
        wallet.will(Act::Change(change));
        let error = sessions
            .get(&*wallet, &request(["a", "b"]))
            .await
            .unwrap_err();
        assert_eq!(error.code(), code, "{error:?}");
        assert!(!stored(&sessions, wallet.issuer()).await);
    }
}

#[tokio::test]
async fn an_answer_may_leave_out_or_shorten() {
    let changes: [fn(&Payload) -> Payload; 6] = [
        |p| {
            let iat = p.issued_at().clone();
            Payload::builder(p.domain(), p.issuer().clone(), p.audience(), p.nonce(), iat)
                .with_resources(p.resources())
                .with_expires_at(p.expires_at().unwrap().clone())
                .build()
                .unwrap()
        },
        |p| same(p).with_expires_at(at(NOW + HOUR)).build().unwrap(),
        |p| {
            same(p)
                .with_not_before(p.issued_at().clone())
                .build()
                .unwrap()
        },
        // the last moments that the skew allows
        |p| {
            let ahead = at(NOW + SKEW);
            rebuild(p, p.domain(), p.audience(), p.nonce(), &ahead)
                .build()
                .unwrap()
        },
        |p| {
            let behind = at(NOW - SKEW);
            rebuild(p, p.domain(), p.audience(), p.nonce(), &behind)
                .build()
                .unwrap()
        },
        |p| same(p).with_not_before(at(NOW + SKEW)).build().unwrap(),
    ];
    for change in changes {
        let ((sessions, _), wallet) = (sessions(), Wallet::new());
        wallet.will(Act::Change(change));
        sessions.get(&*wallet, &request(["a"])).await.unwrap();
    }
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    let host: fn(&Payload) -> Payload = |p| {
        rebuild(p, "host.example", p.audience(), p.nonce(), p.issued_at())
            .build()
            .unwrap()
    };
    wallet.will(Act::Change(host));
    let accepting = request(["a"]).with_accepted_domain("host.example");
    sessions.get(&*wallet, &accepting).await.unwrap();
    // who did not say so is told both names
    let other = Wallet::new();
    other.will(Act::Change(host));
    let error = sessions.get(&*other, &request(["a"])).await.unwrap_err();
    let Error::Answer(problem) = &error else {
        panic!("{error:?}")
    };
    let told = problem.to_string();
    assert!(
        told.contains("\"host.example\", but \"app.example\""),
        "{told}"
    );
}

#[tokio::test]
async fn the_end_of_a_life_and_the_clock() {
    let ((sessions, clock), wallet) = (sessions(), Wallet::new());
    let hour = request(["a"]).with_lifetime(HOUR);
    let first = sessions.get(&*wallet, &hour).await.unwrap();
    let usable = async || {
        sessions
            .has_session_for(wallet.issuer(), &request(["a"]))
            .await
            .unwrap()
    };

    clock.set(NOW + HOUR - Duration::from_secs(60));
    assert!(usable().await, "the margin begins after this");
    clock.advance(Duration::from_millis(1));
    assert!(!usable().await, "the last minute is not handed out");
    assert!(!first.is_expired());
    first.create_jws(&serde_json::json!({})).await.unwrap();

    clock.set(NOW + HOUR);
    assert!(!first.is_expired());
    clock.advance(Duration::from_millis(1));
    assert!(first.is_expired());
    assert_eq!(first.expires_in(), Some(Duration::ZERO));
    assert!(!first.is_authorized(["a"]));
    let error = first.create_jws(&serde_json::json!({})).await.unwrap_err();
    assert_eq!(error.code(), "expired");
    let loaded = sessions.load(wallet.issuer()).await.unwrap();
    assert!(loaded.is_expired(), "it can still be looked at");

    clock.set(NOW - HOUR);
    assert!(!usable().await, "it was not issued yet");
    sessions.get(&*wallet, &request(["a"])).await.unwrap();
    assert_eq!(wallet.asked(), 2);
}

#[tokio::test]
async fn a_short_life_has_a_short_margin() {
    let ((sessions, clock), wallet) = (sessions(), Wallet::new());
    let brief = request(["a"]).with_lifetime(Duration::from_secs(10));
    sessions.get(&*wallet, &brief).await.unwrap();
    clock.advance(Duration::from_secs(9));
    assert!(
        sessions
            .has_session_for(wallet.issuer(), &request(["a"]))
            .await
            .unwrap()
    );
    clock.advance(Duration::from_millis(1));
    assert!(
        !sessions
            .has_session_for(wallet.issuer(), &request(["a"]))
            .await
            .unwrap()
    );
}

/// What lies in a store is hostile: each record is named, not used, and replaced.
#[tokio::test]
async fn records_that_can_never_work() {
    type Spoil = fn(&SessionRecord<Ed25519SigningKey>) -> SessionRecord<Ed25519SigningKey>;
    let spoils: [(Spoil, &str); 5] = [
        (
            |r| {
                let other = Ed25519SigningKey::from_seed(&[9; 32]);
                SessionRecord::new(r.capability().clone(), other)
            },
            "key_mismatch",
        ),
        (
            |r| {
                let c = r.capability();
                let unsigned = Cacao::new(c.header(), c.payload().clone(), None);
                SessionRecord::new(unsigned, r.key().clone())
            },
            "unsigned",
        ),
        (
            |r| {
                let c = r.capability();
                let more = same(c.payload())
                    .with_resources(["a", "b"])
                    .build()
                    .unwrap();
                let grown = Cacao::new(c.header(), more, c.signature().cloned());
                SessionRecord::new(grown, r.key().clone())
            },
            "signature_mismatch",
        ),
        (
            |r| {
                let c = r.capability();
                let later = same(c.payload())
                    .with_expires_at(at(NOW + HOUR * 90_000))
                    .build()
                    .unwrap();
                let grown = Cacao::new(c.header(), later, c.signature().cloned());
                SessionRecord::new(grown, r.key().clone())
            },
            "signature_mismatch",
        ),
        (
            |r| {
                let kind = SignatureKind::new("constructor").unwrap();
                let value = SignatureValue::Text("x".into());
                let signature = Signature::new(kind, value, None).unwrap();
                let payload = r.capability().payload().clone();
                let made_up = Cacao::new(HeaderType::Caip122, payload, Some(signature));
                SessionRecord::new(made_up, r.key().clone())
            },
            "unsupported_kind",
        ),
    ];
    for (spoil, code) in spoils {
        let ((sessions, _), wallet) = (sessions(), Wallet::new());
        let issuer = wallet.issuer();
        sessions.get(&*wallet, &request(["a"])).await.unwrap();
        let Slot::Record { record, .. } = sessions.store().load(&issuer.into()).await.unwrap()
        else {
            panic!("nothing was stored");
        };
        sessions
            .store()
            .save(&issuer.into(), &spoil(&record), ExpectedSlot::Anything)
            .await
            .unwrap();
        let reason = sessions.find(issuer, &request(["a"])).await.unwrap_err();
        assert_eq!(reason.code(), code);
        assert!(
            !sessions
                .has_session_for(issuer, &request(["a"]))
                .await
                .unwrap()
        );
        sessions.get(&*wallet, &request(["a"])).await.unwrap();
        assert_eq!(wallet.asked(), 2);
        assert!(
            sessions
                .has_session_for(issuer, &request(["a"]))
                .await
                .unwrap()
        );
    }
}

#[tokio::test]
async fn a_record_of_another_issuer_is_not_handed_out() {
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    let session = sessions.get(&*wallet, &request(["a"])).await.unwrap();
    let other: Issuer = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44"
        .parse()
        .unwrap();
    let Slot::Record { record, .. } = sessions
        .store()
        .load(&wallet.issuer().into())
        .await
        .unwrap()
    else {
        panic!("nothing was stored");
    };
    sessions
        .store()
        .save(&(&other).into(), &record, ExpectedSlot::Absent)
        .await
        .unwrap();
    let reason = sessions.find(&other, &request(["a"])).await.unwrap_err();
    assert_eq!(reason.code(), "issuer_mismatch");
    assert_eq!(session.issuer(), wallet.issuer());
}
