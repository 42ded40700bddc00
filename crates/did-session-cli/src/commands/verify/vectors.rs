//! Every vector of the libraries through the same judgement as the command: what it accepts, what
//! it refuses (exit code 1), what it calls unreadable (exit code 2).

use clap::Parser as _;
use did_session::cacao::Cacao;
use serde_json::Value;

use super::Verify;
use crate::args::Globals;
use crate::cli::{Cli, Command};
use crate::document::Document;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::picked::SignatureArg;

fn vectors(path: &str) -> Value {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value[member].as_array().unwrap()
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap()
}

/// The command with these arguments, unless an argument is unusable.
fn command(arguments: &[String]) -> Option<Verify> {
    let whole = ["did-session", "verify"].map(str::to_owned);
    match Cli::try_parse_from(whole.iter().chain(arguments)).map(|cli| cli.command) {
        Ok(Command::Verify(verify)) => Some(*verify),
        Ok(other) => panic!("{other:?}"),
        Err(_) => None,
    }
}

fn is_passkey(case: &Value) -> bool {
    case["cacao"]["s"]["t"] == "webauthn:p256"
}

/// The arguments of the options of a check.
fn arguments(options: &Value) -> Vec<String> {
    let mut arguments = Vec::new();
    let flag = |name: &str| options[name] == true;
    for (member, argument) in [
        ("at_time", "--at"),
        ("clock_skew_secs", "--skew"),
        ("revocation_phase_out_secs", "--phase-out"),
        ("issuer", "--issuer"),
    ] {
        match &options[member] {
            Value::Null => {}
            Value::String(text) => arguments.extend([argument.to_owned(), text.clone()]),
            secs => arguments.extend([argument.to_owned(), format!("{secs}s")]),
        }
    }
    if flag("disable_expiration_check") || flag("disable_timecheck") {
        arguments.push("--ignore-expiry".to_owned());
    }
    arguments
}

/// How the command would end, and the code it would name.
fn ended(input: &str, arguments: &[String], capability: Option<&Cacao>) -> (Exit, String) {
    let document = Document::from_text(input, &SignatureArg::default());
    ended_by(document, arguments, capability)
}

fn ended_by(
    document: Result<Document, Failure>,
    arguments: &[String],
    capability: Option<&Cacao>,
) -> (Exit, String) {
    let Some(verify) = command(arguments) else {
        return (Exit::Input, "usage".to_owned());
    };
    let verdict =
        document.and_then(|document| verify.judge(&Globals::default(), &document, capability));
    match verdict {
        Ok(verdict) if verdict.valid => (Exit::Yes, verdict.code.to_owned()),
        Ok(verdict) => (Exit::No, verdict.code.to_owned()),
        Err(failure) => (failure.exit(), failure.code().to_owned()),
    }
}

/// The names of the cases that failed, each with what happened.
#[derive(Default)]
struct Tally {
    ran: usize,
    failed: Vec<String>,
    /// What the command line has no arguments for.
    skipped: Vec<String>,
}

impl Tally {
    fn judge(&mut self, name: &str, verdict: &str, ended: &(Exit, String)) {
        self.ran += 1;
        let right = match verdict {
            "accept" => ended.0 == Exit::Yes,
            "reject" => matches!(ended.0, Exit::No | Exit::Input),
            "either" => ended.0 != Exit::Store,
            other => panic!("{name}: {other}"),
        };
        if !right {
            self.failed.push(format!("{name}: {ended:?}"));
        }
    }

    fn finish(self) {
        println!("not for the command line:\n  {}", self.skipped.join("\n  "));
        assert!(self.ran > 0);
        let (failed, ran) = (self.failed.len(), self.ran);
        assert!(
            failed == 0,
            "{failed} of {ran}:\n{}",
            self.failed.join("\n")
        );
        println!("{ran} cases");
    }
}

#[test]
fn capabilities() {
    let file = vectors("cacao/tests/vectors/cacaos.json");
    let mut tally = Tally::default();
    for case in list(&file, "cases") {
        for check in list(case, "checks") {
            let name = format!("{} / {}", text(case, "name"), text(check, "label"));
            let verdict = text(check, "verdict");
            let mut arguments = arguments(&check["opts"]);
            for (member, argument) in [("rp_id", "--rp-id"), ("origin", "--origin")] {
                // they are for passkeys alone
                if let Some(text) = case[member].as_str().filter(|_| is_passkey(case)) {
                    arguments.extend([argument.to_owned(), text.to_owned()]);
                }
            }
            let ended = ended(&case["cacao"].to_string(), &arguments, None);
            tally.judge(&name, verdict, &ended);
        }
    }
    tally.finish();
}

#[test]
fn session_strings() {
    let file = vectors("session-core/tests/vectors/sessions.json");
    let mut tally = Tally::default();
    for case in list(&file, "cases") {
        let at = arguments(&serde_json::json!({ "at_time": text(&case["inputs"], "now") }));
        let ended = ended(text(case, "session"), &at, None);
        tally.judge(text(case, "name"), text(case, "verdict"), &ended);
    }
    for case in list(&file, "strings") {
        let name = text(case, "name");
        let at = arguments(&serde_json::json!({ "at_time": text(case, "now") }));
        let ended = ended(text(case, "session"), &at, None);
        // an expired session loads, and does not verify
        if case["after"]["is_expired"] == true {
            tally.judge(name, "reject", &ended);
        } else {
            tally.judge(name, text(case, "verdict"), &ended);
        }
    }
    tally.finish();
}

#[test]
fn signatures() {
    let file = vectors("dag-jws/tests/vectors/jws.json");
    let mut tally = Tally::default();
    for case in list(&file, "verify") {
        let input = match &case["jws"] {
            Value::String(compact) => compact.clone(),
            general => general.to_string(),
        };
        for check in list(case, "checks") {
            let name = format!("{} / {}", text(case, "name"), text(check, "label"));
            let options = &check["opts"];
            let capability = options["capability"].as_str().map(|name| {
                let capability = &file["capabilities"][name]["cacao"];
                Cacao::from_json(&capability.to_string())
            });
            let verdict = text(check, "verdict");
            let Ok(capability) = capability.transpose() else {
                assert_eq!(verdict, "reject", "{name}: the capability is unreadable");
                continue;
            };
            // documents of another DID method; another set of provers than the built-in one
            if !case["did_documents"].is_null() || !options["verifiers"].is_null() {
                tally.skipped.push(name);
                continue;
            }
            let ended = ended(&input, &arguments(options), capability.as_ref());
            tally.judge(&name, verdict, &ended);
        }
    }
    tally.finish();
}

#[test]
fn linked_blocks() {
    let file = vectors("dag-jws/tests/vectors/jws.json");
    let mut tally = Tally::default();
    for case in list(&file, "dag_links") {
        let block = data_encoding::HEXLOWER.decode(text(case, "linked_block_hex").as_bytes());
        let block = data_encoding::BASE64URL_NOPAD.encode(&block.unwrap());
        let mut jws = case["jws"].clone();
        jws["link"] = case["link"].clone();
        let input = serde_json::json!({ "jws": jws, "linkedBlock": block }).to_string();
        let ended = ended(&input, &[], None);
        tally.judge(text(case, "name"), text(case, "verdict"), &ended);
    }
    tally.finish();
}

/// What is refused or accepted once capabilities within resources (ERC-5573) are read.
const WAIT_FOR_RECAPS: [&str; 3] = [
    "walletconnect, ReCap, statement not populated",
    "walletconnect, signed: statement of a narrower ReCap than the resource",
    "siwe-recap, signed: ReCap wider than its statement",
];

#[test]
fn sign_ins_in_the_wild() {
    let file = vectors("cacao/tests/vectors/wild.json");
    let mut tally = Tally::default();
    for case in list(&file, "cases") {
        let (name, input) = (text(case, "name"), &case["input"]);
        if WAIT_FOR_RECAPS.contains(&name) {
            continue;
        }
        let mut arguments = arguments(&serde_json::json!({ "at_time": text(case, "at") }));
        if let Some(signature) = input["signature"].as_str() {
            arguments.extend(["--signature".to_owned(), signature.to_owned()]);
        }
        let ended = if input["kind"] == "cacao-cbor" {
            let block = data_encoding::BASE64.decode(text(input, "data").as_bytes());
            let document = Document::from_bytes(&block.unwrap());
            ended_by(document, &arguments, None)
        } else {
            ended(text(input, "data"), &arguments, None)
        };
        let verdict = match text(case, "verdict") {
            "refuse" => "reject",
            "free" => "either",
            verdict => verdict,
        };
        tally.judge(name, verdict, &ended);
    }
    tally.finish();
}
