//! One caller, step by step: boundaries and order, where two callers would end in the same way.

use super::*;
use cacao::Requirement;

const SECOND: Duration = Duration::from_secs(1);
const TIME: Time = Time {
    wall: NOW,
    monotonic: Duration::ZERO,
};

fn provers() -> Provers {
    Provers::none().with(Marker).unwrap()
}

fn wish(kind: Want) -> Flow {
    Wish {
        kind,
        resource: "a",
    }
    .flow()
}

fn on(flow: &mut Flow, inputs: impl IntoIterator<Item = Input>) -> Step {
    let steps = inputs.into_iter().map(|input| flow.on(input, TIME));
    steps.last().unwrap()
}

/// Until what was stored was looked at.
fn look(flow: &mut Flow, stored: &Content) -> Step {
    on(flow, [Input::Start, Input::Loaded(stored.view())])
}

/// A session that ends so long from now.
fn lasting(life: Duration) -> Content {
    Content::by_another(2, true, NOW, life)
}

/// Until the wallet is asked, over an empty or unusable slot, and what it says yes to.
fn asked(flow: &mut Flow) -> Cacao {
    let step = on(flow, [Input::Key(key(0))]);
    let Step::Ask(pending) = step else {
        panic!("{step:?}");
    };
    let payload = pending.payload_for(&issuer()).unwrap();
    let signature = mark(&payload);
    signed(payload, &signature)
}

#[track_caller]
fn assert_found(step: &Step, expected: Origin) {
    match step {
        Step::Done(Ok(found)) => assert_eq!(found.origin, expected),
        step => panic!("{step:?}"),
    }
}

#[track_caller]
fn assert_ends(step: &Step, code: &str) {
    match step {
        Step::Done(Err(error)) => assert_eq!(error.code(), code),
        step => panic!("{step:?}"),
    }
}

#[test]
fn a_renewal_is_due_when_less_than_that_is_left() {
    let exactly = look(&mut wish(Want::Renew), &lasting(DAY));
    assert_found(&exactly, Origin::Stored);
    let mut flow = wish(Want::Renew);
    let less = look(&mut flow, &lasting(DAY - SECOND));
    assert!(matches!(less, Step::Join { .. }), "{less:?}");
    assert!(flow.is_renewal());
    let reason = flow.take_refusal().unwrap();
    assert_eq!(reason.code(), "ends_too_soon");
}

/// Whoever only looks sees an expired session, unless a requirement says how long it must last.
#[test]
fn an_expired_session_is_found_and_not_used() {
    let expired = Content::by_another(2, true, NOW - DAY * 2, DAY);
    let slot = SlotId::new(issuer());
    let policy = Policy::default();
    let requirement = Requirement::any_domain();
    let mut find = Flow::find(slot, requirement, &provers(), &policy);
    assert_found(&look(&mut find, &expired), Origin::Stored);
    let mut get = wish(Want::Get);
    let step = look(&mut get, &expired);
    assert!(matches!(step, Step::Join { .. }), "{step:?}");
}

#[test]
fn a_key_that_is_not_the_audience_is_never_used() {
    let Content::Record(record) = lasting(DAY * 2) else {
        panic!("there is a record");
    };
    let planted = Record::content(record.capability.clone(), key(3), true);
    for kind in [Want::Get, Want::Renew] {
        let mut flow = wish(kind);
        let step = look(&mut flow, &planted);
        assert!(matches!(step, Step::Join { .. }), "{step:?}");
        assert_eq!(flow.take_refusal().unwrap().code(), "key_mismatch");
    }
}

#[test]
fn a_session_is_used_when_it_is_known_not_to_be_revoked() {
    let stored = lasting(DAY * 2);
    assert_found(&look(&mut wish(Want::Get), &stored), Origin::Stored);
    let question = || {
        let mut flow = wish(Want::Get).with_revocations();
        let step = look(&mut flow, &stored);
        assert!(matches!(step, Step::AskRevocations(_)), "{step:?}");
        flow
    };
    let step = on(&mut question(), [Input::Revoked(false)]);
    assert_found(&step, Origin::Stored);
    let mut flow = question();
    let step = on(&mut flow, [Input::Revoked(true)]);
    assert!(matches!(step, Step::Join { .. }), "{step:?}");
    assert_eq!(flow.take_refusal().unwrap().code(), "revoked");
    // the wallet is asked after it is known that revocations can be read
    let locked = [Input::Lead, Input::Locked, Input::Loaded(View::Empty)];
    let step = on(&mut flow, locked);
    assert!(matches!(step, Step::MakeKey), "{step:?}");
    let step = on(&mut flow, [Input::Key(key(1))]);
    assert!(matches!(step, Step::AskRevocations(_)), "{step:?}");
    let step = on(&mut flow, [Input::Revoked(false)]);
    assert!(matches!(step, Step::Ask(_)), "{step:?}");
}

/// Whoever asked for the same renewed it, a moment ago: what lies there now will do. A leader who
/// went away did nothing, and the session is as due as before.
#[test]
fn a_waiter_renews_again_only_where_the_leader_did_not() {
    let due = lasting(DAY / 2);
    let again = |input: Input| {
        let mut flow = wish(Want::Renew);
        look(&mut flow, &due);
        on(&mut flow, [input, Input::Loaded(due.view())])
    };
    assert_found(&again(Input::Outcome(Ok(()))), Origin::Stored);
    let step = again(Input::LeaderGone);
    assert!(matches!(step, Step::Join { .. }), "{step:?}");
}

/// The stored session is given back where it was to be renewed and the wallet gave nothing; not in
/// place of an answer that is not what was asked for, and not where nothing was to be renewed.
#[test]
fn a_decline_gives_back_what_was_to_be_renewed_and_nothing_else() {
    let answers = |kind, stored: &Content, answer: fn(Cacao) -> Result<Cacao, AuthError>| {
        let mut flow = wish(kind);
        look(&mut flow, stored);
        let locked = [Input::Lead, Input::Locked, Input::Loaded(stored.view())];
        let step = on(&mut flow, locked);
        assert!(matches!(step, Step::MakeKey), "{step:?}");
        let honest = asked(&mut flow);
        let step = on(&mut flow, [Input::Answer(answer(honest))]);
        (flow, step)
    };
    let decline = |_| Err(AuthError::Declined);
    let forge = |honest: Cacao| Ok(signed(honest.payload().clone(), "forged"));
    let due = lasting(DAY / 2);
    let (mut flow, step) = answers(Want::Renew, &due, decline);
    assert!(matches!(step, Step::Load { .. }), "{step:?}");
    let step = on(&mut flow, [Input::Loaded(due.view())]);
    assert_found(&step, Origin::Kept);
    // it was removed while the wallet was open
    let (mut flow, _) = answers(Want::Renew, &due, decline);
    let step = on(&mut flow, [Input::Loaded(View::Empty)]);
    assert_ends(&step, "declined");

    let (_, step) = answers(Want::Renew, &due, forge);
    assert_ends(&step, "signature_mismatch");
    for stored in [Content::Empty, Content::Junk] {
        let (_, step) = answers(Want::Get, &stored, decline);
        assert_ends(&step, "declined");
        let (_, step) = answers(Want::Renew, &stored, decline);
        assert_ends(&step, "declined");
    }
}

/// Whoever waits is told of a leader's decline, and has its stored session all the same; of an
/// answer that was refused it is told as an error.
#[test]
fn a_waiter_is_given_what_is_stored_after_a_decline_and_not_after_a_forgery() {
    let due = lasting(DAY / 2);
    let told = |error: Error| {
        let mut flow = wish(Want::Renew);
        look(&mut flow, &due);
        let step = on(&mut flow, [Input::Outcome(Err(error))]);
        (flow, step)
    };
    let (mut flow, step) = told(AuthError::Declined.into());
    assert!(matches!(step, Step::Load { .. }), "{step:?}");
    let step = on(&mut flow, [Input::Loaded(due.view())]);
    assert_found(&step, Origin::Kept);
    let (_, step) = told(AnswerProblem::TooLong.into());
    assert_ends(&step, "answer_lasts_too_long");
}

/// The slot of whoever answered a sign-in is saved over as it was under the lock.
#[test]
fn a_sign_in_replaces_what_it_saw() {
    for stored in [Content::Empty, Content::Junk, lasting(DAY)] {
        let mut flow = wish(Want::SignIn);
        on(&mut flow, [Input::Start]);
        let answer = asked(&mut flow);
        let answered = [Input::Answer(Ok(answer)), Input::Locked];
        let step = on(&mut flow, answered);
        assert!(matches!(step, Step::Load { .. }), "{step:?}");
        let step = on(&mut flow, [Input::Loaded(stored.view())]);
        let Step::Save { expected, .. } = &step else {
            panic!("{step:?}");
        };
        assert_eq!(*expected, stored.view().expected());
    }
}

/// The wait for the lock of whoever answered may take longer than the session lasts.
#[test]
fn what_has_ended_is_not_saved() {
    let late = Time {
        wall: NOW + DAY * 8,
        monotonic: DAY * 8,
    };
    let mut flow = wish(Want::SignIn);
    on(&mut flow, [Input::Start]);
    let answer = asked(&mut flow);
    on(&mut flow, [Input::Answer(Ok(answer)), Input::Locked]);
    let step = flow.on(Input::Loaded(View::Empty), late);
    assert_ends(&step, "answer_expired");
}

/// After a reply that was lost, only the session that was to be saved is the one that was asked
/// for: with it goes the key that was made.
#[test]
fn after_a_lost_reply_the_slot_tells_whose_session_it_is() {
    let saved = || {
        let mut flow = wish(Want::Get);
        look(&mut flow, &Content::Empty);
        let locked = [Input::Lead, Input::Locked, Input::Loaded(View::Empty)];
        on(&mut flow, locked);
        let answer = asked(&mut flow);
        let lost = [Input::Answer(Ok(answer.clone())), Input::Unknown];
        let step = on(&mut flow, lost);
        assert!(matches!(step, Step::Load { .. }), "{step:?}");
        (flow, Record::content(answer, key(0), true))
    };
    let (mut flow, own) = saved();
    let step = on(&mut flow, [Input::Loaded(own.view())]);
    assert_found(&step, Origin::Asked);
    let (mut flow, _) = saved();
    let step = on(&mut flow, [Input::Loaded(lasting(DAY * 2).view())]);
    assert_found(&step, Origin::Stored);
    let (mut flow, _) = saved();
    let step = on(&mut flow, [Input::Loaded(View::Empty)]);
    assert_ends(&step, "store_outcome_unknown");
}

#[test]
fn what_does_not_answer_is_named_and_not_shown() {
    let mut flow = wish(Want::Renew);
    on(&mut flow, [Input::Start]);
    let Step::Done(Err(error)) = on(&mut flow, [Input::Key(key(0))]) else {
        panic!("a key answers no load");
    };
    assert_eq!(error.code(), "out_of_step");
    assert_eq!(
        error.to_string(),
        "the flow was given an input that does not answer its last step: Key does not answer Loading"
    );
}
