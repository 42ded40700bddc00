//! Two callers over one slot, in every order of what can happen, until both have ended: no runtime,
//! no signature of any curve, no sampling.
//!
//! What is explored from each of the scenarios: either caller takes its next step; a wait runs
//! out; the wallet says yes, no or something forged; a save succeeds (or meets a conflict) or its
//! reply is lost, saved or not; and once in each run one of: a caller is cancelled, another program
//! saves a session, a forged one or junk, somebody logs out, the wall clock passes every expiry.
//! Runs are followed to their end: the longest has 20 events. 24 scenarios have 61,188 states and
//! 93,290 events; the test prints the numbers. Every state is visited once, and a run that comes
//! back to where it was fails the test, as does one in which nobody can go on: so both end.

use super::*;
use crate::ask::AuthError;
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
                .expires_at(time(iat + life))
                .resources(["a"])
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
        (u8, bool, Option<RecordTag>, bool, bool),
        (Option<RecordTag>, Option<&'static str>, u8),
    ); 2],
    (Option<RecordTag>, bool, u8),
);
type ExpectedKey = Option<RecordTag>;

impl World {
    fn new(wishes: [Wish; 2], slot: Content, one_process: bool) -> Self {
        let callers = wishes.map(|wish| Caller {
            wish,
            flow: wish.flow(),
            wants: Wants::Nothing,
            part: Part::None,
            locked: false,
            loaded: Content::Empty,
            granted: None,
            removed: false,
            answered: false,
            code: None,
        });
        let mut world = Self {
            callers,
            prompts: [Prompts::default(), Prompts::default()],
            one_process,
            slot,
            late: false,
            others: 0,
            trace: Vec::new(),
        };
        world.tell(0, Input::Start);
        world.tell(1, Input::Start);
        world
    }

    fn now(&self) -> UnixTime {
        if self.late { NOW + DAY * 8 } else { NOW }
    }

    fn prompts(&self, id: usize) -> &Prompts {
        &self.prompts[if self.one_process { 0 } else { id }]
    }

    fn is_at_an_end(&self, id: usize) -> bool {
        matches!(self.callers[id].wants, Wants::Nothing)
    }

    /// Feeds a machine and notes what it wants next.
    fn tell(&mut self, id: usize, input: Input) {
        let time = Time {
            wall: self.now(),
            monotonic: Duration::ZERO,
        };
        let step = self.callers[id].flow.on(input, time);
        self.callers[id].wants = match step {
            Step::Join { .. } => Wants::Join,
            Step::Load { .. } => Wants::Load,
            Step::Lock { .. } => Wants::Lock,
            Step::MakeKey => Wants::MakeKey,
            Step::Ask(pending) => Wants::Ask(pending),
            Step::Save { verified, expected } => Wants::Save(verified, expected),
            Step::Done(result) => {
                self.end(id, result);
                Wants::Nothing
            }
            other => panic!("nobody wants {other:?}: {:?}", self.trace),
        };
        self.check(id);
    }

    /// What must hold whenever a machine has spoken.
    fn check(&self, id: usize) {
        let (caller, trace) = (&self.callers[id], &self.trace);
        let (wish, loaded) = (caller.wish, &caller.loaded);
        let is_served = loaded.serves(wish, self.now()) && !loaded.is_due(wish, self.now());
        let knows_who = wish.kind != Want::SignIn;
        match &caller.wants {
            Wants::Join | Wants::Lock if knows_who && !caller.answered => {
                // between the look and the step no event lies
                let waits = matches!(caller.wants, Wants::Join);
                assert!(!(waits && is_served), "a served caller waits: {trace:?}");
            }
            Wants::Ask(_) if knows_who => {
                let looked_in_time = caller.locked && !is_served;
                assert!(looked_in_time, "it asks needlessly: {trace:?}");
                let open = |caller: &&Caller| {
                    caller.wish.kind != Want::SignIn && matches!(caller.wants, Wants::Ask(_))
                };
                let open = self.callers.iter().filter(open).count();
                assert_eq!(open, 1, "prompts are open: {trace:?}");
            }
            Wants::Save(verified, expected) => {
                let granted = caller.granted.as_ref().map(|(cacao, _)| cacao);
                assert_eq!(Some(verified.cacao()), granted, "{trace:?}");
                let exp = verified.payload().expires_at().unwrap().unix_time();
                assert!(exp > self.now(), "it has ended: {trace:?}");
                assert_ne!(*expected, ExpectedSlot::Anything, "{trace:?}");
                assert!(caller.locked, "it saves without the lock: {trace:?}");
            }
            _ => {}
        }
    }

    fn end(&mut self, id: usize, result: Result<Box<Found>, Error>) {
        let now = self.now();
        let caller = &mut self.callers[id];
        caller.locked = false;
        match &result {
            Ok(found) => {
                let cacao = found.verified.cacao();
                let exp = cacao.payload().expires_at().unwrap().unix_time();
                let is_whole = match (found.origin, &caller.loaded) {
                    (Origin::Asked, _) => {
                        let granted = caller.granted.as_ref();
                        granted.is_some_and(|(granted, tag)| {
                            granted == cacao && self.slot.tag() == Some(*tag)
                        })
                    }
                    (origin, loaded @ Content::Record(record)) => {
                        let is_fresh = !(origin == Origin::Kept && caller.answered);
                        record.capability == *cacao && loaded.serves(caller.wish, now) && is_fresh
                    }
                    _ => false,
                };
                // one that was asked for may end while it is being saved
                let lasts = found.origin == Origin::Asked || exp > now;
                assert!(is_whole && lasts, "{found:?}: {:?}", self.trace);
                caller.code = Some("ok");
            }
            Err(error) => {
                let code = error.code();
                assert_ne!(code, "out_of_step", "{error:?}: {:?}", self.trace);
                caller.code = Some(code);
            }
        }
        // as the driver does
        let outcome = match result {
            Err(error @ (Error::Auth(_) | Error::Answer(_))) => Err(error),
            _ => Ok(()),
        };
        self.leave(id, Some(outcome));
    }

    /// The caller's part in the table ends.
    fn leave(&mut self, id: usize, outcome: Option<Outcome>) {
        if let Part::Leads(lead) = std::mem::replace(&mut self.callers[id].part, Part::None) {
            if let Part::Waits(_, left) = &mut self.callers[1 - id].part {
                *left = Some(outcome.clone());
            }
            match outcome {
                Some(outcome) => lead.finish(outcome),
                None => drop(lead),
            }
        }
    }

    /// Everything that can happen now.
    fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for (id, caller) in self.callers.iter().enumerate() {
            match &caller.wants {
                Wants::Nothing => continue,
                Wants::Ask(_) => {
                    let says = [Says::Yes, Says::No, Says::Forged];
                    events.extend(says.map(|says| Event::Answer(id, says)));
                }
                Wants::Save(..) => {
                    let replies = [Reply::Arrives, Reply::LostAfter, Reply::LostBefore];
                    events.extend(replies.map(|reply| Event::Save(id, reply)));
                }
                Wants::Lock if self.callers[1 - id].locked => events.push(Event::RunsOut(id)),
                Wants::Join if matches!(caller.part, Part::Waits(_, None)) => {
                    events.push(Event::RunsOut(id));
                }
                _ => events.push(Event::Go(id)),
            }
        }
        // somebody can go on, and not only because waiting is over
        let goes_on = |event: &Event| !matches!(event, Event::RunsOut(_));
        let ended = self.is_at_an_end(0) && self.is_at_an_end(1);
        assert!(
            ended || events.iter().any(goes_on),
            "all wait: {:?}",
            self.trace
        );
        if self.others < OTHERS && !ended {
            let going = (0..2).filter(|id| !self.is_at_an_end(*id));
            events.extend(going.map(Event::Cancel));
            events.extend([Event::SavedElsewhere, Event::Forged, Event::Junk]);
            if !matches!(self.slot, Content::Empty) {
                events.push(Event::LogOut);
            }
            if !self.late {
                events.push(Event::Expiry);
            }
        }
        events
    }

    fn happen(&mut self, event: Event) {
        self.trace.push(event);
        match event {
            Event::Go(id) => self.go(id),
            Event::RunsOut(id) => {
                self.callers[id].part = Part::None;
                let input = match self.callers[id].wants {
                    Wants::Lock => Input::Busy,
                    _ => Input::TimedOut,
                };
                self.tell(id, input);
            }
            Event::Answer(id, says) => self.answer(id, says),
            Event::Save(id, reply) => self.save(id, reply),
            Event::Cancel(id) => {
                self.others += 1;
                self.callers[id].wants = Wants::Nothing;
                self.callers[id].locked = false;
                self.callers[id].code = Some("cancelled");
                self.leave(id, None);
                self.callers[id].part = Part::None;
            }
            Event::SavedElsewhere => {
                self.put(Content::by_another(3, true, self.now(), DAY * 2));
            }
            Event::Forged => self.put(Content::by_another(4, false, self.now(), DAY * 2)),
            Event::Junk => self.put(Content::Junk),
            Event::LogOut => self.put(Content::Empty),
            Event::Expiry => {
                self.others += 1;
                self.late = true;
            }
        }
    }

    /// By somebody else, who asks nobody.
    fn put(&mut self, content: Content) {
        self.others += 1;
        let gone = std::mem::replace(&mut self.slot, content);
        for caller in &mut self.callers {
            let (seen, now) = (caller.loaded.tag(), self.slot.tag());
            if seen.is_some() && seen == gone.tag() {
                caller.removed = seen != now;
            } else if seen == now {
                // exactly what it has seen is there again
                caller.removed = false;
            }
        }
    }

    fn go(&mut self, id: usize) {
        let input = match self.callers[id].wants {
            Wants::Load => {
                let caller = &mut self.callers[id];
                caller.loaded = self.slot.clone();
                caller.removed = false;
                caller.answered = false;
                Input::Loaded(self.slot.view())
            }
            Wants::Lock => {
                self.callers[id].locked = true;
                Input::Locked
            }
            Wants::MakeKey => Input::Key(key(id)),
            Wants::Join => match self.join(id) {
                Some(input) => input,
                None => return,
            },
            _ => panic!("it waits for somebody: {:?}", self.trace),
        };
        self.tell(id, input);
    }

    fn join(&mut self, id: usize) -> Option<Input> {
        let asked = self.callers[id].wish.request();
        match std::mem::replace(&mut self.callers[id].part, Part::None) {
            Part::None => match self.prompts(id).join(&SlotId::new(issuer()), &asked) {
                Joined::Lead(lead) => {
                    self.callers[id].part = Part::Leads(lead);
                    Some(Input::Lead)
                }
                Joined::Wait(waiter) => {
                    self.callers[id].part = Part::Waits(waiter, None);
                    None
                }
            },
            Part::Waits(waiter, _) => match waiter.poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Some(outcome)) => {
                    let same = self.callers[1 - id].wish.request() == asked;
                    assert!(same, "told of something else: {:?}", self.trace);
                    Some(Input::Outcome(outcome))
                }
                Poll::Ready(None) => Some(Input::LeaderGone),
                Poll::Pending => panic!("it waits for nobody: {:?}", self.trace),
            },
            Part::Leads(_) => panic!("it leads already: {:?}", self.trace),
        }
    }

    fn answer(&mut self, id: usize, says: Says) {
        let caller = &mut self.callers[id];
        let Wants::Ask(pending) = &caller.wants else {
            panic!("nobody is asked: {:?}", self.trace);
        };
        let payload = pending.payload_for(&issuer()).unwrap();
        caller.answered = true;
        let answer = match says {
            Says::Yes => {
                let signature = mark(&payload);
                let answer = signed(payload, &signature);
                let tag = RecordTag::of_record(&answer, &key(id));
                caller.granted = Some((answer.clone(), tag));
                Ok(answer)
            }
            Says::No => Err(AuthError::Declined),
            Says::Forged => Ok(signed(payload, "forged")),
        };
        self.tell(id, Input::Answer(answer));
    }

    fn save(&mut self, id: usize, reply: Reply) {
        let Wants::Save(verified, expected) = &self.callers[id].wants else {
            panic!("nobody saves: {:?}", self.trace);
        };
        let fits = expected.allows(self.slot.tag());
        if fits && reply != Reply::LostBefore {
            let record = Record::content(verified.cacao().clone(), key(id), true);
            let removed = self.callers[id].removed;
            assert!(!removed, "what was removed comes back: {:?}", self.trace);
            self.slot = record;
        }
        let input = match (reply, fits) {
            (Reply::Arrives, true) => Input::Saved,
            (Reply::Arrives, false) => Input::Conflict,
            _ => Input::Unknown,
        };
        self.tell(id, input);
    }

    fn key(&self) -> Key {
        let caller = |id: usize| {
            let caller = &self.callers[id];
            let flow = &caller.flow;
            let place = |place: &Place| match place {
                Place::First => 0,
                Place::Locked => 1,
                Place::AfterConflict => 2,
                Place::AfterUnknown(_) => 3,
                Place::NotGiven(_) => 4,
            };
            let phase = match &flow.phase {
                Phase::New => (0, 0),
                Phase::Loading(at) => (1, place(at)),
                Phase::Joining => (2, 0),
                Phase::Locking => (3, 0),
                Phase::MakingKey => (4, 0),
                Phase::Asking(pending) => (5, u8::from(pending.issued_at().unix_time() == NOW)),
                Phase::LockingFor(_) => (6, 0),
                Phase::LoadingFor(_) => (7, 0),
                Phase::Saving(_) => (8, 0),
                Phase::Ended => (9, 0),
                other => panic!("{other:?}"),
            };
            let expected = match flow.expected {
                ExpectedSlot::Tag(tag) => Some(tag),
                _ => None,
            };
            let still_renews = matches!(
                &flow.aim,
                Aim::Get {
                    renew_before: Some(_),
                    ..
                }
            );
            let part = match &caller.part {
                Part::None => 0,
                Part::Leads(_) => 1,
                Part::Waits(_, None) => 2,
                Part::Waits(_, Some(None)) => 3,
                Part::Waits(_, Some(Some(Ok(())))) => 4,
                Part::Waits(_, Some(Some(Err(Error::Auth(_))))) => 5,
                Part::Waits(_, Some(Some(Err(_)))) => 6,
            };
            let granted = caller.granted.as_ref().map(|(_, tag)| *tag);
            (
                (phase.0, phase.1, expected, flow.renews, still_renews),
                (
                    part,
                    caller.locked,
                    caller.loaded.tag(),
                    caller.removed,
                    caller.answered,
                ),
                (granted, caller.code, u8::from(self.is_at_an_end(id))),
            )
        };
        (
            [caller(0), caller(1)],
            (self.slot.tag(), self.late, self.others),
        )
    }
}

/// Parts in the table cannot be cloned: they are taken anew, in the same order of events.
impl Clone for World {
    fn clone(&self) -> Self {
        let caller = |caller: &Caller| Caller {
            wish: caller.wish,
            flow: caller.flow.clone(),
            wants: caller.wants.clone(),
            part: Part::None,
            locked: caller.locked,
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
