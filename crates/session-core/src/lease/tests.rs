//! Leases over a table in memory, by a clock that stands until it is set.

use super::*;
use crate::clock::ManualClock;
use crate::store::PromptLockGuard;
use cacao::{Issuer, UnixTime};
use futures_util::FutureExt;
use futures_util::future::poll_immediate;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const TTL: Duration = Duration::from_secs(30);
const LONG: Duration = Duration::from_secs(3600);
const SECOND: Duration = Duration::from_secs(1);

/// What the next requests meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Net {
    Works,
    /// The request arrives, and nobody hears the answer.
    LosesReplies,
    /// The request arrives, and there is no answer at all.
    Hangs,
    /// Nothing arrives.
    Fails,
}

/// A server with a clock of its own, which several machines reach.
#[derive(Clone)]
struct Server(Arc<Shared>);

struct Shared {
    leases: Mutex<HashMap<SlotId, (String, Duration)>>,
    net: Mutex<Net>,
    clock: Arc<ManualClock>,
    takes: AtomicUsize,
    releases: AtomicUsize,
}

impl Server {
    fn new() -> Self {
        Self(Arc::new(Shared {
            leases: Mutex::default(),
            net: Mutex::new(Net::Works),
            clock: Arc::new(ManualClock::new(UnixTime::from_secs(1_700_000_000))),
            takes: AtomicUsize::new(0),
            releases: AtomicUsize::new(0),
        }))
    }

    fn net(&self, net: Net) {
        *self.0.net.lock().unwrap() = net;
    }

    fn holder(&self) -> Option<String> {
        let leases = self.0.leases.lock().unwrap();
        let now = self.0.clock.monotonic();
        let held = leases.get(&slot()).filter(|(_, until)| *until > now);
        held.map(|(owner, _)| owner.clone())
    }

    async fn ask<T>(&self, work: impl FnOnce() -> T) -> Result<T, StoreError> {
        let net = *self.0.net.lock().unwrap();
        if net == Net::Fails {
            return Err(StoreError::medium("cannot reach the server", "refused"));
        }
        let done = work();
        match net {
            Net::LosesReplies => Err(StoreError::unknown(&slot())),
            Net::Hangs => std::future::pending().await,
            _ => Ok(done),
        }
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl LeaseStore for Server {
    async fn take(
        &self,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        self.0.takes.fetch_add(1, Ordering::Relaxed);
        self.ask(|| {
            let now = self.0.clock.monotonic();
            let mut leases = self.0.leases.lock().unwrap();
            let found = leases.get(slot);
            let is_free = found.is_none_or(|(held, until)| *until <= now || held == owner.as_str());
            if is_free {
                leases.insert(slot.clone(), (owner.as_str().to_owned(), now + ttl));
            }
            is_free
        })
        .await
    }

    async fn renew(
        &self,
        slot: &SlotId,
        owner: &LeaseOwner,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        self.ask(|| {
            let now = self.0.clock.monotonic();
            let mut leases = self.0.leases.lock().unwrap();
            let found = leases.get_mut(slot);
            let ours = found.filter(|(held, until)| *until > now && held == owner.as_str());
            ours.map(|(_, until)| *until = now + ttl).is_some()
        })
        .await
    }

    async fn release(&self, slot: &SlotId, owner: &LeaseOwner) -> Result<(), StoreError> {
        self.0.releases.fetch_add(1, Ordering::Relaxed);
        self.ask(|| {
            let mut leases = self.0.leases.lock().unwrap();
            leases.retain(|at, (held, _)| at != slot || held != owner.as_str());
        })
        .await
    }
}

fn slot() -> SlotId {
    let issuer: Issuer = "abc:1:alice".parse().unwrap();
    SlotId::new(issuer)
}

/// A process on a machine of its own, whose clock runs with the server's unless it is another.
fn machine(server: &Server, clock: &Arc<ManualClock>) -> Leases {
    Leases::new(server.clone(), Arc::<ManualClock>::clone(clock)).with_ttl(TTL)
}

fn spawning(leases: Leases) -> Leases {
    // what a drop gives away is done at once, as far as it can be
    leases.with_spawner(|task| {
        task.now_or_never();
    })
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing to wait for")
}

fn take(leases: &Leases) -> Lease {
    now(leases.acquire(&slot(), Duration::ZERO)).unwrap()
}

fn is_busy(leases: &Leases) -> bool {
    let result = now(leases.acquire(&slot(), Duration::ZERO));
    matches!(result, Err(StoreError::Busy { .. }))
}

#[test]
fn one_machine_at_a_time() {
    let server = Server::new();
    let clock = &server.0.clock;
    let (one, other) = (
        spawning(machine(&server, clock)),
        spawning(machine(&server, clock)),
    );
    let held = take(&one);
    assert!(held.is_held());
    assert!(is_busy(&other));
    // a neighbour in the same process does not ask the server at all
    let takes = server.0.takes.load(Ordering::Relaxed);
    assert!(is_busy(&one));
    assert_eq!(server.0.takes.load(Ordering::Relaxed), takes);
    drop(held);
    assert_eq!(server.holder(), None);
    drop(take(&other));
    drop(take(&one));
    // busy is nothing that must be given back
    let releases = server.0.releases.load(Ordering::Relaxed);
    let held = take(&one);
    assert!(is_busy(&other));
    assert_eq!(server.0.releases.load(Ordering::Relaxed), releases);
    now(held.release());
    assert!(!held.is_held());
    assert_eq!(server.holder(), None);
    drop(held);
    assert_eq!(server.0.releases.load(Ordering::Relaxed), releases + 1);
}

#[test]
fn a_lease_that_nobody_renews_is_over_for_its_holder_first() {
    let server = Server::new();
    let clock = &server.0.clock;
    let (one, other) = (machine(&server, clock), machine(&server, clock));
    let held = take(&one);
    let mut was_held = 0;
    loop {
        clock.advance(SECOND);
        if !is_busy(&other) {
            break;
        }
        was_held += u32::from(held.is_held());
    }
    assert!(!held.is_held(), "two hold it");
    assert_eq!(was_held, 23, "of 30 seconds, a fifth before the end");
}

#[test]
fn the_clocks_of_machines_need_not_agree() {
    for (ahead, behind) in [(300, 0), (0, 300)] {
        let server = Server::new();
        let times = [ahead, behind].map(|secs| UnixTime::from_secs(1_700_000_000 + secs));
        let clocks = times.map(|at| Arc::new(ManualClock::new(at)));
        clocks[0].advance(LONG); // it began earlier
        let [one, other] = [0, 1].map(|n| machine(&server, &clocks[n]));
        let held = take(&one);
        for _ in 0..23 {
            for clock in clocks.iter().chain([&server.0.clock]) {
                clock.advance(SECOND);
            }
            assert!(held.is_held() && is_busy(&other));
        }
        for clock in clocks.iter().chain([&server.0.clock]) {
            clock.advance(SECOND * 10);
        }
        assert!(!held.is_held());
        assert!(take(&other).is_held());
    }
}

#[test]
fn a_machine_that_slept_knows_by_its_wall_clock() {
    let server = Server::new();
    let clock = Arc::new(ManualClock::new(UnixTime::from_secs(1_700_000_000)));
    let held = take(&machine(&server, &clock));
    clock.set(clock.now() + TTL); // the other one stood still
    assert!(!held.is_held());
    // a clock that was set back does not make it longer
    let held = take(&machine(&Server::new(), &clock));
    clock.set(UnixTime::EPOCH);
    assert!(held.is_held());
    clock.advance(TTL);
    assert!(!held.is_held());
}

#[test]
fn a_holder_that_is_awaited_keeps_it() {
    let server = Server::new();
    let clock = &server.0.clock;
    let (one, other) = (machine(&server, clock), machine(&server, clock));
    let held = take(&one);
    let mut keep = Box::pin(held.keep());
    for second in 0..300 {
        // now and then nothing arrives, for less than the lease lasts
        let cut = second % 40 > 30;
        server.net(if cut { Net::Fails } else { Net::Works });
        assert!(now(poll_immediate(&mut keep)).is_none(), "{second}");
        clock.advance(SECOND);
        assert!(held.is_held(), "{second}");
        server.net(Net::Works);
        assert!(is_busy(&other));
    }
}

#[test]
fn a_holder_that_is_cut_off_is_told_before_anybody_else_has_it() {
    for net in [Net::Fails, Net::Hangs] {
        let server = Server::new();
        let clock = &server.0.clock;
        let held = take(&machine(&server, clock));
        let mut keep = Box::pin(held.keep());
        server.net(net);
        let mut seconds = 0;
        while held.is_held() {
            assert!(now(poll_immediate(&mut keep)).is_none());
            clock.advance(SECOND);
            seconds += 1;
        }
        assert_eq!(seconds, 24, "{net:?}");
        assert!(now(poll_immediate(&mut keep)).is_some(), "{net:?}");
        assert!(server.holder().is_some(), "nobody else has it yet: {net:?}");
    }
}

#[test]
fn what_ran_out_on_the_server_is_not_renewed() {
    let server = Server::new();
    let held = take(&machine(&server, &server.0.clock));
    server.0.leases.lock().unwrap().clear(); // the server was started anew
    let mut keep = Box::pin(held.keep());
    assert!(now(poll_immediate(&mut keep)).is_none());
    assert!(held.is_held(), "nobody knows yet");
    server.0.clock.advance(TTL / 3);
    assert!(now(poll_immediate(&mut keep)).is_some());
    assert!(!held.is_held());
    assert_eq!(server.holder(), None, "it was not taken again in silence");
}

#[test]
fn whoever_waits_gets_it_within_a_nap() {
    let server = Server::new();
    let clock = &server.0.clock;
    let (one, other) = (machine(&server, clock), machine(&server, clock));
    let held = take(&one);
    let slot = slot();
    let mut waiter = Box::pin(other.acquire(&slot, LONG));
    for _ in 0..20 {
        assert!(now(poll_immediate(&mut waiter)).is_none());
        clock.advance(Duration::from_millis(100));
    }
    now(held.release());
    clock.advance(LONGEST_NAP);
    let got = now(poll_immediate(&mut waiter)).expect("it was free");
    let got = got.unwrap();
    assert!(got.is_held());
    now(got.release());
    // and it is told when its time is over
    let _held = take(&machine(&server, clock));
    let mut late = Box::pin(other.acquire(&slot, SECOND));
    let mut waited = 0;
    while now(poll_immediate(&mut late)).is_none() {
        clock.advance(Duration::from_millis(10));
        waited += 10;
    }
    assert_eq!(waited, 1000);
}

#[test]
fn an_acquire_that_is_cancelled_gives_back_what_arrived() {
    let server = Server::new();
    let leases = spawning(machine(&server, &server.0.clock));
    server.net(Net::Hangs);
    let slot = slot();
    let mut acquire = Box::pin(leases.acquire(&slot, LONG));
    assert!(now(poll_immediate(&mut acquire)).is_none());
    assert!(server.holder().is_some(), "the take has arrived");
    server.net(Net::Works);
    drop(acquire);
    assert_eq!(server.holder(), None);
    // where nothing can be sent it ends by itself
    server.net(Net::Hangs);
    let silent = machine(&server, &server.0.clock);
    let mut acquire = Box::pin(silent.acquire(&slot, LONG));
    assert!(now(poll_immediate(&mut acquire)).is_none());
    server.net(Net::Works);
    drop(acquire);
    assert!(is_busy(&leases));
    server.0.clock.advance(TTL);
    assert!(take(&leases).is_held());
}

#[test]
fn a_take_whose_reply_was_lost_is_found_again() {
    let server = Server::new();
    let leases = machine(&server, &server.0.clock);
    server.net(Net::LosesReplies);
    let slot = slot();
    let mut acquire = Box::pin(leases.acquire(&slot, LONG));
    assert!(now(poll_immediate(&mut acquire)).is_none());
    server.net(Net::Works);
    server.0.clock.advance(FIRST_NAP);
    let held = now(poll_immediate(&mut acquire)).unwrap().unwrap();
    assert_eq!(server.holder().as_deref(), Some(held.owner().as_str()));
    assert_eq!(server.0.takes.load(Ordering::Relaxed), 2);
}

#[test]
fn a_server_that_does_not_answer_is_not_waited_for_longer_than_a_lease_lasts() {
    let server = Server::new();
    let leases = machine(&server, &server.0.clock);
    server.net(Net::Hangs);
    let slot = slot();
    let mut acquire = Box::pin(leases.acquire(&slot, Duration::ZERO));
    assert!(now(poll_immediate(&mut acquire)).is_none());
    server.0.clock.advance(TTL);
    let result = now(poll_immediate(&mut acquire)).expect("it gives up");
    assert_eq!(result.unwrap_err().code(), "store_failed");
    drop(acquire);
    server.net(Net::Fails);
    let result = now(leases.acquire(&slot, LONG));
    assert_eq!(result.unwrap_err().code(), "store_failed");
}

#[test]
fn a_lease_is_dropped_where_nothing_runs() {
    let server = Server::new();
    let leases = machine(&server, &server.0.clock).with_spawner(|task| {
        // nobody runs it
        drop(task);
    });
    drop(take(&leases));
    assert!(server.holder().is_some());
    server.0.clock.advance(TTL);
    assert!(take(&leases).is_held());
}
