//! The list of devices: what has expired is gone, one issuer does not take another one's room.
#![allow(
    clippy::cast_precision_loss,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use cacao::{AccountId, Cacao, HeaderType, Issuer, Payload, Timestamp, UnixTime};
use session_core::server::{Device, Devices};
use store_memory::MemoryDevices;

const START: i64 = 1_700_000_000;

fn issuer(n: u64) -> Issuer {
    let account: AccountId = format!("eip155:1:0x{n:040x}").parse().unwrap();
    account.into()
}

fn device(of: u64, nonce: &str, expires: i64) -> Device {
    let at = |seconds| Timestamp::from_unix_time(UnixTime::from_secs(seconds)).unwrap();
    let audience = "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn";
    let payload = Payload::builder("app.example", issuer(of), audience, nonce, at(START))
        .with_expires_at(at(expires))
        .build()
        .unwrap();
    let capability = Cacao::new(HeaderType::Eip4361, payload, None);
    Device::of(&capability, UnixTime::from_secs(START))
}

#[tokio::test]
async fn devices_are_listed_until_they_expire() {
    let devices = MemoryDevices::new();
    let now = UnixTime::from_secs(START);
    for (nonce, expires) in [("aaaaaaaa", START + 10), ("bbbbbbbb", START + 100)] {
        devices.add(&device(1, nonce, expires), now).await.unwrap();
    }
    // said again, it is one
    devices
        .add(&device(1, "aaaaaaaa", START + 10), now)
        .await
        .unwrap();
    let list = devices.list(&issuer(1), "app.example", now).await.unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(
        list[0].identity(),
        device(1, "aaaaaaaa", START + 10).identity()
    );
    let later = UnixTime::from_secs(START + 11);
    assert_eq!(
        devices
            .list(&issuer(1), "app.example", later)
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(
        devices
            .list(&issuer(1), "other.example", now)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        devices
            .list(&issuer(2), "app.example", now)
            .await
            .unwrap()
            .is_empty()
    );
    for kept in &list {
        devices.remove(&issuer(1), kept.identity()).await.unwrap();
        devices.remove(&issuer(1), kept.identity()).await.unwrap();
    }
    assert!(
        devices
            .list(&issuer(1), "app.example", now)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_flood_of_devices_takes_the_room_of_its_issuer() {
    let devices = MemoryDevices::with_capacity(2);
    let now = UnixTime::from_secs(START);
    devices
        .add(&device(1, "aaaaaaaa", START + 10), now)
        .await
        .unwrap();
    for n in 0..200 {
        let flood = device(2, &format!("{n:08}"), START + 100 + n);
        devices.add(&flood, now).await.unwrap();
    }
    let count = |list: Vec<Device>| list.len();
    assert_eq!(
        count(devices.list(&issuer(1), "app.example", now).await.unwrap()),
        1
    );
    let flood = devices.list(&issuer(2), "app.example", now).await.unwrap();
    assert_eq!(count(flood), MemoryDevices::MAX_OF_ONE);
    // who finds no room is let in all the same, and not listed
    devices
        .add(&device(3, "aaaaaaaa", START + 10), now)
        .await
        .unwrap();
    let third = devices.list(&issuer(3), "app.example", now).await.unwrap();
    assert_eq!(count(third), 0);
    // the first one has expired
    let later = UnixTime::from_secs(START + 11);
    devices
        .add(&device(3, "aaaaaaaa", START + 100), later)
        .await
        .unwrap();
    let third = devices
        .list(&issuer(3), "app.example", later)
        .await
        .unwrap();
    assert_eq!(count(third), 1);
}
