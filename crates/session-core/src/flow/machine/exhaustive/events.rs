//! What can happen, and what comes of it.

use super::*;

impl World {
    /// Everything that can happen now.
    pub(super) fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for (id, caller) in self.callers.iter().enumerate() {
            match &caller.wants {
                Wants::Nothing => continue,
                Wants::Ask(_) => {
                    let says = [Says::Yes, Says::No, Says::Forged];
                    events.extend(says.map(|says| Event::Answer(id, says)));
                }
                Wants::Save(..) if caller.lost => events.push(Event::Go(id)),
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
            let locked = (0..2).filter(|id| self.callers[*id].locked);
            events.extend(locked.map(Event::RunsOutUnder));
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

    pub(super) fn happen(&mut self, event: Event) {
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
            Event::RunsOutUnder(id) => {
                self.others += 1;
                self.callers[id].locked = false;
                self.callers[id].lost = true;
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
    pub(super) fn put(&mut self, content: Content) {
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

    pub(super) fn go(&mut self, id: usize) {
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
                self.callers[id].lost = false;
                Input::Locked
            }
            Wants::MakeKey => Input::Key(key(id)),
            // as the driver does, which looks before it saves
            Wants::Save(..) if self.callers[id].lost => Input::LockLost,
            Wants::Join => match self.join(id) {
                Some(input) => input,
                None => return,
            },
            _ => panic!("it waits for somebody: {:?}", self.trace),
        };
        self.tell(id, input);
    }

    pub(super) fn join(&mut self, id: usize) -> Option<Input> {
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

    pub(super) fn answer(&mut self, id: usize, says: Says) {
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

    pub(super) fn save(&mut self, id: usize, reply: Reply) {
        let Wants::Save(verified, expected) = &self.callers[id].wants else {
            panic!("nobody saves: {:?}", self.trace);
        };
        assert!(
            self.callers[id].locked,
            "it saves without the lock: {:?}",
            self.trace
        );
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
}
