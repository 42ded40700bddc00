//! The two callers and what they share: what a machine is told, what must hold after each step.

use super::*;

impl World {
    pub(super) fn new(wishes: [Wish; 2], slot: Content, one_process: bool) -> Self {
        let callers = wishes.map(|wish| Caller {
            wish,
            flow: wish.flow(),
            wants: Wants::Nothing,
            part: Part::None,
            locked: false,
            lost: false,
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

    pub(super) fn now(&self) -> UnixTime {
        if self.late { NOW + DAY * 8 } else { NOW }
    }

    pub(super) fn prompts(&self, id: usize) -> &Prompts {
        &self.prompts[if self.one_process { 0 } else { id }]
    }

    pub(super) fn is_at_an_end(&self, id: usize) -> bool {
        matches!(self.callers[id].wants, Wants::Nothing)
    }

    /// Feeds a machine and notes what it wants next.
    pub(super) fn tell(&mut self, id: usize, input: Input) {
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
            // as the driver does, which looks before it asks
            Step::Ask(_) if self.callers[id].lost => {
                self.callers[id].lost = false;
                return self.tell(id, Input::LockLost);
            }
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
    pub(super) fn check(&self, id: usize) {
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
                // one whose lock ran out while the wallet was open cannot be taken back
                let open = |caller: &&Caller| {
                    let asks = matches!(caller.wants, Wants::Ask(_)) && !caller.lost;
                    caller.wish.kind != Want::SignIn && asks
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
                // one that was lost is found to be so when it is about to save
                assert!(
                    caller.locked || caller.lost,
                    "it saves without the lock: {trace:?}"
                );
            }
            _ => {}
        }
    }

    pub(super) fn end(&mut self, id: usize, result: Result<Box<Found>, Error>) {
        let now = self.now();
        let caller = &mut self.callers[id];
        caller.locked = false;
        caller.lost = false;
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
    pub(super) fn leave(&mut self, id: usize, outcome: Option<Outcome>) {
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

    pub(super) fn key(&self) -> Key {
        let caller = |id: usize| {
            let caller = &self.callers[id];
            let flow = &caller.flow;
            let place = |place: &Place| match place {
                Place::First => 0,
                Place::Locked => 1,
                Place::AfterConflict => 2,
                Place::AfterUnknown(_) => 3,
                Place::NotGiven(_) => 4,
                Place::LockedAgain(_) => 5,
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
                    (caller.locked, caller.lost),
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
