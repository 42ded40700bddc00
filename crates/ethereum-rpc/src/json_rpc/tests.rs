//! Requests to the letter, and answers of nodes that are right, wrong or hostile.

use super::*;

fn call() -> EthCall {
    EthCall {
        chain: "1".into(),
        to: Some([0xab; 20]),
        data: vec![1, 2],
        block: None,
    }
}

fn returned(bytes: &[u8]) -> Result<CallOutcome, NoOutcome> {
    Ok(CallOutcome::Returned(bytes.into()))
}

fn reverted(bytes: &[u8]) -> Result<CallOutcome, NoOutcome> {
    Ok(CallOutcome::Reverted(bytes.into()))
}

/// What has no say is JSON all the same.
#[test]
fn members_that_are_not_known_are_json_too() {
    let answer = |member: &[u8]| {
        let body = [
            br#"{"jsonrpc":"2.0","id":7,"result":"0x","more":"#,
            member,
            b"}",
        ]
        .concat();
        let list = [b"[", &body[..], b"]"].concat();
        (outcome(7, &body).is_ok(), outcomes(&[7], &list).is_ok())
    };
    assert_eq!(answer(br#"{"a":["b",1]}"#), (true, true));
    for bad in [&b"\"\xfc \""[..], br#""\ud800""#, b"1e999"] {
        assert_eq!(answer(bad), (false, false), "{}", bad.escape_ascii());
    }
}

#[test]
fn requests() {
    let to = format!("0x{}", "ab".repeat(20));
    let expected = json!([{ "data": "0x0102", "to": to }, "latest"]);
    assert_eq!(params(&call()), expected);
    let body = request(7, &call());
    let envelope = json!({ "jsonrpc": "2.0", "id": 7, "method": "eth_call", "params": expected });
    assert_eq!(body, envelope);
    let block = Some(Block::Number(26));
    let create = EthCall {
        to: None,
        block,
        ..call()
    };
    assert_eq!(params(&create), json!([{ "data": "0x0102" }, "0x1a"]));
    let block = Some(Block::Hash([0xcd; 32]));
    let hash = format!("0x{}", "cd".repeat(32));
    let by_hash = json!({ "blockHash": hash, "requireCanonical": true });
    assert_eq!(params(&EthCall { block, ..call() })[1], by_hash);
}

#[test]
fn answers_to_one_call() {
    let of = |members: &str| {
        outcome(
            7,
            format!(r#"{{"jsonrpc":"2.0","id":7,{members}}}"#).as_bytes(),
        )
    };
    assert_eq!(of(r#""result":"0x01ff""#), returned(&[1, 255]));
    assert_eq!(of(r#""result":"0x01FF""#), returned(&[1, 255]));
    assert_eq!(of(r#""result":"0x""#), returned(&[]));
    assert_eq!(of(r#""result":"0x","error":null"#), returned(&[]));
    let error = r#""error":{"code":3,"message":"execution reverted: no","data":"0x08"}"#;
    assert_eq!(of(error), reverted(&[8]));
    let error = r#""error":{"code":-32000,"message":"execution reverted"}"#;
    assert_eq!(of(error), reverted(&[]));
    assert_eq!(of(r#""error":{"code":3,"data":{"x":1}}"#), reverted(&[]));
    for no_hex in [
        r#""0x1""#,
        r#""01""#,
        r#""0X01""#,
        r#""0x0g""#,
        "1",
        "[]",
        "true",
    ] {
        let of = of(&format!(r#""result":{no_hex}"#));
        assert_eq!(of, Err(NoOutcome::NotHex), "{no_hex}");
    }
    for malformed in [
        r#""result":null"#,
        r#""result":null,"error":null"#,
        r#""result":"0x","error":{"code":3}"#,
        r#""result":"0x","result":"0x01""#,
        r#""error":{"message":"no code"}"#,
        r#""error":{"code":"3","message":"execution reverted"}"#,
        r#""error":"execution reverted""#,
    ] {
        let of = of(malformed);
        assert!(matches!(of, Err(NoOutcome::NotJsonRpc(_))), "{malformed}");
    }
    let error = r#""error":{"code":-32000,"message":"header not found"}"#;
    let message = "header not found".to_owned();
    assert_eq!(
        of(error),
        Err(NoOutcome::Node {
            code: -32000,
            message
        })
    );
}

#[test]
fn an_answer_is_about_the_call_that_was_made() {
    for id in [r#""7""#, "8", "-7", "7.0", "null", "[7]", "7e0"] {
        for said in [
            r#""result":"0x""#,
            r#""error":{"code":3,"message":"execution reverted"}"#,
        ] {
            let body = format!(r#"{{"jsonrpc":"2.0","id":{id},{said}}}"#);
            assert_eq!(
                outcome(7, body.as_bytes()),
                Err(NoOutcome::OtherCall),
                "{body}"
            );
        }
    }
    let without = br#"{"jsonrpc":"2.0","result":"0x"}"#;
    assert_eq!(outcome(7, without), Err(NoOutcome::OtherCall));
    // but what the node did not like is heard
    let heard = br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}}"#;
    assert!(matches!(
        outcome(7, heard),
        Err(NoOutcome::Node { code: -32700, .. })
    ));
}

#[test]
fn what_is_not_json_rpc_tells_nothing() {
    for bad in [
        "",
        "hello",
        "[]",
        "{}",
        r#"{"id":7,"result":"0x"}"#,
        r#"{"jsonrpc":"1.0","id":7,"result":"0x"}"#,
        r#"{"jsonrpc":2.0,"id":7,"result":"0x"}"#,
        r#"{"jsonrpc":"2.0","id":7,"result":"0x"#,
        r#"{"jsonrpc":"2.0","id":7,"result":"0x"}{}"#,
        r#"[{"jsonrpc":"2.0","id":7,"result":"0x"}]"#,
    ] {
        let of = outcome(7, bad.as_bytes());
        assert!(matches!(of, Err(NoOutcome::NotJsonRpc(_))), "{bad}");
    }
    assert!(outcome(7, b"\xff").is_err());
}

#[test]
fn a_batch_may_be_answered_in_any_order_but_once() {
    let part = |id: u64, bytes: &str| json!({ "jsonrpc": "2.0", "id": id, "result": bytes });
    let of = |parts: &[Value]| outcomes(&[7, 8], json!(parts).to_string().as_bytes());
    let both = vec![returned(&[1]), returned(&[2])];
    assert_eq!(of(&[part(7, "0x01"), part(8, "0x02")]), Ok(both.clone()));
    assert_eq!(of(&[part(8, "0x02"), part(7, "0x01")]), Ok(both));
    let second = vec![Err(NoOutcome::Unanswered), returned(&[2])];
    assert_eq!(of(&[part(8, "0x02")]), Ok(second));
    let twice = of(&[part(7, "0x01"), part(8, "0x02"), part(7, "0x")]);
    assert!(matches!(twice, Err(NoOutcome::NotJsonRpc(_))), "{twice:?}");
    let foreign = of(&[part(7, "0x01"), part(9, "0x02")]);
    assert_eq!(foreign, Err(NoOutcome::OtherCall));
    let as_text = json!({ "jsonrpc": "2.0", "id": "7", "result": "0x" });
    assert_eq!(of(&[as_text]), Err(NoOutcome::OtherCall));
    let old = json!({ "id": 7, "jsonrpc": "1.0", "result": "0x" });
    let of_old = of(&[old, part(8, "0x")]).unwrap();
    assert!(
        matches!(of_old[..], [Err(NoOutcome::NotJsonRpc(_)), Ok(_)]),
        "{of_old:?}"
    );
    for bad in ["", "{}", "null", r#"[{"jsonrpc":"2.0"}, 1]"#] {
        assert!(outcomes(&[7, 8], bad.as_bytes()).is_err(), "{bad}");
    }
}

#[test]
fn what_a_wallet_throws() {
    // the node's error inside the wallet's
    let wrapped = json!({
        "code": -32603,
        "message": "Internal JSON-RPC error.",
        "data": { "code": 3, "message": "execution reverted", "data": "0x08" },
    });
    assert_eq!(outcome_of_error(&wrapped), reverted(&[8]));
    let wrapped = json!({
        "code": -32603,
        "message": "Internal JSON-RPC error.",
        "data": { "code": -32000, "message": "header not found" },
    });
    assert!(matches!(
        outcome_of_error(&wrapped),
        Err(NoOutcome::Node { code: -32603, .. })
    ));
    // an error of another code does not wrap one
    let other = json!({
        "code": 4001,
        "message": "User rejected the request.",
        "data": { "code": 3, "message": "execution reverted" },
    });
    assert!(matches!(
        outcome_of_error(&other),
        Err(NoOutcome::Node { code: 4001, .. })
    ));
    for nothing in [json!(null), json!("no"), json!({}), json!([3])] {
        let of = outcome_of_error(&nothing);
        assert!(matches!(of, Err(NoOutcome::NotJsonRpc(_))), "{nothing}");
    }
}

#[test]
fn what_a_node_says_is_repeated_in_short_and_on_one_line() {
    let message = format!("no\n\u{1b}[2J{}", "é".repeat(1000));
    let error = outcome_of_error(&json!({ "code": 1, "message": message })).unwrap_err();
    let said = error.to_string();
    assert!(said.starts_with("the node says 1: no??[2Jé"), "{said}");
    assert!(said.chars().count() < 230, "{said}");
    assert!(!said.contains(char::is_control), "{said}");
}
