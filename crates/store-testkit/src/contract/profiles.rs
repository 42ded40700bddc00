//! Sentence 11: several sessions of one issuer.

use super::records::{remove, save};
use crate::fixtures::TestIssuer;
use crate::runtime::ends;
use crate::witness::{expect_empty, expect_listed, expect_record};
use cacao::Issuer;
use session_core::{ExpectedSlot, Profile, SessionStore, StoreError};
use std::time::Duration;

/// A browser frees a lock a moment after it is dropped.
const A_MOMENT: Duration = Duration::from_secs(1);

/// Sentence 11: what is done in one slot of an issuer changes no other, and none waits for
/// another's prompt. `remove_issuer` empties every slot of the issuer, and nobody else's;
/// `profiles` names the profiles in which something lies.
///
/// # Panics
/// When two profiles share a slot or a prompt lock, or when a slot survives its issuer.
pub async fn contract_11_profiles_are_apart<S: SessionStore>(store: S) {
    for issuer in TestIssuer::each() {
        let neighbour = TestIssuer::each()
            .into_iter()
            .find(|other| other.issuer() != issuer.issuer());
        let neighbour = neighbour.expect("there are several issuers");
        slots_are_apart(&store, &issuer, &neighbour).await;
        all_end_at_once(&store, &issuer, &neighbour).await;
        remove(&store, &neighbour).await;
    }
    prompt_locks_are_apart(&store).await;
}

/// Names that a careless encoding would confuse with each other, with the default profile, or
/// with what a store puts behind them.
fn names() -> [String; 6] {
    let longest = "x".repeat(Profile::MAX_LEN);
    ["work", "work.session", "a-b", "a_b", "0", &longest].map(str::to_owned)
}

async fn slots_are_apart<S: SessionStore>(store: &S, issuer: &TestIssuer, neighbour: &TestIssuer) {
    let default = issuer.slot();
    let named = names().map(|name| issuer.slot_in(&name));
    let mut all = vec![default];
    all.extend(&named);
    let mut records = Vec::new();
    for (n, slot) in all.iter().enumerate() {
        expect_empty(store, slot, "before anything was saved in it").await;
        let record = issuer.record(store, &format!("nonce1{n:02}")).await;
        let saved = store.save(slot, &record, ExpectedSlot::Absent).await;
        assert!(saved.is_ok(), "{slot} is another slot: {saved:?}");
        records.push(record);
    }
    let others = neighbour.record(store, "nonce200").await;
    let theirs = neighbour.slot_in("work");
    let saved = store.save(&theirs, &others, ExpectedSlot::Absent).await;
    assert!(saved.is_ok(), "{theirs} is another slot: {saved:?}");

    for (slot, record) in all.iter().zip(&records) {
        expect_record(store, slot, record, "beside other profiles").await;
    }
    let when = "with several profiles";
    let listed: Vec<_> = all.iter().copied().chain([&theirs]).collect();
    expect_listed(store, &listed, when).await;

    // one goes, the others stay, whichever it is
    for (n, gone) in [(0, default), (1, &named[0])] {
        let removed = store.remove(gone, ExpectedSlot::Anything).await;
        assert!(matches!(removed, Ok(true)), "{gone}: {removed:?}");
        let when = "after one profile was removed";
        expect_empty(store, gone, when).await;
        for (slot, record) in all.iter().zip(&records).filter(|(slot, _)| **slot != gone) {
            expect_record(store, slot, record, when).await;
        }
        let listed: Vec<_> = listed
            .iter()
            .copied()
            .filter(|slot| *slot != gone)
            .collect();
        expect_listed(store, &listed, when).await;
        let again = store.save(gone, &records[n], ExpectedSlot::Absent).await;
        assert!(again.is_ok(), "{gone} was emptied: {again:?}");
    }
    // what was seen in one is not what lies in another
    let seen = ExpectedSlot::Tag(records[0].tag());
    let crossed = store.save(&named[0], &records[0], seen).await;
    assert!(
        matches!(crossed, Err(StoreError::Conflict { .. })),
        "a save that expects another profile's record conflicts: {crossed:?}"
    );
}

/// After [`slots_are_apart`]: every profile of the issuer has a record, the neighbour one.
async fn all_end_at_once<S: SessionStore>(store: &S, issuer: &TestIssuer, neighbour: &TestIssuer) {
    let mut profiles: Vec<Profile> = names()
        .iter()
        .map(|name| issuer.slot_in(name).profile().clone())
        .collect();
    profiles.push(Profile::default());
    profiles.sort();
    let checksum = TestIssuer::ethereum_in_checksum_case();
    let spelled: &Issuer = if issuer.issuer() == checksum.issuer() {
        checksum.issuer()
    } else {
        issuer.issuer()
    };
    expect_profiles(store, spelled, &profiles).await;
    let when = "after all profiles of its issuer were removed";
    match store.remove_issuer(spelled).await {
        Ok(mut removed) => {
            removed.sort();
            assert_eq!(removed, profiles, "the profiles that had a record");
        }
        Err(error) => panic!("remove_issuer failed: {error}"),
    }
    for profile in profiles {
        let slot = issuer.slot().clone().with_profile(profile);
        expect_empty(store, &slot, when).await;
    }
    let theirs = neighbour.slot_in("work");
    expect_listed(store, &[&theirs], when).await;
    expect_profiles(store, spelled, &[]).await;
    let nothing = store.remove_issuer(issuer.issuer()).await;
    assert!(
        matches!(&nothing, Ok(removed) if removed.is_empty()),
        "nothing is left: {nothing:?}"
    );
    let removed = store.remove(&theirs, ExpectedSlot::Anything).await;
    assert!(matches!(removed, Ok(true)), "{theirs}: {removed:?}");
    // a default slot alone ends too
    let record = issuer.record(store, "nonce300").await;
    save(store, issuer, &record).await;
    let removed = store.remove_issuer(issuer.issuer()).await;
    assert!(
        matches!(&removed, Ok(removed) if *removed == [Profile::default()]),
        "the default profile had a record: {removed:?}"
    );
    expect_listed(store, &[], when).await;
}

async fn expect_profiles<S: SessionStore>(store: &S, issuer: &Issuer, expected: &[Profile]) {
    match store.profiles(issuer).await {
        Ok(mut profiles) => {
            profiles.sort();
            assert_eq!(profiles, expected, "the profiles that have a record");
        }
        Err(error) => panic!("profiles failed: {error}"),
    }
}

async fn prompt_locks_are_apart<S: SessionStore>(store: &S) {
    let issuer = TestIssuer::ethereum();
    let (default, work) = (issuer.slot(), issuer.slot_in("work"));
    let taken = async |slot, who: &str| {
        let lock = store.lock_prompt(slot, A_MOMENT);
        match ends(who, lock).await {
            Ok(guard) => guard,
            Err(error) => panic!("{who} prompt lock is another one: {error}"),
        }
    };
    let held = taken(default, "the default profile's").await;
    let other = taken(&work, "a named profile's").await;
    let busy = store.lock_prompt(&work, Duration::ZERO).await.map(drop);
    assert!(
        matches!(busy, Err(StoreError::Busy { .. })),
        "a named profile has one prompt lock: {busy:?}"
    );
    drop(other);
    drop(taken(&work, "once it is free, a named profile's").await);
    drop(held);
}
