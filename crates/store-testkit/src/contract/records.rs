//! Sentences 1 to 4, 6 and 7: what one caller after the other sees.

use crate::fixtures::TestIssuer;
use crate::runtime::{SHORT, begin_and_drop, pause};
use crate::witness::{expect_empty, expect_listed, expect_one_of, expect_record};
use session_core::{ExpectedSlot, RecordTag, SessionKey, SessionRecord, SessionStore};

/// Saves whatever lies there.
pub(super) async fn save<S: SessionStore>(
    store: &S,
    issuer: &TestIssuer,
    record: &SessionRecord<S::Key>,
) -> RecordTag {
    let saved = store
        .save(issuer.slot(), record, ExpectedSlot::Anything)
        .await;
    match saved {
        Ok(tag) => tag,
        Err(error) => panic!("save of {issuer:?} failed: {error}"),
    }
}

/// Removes; returns whether something was there.
pub(super) async fn remove<S: SessionStore>(store: &S, issuer: &TestIssuer) -> bool {
    match store.remove(issuer.slot(), ExpectedSlot::Anything).await {
        Ok(removed) => removed,
        Err(error) => panic!("remove of {issuer:?} failed: {error}"),
    }
}

/// Sentence 1: `generate_key` keeps nothing: dropping the key undoes it.
///
/// # Panics
/// When a generated key is seen in the store, twice, or in the place of a stored one.
pub async fn contract_01_generate_key_keeps_nothing<S: SessionStore>(store: S) {
    let mut dids = Vec::new();
    for _ in 0..3 {
        let key = store.generate_key().await.expect("the store makes a key");
        dids.push(key.did().clone());
        drop(key);
    }
    dids.sort();
    dids.dedup();
    assert_eq!(dids.len(), 3, "every key is a new one");
    expect_listed(&store, &[], "after keys were generated and dropped").await;
    for issuer in TestIssuer::each() {
        expect_empty(&store, issuer.slot(), "after keys were generated").await;
    }

    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    drop(store.generate_key().await);
    let when = "after another key was generated";
    expect_record(&store, issuer.slot(), &record, when).await;
}

/// Sentence 2: `save` replaces a record whole, or leaves the old one whole.
///
/// # Panics
/// When a mixture of two records is found, or a refused save changed something.
pub async fn contract_02_save_replaces_whole_or_not_at_all<S: SessionStore>(store: S) {
    let issuer = TestIssuer::ethereum();
    // long after short and short after long: a remainder of the longer one would show
    let short = issuer.record(&store, "nonce001").await;
    let many = (0..1000).map(|n| format!("ceramic://*?model=kjzl6hvfrbw6c{n}"));
    let long = issuer
        .record_with(&store, "nonce002", |payload| payload.with_resources(many))
        .await;
    let none: [&str; 0] = [];
    let bare = issuer
        .record_with(&store, "nonce003", |payload| payload.with_resources(none))
        .await;
    for (record, when) in [
        (&short, "after the first save"),
        (&long, "after a longer record replaced a shorter one"),
        (&bare, "after a shorter record replaced a longer one"),
        (&bare, "after a record replaced itself"),
    ] {
        save(&store, &issuer, record).await;
        expect_record(&store, issuer.slot(), record, when).await;
        expect_listed(&store, &[issuer.slot()], when).await;
    }

    let refused = store.save(issuer.slot(), &long, ExpectedSlot::Absent).await;
    assert!(refused.is_err(), "a save into a taken slot is refused");
    let when = "after a save was refused";
    expect_record(&store, issuer.slot(), &bare, when).await;

    // a caller that gives up may or may not have saved, but nothing between
    begin_and_drop(store.save(issuer.slot(), &long, ExpectedSlot::Anything)).await;
    let whole = [bare, long];
    expect_one_of(&store, issuer.slot(), &whole, "after a cancelled save").await;
}

/// Sentence 3: after `save` returns, `load` gives the same capability, and a key of the same DID
/// that signs.
///
/// # Panics
/// When something else is loaded, for any issuer in any spelling.
pub async fn contract_03_what_was_saved_is_loaded_and_signs<S: SessionStore>(store: S) {
    let mut saved = Vec::new();
    for issuer in TestIssuer::each() {
        let record = issuer.record(&store, "nonce001").await;
        let tag = save(&store, &issuer, &record).await;
        let found = expect_record(&store, issuer.slot(), &record, "after save returned").await;
        assert_eq!(tag, found, "save and load tell the same tag for {issuer:?}");
        saved.push((issuer, record));
    }
    for (issuer, record) in &saved {
        let when = "after others were saved";
        expect_record(&store, issuer.slot(), record, when).await;
        expect_record(&store, issuer.slot(), record, "loaded once more").await;
    }
    let slots: Vec<_> = saved.iter().map(|(issuer, _)| issuer.slot()).collect();
    expect_listed(&store, &slots, "after each was saved").await;

    // another spelling of an issuer is the same slot; the spelling inside the capability stays
    let checksum = TestIssuer::ethereum_in_checksum_case();
    let (lower, record) = &saved[0];
    let when = "under another spelling of its issuer";
    expect_record(&store, checksum.slot(), record, when).await;
    let record = checksum.record(&store, "nonce002").await;
    save(&store, &checksum, &record).await;
    let when = "after it was saved under another spelling";
    expect_record(&store, lower.slot(), &record, when).await;
    expect_listed(&store, &slots, when).await;
}

/// Sentence 4: `remove` of an absent record succeeds and leaves no trace; after `remove`, `load`
/// is `Empty`.
///
/// # Panics
/// When something is left, comes back, or belongs to somebody else and is gone.
pub async fn contract_04_remove_leaves_no_trace<S: SessionStore>(store: S) {
    let issuer = TestIssuer::ethereum();
    let absent = "after an absent record was removed";
    assert!(!remove(&store, &issuer).await, "nothing was there");
    expect_empty(&store, issuer.slot(), absent).await;
    expect_listed(&store, &[], absent).await;

    let other = TestIssuer::polygon();
    let others = other.record(&store, "nonce001").await;
    save(&store, &other, &others).await;
    for spelling in [&issuer, &TestIssuer::ethereum_in_checksum_case()] {
        let record = issuer.record(&store, "nonce002").await;
        save(&store, &issuer, &record).await;
        let removed = "after it was removed";
        assert!(remove(&store, spelling).await, "a record was there");
        expect_empty(&store, issuer.slot(), removed).await;
        expect_listed(&store, &[other.slot()], removed).await;
        assert!(!remove(&store, spelling).await, "it is removed already");
        expect_record(&store, other.slot(), &others, "somebody else's record").await;
        let again = store
            .save(issuer.slot(), &record, ExpectedSlot::Absent)
            .await;
        assert!(
            again.is_ok(),
            "a slot that was emptied is absent: {again:?}"
        );
    }

    // whoever gives up an operation and does the opposite finds the opposite
    let record = issuer.record(&store, "nonce003").await;
    begin_and_drop(store.save(issuer.slot(), &record, ExpectedSlot::Anything)).await;
    remove(&store, &issuer).await;
    pause(SHORT).await;
    let when = "removed after a save that was given up";
    expect_empty(&store, issuer.slot(), when).await;
    save(&store, &issuer, &record).await;
    begin_and_drop(store.remove(issuer.slot(), ExpectedSlot::Anything)).await;
    save(&store, &issuer, &record).await;
    pause(SHORT).await;
    let when = "saved after a remove that was given up";
    expect_record(&store, issuer.slot(), &record, when).await;
}

/// Sentence 6: expired records are returned like any other.
///
/// # Panics
/// When a record is judged by its times.
pub async fn contract_06_expired_records_are_returned<S: SessionStore>(store: S) {
    let issuer = TestIssuer::ethereum();
    for (expires, begins) in [
        (Some("1970-01-01T00:00:00.000Z"), None),
        (Some("2024-01-01T00:00:01.000Z"), None),
        (
            Some("9999-12-31T23:59:59.999Z"),
            Some("9999-01-01T00:00:00.000Z"),
        ),
        (None, None),
    ] {
        let when = format!("a record with exp {expires:?} and nbf {begins:?}");
        let time = |text: &str| text.parse().expect("a date-time");
        let record = issuer
            .record_with(&store, "nonce001", |mut payload| {
                if let Some(text) = expires {
                    payload = payload.with_expires_at(time(text));
                }
                if let Some(text) = begins {
                    payload = payload.with_not_before(time(text));
                }
                payload
            })
            .await;
        save(&store, &issuer, &record).await;
        expect_record(&store, issuer.slot(), &record, &when).await;
        expect_listed(&store, &[issuer.slot()], &when).await;
    }
}

/// Sentence 7: clones of a store share their contents.
///
/// # Panics
/// When a clone sees something else.
pub async fn contract_07_clones_share_contents<S: SessionStore + Clone>(store: S) {
    let issuer = TestIssuer::ethereum();
    let clone = store.clone();
    let record = issuer.record(&store, "nonce001").await;
    save(&store, &issuer, &record).await;
    expect_record(&clone, issuer.slot(), &record, "seen by a clone").await;
    expect_listed(&clone, &[issuer.slot()], "seen by a clone").await;

    let record = issuer.record(&clone, "nonce002").await;
    save(&clone, &issuer, &record).await;
    drop(clone);
    let when = "after a clone saved and was dropped";
    expect_record(&store, issuer.slot(), &record, when).await;

    assert!(remove(&store.clone(), &issuer).await, "a clone removes it");
    expect_empty(&store, issuer.slot(), "after a clone removed it").await;
}
