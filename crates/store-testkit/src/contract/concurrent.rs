//! Sentences 8 to 10: what callers see that come at the same time.

use super::records::{remove, save};
use crate::fixtures::TestIssuer;
use crate::runtime::{SHORT, begin_and_drop, ends, pause, poll_and_drop, together};
use crate::witness::{expect_empty, expect_listed, expect_one_of, expect_record, load};
use futures_util::FutureExt as _;
use futures_util::future::{Either, join, select};
use session_core::{
    ExpectedSlot, PromptLockGuard, RecordTag, SessionRecord, SessionStore, Slot, SlotId, StoreError,
};
use std::pin::pin;
use std::time::Duration;

/// How many callers come at once.
const CALLERS: usize = 12;
/// Longer than anything takes that ends at all.
pub(super) const LONG: Duration = Duration::from_secs(5);

/// Sentence 8: of concurrent saves, one whole record stays.
///
/// # Panics
/// When a mixture stays, or a caller sees one in between.
pub async fn contract_08_concurrent_saves_leave_one_whole_record<S>(store: S)
where
    S: SessionStore + Clone + 'static,
{
    let issuer = TestIssuer::ethereum();
    let other = TestIssuer::polygon();
    let others = other.record(&store, "nonce000").await;
    save(&store, &other, &others).await;
    let candidates = records(&store, &issuer).await;
    save(&store, &issuer, &candidates[0]).await;

    for _ in 0..4 {
        let saves = candidates.iter().cloned().map(|record| {
            let (store, issuer) = (store.clone(), issuer.clone());
            async move { save(&store, &issuer, &record).await }
        });
        let reads = async {
            for _ in 0..CALLERS {
                let during = "while others save";
                expect_one_of(&store, issuer.slot(), &candidates, during).await;
            }
        };
        let (tags, ()) = join(together(saves), reads).await;
        let after = "after concurrent saves";
        let which = expect_one_of(&store, issuer.slot(), &candidates, after).await;
        let tag = expect_record(&store, issuer.slot(), &candidates[which], after).await;
        assert_eq!(tags[which], tag, "the tag of the record that stayed");
        expect_listed(&store, &[issuer.slot(), other.slot()], after).await;
    }
    expect_record(&store, other.slot(), &others, "somebody else's record").await;

    let saves_and_removes = candidates.iter().cloned().enumerate().map(|(n, record)| {
        let (store, issuer) = (store.clone(), issuer.clone());
        async move {
            if n % 2 == 0 {
                save(&store, &issuer, &record).await;
            } else {
                remove(&store, &issuer).await;
            }
        }
    });
    together(saves_and_removes).await;
    if !matches!(load(&store, issuer.slot()).await, Slot::Empty) {
        let after = "after concurrent saves and removes";
        expect_one_of(&store, issuer.slot(), &candidates, after).await;
    }
}

/// Sentence 9: a conditional `save` or `remove` fails with `Conflict` unless the slot is exactly as
/// it was loaded: what was removed or replaced while the wallet was open does not come back, and
/// what came later is not removed for what was there before.
///
/// # Panics
/// When a save or a removal succeeds that must fail, or fails that must succeed; and unless exactly
/// one of several callers wins that saw the same slot.
pub async fn contract_09_conditional_changes_conflict<S>(store: S)
where
    S: SessionStore + Clone + 'static,
{
    let issuer = TestIssuer::ethereum();
    let id = issuer.slot();
    let candidates = records(&store, &issuer).await;
    let (first, second) = (&candidates[0], &candidates[1]);
    let anything_else = RecordTag::of_unreadable(b"something else");

    expect_conflict(&store, id, first, ExpectedSlot::Tag(anything_else)).await;
    expect_empty(&store, id, "after a save that expected a record").await;
    let one = expect_saved(&store, id, first, ExpectedSlot::Absent).await;
    expect_conflict(&store, id, second, ExpectedSlot::Absent).await;
    expect_conflict(&store, id, second, ExpectedSlot::Tag(anything_else)).await;
    expect_record(&store, id, first, "after saves were refused").await;

    let two = expect_saved(&store, id, second, ExpectedSlot::Tag(one)).await;
    assert_ne!(one, two, "another record has another tag");
    expect_conflict(&store, id, first, ExpectedSlot::Tag(one)).await;
    let when = "replaced while the wallet was open";
    expect_record(&store, id, second, when).await;

    assert!(remove(&store, &issuer).await);
    expect_conflict(&store, id, first, ExpectedSlot::Tag(two)).await;
    expect_empty(&store, id, "removed while the wallet was open").await;

    conditional_remove(&store, id, &candidates).await;

    // whoever has seen nothing, or the same record: exactly one wins
    for a_record_is_there in [false, true] {
        let expected = if a_record_is_there {
            load(&store, id).await.expected()
        } else {
            ExpectedSlot::Absent
        };
        let saves = candidates.iter().cloned().map(|record| {
            let (store, id) = (store.clone(), id.clone());
            async move { store.save(&id, &record, expected).await }
        });
        let results = together(saves).await;
        let mut winners = Vec::new();
        for (record, result) in candidates.iter().zip(results) {
            match result {
                Ok(_) => winners.push(record),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => panic!("a conditional save failed: {error}"),
            }
        }
        let [winner] = &winners[..] else {
            panic!(
                "{} of {CALLERS} saves that expected the same slot won",
                winners.len()
            );
        };
        expect_record(&store, id, winner, "after a race").await;
        let next = issuer.record(&store, "nonce999").await;
        save(&store, &issuer, &next).await;
    }
}

/// Sentence 9 of `remove`; begins and ends with an empty slot.
async fn conditional_remove<S>(store: &S, id: &SlotId, candidates: &[SessionRecord<S::Key>])
where
    S: SessionStore + Clone + 'static,
{
    let (first, second) = (&candidates[0], &candidates[1]);
    let refused = async |expected, when| match store.remove(id, expected).await {
        Err(StoreError::Conflict { .. }) => {}
        other => panic!("{when}: {other:?} instead of a conflict"),
    };
    let gone = ExpectedSlot::Tag(RecordTag::of_unreadable(b"something else"));
    refused(gone, "removing a record that is not there").await;
    let removed = store.remove(id, ExpectedSlot::Absent).await;
    assert!(matches!(removed, Ok(false)), "an empty slot: {removed:?}");
    let one = expect_saved(store, id, first, ExpectedSlot::Absent).await;
    refused(ExpectedSlot::Absent, "a record is there").await;
    refused(gone, "another record is there").await;
    let two = expect_saved(store, id, second, ExpectedSlot::Tag(one)).await;
    refused(ExpectedSlot::Tag(one), "it was replaced").await;
    expect_record(store, id, second, "after removals were refused").await;
    let removed = store.remove(id, ExpectedSlot::Tag(two)).await;
    assert!(matches!(removed, Ok(true)), "as expected: {removed:?}");
    expect_empty(store, id, "after it was removed").await;

    // whoever replaces the record and whoever removes it have both seen it: one of them wins
    for n in 0..CALLERS {
        let seen = expect_saved(store, id, first, ExpectedSlot::Absent).await;
        let seen = ExpectedSlot::Tag(seen);
        let mut changes = [Some(second.clone()), None];
        changes.rotate_left(n % 2);
        let changes = changes.map(|record| {
            let (store, id) = (store.clone(), id.clone());
            async move {
                match record {
                    Some(record) => store.save(&id, &record, seen).await.map(drop),
                    None => store.remove(&id, seen).await.map(drop),
                }
            }
        });
        let mut results = together(changes).await;
        results.rotate_left(n % 2);
        match &results[..] {
            [Ok(()), Err(StoreError::Conflict { .. })] => {
                expect_record(store, id, second, "replaced, and so not removed").await;
            }
            [Err(StoreError::Conflict { .. }), Ok(())] => {
                expect_empty(store, id, "removed, and so not replaced").await;
            }
            results => panic!("exactly one changes the slot: {results:?}"),
        }
        if let Err(error) = store.remove(id, ExpectedSlot::Anything).await {
            panic!("it is not removed: {error}");
        }
    }
}

/// Sentence 10: one holds the prompt lock of a slot at a time; whoever waits longer than `max_wait`
/// is told `Busy`; a holder that is dropped or cancelled frees it, and so does a caller that is
/// cancelled while it takes a free one. `load`, `save` and `remove` never wait for it.
///
/// # Panics
/// When two hold the same lock, when it is not freed, or when something waits for it.
pub async fn contract_10_one_prompt_lock_at_a_time<S: SessionStore + Clone>(store: S) {
    let issuer = TestIssuer::ethereum();
    let id = issuer.slot();
    let spelled = TestIssuer::ethereum_in_checksum_case();
    let other = TestIssuer::polygon();
    let record = issuer.record(&store, "nonce001").await;

    let held = free_lock(&store, id, "the first").await;
    for (store, id, who) in [
        (&store, id, "a second"),
        (&store.clone(), id, "a clone's"),
        (&store, spelled.slot(), "another spelling's"),
    ] {
        expect_busy(store, id, who).await;
    }
    drop(free_lock(&store, other.slot(), "another issuer's").await);

    // nothing else waits
    let during = "while the prompt lock is held";
    let rest = async {
        expect_empty(&store, id, during).await;
        save(&store, &issuer, &record).await;
        expect_record(&store, id, &record, during).await;
        expect_listed(&store, &[id], during).await;
        assert!(
            remove(&store, &issuer).await,
            "{during}: a record was there"
        );
        expect_empty(&store, id, during).await;
    };
    ends("load, save, list and remove beside a prompt lock", rest).await;

    // whoever waits gets it when the holder is done
    let waiter = async { free_lock(&store, id, "a waiter's").await };
    let holder = async {
        pause(SHORT).await;
        drop(held);
    };
    let (held, ()) = ends("a waiter", join(waiter, holder)).await;

    // a waiter that gave up does not get it later
    begin_and_drop(store.lock_prompt(id, LONG)).await;
    give_up(&store, id).await;
    expect_busy(&store, id, "beside waiters that gave up, a second").await;
    drop(held);
    let held = free_lock(&store, id, "after waiters gave up, the next").await;
    drop(held);

    // a holder that is cancelled in the middle of its prompt
    let prompt = async {
        let _held = free_lock(&store, id, "a prompt's").await;
        std::future::pending::<()>().await;
    };
    if let Either::Left(_) = select(pin!(prompt), pin!(pause(SHORT))).await {
        panic!("the prompt never ends");
    }
    drop(free_lock(&store, id, "after a holder was cancelled, the next").await);

    // a caller that is cancelled while it takes a free one, at each of its first steps
    for steps in 0..CALLERS {
        poll_and_drop(store.lock_prompt(id, LONG), steps).await;
        let next = format!("after an acquire was cancelled at step {steps}, the next");
        drop(free_lock(&store, id, &next).await);
    }
}

/// Waits for a prompt lock for a while and gives up.
async fn give_up<S: SessionStore>(store: &S, slot: &SlotId) {
    let waiting = store.lock_prompt(slot, LONG);
    if let Either::Left(_) = select(pin!(waiting), pin!(pause(SHORT))).await {
        panic!("two hold the prompt lock of {slot}");
    }
}

/// Fails unless the prompt lock is free, or becomes so soon.
pub(super) async fn free_lock<S: SessionStore>(
    store: &S,
    slot: &SlotId,
    whose: &str,
) -> Box<dyn PromptLockGuard> {
    match ends(whose, store.lock_prompt(slot, LONG)).await {
        Ok(guard) => guard,
        Err(error) => panic!("{whose} prompt lock is not to be had: {error}"),
    }
}

/// Fails unless somebody else holds the prompt lock, and it is waited for until the time is over.
pub(super) async fn expect_busy<S: SessionStore>(store: &S, slot: &SlotId, whose: &str) {
    let lock = store.lock_prompt(slot, SHORT);
    let result = match select(pin!(lock), pin!(pause(SHORT / 5))).await {
        Either::Left((Ok(_), _)) => panic!("{whose} prompt lock was had beside the first"),
        Either::Left((Err(error), timer)) => {
            // one step of the store may have taken all the time that there was
            let waited = timer.now_or_never().is_some();
            assert!(waited, "{whose} prompt lock was not waited for: {error}");
            Err(error)
        }
        Either::Right((_, lock)) => ends(whose, lock).await,
    };
    match result {
        Err(StoreError::Busy { .. }) => {}
        Err(error) => panic!("{whose} prompt lock failed, and not as busy: {error}"),
        Ok(_) => panic!("{whose} prompt lock was had beside the first"),
    }
}

async fn expect_saved<S: SessionStore>(
    store: &S,
    slot: &SlotId,
    record: &SessionRecord<S::Key>,
    expected: ExpectedSlot,
) -> RecordTag {
    match store.save(slot, record, expected).await {
        Ok(tag) => {
            let found = expect_record(store, slot, record, "after a conditional save").await;
            assert_eq!(tag, found, "save and load tell the same tag");
            tag
        }
        Err(error) => panic!("the slot is as expected ({expected:?}), yet: {error}"),
    }
}

async fn expect_conflict<S: SessionStore>(
    store: &S,
    slot: &SlotId,
    record: &SessionRecord<S::Key>,
    expected: ExpectedSlot,
) {
    match store.save(slot, record, expected).await {
        Err(StoreError::Conflict { .. }) => {}
        Err(error) => panic!("the save failed, and not as a conflict: {error}"),
        Ok(_) => panic!("a save went through that expected {expected:?}"),
    }
}

/// As many records as there are callers, each with a key and a length of its own.
async fn records<S: SessionStore>(store: &S, issuer: &TestIssuer) -> Vec<SessionRecord<S::Key>> {
    let mut records = Vec::new();
    for n in 0..CALLERS {
        let resources = (0..n * 20).map(|m| format!("ceramic://*?model={m}"));
        let record = issuer
            .record_with(store, &format!("nonce1{n:02}"), |payload| {
                payload.with_resources(resources)
            })
            .await;
        records.push(record);
    }
    records
}
