//! The contract of [`Devices`].

use super::{CALLERS, MANY, at};
use crate::runtime::together;
use cacao::{AccountId, Cacao, HeaderType, Issuer, Payload, Timestamp};
use session_core::StoreError;
use session_core::server::{Device, Devices};

const HERE: &str = "app.example";

fn issuer(n: usize) -> Issuer {
    let account: AccountId = format!("eip155:1:0x{n:040x}").parse().expect("an account");
    account.into()
}

/// The `n`th session of an issuer, which logs in at the `seen`th second and ends at `expires`.
fn device(of: usize, domain: &str, n: usize, (seen, expires): (i64, i64)) -> Device {
    let time = |seconds| Timestamp::from_unix_time(at(seconds)).expect("a time");
    let audience = "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn";
    let nonce = format!("{n:08}");
    let payload = Payload::builder(domain, issuer(of), audience, &nonce, time(0));
    let payload = payload.with_expires_at(time(expires)).build();
    let payload = payload.expect("a payload");
    Device::of(&Cacao::new(HeaderType::Eip4361, payload, None), at(seen))
}

async fn add<D: Devices>(devices: &D, device: &Device) {
    let added = devices.add(device, device.seen_at()).await;
    added.expect("devices that can be written");
}

async fn list<D: Devices>(devices: &D, of: usize, now: i64) -> Vec<Device> {
    let listed = devices.list(&issuer(of), HERE, at(now)).await;
    listed.expect("devices that can be read")
}

async fn remove<D: Devices>(devices: &D, of: usize, device: &Device) {
    let removed = devices.remove(&issuer(of), device.identity()).await;
    removed.expect("devices that can be written");
}

/// 1. The devices of an issuer and a domain are listed as they were added, each once, the newest
///    login first, until they expire.
///
/// # Panics
/// When that does not hold.
pub async fn devices_1_they_are_listed_until_they_expire<D: Devices>(devices: D) {
    assert_eq!(list(&devices, 1, 0).await, []);
    let first = device(1, HERE, 1, (1, 100));
    let second = device(1, HERE, 2, (2, 50));
    let elsewhere = device(1, "other.example", 3, (3, 100));
    let of_another = device(2, HERE, 4, (4, 100));
    for one in [&first, &second, &elsewhere, &of_another] {
        add(&devices, one).await;
    }
    assert_eq!(list(&devices, 1, 5).await, [second.clone(), first.clone()]);
    assert_eq!(list(&devices, 2, 5).await, [of_another]);
    // somebody who logs in again is listed once, as the newest
    let again = device(1, HERE, 1, (6, 100));
    assert_eq!(again.identity(), first.identity());
    add(&devices, &again).await;
    assert_eq!(list(&devices, 1, 50).await, [again.clone(), second]);
    assert_eq!(list(&devices, 1, 51).await, [again]);
    assert_eq!(list(&devices, 1, 101).await, []);
}

/// 2. What is removed is gone; removing it twice is not an error; nobody removes what belongs to
///    another issuer.
///
/// # Panics
/// When that does not hold.
pub async fn devices_2_what_is_removed_is_gone<D: Devices + Clone>(devices: D) {
    let (one, other) = (device(1, HERE, 1, (1, 100)), device(1, HERE, 2, (2, 100)));
    for device in [&one, &other] {
        add(&devices, device).await;
    }
    let clone = devices.clone();
    remove(&clone, 2, &one).await;
    assert_eq!(list(&devices, 1, 5).await, [other.clone(), one.clone()]);
    for _ in 0..2 {
        remove(&clone, 1, &one).await;
        assert_eq!(list(&devices, 1, 5).await, std::slice::from_ref(&other));
    }
}

/// Of several logins at the same time none is lost.
///
/// # Panics
/// When that does not hold.
pub async fn devices_3_nobody_is_lost<D: Devices + Clone + 'static>(devices: D) {
    let logins = (0..CALLERS).map(|n| {
        let devices = devices.clone();
        async move { add(&devices, &device(1, HERE, n, (1, 100))).await }
    });
    together(logins).await;
    assert_eq!(list(&devices, 1, 5).await.len(), CALLERS);
}

/// 3. An issuer has room for a number of devices. If there are more, the one that expires first is
///    dropped; devices of other issuers never are.
///
/// # Panics
/// When that does not hold.
pub async fn devices_4_a_flood_takes_its_own_room<D: Devices>(devices: D) {
    let other = device(2, HERE, 0, (0, 50));
    add(&devices, &other).await;
    let flood: Vec<_> = (0..400)
        .map(|n| {
            let expires = 1_000 + i64::try_from(n).expect("a small number");
            device(1, HERE, n, (1, expires))
        })
        .collect();
    for one in &flood {
        add(&devices, one).await;
    }
    assert_eq!(list(&devices, 2, 5).await, [other]);
    let listed = list(&devices, 1, 5).await;
    assert!(listed.len() >= 16, "{} are listed", listed.len());
    assert!(listed.len() < flood.len(), "a flood is bounded");
    for kept in flood.iter().rev().take(listed.len()) {
        assert!(listed.contains(kept), "what ends last stays");
    }
}

/// If there is room for few issuers (fewer than 2,000), a full list takes nobody more, forgets nobody
/// for it, and refuses no login.
///
/// # Panics
/// When that does not hold.
pub async fn devices_5_what_is_full_refuses<D: Devices>(devices: D) {
    let login = async |n: usize, times| -> Result<(), StoreError> {
        let device = device(n, HERE, 0, times);
        devices.add(&device, device.seen_at()).await
    };
    let mut kept = Vec::new();
    for n in 0..MANY {
        let added = login(n, (0, 100)).await;
        added.expect("a list that is full refuses nobody");
        if list(&devices, n, 5).await.len() == 1 {
            kept.push(n);
        }
    }
    assert!(!kept.is_empty(), "there is some room");
    assert!(kept.len() < MANY / 2, "{} were kept", kept.len());
    for n in &kept {
        assert_eq!(list(&devices, *n, 100).await.len(), 1);
    }
    let later = login(MANY, (101, 200)).await;
    later.expect("devices that can be written");
    let listed = list(&devices, MANY, 150).await;
    assert_eq!(listed.len(), 1, "there is room when others have expired");
}
