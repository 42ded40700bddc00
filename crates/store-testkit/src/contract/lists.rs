//! Sentences 15 to 17: tags, lists in pages, and what has expired.

use super::records::save;
use crate::fixtures::TestIssuer;
use crate::runtime::together;
use crate::witness::{expect_empty, expect_listed, expect_record, expect_unreadable};
use cacao::{Timestamp, UnixTime};
use session_core::{
    ExpectedSlot, ListCursor, Listed, Page, RecordTag, SessionRecord, SessionStore, SlotId,
    StoreError,
};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

/// Sentence 15: the tag of a record is [`SessionRecord::tag`]; a tag that was kept as bytes is as
/// good as one that was loaded just now.
///
/// # Panics
/// When a tag is the store's own, or is not recognised.
pub async fn contract_15_tags_are_bytes<S: SessionStore + Clone>(store: S) {
    for issuer in TestIssuer::each() {
        let slot = issuer.slot();
        let first = issuer.record(&store, "nonce001").await;
        let second = issuer.record(&store, "nonce002").await;
        let saved = save(&store, &issuer, &first).await;
        assert_eq!(saved, first.tag(), "save answers the record's own tag");
        let found = expect_record(&store, slot, &first, "after it was saved").await;
        assert_eq!(found, first.tag(), "load answers the record's own tag");
        // kept somewhere, and given to another handle
        let kept = RecordTag::from_bytes(first.tag().to_bytes());
        let expected = ExpectedSlot::Tag(kept);
        let clone = store.clone();
        let replaced = clone.save(slot, &second, expected).await;
        assert!(replaced.is_ok(), "a tag that was kept: {replaced:?}");
        for byte in [0, 31] {
            let mut bytes = second.tag().to_bytes();
            bytes[byte] ^= 1;
            let other = ExpectedSlot::Tag(RecordTag::from_bytes(bytes));
            let refused = clone.save(slot, &first, other).await;
            assert!(
                matches!(refused, Err(StoreError::Conflict { .. })),
                "a tag whose byte {byte} is another: {refused:?}"
            );
        }
        let removed = clone.remove(slot, ExpectedSlot::Tag(second.tag())).await;
        assert!(matches!(removed, Ok(true)), "{removed:?}");
    }
}

/// Sentence 16: `list_page` names never more than `limit` at once, comes to an end, and whatever
/// comes and goes meanwhile, names exactly once what is there from the beginning to the end.
///
/// # Panics
/// When it is not so.
pub async fn contract_16_lists_in_pages<S: SessionStore + Clone>(store: S) {
    let nothing = walk(&store, 3, async |_| {}).await;
    assert!(nothing.is_empty(), "an empty store: {nothing:?}");

    // every other one stays, the others come and go
    let names: Vec<_> = (0..12).map(|n| format!("p{:02}", n * 7 % 12)).collect();
    let issuers = TestIssuer::each();
    let slots: Vec<_> = issuers
        .iter()
        .flat_map(|issuer| names.iter().map(|name| issuer.slot_in(name)))
        .collect();
    let record = issuers[0].record(&store, "nonce001").await;
    let put = async |slot: &SlotId| {
        let saved = store.save(slot, &record, ExpectedSlot::Anything).await;
        assert!(saved.is_ok(), "{slot}: {saved:?}");
    };
    for slot in &slots {
        put(slot).await;
    }
    for limit in [1, 5, slots.len(), 1000] {
        let seen = walk(&store, limit, async |_| {}).await;
        let expected: BTreeSet<_> = slots.iter().cloned().map(Listed::Slot).collect();
        let named: BTreeSet<_> = seen.iter().cloned().collect();
        assert_eq!(named, expected, "in pages of {limit}");
        assert_eq!(seen.len(), slots.len(), "each once, in pages of {limit}");
    }

    let (stay, go): (Vec<_>, Vec<_>) = slots.iter().enumerate().partition(|(n, _)| n % 2 == 0);
    let seen = walk(&store, 4, async |page| {
        // on both sides of wherever the walk is
        for (n, slot) in &go {
            if (n / 2 + page) % 3 == 0 {
                let removed = store.remove(slot, ExpectedSlot::Anything).await;
                assert!(removed.is_ok(), "{slot}: {removed:?}");
            } else {
                put(slot).await;
            }
        }
    })
    .await;
    for (_, slot) in stay {
        let entry = Listed::Slot(slot.clone());
        let times = seen.iter().filter(|seen| **seen == entry).count();
        assert_eq!(times, 1, "{slot} was there all the time: named so often");
    }
}

/// Every page, one after the other; something happens after each.
async fn walk<S: SessionStore + Clone>(
    store: &S,
    limit: usize,
    meanwhile: impl AsyncFn(usize),
) -> Vec<Listed> {
    let limit = NonZeroUsize::new(limit).expect("more than nothing");
    let mut seen = Vec::new();
    let mut after: Option<ListCursor> = None;
    for number in 0.. {
        // another handle may go on, with a cursor that was kept as a text
        let page: Result<Page, _> = store.clone().list_page(after.as_ref(), limit).await;
        let page = page.unwrap_or_else(|error| panic!("page {number}: {error}"));
        let len = page.entries.len();
        assert!(len <= limit.get(), "a page of {limit} has {len}");
        seen.extend(page.entries);
        let Some(next) = page.next else { break };
        after = Some(ListCursor::new(next.as_str()));
        assert!(number < 1000, "a list of a few slots does not end");
        meanwhile(number).await;
    }
    seen
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a date-time")
}

fn at(text: &str) -> UnixTime {
    time(text).unix_time()
}

async fn expiring<S: SessionStore>(
    store: &S,
    issuer: &TestIssuer,
    exp: Option<&str>,
) -> SessionRecord<S::Key> {
    let members = |payload: cacao::PayloadBuilder| match exp {
        Some(exp) => payload.expires_at(time(exp)),
        None => payload,
    };
    issuer.record_with(store, "nonce001", members).await
}

/// Sentence 17: `purge` removes the records that expired before the time that it is given, answers
/// how many, and touches nothing else.
///
/// # Panics
/// When another record goes, an expired one stays, or the number is wrong.
pub async fn contract_17_purge_removes_what_has_expired<S>(store: S)
where
    S: SessionStore + Clone + 'static,
{
    const BEFORE: &str = "2025-06-01T00:00:00Z";
    let purge = async |before| match store.purge(before).await {
        Ok(purged) => purged,
        Err(error) => panic!("purge failed: {error}"),
    };
    assert_eq!(purge(at(BEFORE)).await, 0, "an empty store");
    let mut records = Vec::new();
    for issuer in TestIssuer::each() {
        for (profile, exp, goes) in [
            ("long-ago", Some("1970-01-01T00:00:01Z"), true),
            ("just-before", Some("2025-05-31T23:59:59.999Z"), true),
            ("on-the-dot", Some(BEFORE), false),
            ("later", Some("2999-01-01T00:00:00Z"), false),
            ("never", None, false),
        ] {
            let slot = issuer.slot_in(profile);
            let record = expiring(&store, &issuer, exp).await;
            let saved = store.save(&slot, &record, ExpectedSlot::Absent).await;
            assert!(saved.is_ok(), "{slot}: {saved:?}");
            records.push((slot, record, goes));
        }
    }
    assert_eq!(purge(UnixTime::EPOCH).await, 0, "nothing had expired then");
    let gone = records.iter().filter(|(.., goes)| *goes).count();
    assert_eq!(purge(at(BEFORE)).await, gone, "the records that expired");
    for (slot, record, goes) in &records {
        if *goes {
            expect_empty(&store, slot, "after a purge").await;
        } else {
            expect_record(&store, slot, record, "after a purge").await;
        }
    }
    let stays = records.iter().filter(|(.., goes)| !goes);
    let stays: Vec<_> = stays.map(|(slot, ..)| slot).collect();
    expect_listed(&store, &stays, "after a purge").await;
    assert_eq!(purge(at(BEFORE)).await, 0, "they are gone already");

    // a user who signs in again while somebody tidies up
    let issuer = TestIssuer::ethereum();
    let slot = issuer.slot().clone();
    let old = expiring(&store, &issuer, Some("2001-01-01T00:00:00Z")).await;
    let new = expiring(&store, &issuer, Some("2999-01-01T00:00:00Z")).await;
    for round in 0..12 {
        let removed = store.remove(&slot, ExpectedSlot::Anything).await;
        assert!(removed.is_ok(), "{removed:?}");
        let seen = save(&store, &issuer, &old).await;
        let mut both = [None, Some(new.clone())];
        both.rotate_left(round % 2);
        let both = both.map(|record| {
            let (store, slot) = (store.clone(), slot.clone());
            async move {
                match record {
                    None => store.purge(at(BEFORE)).await.map(Some),
                    Some(record) => {
                        let expected = ExpectedSlot::Tag(seen);
                        store.save(&slot, &record, expected).await.map(|_| None)
                    }
                }
            }
        });
        let mut results = together(both).await;
        results.rotate_left(round % 2);
        match &results[..] {
            [Ok(Some(0)), Ok(None)] => {
                expect_record(&store, &slot, &new, "saved while others were purged").await;
            }
            [Ok(Some(1)), Err(StoreError::Conflict { .. })] => {
                expect_empty(&store, &slot, "purged before it was replaced").await;
            }
            results => panic!("either it is purged or it is replaced: {results:?}"),
        }
    }
}

/// Sentence 17: `purge` leaves what cannot be read; for stores that can hold such a thing.
///
/// # Panics
/// When something unreadable is removed, or stops the purge.
pub async fn contract_17_purge_leaves_what_is_unreadable<S: SessionStore>(
    store: S,
    corrupt: impl AsyncFn(&S, &SlotId),
) {
    let (issuer, other) = (TestIssuer::ethereum(), TestIssuer::solana());
    let past = Some("2001-01-01T00:00:00Z");
    for issuer in [&issuer, &other] {
        let record = expiring(&store, issuer, past).await;
        save(&store, issuer, &record).await;
    }
    corrupt(&store, issuer.slot()).await;
    let tag = expect_unreadable(&store, issuer.slot(), "a spoiled record").await;
    let purged = store.purge(at("2999-01-01T00:00:00Z")).await;
    assert!(
        matches!(purged, Ok(1)),
        "beside a spoiled record: {purged:?}"
    );
    let after = expect_unreadable(&store, issuer.slot(), "after a purge").await;
    assert_eq!(tag, after, "nobody touched it");
    expect_empty(&store, other.slot(), "after a purge").await;
}
