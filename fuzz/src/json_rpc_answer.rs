//! What a node answers, or a wallet in its place: nothing but an answer to this very call counts.

use cacao::CallOutcome;
use ethereum_rpc::json_rpc::{self, NoOutcome};
use serde_json::{Value, json};

const IDS: [u64; 2] = [1, 2];

/// Reads the bytes as an answer to one call, to a batch, as a result and as an error. Tells
/// whether there was an outcome.
pub fn laws(data: &[u8]) -> bool {
    let [single, batch] = [single(data), batch(data)];
    assert!(!(single && batch), "an answer is one or a list");
    let thrown = match serde_json::from_slice::<Value>(data) {
        Ok(value) => thrown(&value),
        Err(_) => {
            assert!(!single && !batch, "an answer is JSON");
            false
        }
    };
    single || batch || thrown
}

fn single(data: &[u8]) -> bool {
    let [one, two] = IDS.map(|id| json_rpc::outcome(id, data));
    assert!(one.is_err() || two.is_err(), "an answer is about one call");
    let accepted = one.is_ok() || two.is_ok();
    for (id, outcome) in IDS.into_iter().zip([one, two]) {
        match outcome {
            Ok(outcome) => {
                let answer: Value = serde_json::from_slice(data).expect("it was read");
                assert_eq!(answer["jsonrpc"], "2.0");
                assert_eq!(answer["id"], json!(id));
                let again = match &outcome {
                    CallOutcome::Returned(_) => {
                        assert!(answer["error"].is_null());
                        json_rpc::outcome_of_result(&answer["result"])
                    }
                    CallOutcome::Reverted(_) => {
                        assert!(answer["result"].is_null());
                        json_rpc::outcome_of_error(&answer["error"])
                    }
                };
                assert_eq!(again, Ok(outcome));
            }
            Err(why) => told(&why),
        }
    }
    accepted
}

fn batch(data: &[u8]) -> bool {
    let outcomes = match json_rpc::outcomes(&IDS, data) {
        Ok(outcomes) => outcomes,
        Err(why) => {
            told(&why);
            return false;
        }
    };
    let mut turned = json_rpc::outcomes(&[IDS[1], IDS[0]], data).expect("whatever the order");
    turned.reverse();
    assert_eq!(turned, outcomes);
    assert_eq!(outcomes.len(), IDS.len());
    let parts: Vec<Value> = serde_json::from_slice(data).expect("it was read");
    for (id, outcome) in IDS.into_iter().zip(&outcomes) {
        let part = parts.iter().find(|part| part["id"] == json!(id));
        let alone = part.map_or(Err(NoOutcome::Unanswered), |part| {
            json_rpc::outcome(id, part.to_string().as_bytes())
        });
        assert_eq!(
            *outcome, alone,
            "a part of a batch is read as if it were alone"
        );
    }
    outcomes.iter().any(Result::is_ok)
}

fn thrown(value: &Value) -> bool {
    let result = json_rpc::outcome_of_result(value);
    if let Ok(outcome) = &result {
        let CallOutcome::Returned(bytes) = outcome else {
            panic!("a result is no revert");
        };
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let text = value.as_str().map(str::to_ascii_lowercase);
        assert_eq!(text, Some(format!("0x{digits}")));
    }
    let error = json_rpc::outcome_of_error(value);
    match &error {
        Ok(outcome) => {
            assert!(matches!(outcome, CallOutcome::Reverted(_)));
            assert!(value["code"].is_i64(), "an error has a code");
        }
        Err(why) => told(why),
    }
    result.is_ok() || error.is_ok()
}

/// What a node says ends up in logs and terminals.
fn told(why: &NoOutcome) {
    let words = why.to_string();
    assert!(!words.is_empty() && words.chars().count() < 300);
    assert!(!words.contains(char::is_control));
}
