//! Prints a verdict for each case of files of vectors, one a line, so that two builds of it can be
//! compared: that of the server, or with `--everything` that of whoever takes all that is compiled
//! in; or with `--json` what the readers of JSON say.
#![forbid(unsafe_code)]

use cacao::{Cacao, MemberOrder, Policy, Provers, Requirement, SignedText, Timestamp, UnixTime};
use serde_json::Value;
use std::io::{self, Write as _};

mod json;

type Failure = Box<dyn std::error::Error>;

fn text<'a>(object: &'a Value, member: &str) -> Result<&'a str, Failure> {
    let found = object[member].as_str();
    found.ok_or_else(|| format!("{object} has no text `{member}`").into())
}

/// What was signed, as a case has it.
fn capability(case: &Value) -> Result<Result<Cacao, cacao::Error>, Failure> {
    let input = &case["input"];
    if input.is_null() {
        return Ok(Cacao::from_json(&case["cacao"].to_string()));
    }
    let data = text(input, "data")?;
    Ok(match text(input, "kind")? {
        "text" => {
            let signature = text(input, "signature")?;
            SignedText::parse(data)
                .and_then(|parsed| parsed.with_signature_text(signature))
                .and_then(|signed| signed.to_cacao())
        }
        "cacao-json" => Cacao::from_json(data),
        _ => {
            let data = data.trim_end_matches('=').as_bytes();
            Cacao::from_dag_cbor(&data_encoding::BASE64_NOPAD.decode(data)?)
        }
    })
}

fn by_everything(capability: &Cacao, domain: &str, at: UnixTime) -> &'static str {
    let (provers, requirement) = (Provers::all_compiled_in(), Requirement::for_domain(domain));
    let judged = capability.verify(&provers, &Policy::default(), &requirement, at);
    judged.map_or_else(|error| error.code(), |_| "accepted")
}

fn verdict(case: &Value, everything: bool) -> Result<&'static str, Failure> {
    let capability = match capability(case)? {
        Ok(capability) => capability,
        Err(unreadable) => return Ok(unreadable.code()),
    };
    let payload = capability.payload();
    let at = match case["at"].as_str() {
        Some(at) => at.parse::<Timestamp>()?.unix_time(),
        None => payload.issued_at().unix_time(),
    };
    let by = if everything {
        by_everything
    } else {
        trust_server::verdict
    };
    Ok(by(&capability, payload.domain(), at))
}

/// The first capability of a file of vectors that the server accepts, as JSON.
fn sound(path: &str) -> Result<String, Failure> {
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    for case in file["cases"].as_array().ok_or("no cases")? {
        if verdict(case, false)? == "accepted" {
            return Ok(capability(case)??.to_json(MemberOrder::Session));
        }
    }
    Err("the server accepts none".into())
}

fn main() -> Result<(), Failure> {
    let mut files: Vec<_> = std::env::args().skip(1).collect();
    let everything = files.first().is_some_and(|first| first == "--everything");
    if everything {
        files.remove(0);
    }
    let mut out = io::stdout().lock();
    if files.first().is_some_and(|first| first == "--json") {
        files.remove(0);
        for line in json::lines(&sound(files.first().ok_or("no file")?)?)? {
            writeln!(out, "{line}")?;
        }
        return Ok(());
    }
    for path in files {
        let file: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
        for case in file["cases"].as_array().ok_or("no cases")? {
            writeln!(
                out,
                "{}\t{}",
                text(case, "name")?,
                verdict(case, everything)?
            )?;
        }
    }
    Ok(())
}
