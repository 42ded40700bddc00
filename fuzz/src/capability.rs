//! The laws of every capability that was accepted, whichever encoding it came in.

use cacao::car::Car;
use cacao::{Cacao, HeaderType, MemberOrder, Policy, Provers, Requirement, UnixTime, siwx};

/// The same as in the property tests of the crate.
#[path = "../../crates/cacao/tests/common/reference.rs"]
pub(crate) mod reference;

/// Every encoding gives the same capability back, and judging it does not panic.
pub(crate) fn laws(cacao: &Cacao) {
    let block = cacao.to_dag_cbor();
    let again = Cacao::from_dag_cbor(&block).expect("its own block is accepted");
    assert_eq!(&again, cacao);
    assert_eq!(again.to_dag_cbor(), block);
    assert!(cacao::car::has_cid(&block, &cacao.cid()));
    // one that was made of the same parts writes the block that one which was read has kept
    let made = |header| Cacao::new(header, cacao.payload().clone(), cacao.signature().cloned());
    // one that is spelled otherwise keeps its block all the same
    if cacao.variations().next().is_none() {
        assert_eq!(made(cacao.header()).to_dag_cbor(), block);
    }
    for header in [HeaderType::Eip4361, HeaderType::Caip122] {
        assert_eq!(made(header).identity(), cacao.identity());
    }

    for order in [MemberOrder::DagJson, MemberOrder::Session] {
        let json = cacao.to_json(order);
        let again = Cacao::from_json(&json).expect("its own JSON is accepted");
        assert_eq!(&again, cacao);
        assert_eq!(again.to_json(order), json);
    }

    let car = cacao.to_car_base64url();
    assert_eq!(
        &Cacao::from_car(&Car::from_base64url(&car).expect("its own CAR is read"))
            .expect("its own CAR is accepted"),
        cacao
    );

    text_gives_the_payload(cacao.payload());
    judgement_is_steady(cacao);
}

/// What is shown to the user stands for this payload and for no other, in every dialect.
pub(crate) fn text_gives_the_payload(payload: &cacao::Payload) {
    let Ok(candidates) = siwx::candidates(payload) else {
        return;
    };
    assert!(candidates.len() <= 8);
    for (dialect_of_wallet, text) in candidates {
        assert_eq!(
            siwx::render(payload, dialect_of_wallet).ok().as_ref(),
            Some(&text)
        );
        let (read, dialect) = siwx::parse(&text).expect("a rendered text is read");
        assert_eq!(
            siwx::render(&read, dialect).expect("and rendered again"),
            text
        );
        // words that the wallet put behind the statement are a statement when they are read
        if dialect_of_wallet.statement == siwx::StatementForm::AsGiven {
            same(&read, payload);
        }
    }
}

/// The same in all layouts, of which few are tried: for the targets that are about texts.
pub(crate) fn every_layout_gives_the_payload(payload: &cacao::Payload) {
    use siwx::{ChainForm, Dialect, EmptyId, EmptyList, FieldOrder, Gap};
    if siwx::render(payload, Dialect::default()).is_err() {
        // a domain that no line can hold: there is no text of it in any layout
        assert!(siwx::candidates(payload).is_err());
        return;
    }
    for order in [FieldOrder::Current, FieldOrder::Legacy, FieldOrder::Caip122] {
        for gap in [Gap::OneLine, Gap::TwoLines, Gap::ThreeLines] {
            for bits in 0..8 {
                let dialect = Dialect {
                    order,
                    gap,
                    empty_list: [EmptyList::Nothing, EmptyList::Heading][bits % 2],
                    empty_id: [EmptyId::Nothing, EmptyId::Line][bits / 2 % 2],
                    chain: [ChainForm::Reference, ChainForm::Whole][bits / 4],
                    ..Dialect::default()
                };
                // of the two orders with the chain at the end, a payload has one
                let Ok(text) = siwx::render(payload, dialect) else {
                    assert_ne!(order, FieldOrder::Current);
                    continue;
                };
                let (read, recognised) = siwx::parse(&text).expect("a rendered text is read");
                assert_eq!(siwx::render(&read, recognised).ok().as_ref(), Some(&text));
                assert_eq!(recognised.order, order);
                same(&read, payload);
            }
        }
    }
}

/// Equal, up to the letter case of an EVM address and an empty resource list.
pub(crate) fn same(a: &cacao::Payload, b: &cacao::Payload) {
    assert_eq!(a.domain(), b.domain());
    assert_eq!(a.issuer(), b.issuer());
    assert_eq!(a.audience(), b.audience());
    assert_eq!(a.nonce(), b.nonce());
    assert_eq!(a.issued_at(), b.issued_at());
    assert_eq!(a.expires_at(), b.expires_at());
    assert_eq!(a.not_before(), b.not_before());
    assert_eq!(a.statement(), b.statement());
    assert_eq!(a.request_id(), b.request_id());
    assert!(a.resources().eq(b.resources()));
}

/// Two judgements at the same time are the same; what verifies has not expired.
fn judgement_is_steady(cacao: &Cacao) {
    let (provers, policy, requirement) = (
        Provers::all_compiled_in(),
        Policy::default(),
        Requirement::any_domain(),
    );
    for at in [
        UnixTime::from_secs(0),
        cacao.payload().issued_at().unix_time(),
    ] {
        let judge = || cacao.verify(&provers, &policy, &requirement, at);
        match (judge(), judge()) {
            (Ok(verified), Ok(_)) => {
                let window = Policy::DEFAULT_SKEW;
                let end = cacao
                    .payload()
                    .expires_at()
                    .map(cacao::Timestamp::unix_time);
                assert!(end.is_none_or(|end| end + window >= at));
                assert_eq!(verified.issuer(), cacao.payload().issuer());
            }
            (Err(one), Err(other)) => {
                assert_eq!(one.code(), other.code());
                crate::refused(&one, one.code());
            }
            _ => panic!("two judgements differ"),
        }
    }
}
