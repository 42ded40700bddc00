//! The laws of ReCaps, over generated ones.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
#![cfg(feature = "proptest")]

use cacao::recap::{Recap, RecapError, RecapResources, Rendering, SignedRecap};
use cacao::{ResourceMatcher, strategies};
use proptest::prelude::*;

proptest! {
    #[test]
    fn what_is_written_is_read_and_written_alike(recap in strategies::recap()) {
        let urn = recap.to_urn();
        let signed: SignedRecap = urn.parse().unwrap();
        prop_assert_eq!(signed.as_str(), &urn);
        prop_assert!(signed.notes().is_empty());
        let again = signed.to_recap().unwrap();
        prop_assert_eq!(again.to_urn(), urn);
        prop_assert_eq!(&again, &recap);
        prop_assert_eq!(Recap::from_json(&recap.to_json()).unwrap(), recap);
    }

    #[test]
    fn a_statement_and_a_translation_are_taken_apart_again(
        recap in strategies::recap(),
        own in proptest::option::of(strategies::text()),
    ) {
        let signed: SignedRecap = recap.to_urn().parse().unwrap();
        let statement = recap.statement(own.as_deref());
        let split = signed.split_statement(&statement).unwrap();
        prop_assert_eq!(split.own, own.as_deref());
        prop_assert_eq!(split.rendering, Rendering::Erc5573);
        let connector = signed.translation(Rendering::Connector);
        let statement = own.iter().fold(connector.clone(), |_, own| format!("{own} {connector}"));
        prop_assert_eq!(signed.split_statement(&statement).unwrap().own, own.as_deref());
    }

    /// Nobody reads less than is granted: where the words are the same, so is what they stand for.
    #[test]
    fn a_translation_says_which_abilities(one in strategies::recap(), other in strategies::recap()) {
        let named = |recap: &Recap| -> Vec<String> {
            let abilities = recap.abilities().iter();
            abilities.map(|(target, ability, _)| format!("{target} {ability}")).collect()
        };
        prop_assert_eq!(one.translation() == other.translation(), named(&one) == named(&other));
        let signed: SignedRecap = one.to_urn().parse().unwrap();
        if named(&one) != named(&other) && !one.translation().ends_with(&other.translation()) {
            prop_assert!(signed.split_statement(&other.translation()).is_none());
        }
    }

    #[test]
    fn merging_is_the_least_upper_bound(
        a in strategies::recap(),
        b in strategies::recap(),
        c in strategies::recap(),
    ) {
        let ab = a.merge(&b);
        // commutative and associative to the letter, idempotent
        prop_assert_eq!(ab.to_urn(), b.merge(&a).to_urn());
        prop_assert_eq!(ab.merge(&c).to_urn(), a.merge(&b.merge(&c)).to_urn());
        prop_assert_eq!(&a.merge(&a), &a);
        prop_assert_eq!(ab.merge(&ab).to_urn(), ab.to_urn());
        // an upper bound, and within each other one
        prop_assert!(a.is_subset_of(&ab) && b.is_subset_of(&ab));
        let upper = ab.merge(&c);
        prop_assert!(ab.is_subset_of(&upper));
        if a.is_subset_of(&c) && b.is_subset_of(&c) {
            prop_assert!(ab.is_subset_of(&c));
        }
        prop_assert_eq!(a.is_subset_of(&b), ab == b);
    }

    #[test]
    fn a_subset_is_a_partial_order(
        a in strategies::recap(),
        b in strategies::recap(),
        c in strategies::recap(),
    ) {
        prop_assert!(a.is_subset_of(&a));
        prop_assert_eq!(a.is_subset_of(&b) && b.is_subset_of(&a), a == b);
        // generated ones are seldom subsets of each other: merged ones are
        let (ab, abc) = (a.merge(&b), a.merge(&b).merge(&c));
        for (x, y, z) in [(&a, &b, &c), (&a, &ab, &abc), (&abc, &ab, &a), (&c, &abc, &ab)] {
            if x.is_subset_of(y) && y.is_subset_of(z) {
                prop_assert!(x.is_subset_of(z));
            }
        }
    }

    #[test]
    fn the_matcher_the_value_and_what_was_signed_agree(
        one in strategies::recap(),
        other in strategies::recap(),
    ) {
        for (less, more) in [(&one, &other), (&one, &one.merge(&other))] {
            let signed: SignedRecap = more.to_urn().parse().unwrap();
            prop_assert_eq!(signed.grants(less), less.is_subset_of(more));
            let covers = RecapResources.covers(&more.to_urn(), &less.to_urn());
            prop_assert_eq!(covers, less.is_subset_of(more));
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}", json in "[{}\\[\\]\":,a-c:/attprf0-9e.-]{0,60}") {
        drop(text.parse::<SignedRecap>());
        drop(Recap::from_json(&json));
    }
}

/// What is signed is what was given: another value of a number is not.
#[test]
fn a_number_that_its_double_does_not_print_is_not_written() {
    use data_encoding::BASE64URL_NOPAD;
    let recap = |number: &str| {
        format!(r#"{{"att":{{"https://x.example/":{{"a/b":[{{"n":[{number}]}}]}}}}}}"#)
    };
    for exact in ["0.1", "1e3", "1.50", "9007199254740991"] {
        assert!(Recap::from_json(&recap(exact)).is_ok(), "{exact}");
    }
    for inexact in ["0.1000000000000000055", "1e-400", "9007199254740991.5"] {
        let refused = || {
            let value = inexact.to_owned();
            Err(RecapError::InexactNumber { value })
        };
        let json = recap(inexact);
        assert_eq!(Recap::from_json(&json), refused());
        // what somebody signed is read, and is not asked for again
        let urn = format!("urn:recap:{}", BASE64URL_NOPAD.encode(json.as_bytes()));
        let signed: SignedRecap = urn.parse().unwrap();
        assert_eq!(signed.to_recap(), refused());
        assert_eq!(urn.parse::<Recap>(), refused());
    }
}
