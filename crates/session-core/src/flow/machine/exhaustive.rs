//! Two callers over one slot, in every order of what can happen, until both have ended: no runtime,
//! no signature of any curve, no sampling.
//!
//! What is explored from each of the scenarios: either caller takes its next step; a wait runs
//! out; the wallet says yes, no or something forged; a save succeeds (or meets a conflict) or its
//! reply is lost, saved or not; and once in each run one of: a caller is cancelled, the lock of a
//! caller runs out without its knowing, another program saves a session, a forged one or junk, somebody logs out, the wall clock passes every expiry.
//! Runs are followed to their end: the longest has 20 events. 24 scenarios have 61,188 states and
//! 93,290 events; the test prints the numbers. Every state is visited once, and a run that comes
//! back to where it was fails the test, as does one in which nobody can go on: so both end.

mod alone;
mod events;
mod world;

use super::*;
use crate::error::AuthError;
use crate::flow::{Joined, Lead, Outcome, Prompts, Waiter};
use crate::store::RecordTag;
use cacao::{Claim, Facts, HeaderType, Kind, Payload, Prover, Signature, SignatureKind};
use cacao::{SignatureValue, Timestamp, UnixTime};
use std::collections::HashSet;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Events that are nobody's step, in one run.
const OTHERS: u8 = 1;

/// A wallet whose signature is a sentence about the payload.
struct Marker;

fn mark(payload: &Payload) -> String {
    let exp = payload.expires_at().map(ToString::to_string);
    let resources: Vec<_> = payload.resources().collect();
    format!("{} until {exp:?} for {resources:?}", payload.audience())
}

impl Prover for Marker {
    fn kinds(&self) -> &[Kind] {
        const { &[Kind::new(HeaderType::Caip122, "test:marker", "test")] }
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, cacao::Error> {
        match claim.signature().value() {
            SignatureValue::Text(text) if **text == *mark(claim.payload()) => Ok(Facts::of_bytes()),
            _ => Err(cacao::Error::SignatureMismatch),
        }
    }
}

fn signed(payload: Payload, signature: &str) -> Cacao {
    let kind = SignatureKind::new("test:marker").unwrap();
    let value = SignatureValue::Text(signature.into());
    let signature = Signature::new(kind, value, None).unwrap();
    Cacao::new(HeaderType::Caip122, payload, Some(signature))
}

fn issuer() -> Issuer {
    static ISSUER: LazyLock<Issuer> = LazyLock::new(|| "test:1:alice".parse().unwrap());
    ISSUER.clone()
}

fn key(number: usize) -> DidKey {
    static KEYS: LazyLock<[DidKey; 5]> = LazyLock::new(|| {
        [0, 1, 2, 3, 4].map(|seed| {
            let key = didkey::Ed25519SigningKey::from_seed(&[seed; 32]);
            key.did_key().clone()
        })
    });
    KEYS[number].clone()
}

/// What lies in the slot.
#[derive(Clone, Debug)]
enum Content {
    Empty,
    Record(Arc<Record>),
    Junk,
}

#[derive(Debug)]
struct Record {
    capability: Cacao,
    key: DidKey,
    tag: RecordTag,
    honest: bool,
}

impl Record {
    fn content(capability: Cacao, key: DidKey, honest: bool) -> Content {
        let tag = RecordTag::of_record(&capability, &key);
        Content::Record(Arc::new(Self {
            capability,
            key,
            tag,
            honest,
        }))
    }

    fn exp(&self) -> UnixTime {
        self.capability.payload().expires_at().unwrap().unix_time()
    }
}

impl Content {
    fn tag(&self) -> Option<RecordTag> {
        match self {
            Self::Empty => None,
            Self::Record(record) => Some(record.tag),
            Self::Junk => Some(RecordTag::of_unreadable(b"junk")),
        }
    }

    fn view(&self) -> View {
        match self {
            Self::Empty => View::Empty,
            Self::Record(record) => View::Record {
                capability: record.capability.clone(),
                key: record.key.clone(),
                tag: record.tag,
                evidence: None,
            },
            Self::Junk => View::Unreadable {
                tag: RecordTag::of_unreadable(b"junk"),
                source: Arc::from(Box::<dyn std::error::Error + Send + Sync>::from("junk")),
            },
        }
    }

    /// A session by somebody else.
    fn by_another(number: usize, honest: bool, iat: UnixTime, life: Duration) -> Self {
        let key = key(number);
        let time = |at| Timestamp::from_unix_time(at).unwrap();
        let payload =
            Payload::builder("app.example", issuer(), key.as_str(), "nonce001", time(iat))
                .with_expires_at(time(iat + life))
                .with_resources(["a"])
                .build()
                .unwrap();
        let signature = if honest {
            mark(&payload)
        } else {
            "forged".to_owned()
        };
        Record::content(signed(payload, &signature), key, honest)
    }

    /// The oracle: whether a session is used, and whether it would be renewed.
    fn serves(&self, wish: Wish, now: UnixTime) -> bool {
        let Self::Record(record) = self else {
            return false;
        };
        let grants = |wanted| record.capability.payload().resources().any(|r| r == wanted);
        record.honest && grants(wish.resource) && record.exp() >= now + Duration::from_secs(60)
    }

    fn is_due(&self, wish: Wish, now: UnixTime) -> bool {
        match self {
            Self::Record(record) => wish.kind == Want::Renew && record.exp() < now + DAY,
            _ => true,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    Get,
    Renew,
    SignIn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wish {
    kind: Want,
    resource: &'static str,
}

impl Wish {
    fn request(self) -> Request {
        Request::new("app.example", [self.resource])
            .with_nonce("nonce001")
            .without_statement()
    }

    fn flow(self) -> Flow {
        let provers = Provers::none().with(Marker).unwrap();
        let (slot, policy, request) = (SlotId::new(issuer()), Policy::default(), self.request());
        match self.kind {
            Want::Get => Flow::get(slot, request, &provers, &policy),
            Want::Renew => Flow::renew(slot, request, DAY, &provers, &policy),
            Want::SignIn => Flow::sign_in(Profile::default(), request, &provers, &policy),
        }
    }
}

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// The caller does what its machine wants.
    Go(usize),
    /// It has waited for too long.
    RunsOut(usize),
    Answer(usize, Says),
    Save(usize, Reply),
    Cancel(usize),
    /// The lock of this caller runs out: it is anybody's, and the caller does not know.
    RunsOutUnder(usize),
    SavedElsewhere,
    Forged,
    Junk,
    LogOut,
    Expiry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Yes,
    No,
    Forged,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    Arrives,
    LostAfter,
    LostBefore,
}

/// What a machine wants, to be cloned.
#[derive(Clone, Debug)]
enum Wants {
    Join,
    Load,
    Lock,
    MakeKey,
    Ask(Box<Pending>),
    Save(Box<VerifiedCacao>, ExpectedSlot),
    Nothing,
}

/// A caller's part in the table of prompts.
enum Part {
    None,
    Leads(Lead),
    /// With what the leader left behind when it went.
    Waits(Waiter, Option<Option<Outcome>>),
}

struct Caller {
    wish: Wish,
    flow: Flow,
    wants: Wants,
    part: Part,
    locked: bool,
    /// Its lock ran out since it was taken.
    lost: bool,
    loaded: Content,
    /// The wallet said yes to this.
    granted: Option<(Cacao, RecordTag)>,
    /// What was loaded last was removed since.
    removed: bool,
    /// The wallet answered since it looked last.
    answered: bool,
    code: Option<&'static str>,
}

struct World {
    callers: [Caller; 2],
    prompts: [Prompts; 2],
    one_process: bool,
    slot: Content,
    late: bool,
    others: u8,
    trace: Vec<Event>,
}

/// All that tells one state from another.
type Key = (
    [(
        (u8, u8, ExpectedKey, bool, bool),
        (u8, (bool, bool), Option<RecordTag>, bool, bool),
        (Option<RecordTag>, Option<&'static str>, u8),
    ); 2],
    (Option<RecordTag>, bool, u8),
);
type ExpectedKey = Option<RecordTag>;

/// Parts in the table cannot be cloned: they are taken anew, in the same order of events.
impl Clone for World {
    fn clone(&self) -> Self {
        let caller = |caller: &Caller| Caller {
            wish: caller.wish,
            flow: caller.flow.clone(),
            wants: caller.wants.clone(),
            part: Part::None,
            locked: caller.locked,
            lost: caller.lost,
            loaded: caller.loaded.clone(),
            granted: caller.granted.clone(),
            removed: caller.removed,
            answered: caller.answered,
            code: caller.code,
        };
        let [one, two] = &self.callers;
        let mut world = Self {
            callers: [caller(one), caller(two)],
            prompts: [Prompts::default(), Prompts::default()],
            one_process: self.one_process,
            slot: self.slot.clone(),
            late: self.late,
            others: self.others,
            trace: self.trace.clone(),
        };
        let slot = SlotId::new(issuer());
        let request = |id: usize| self.callers[id].wish.request();
        for id in 0..2 {
            if let Part::Leads(_) = self.callers[id].part {
                let joined = world.prompts(id).join(&slot, &request(id));
                let Joined::Lead(lead) = joined else {
                    panic!("two lead: {:?}", self.trace);
                };
                world.callers[id].part = Part::Leads(lead);
            }
        }
        for id in 0..2 {
            let Part::Waits(_, left) = &self.callers[id].part else {
                continue;
            };
            let table = match left {
                None => world.prompts(id).clone(),
                Some(_) => Prompts::default(),
            };
            let lead = left.as_ref().map(|_| table.join(&slot, &request(1 - id)));
            let Joined::Wait(waiter) = table.join(&slot, &request(id)) else {
                panic!("nobody leads: {:?}", self.trace);
            };
            if let (Some(Joined::Lead(lead)), Some(Some(outcome))) = (lead, left) {
                lead.finish(outcome.clone());
            }
            world.callers[id].part = Part::Waits(waiter, left.clone());
        }
        world
    }
}

#[derive(Default)]
struct Search {
    seen: HashSet<Key>,
    open: HashSet<Key>,
    events: usize,
    longest: usize,
    codes: HashSet<&'static str>,
}

impl Search {
    fn explore(&mut self, world: &World) {
        let key = world.key();
        assert!(
            !self.open.contains(&key),
            "a run has no end: {:?}",
            world.trace
        );
        if !self.seen.insert(key) {
            return;
        }
        self.open.insert(key);
        self.longest = self.longest.max(world.trace.len());
        for caller in &world.callers {
            self.codes.extend(caller.code);
        }
        for event in world.events() {
            let mut next = world.clone();
            next.happen(event);
            self.events += 1;
            self.explore(&next);
        }
        self.open.remove(&key);
    }
}

#[test]
fn two_callers_in_every_order() {
    use Want::{Get, Renew, SignIn};
    let wish = |kind, resource| Wish { kind, resource };
    let pairs = [
        [wish(Get, "a"), wish(Get, "a")],
        [wish(Get, "a"), wish(Get, "b")],
        [wish(Renew, "a"), wish(Renew, "a")],
        [wish(Renew, "a"), wish(Get, "a")],
        [wish(Renew, "a"), wish(Get, "b")],
        [wish(SignIn, "a"), wish(Get, "a")],
    ];
    let due = Content::by_another(2, true, NOW - DAY, DAY + DAY / 24);
    let (mut states, mut events, mut longest, mut scenarios) = (0, 0, 0, 0);
    let mut codes = HashSet::new();
    for wishes in pairs {
        for slot in [Content::Empty, due.clone()] {
            for one_process in [true, false] {
                let mut search = Search::default();
                search.explore(&World::new(wishes, slot.clone(), one_process));
                states += search.seen.len();
                events += search.events;
                longest = longest.max(search.longest);
                scenarios += 1;
                codes.extend(search.codes);
            }
        }
    }
    println!("{scenarios} scenarios, {states} states, {events} events, longest run {longest}");
    // every end was seen: the search is not empty where it matters
    let mut ends: Vec<_> = codes.into_iter().collect();
    ends.sort_unstable();
    let expected = [
        "answer_expired",
        "busy",
        "cancelled",
        "declined",
        "ok",
        "signature_mismatch",
        "store_conflict",
        "store_outcome_unknown",
    ];
    assert_eq!(ends, expected);
    assert!(states > 10_000, "{states}");
}
