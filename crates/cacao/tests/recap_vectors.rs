//! ReCaps as other packages wrote and worded them, and whole capabilities with ReCaps.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use cacao::recap::{Recap, RecapNote, Rendering, Restriction, SignedRecap};
use cacao::{Cacao, Policy, Provers, Requirement, UnixTime};
use serde_json::{Map, Value, json};
use test_support::{Failures, text, vectors};

/// What was read, in the shape of `att`.
fn att(recap: &SignedRecap) -> Value {
    let mut att = Map::new();
    for (target, ability, restrictions) in recap.abilities().iter() {
        let list: Vec<_> = restrictions.iter().map(Restriction::to_value).collect();
        let of_target = att.entry(target).or_insert_with(|| json!({}));
        of_target[ability.as_str()] = Value::Array(list);
    }
    Value::Object(att)
}

/// Numbers are compared by their values: `1.0` is `1`.
fn canonical(value: &Value) -> Value {
    let text = json!({"att": {"a:b": {"c/d": [{ "x": value }]}}}).to_string();
    match Recap::from_json(&text) {
        Ok(recap) => serde_json::from_str(&recap.to_json()).unwrap(),
        // a name that is a whole number, which is not written
        Err(_) => value.clone(),
    }
}

#[test]
fn they_are_read_and_worded_alike() {
    let file = vectors("recap.json");
    let cases = file["recaps"].as_array().unwrap();
    let mut failures = Failures::default();
    for case in cases {
        let name = text(case, "name");
        let recap: SignedRecap = match text(case, "urn").parse() {
            Ok(recap) => recap,
            Err(error) => {
                failures.add(name, error);
                continue;
            }
        };
        failures.check(name, recap.as_str() == case["urn"], "its text is kept");
        let read = att(&recap);
        failures.check(name, canonical(&read) == canonical(&case["att"]), &read);
        let proofs: Vec<_> = recap.proofs().iter().map(ToString::to_string).collect();
        failures.check(name, json!(proofs) == case["prf"], "the proofs");
        if case["producer"] == "siwe-recap" {
            let translation = text(case, "translation");
            let split = recap.split_statement(translation);
            let is_sorted = split.is_some_and(|split| split.rendering == Rendering::Erc5573);
            failures.check(name, is_sorted, "the words are recognised");
            // what we would write, too, is written to the letter
            if let Ok(again) = recap.to_recap() {
                failures.check(name, again.to_urn() == case["urn"], "it is written alike");
                failures.check(
                    name,
                    again.translation() == translation,
                    again.translation(),
                );
            }
        } else {
            let statement = text(case, "statement");
            let own = Some(text(case, "own")).filter(|own| !own.is_empty());
            let split = recap.split_statement(statement);
            failures.check(
                name,
                split.is_some_and(|split| split.own == own),
                "taken apart",
            );
            let words = recap.translation(Rendering::Connector);
            failures.check(name, statement.ends_with(&words), words);
        }
    }
    failures.finish(cases.len());
}

#[test]
fn what_is_not_written_is_noted_and_refused_by_the_writer() {
    let file = vectors("recap.json");
    let mut unwritten = Vec::new();
    for case in file["recaps"].as_array().unwrap() {
        let recap: SignedRecap = text(case, "urn").parse().unwrap();
        let noted = recap
            .notes()
            .iter()
            .any(|note| matches!(note, RecapNote::NotAUri { .. }));
        assert!(!noted || recap.to_recap().is_err());
        if recap.to_recap().is_err() {
            unwritten.push(text(case, "name"));
        }
    }
    assert!(unwritten.contains(&"a target that is not a URI"));
    assert!(unwritten.contains(&"namespaces that are whole numbers"));
    assert!(!unwritten.contains(&"restrictions of every JSON type"));
}

#[test]
fn capabilities_with_recaps_get_their_verdicts() {
    let file = vectors("recap.json");
    let cases = file["capabilities"].as_array().unwrap();
    let mut failures = Failures::default();
    for case in cases {
        let name = text(case, "name");
        let at: UnixTime = text(case, "at")
            .parse::<cacao::Timestamp>()
            .unwrap()
            .unix_time();
        let capability = Cacao::from_json(text(case, "capability")).unwrap();
        let judged = |policy: &Policy| {
            let provers = Provers::all_compiled_in();
            capability.verify(&provers, policy, &Requirement::any_domain(), at)
        };
        let code = judged(&Policy::default()).map_or_else(|error| error.code(), |_| "accept");
        let expected = match text(case, "verdict") {
            "accept" => "accept",
            // signed by the issuer or not: the statement says less than is granted
            _ => "recap_not_in_statement",
        };
        failures.check(name, code == expected, code);
        if let Ok(verified) = judged(&Policy::default()) {
            let says = verified.signed_statement();
            failures.check(
                name,
                says.as_deref() == case["statement"].as_str(),
                "statement",
            );
            failures.check(name, verified.recap().is_some(), "its ReCap grants");
        }
        // taken as opaque, only what the issuer did not sign is refused
        let opaque = judged(&Policy::default().with_opaque_recaps());
        let changed = name.contains("as it was");
        failures.check(name, opaque.is_err() == changed, "opaque");
    }
    failures.finish(cases.len());
}
