//! Every case of `wild.json`: sign-ins as published packages make them, and spoiled ones.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
#![cfg(all(
    feature = "contract",
    feature = "solana",
    feature = "stacks",
    feature = "tezos"
))]

use cacao::car::Car;
use cacao::{
    Cacao, Error, MemberOrder, Payload, Policy, Provers, Requirement, SignedText, Timestamp,
    VerifiedCacao,
};
use serde_json::Value;
use test_support::{Failures, hold_reasons, text, vectors};

fn capability(input: &Value) -> Result<Cacao, Error> {
    let data = text(input, "data");
    match text(input, "kind") {
        "cacao-json" => Cacao::from_json(data),
        _ => {
            let padded = data_encoding::BASE64.decode(data.as_bytes());
            let block = padded.or_else(|_| data_encoding::BASE64_NOPAD.decode(data.as_bytes()));
            Cacao::from_dag_cbor(&block.unwrap())
        }
    }
}

fn judge(case: &Value) -> Result<VerifiedCacao, Error> {
    let at = text(case, "at").parse::<Timestamp>().unwrap().unix_time();
    let provers = Provers::all_compiled_in();
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    let input = &case["input"];
    if text(input, "kind") == "text" {
        SignedText::parse(text(input, "data"))?
            .with_signature_text(text(input, "signature"))?
            .verify(&provers, &policy, &any, at)
    } else {
        capability(input)?.verify(&provers, &policy, &any, at)
    }
}

fn hold_facts(name: &str, verified: &VerifiedCacao, facts: &Value, failures: &mut Failures) {
    let payload = verified.payload();
    let text = verified.signed_text();
    let mut is = |member: &str, found: Option<&str>| {
        let told = facts[member].as_str();
        failures.check(
            name,
            told == found,
            format!("{member}: {found:?}, not {told:?}"),
        );
    };
    is("issuer", Some(&payload.issuer().did()));
    is("domain", Some(payload.authority()));
    is("audience", Some(payload.audience()));
    is("nonce", Some(payload.nonce()));
    is("statement", payload.statement());
    if let Some(text) = &text {
        is("scheme", text.scheme());
        is("network", Some(text.network()));
    }
    let resources: Vec<_> = payload.resources().collect();
    failures.check(
        name,
        facts["resources"] == Value::from(resources),
        "other resources",
    );
}

#[test]
fn verdicts() {
    let file = vectors("wild.json");
    let (mut ran, mut failures, mut reasons) = (0, Failures::default(), Vec::new());
    for case in file["cases"].as_array().unwrap() {
        let (name, wanted) = (text(case, "name"), text(case, "verdict"));
        let answer = judge(case);
        let code = answer.as_ref().map_or_else(Error::code, |_| "accepted");
        println!("{:70} {wanted:8} {code}", format!("{name:.70}"));
        ran += 1;
        reasons.push((name.to_owned(), code));
        let right = match wanted {
            "accept" => answer.is_ok(),
            "refuse" => answer.is_err(),
            other => other == "free" && (case["chain"] != true || answer.is_err()),
        };
        failures.check(name, right, format!("{wanted}, yet {code}"));
        if let (Ok(verified), "accept") = (&answer, wanted) {
            hold_facts(name, verified, &case["facts"], &mut failures);
        }
    }
    failures.finish(ran);
    hold_reasons("wild_reasons.txt", &reasons);
}

fn same_payload(one: &Payload, other: &Payload) -> bool {
    one == other
}

/// A capability keeps its bytes in each encoding, and with them its CID.
#[test]
fn encodings() {
    let file = vectors("wild.json");
    let (mut ran, mut failures) = (0, Failures::default());
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        if text(&case["input"], "kind") == "text" {
            continue;
        }
        let Ok(cacao) = capability(&case["input"]) else {
            continue;
        };
        ran += 1;
        let block = cacao.to_dag_cbor();
        let mut check = |read: Result<Cacao, Error>, what: &str| match read {
            Ok(read) => {
                let same = read == cacao
                    && read.cid() == cacao.cid()
                    && read.identity() == cacao.identity()
                    && read.to_dag_cbor() == block
                    && same_payload(read.payload(), cacao.payload());
                failures.check(name, same, format!("{what} reads otherwise"));
            }
            Err(error) => failures.add(name, format!("{what}: {error}")),
        };
        check(Cacao::from_dag_cbor(&block), "its block");
        let car = Car::from_base64url(&cacao.to_car_base64url()).unwrap();
        check(Cacao::from_car(&car), "its CAR");
        for order in [MemberOrder::DagJson, MemberOrder::Session] {
            check(Cacao::from_json(&cacao.to_json(order)), "its JSON");
        }
        // nothing that was read is lost
        let data = text(&case["input"], "data");
        if let Ok(read) = serde_json::from_str::<Value>(data) {
            let written: Value =
                serde_json::from_str(&cacao.to_json(MemberOrder::DagJson)).unwrap();
            failures.check(name, read == written, "JSON lost something");
        }
    }
    failures.finish(ran);
}
