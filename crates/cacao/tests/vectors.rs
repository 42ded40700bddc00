//! Every case of `cacaos.json` and `browser.json`: verdicts, blocks, CIDs, archives, texts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use cacao::{Cacao, Error, Expected, MemberOrder, Policy, UnixTime, Verifiers, siwx};
use common::{Failures, text, vectors};
use serde_json::Value;
use std::time::Duration;

/// Families whose verifier this build does not have; their cases are listed, not dropped.
const WAITING: [&str; 4] = ["solana", "tezos", "stacks", "webauthn"];

fn at(text: &str) -> UnixTime {
    text.parse::<cacao::Timestamp>().unwrap().unix_time()
}

fn policy(opts: &Value) -> Policy {
    let secs = |member: &str| opts[member].as_f64().map(Duration::from_secs_f64);
    let mut policy = Policy::default();
    if let Some(skew) = secs("clock_skew_secs") {
        policy = policy.skew(skew);
    }
    if let Some(phase_out) = secs("revocation_phase_out_secs") {
        policy = policy.phase_out(phase_out);
    }
    if opts["disable_expiration_check"] == true {
        policy = policy.dangerously_ignoring_expiry();
    }
    policy
}

fn judge(cacao: &Value, opts: &Value) -> Result<(), Error> {
    Cacao::from_json(&cacao.to_string())?.verify(
        &Verifiers::default(),
        &policy(opts),
        &Expected::anything(),
        at(text(opts, "at_time")),
    )?;
    Ok(())
}

#[test]
fn verdicts() {
    let file = vectors("cacaos.json");
    let (mut ran, mut failures, mut waiting) = (0, Failures::default(), Vec::new());
    let mut either = Vec::new();
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        let waits = WAITING.contains(&text(case, "family"));
        for check in case["checks"].as_array().unwrap() {
            let name = format!("{name} / {}", text(check, "label"));
            let verdict = text(check, "verdict");
            let answer = judge(&case["cacao"], &check["opts"]);
            if waits && verdict != "reject" {
                let code = answer.as_ref().map_or_else(Error::code, |()| "accepted");
                failures.check(&name, code == "unsupported_kind" || answer.is_err(), code);
                waiting.push(name);
                continue;
            }
            ran += 1;
            match (verdict, &answer) {
                ("accept", Err(error)) => failures.add(&name, format!("refused: {error}")),
                ("reject", Ok(())) => failures.add(&name, "accepted"),
                ("either", answer) => {
                    let code = answer.as_ref().map_or_else(Error::code, |()| "accepted");
                    either.push(format!("{name} => {code}"));
                }
                _ => {}
            }
        }
    }
    println!("waiting for their verifier:\n  {}", waiting.join("\n  "));
    println!("either:\n{}", either.join("\n"));
    failures.finish(ran);
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
            match Cacao::from_car_base64url(&format!("u{car}")) {
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
    let file = vectors("browser.json");
    let (mut ran, mut failures) = (0, Failures::default());
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        let opts = serde_json::json!({ "at_time": text(case, "at_time") });
        ran += 1;
        if let Err(error) = judge(&case["cacao"], &opts) {
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
