//! Vectors through the process: the whole way from the arguments to the exit code. The judgement
//! over every vector is held by the unit tests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::common;

use common::{Home, vectors};

/// One case in so many, so that every kind of change is met and the test stays short.
const STEP: usize = 9;

#[test]
fn eip191_verdicts() {
    let file = vectors("cacao/tests/vectors/cacaos.json");
    let home = Home::new();
    let cases = file["cases"].as_array().unwrap().iter();
    let mut failed = Vec::new();
    let mut ran = 0;
    for case in cases
        .filter(|case| case["family"] == "eip191")
        .step_by(STEP)
    {
        let check = &case["checks"][0];
        let at = check["opts"]["at_time"].as_str().unwrap();
        let input = case["cacao"].to_string();
        let ended = home.run_with(&["verify", "-", "--json", "--at", at], &input);
        let right = match check["verdict"].as_str().unwrap() {
            "accept" => ended.code == 0 && ended.json()["valid"] == true,
            "reject" => [1, 2].contains(&ended.code) && ended.json()["valid"] == false,
            _ => [0, 1, 2].contains(&ended.code),
        };
        ran += 1;
        if !right {
            failed.push(format!("{}: {ended:?}", case["name"]));
        }
    }
    assert!(ran >= 20, "{ran}");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
