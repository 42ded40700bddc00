//! Every case of `cacaos.json` and `browser.json`: verdicts, blocks, CIDs, archives, texts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use cacao::car::Car;
use cacao::{Cacao, Error, MemberOrder, Policy, Provers, Requirement, UnixTime, siwx};
use serde_json::Value;
use std::time::Duration;
use test_support::{Failures, hold_reasons, text, vectors};

/// Whether this build has no verifier for a family; its cases are listed then, not dropped.
fn waits(family: &str) -> bool {
    let is_of_family = |signature: &str| signature.split(':').next() == Some(family);
    !Provers::all_compiled_in()
        .kinds()
        .any(|kind| is_of_family(kind.signature))
}

fn at(text: &str) -> UnixTime {
    text.parse::<cacao::Timestamp>().unwrap().unix_time()
}

fn policy(opts: &Value) -> Policy {
    let secs = |member: &str| opts[member].as_f64().map(Duration::from_secs_f64);
    let mut policy = Policy::default();
    if let Some(skew) = secs("clock_skew_secs") {
        policy = policy.with_skew(skew);
    }
    if let Some(phase_out) = secs("revocation_phase_out_secs") {
        policy = policy.with_phase_out(phase_out);
    }
    if opts["disable_expiration_check"] == true {
        policy = policy.dangerously_ignoring_expiry();
    }
    policy
}

/// A case names the RP id and the origin that passkeys are to be judged by.
fn judge(case: &Value, opts: &Value) -> Result<(), Error> {
    let mut policy = policy(opts);
    if let Some(rp_id) = case["rp_id"].as_str() {
        policy = policy.with_rp_id(rp_id);
    }
    if let Some(origin) = case["origin"].as_str() {
        policy = policy.with_origin(origin);
    }
    Cacao::from_json(&case["cacao"].to_string())?.verify(
        &Provers::all_compiled_in(),
        &policy,
        &Requirement::any_domain(),
        at(text(opts, "at_time")),
    )?;
    Ok(())
}

#[test]
fn verdicts() {
    let file = vectors("cacaos.json");
    let (mut ran, mut failures, mut waiting) = (0, Failures::default(), Vec::new());
    let mut reasons = Vec::new();
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        let waits = waits(text(case, "family"));
        for check in case["checks"].as_array().unwrap() {
            let name = format!("{name} / {}", text(check, "label"));
            let verdict = text(check, "verdict");
            let answer = judge(case, &check["opts"]);
            if waits && verdict != "reject" {
                let code = answer.as_ref().map_or_else(Error::code, |()| "accepted");
                failures.check(&name, code == "unsupported_kind" || answer.is_err(), code);
                waiting.push(name);
                continue;
            }
            ran += 1;
            let code = answer.as_ref().map_or_else(Error::code, |()| "accepted");
            reasons.push((name.clone(), code));
            match (verdict, &answer) {
                ("accept", Err(error)) => failures.add(&name, format!("refused: {error}")),
                ("reject", Ok(())) => failures.add(&name, "accepted"),
                _ => {}
            }
        }
    }
    println!("waiting for their verifier:\n  {}", waiting.join("\n  "));
    failures.finish(ran);
    if waiting.is_empty() {
        hold_reasons("reasons.txt", &reasons);
    }
}

#[test]
fn encodings() {
    let file = vectors("cacaos.json");
    let (mut ran, mut failures) = (0, Failures::default());
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        let Ok(cacao) = Cacao::from_json(&case["cacao"].to_string()) else {
            continue;
        };
        ran += 1;
        if let Some(hex) = case["block_hex"].as_str() {
            let block = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
            failures.check(name, cacao.to_dag_cbor() == block, "another block");
            failures.check(
                name,
                cacao.cid().to_string() == text(case, "cid"),
                "another CID",
            );
            match Cacao::from_dag_cbor(&block) {
                Ok(read) => failures.check(name, read == cacao, "the block reads otherwise"),
                Err(error) => failures.add(name, error),
            }
        }
        if let Some(car) = case["car_base64url"].as_str() {
            failures.check(name, cacao.to_car_base64url() == car, "another CAR");
            let read = Car::from_base64url(&format!("u{car}"));
            match read.and_then(|car| Cacao::from_car(&car)) {
                Ok(read) => failures.check(name, read == cacao, "the CAR reads otherwise"),
                Err(error) => failures.add(name, error),
            }
        }
        for order in [MemberOrder::DagJson, MemberOrder::Session] {
            let read = Cacao::from_json(&cacao.to_json(order));
            failures.check(
                name,
                read.is_ok_and(|read| read == cacao),
                "JSON is not kept",
            );
        }
    }
    failures.finish(ran);
}

/// The recorded text is what one of our dialects renders, and reads back as the payload.
#[test]
fn texts() {
    let file = vectors("cacaos.json");
    let (mut ran, mut failures) = (0, Failures::default());
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        let Some(message) = case["message"].as_str() else {
            continue;
        };
        // the checksum case of an eip155 address comes with its verifier
        if text(case, "family") == "eip191" && waits("eip191") {
            println!("waiting for its verifier: {name}");
            continue;
        }
        let Ok(cacao) = Cacao::from_json(&case["cacao"].to_string()) else {
            continue;
        };
        let accepted = case["checks"]
            .as_array()
            .unwrap()
            .iter()
            .any(|c| c["verdict"] == "accept");
        if !accepted
            || case["mutation"]
                .as_str()
                .is_some_and(|m| !m.starts_with("signed"))
        {
            continue;
        }
        ran += 1;
        match siwx::parse(message) {
            Err(error) => failures.add(name, error),
            Ok((payload, dialect)) => {
                let rendered = siwx::render(cacao.payload(), dialect);
                failures.check(
                    name,
                    rendered.is_ok_and(|t| t == message),
                    "renders otherwise",
                );
                let same = payload.issuer() == cacao.payload().issuer()
                    && payload.resources().eq(cacao.payload().resources())
                    && payload.expires_at() == cacao.payload().expires_at();
                failures.check(name, same, "reads otherwise");
            }
        }
    }
    failures.finish(ran);
}

#[test]
fn browser_sessions() {
    if waits("eip191") {
        println!("waiting for their verifier: every session of browser.json");
        return;
    }
    let file = vectors("browser.json");
    let (mut ran, mut failures) = (0, Failures::default());
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        let opts = serde_json::json!({ "at_time": text(case, "at_time") });
        ran += 1;
        if let Err(error) = judge(case, &opts) {
            failures.add(name, error);
        }
        let cacao = Cacao::from_json(&case["cacao"].to_string()).unwrap();
        failures.check(
            name,
            cacao.cid().to_string() == text(case, "cid"),
            "another CID",
        );
    }
    failures.finish(ran);
}

/// Real passkeys of Chromium's virtual authenticator.
#[test]
fn browser_passkeys() {
    if waits("webauthn") {
        println!("waiting for their verifier: every passkey of browser.json");
        return;
    }
    let file = vectors("browser.json");
    let (mut ran, mut failures) = (0, Failures::default());
    for case in file["passkeys"].as_array().unwrap() {
        let name = text(case, "name");
        let opts = serde_json::json!({ "at_time": text(case, "at_time") });
        // by the rules that the payload's domain implies, and by those that the case names
        let implied = serde_json::json!({ "cacao": case["cacao"] });
        for (rules, case) in [("implied", &implied), ("named", case)] {
            ran += 1;
            if let Err(error) = judge(case, &opts) {
                failures.add(&format!("{name}, {rules}"), error);
            }
        }
        let cacao = Cacao::from_json(&case["cacao"].to_string()).unwrap();
        let cid = cacao.cid().to_string();
        failures.check(name, cid == text(case, "cid"), "another CID");
    }
    failures.finish(ran);
}
