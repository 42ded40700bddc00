//! The memory store beside a concurrent map that keeps the same bytes.

use benches::rows::record;
use benches::{Row, fixtures};
use dashmap::DashMap;
use session_core::{ExpectedSlot, SessionStore, SlotId};
use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use store_memory::MemoryStore;

pub fn rows() -> Vec<Row> {
    vec![memory()]
}

/// Operations of one thread in one call.
const OPERATIONS: usize = 20_000;

fn on_two_threads(work: &(impl Fn(usize) + Sync)) {
    thread::scope(|scope| {
        for start in [0, 1] {
            scope.spawn(move || (start..OPERATIONS).for_each(work));
        }
    });
}

/// 1,000 accounts, every tenth operation a put.
fn memory() -> Row {
    let (_, record, bytes) = record();
    let slots: Vec<SlotId> = (0..1000)
        .map(|i| format!("eip155:1:0x{i:040x}").parse::<cacao::Issuer>())
        .map(|issuer| SlotId::new(issuer.unwrap()))
        .collect();
    let names: Vec<String> = slots.iter().map(|slot| slot.issuer().did()).collect();
    let (store, runtime) = (MemoryStore::new(), fixtures::runtime());
    let map: DashMap<String, Arc<[u8]>> = DashMap::new();
    let bytes: Arc<[u8]> = bytes.into();
    for (slot, name) in slots.iter().zip(&names) {
        let saved = store.save(slot, &record, ExpectedSlot::Anything);
        runtime.block_on(saved).unwrap();
        map.insert(name.clone(), Arc::clone(&bytes));
    }
    Row::new(
        "S8",
        "memory store, two threads, one put in ten",
        "dashmap of Arc<[u8]>",
        move || {
            on_two_threads(&|i| {
                let slot = &slots[i * 7 % slots.len()];
                if i % 10 == 0 {
                    let saved = store.save(slot, &record, ExpectedSlot::Anything);
                    now(saved).unwrap();
                } else {
                    black_box(now(store.load(slot)).unwrap());
                }
            });
        },
        move || {
            on_two_threads(&|i| {
                let name = &names[i * 7 % names.len()];
                if i % 10 == 0 {
                    map.insert(name.clone(), Arc::clone(&bytes));
                } else {
                    black_box(map.get(name).map(|found| Arc::clone(&found)));
                }
            });
        },
    )
    .waiting()
}

/// A future that never waits, without a runtime in the way.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the memory store never waits"),
    }
}
