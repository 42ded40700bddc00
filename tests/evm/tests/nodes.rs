//! A wallet that reverts for the first text and accepts the second, before nodes that say so in
//! their own words, and nodes that fail, lie, or are slow.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use cacao::contract::Contracts;
use cacao::eip191::Eip191;
use cacao::siwx::{AddressCase, Dialect};
use cacao::{AccountKind, Error, Policy, Provers, Requirement, SignatureKind, VerifiedCacao};
use ethereum_rpc::HttpRpc;
use evm_tests::making::{NOW, capability, sign};
use evm_tests::node::{HONEST, Node, Temper, Words};
use evm_tests::{Chain, creation_of_safe, owner};
use serde_json::{Value, json};
use session_core::{EthereumRpc, ManualClock, settle};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The second text of the payload, which the wallet is asked about after the first.
fn lower_case() -> Dialect {
    Dialect {
        address: AddressCase::Lower,
        ..Dialect::default()
    }
}

const GETH: Words = |data, reason| json!({ "code": 3, "message": format!("execution reverted: {reason}"), "data": data });

/// Each node's words, as `ethereum-rpc/src/json_rpc/reverts.txt` has them with their sources.
const WORDS: [(&str, Words); 14] = [
    ("Geth, Erigon, Reth, Anvil, Nethermind", GETH),
    (
        "Geth before 2020-06",
        |_, reason| json!({ "code": -32000, "message": format!("execution reverted: {reason}") }),
    ),
    (
        "Besu",
        |data, reason| json!({ "code": 3, "message": format!("Execution reverted: {reason}"), "data": data }),
    ),
    (
        "Besu before 2023-07",
        |data, _| json!({ "code": -32000, "message": "Execution reverted", "data": data }),
    ),
    (
        "Nethermind, without a reason",
        |data, _| json!({ "code": 3, "message": "execution reverted", "data": data }),
    ),
    ("Nethermind of 2022", |data, _| {
        let data = format!("Reverted {data}");
        json!({ "code": -32015, "message": "VM execution error.", "data": data })
    }),
    (
        "Nethermind of 2022, by its words",
        |_, _| json!({ "code": -32015, "message": "VM execution error.", "data": "revert" }),
    ),
    ("Hardhat 3", |data, reason| {
        let message =
            format!("VM Exception while processing transaction: reverted with reason '{reason}'");
        json!({ "code": 3, "message": message, "data": data })
    }),
    ("Hardhat", |data, reason| {
        let message = format!(
            "VM Exception while processing transaction: reverted with reason string '{reason}'"
        );
        let data = json!({ "message": message, "data": data });
        json!({ "code": -32603, "message": message, "data": data })
    }),
    ("Hardhat, without a reason", |data, _| {
        let message = "Transaction reverted without a reason string";
        let data = json!({ "message": message, "data": data });
        json!({ "code": -32603, "message": message, "data": data })
    }),
    ("Hardhat without a stack trace", |data, reason| {
        let message = format!("reverted with reason string '{reason}'");
        json!({ "code": -32000, "message": message, "data": { "data": data } })
    }),
    ("Ganache", |data, reason| {
        let message = format!("VM Exception while processing transaction: revert {reason}");
        json!({ "code": -32000, "message": message, "data": data })
    }),
    ("Ganache before call-error.ts", |data, reason| {
        let message = format!("VM Exception while processing transaction: revert {reason}");
        let data = json!({ "result": data, "message": "revert", "reason": reason });
        json!({ "code": -32000, "message": message, "data": data })
    }),
    ("a wallet that wraps its node's error", |data, reason| {
        let inner = GETH(data, reason);
        json!({ "code": -32603, "message": "Internal JSON-RPC error.", "data": inner })
    }),
];

/// A node that answers one call at a time.
const NO_BATCHES: Temper = |request, answer| match request.is_array() {
    true => Some(("400 Bad Request", json!("one at a time"))),
    false => Some(("200 OK", answer)),
};

/// The wallet of two owners on a chain.
struct Case {
    chain: Arc<Chain>,
    wallet: [u8; 20],
}

impl Case {
    fn new() -> Self {
        let chain = Arc::new(Chain::new());
        let wallet = chain.create(&creation_of_safe([&owner(1), &owner(2)]));
        Self { chain, wallet }
    }

    /// What both of these sign.
    fn signed(&self, owners: [u8; 2], dialect: Dialect) -> Vec<u8> {
        owners
            .map(|number| sign(self.wallet, &owner(number), dialect))
            .concat()
    }

    fn judge(&self, rpc: &dyn EthereumRpc, signature: &[u8]) -> Result<VerifiedCacao, Error> {
        let provers = Provers::none()
            .with(Eip191)?
            .with_contracts(Contracts::new())?;
        let (policy, any) = (Policy::default(), Requirement::any_domain());
        let capability = capability(self.wallet, SignatureKind::EIP1271, signature);
        let judgement = capability.begin(&provers, &policy, &any, NOW, None)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(settle(judgement, Some(rpc), &ManualClock::new(NOW)))
    }

    fn code(&self, rpc: &dyn EthereumRpc, signature: &[u8]) -> &'static str {
        let judged = self.judge(rpc, signature);
        judged.map_or_else(|error| error.code(), |_| "accepted")
    }
}

fn rpc(node: &Node) -> HttpRpc {
    let nodes = HttpRpc::new().with_max_wait(Duration::from_secs(20));
    nodes
        .with_node(&"eip155:1".parse().unwrap(), &node.url)
        .unwrap()
}

#[test]
fn reverted_for_the_first_text_and_accepted_for_the_second() {
    let case = Case::new();
    let (first, second) = (
        case.signed([1, 2], Dialect::default()),
        case.signed([1, 2], lower_case()),
    );
    let foreign = case.signed([1, 3], lower_case());
    // one request if the node takes batches; otherwise a refused batch, and each text alone
    let asked = capability(case.wallet, SignatureKind::EIP1271, &second);
    let texts = cacao::siwx::candidates(asked.payload()).unwrap().len();
    for (temper, requests) in [(HONEST, 1), (NO_BATCHES, 1 + texts)] {
        for (name, words) in WORDS {
            let node = Node::serve(&case.chain, words, temper);
            let rpc = rpc(&node);
            let verified = case
                .judge(&rpc, &second)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(verified.dialect(), Some(lower_case()), "{name}");
            assert_eq!(verified.account(), Some(AccountKind::Contract), "{name}");
            assert_eq!(node.requests(), requests, "{name}");
            assert_eq!(case.code(&rpc, &first), "accepted", "{name}");
            // what no text makes right is a verdict, and no outage
            assert_eq!(case.code(&rpc, &foreign), "contract_reverted", "{name}");
            assert_eq!(node.requests(), 3 * requests, "{name}");
        }
    }
}

/// A node that fails gives no verdict, neither of what is right nor of what is wrong.
#[test]
fn a_node_that_fails() {
    let failures: [Temper; 7] = [
        |_, answer| Some(("503 Service Unavailable", answer)),
        |_, _| Some(("429 Too Many Requests", json!({ "error": "slow down" }))),
        |_, _| None,
        |_, _| Some(("200 OK", json!("busy"))),
        |_, _| Some(("200 OK", json!([]))),
        |request, answer| failing(request, answer, -32000, "header not found"),
        |request, answer| failing(request, answer, -32000, "out of gas"),
    ];
    let case = Case::new();
    for (at, temper) in failures.into_iter().enumerate() {
        let node = Node::serve(&case.chain, WORDS[3].1, temper);
        let rpc = rpc(&node);
        // the first comes with a status of failure, and a revert counts with that, too
        let foreign = if at == 0 { [1, 2] } else { [1, 3] };
        for (owners, dialect) in [
            ([1, 2], Dialect::default()),
            ([1, 2], lower_case()),
            (foreign, Dialect::default()),
        ] {
            let signature = case.signed(owners, dialect);
            assert_eq!(case.code(&rpc, &signature), "chain_unavailable", "{at}");
        }
        assert!(node.requests() > 0);
    }
    // the whole wallet burns gas
    case.chain.put(case.wallet, &[0xfe]);
    let node = Node::serve(&case.chain, GETH, HONEST);
    let signature = case.signed([1, 2], Dialect::default());
    assert_eq!(case.code(&rpc(&node), &signature), "chain_unavailable");
}

/// Every call fails with this error.
fn failing(request: &Value, _: Value, code: i64, message: &str) -> Option<(&'static str, Value)> {
    let fail = |call: &Value| {
        let error = json!({ "code": code, "message": message });
        json!({ "jsonrpc": "2.0", "id": call["id"], "error": error })
    };
    let answer = match request.as_array() {
        Some(calls) => calls.iter().map(fail).collect(),
        None => fail(request),
    };
    Some(("200 OK", answer))
}

/// A node that fails at the second text: what it said of the first counts, if that is a yes.
#[test]
fn a_node_that_fails_in_between() {
    let temper: Temper = |request, answer| match request.is_array() {
        true => Some(("400 Bad Request", json!("one at a time"))),
        // a revert of the first text, and busy for all others
        false if answer["result"].is_string() || answer["error"]["code"] == 3 => {
            Some(("200 OK", answer))
        }
        false => Some(("503 Service Unavailable", json!("busy"))),
    };
    let case = Case::new();
    let node = Node::serve(&case.chain, GETH, temper);
    let rpc = rpc(&node);
    assert_eq!(
        case.code(&rpc, &case.signed([1, 2], Dialect::default())),
        "accepted"
    );
    // both texts revert, and that is a verdict
    let foreign = case.signed([1, 3], Dialect::default());
    assert_eq!(case.code(&rpc, &foreign), "contract_reverted");
    // the chain goes down after the first call
    let after_one: Temper = |request, answer| match request {
        Value::Array(_) => Some(("400 Bad Request", json!("one at a time"))),
        _ if answer["error"]["code"] == 3 => Some(("200 OK", answer)),
        _ => Some(("503 Service Unavailable", json!("busy"))),
    };
    let node = Node::serve(&case.chain, GETH, after_one);
    let rpc = self::rpc(&node);
    let second = case.signed([1, 2], lower_case());
    assert_eq!(case.code(&rpc, &second), "chain_unavailable");
    assert_eq!(
        node.requests(),
        3,
        "the batch, the first, the second: and nobody asks again"
    );
}

/// A node that says yes to something else than it was asked is not believed.
#[test]
fn a_node_that_lies() {
    fn each(answer: Value, change: fn(&mut Value)) -> Option<(&'static str, Value)> {
        let mut answer = answer;
        match &mut answer {
            Value::Array(parts) => parts.iter_mut().for_each(change),
            one => change(one),
        }
        Some(("200 OK", answer))
    }
    const YES: &str = "0x1626ba7e00000000000000000000000000000000000000000000000000000000";
    let lies: [Temper; 7] = [
        |_, answer| each(answer, |part| part["id"] = json!(7)),
        |_, answer| each(answer, |part| part["id"] = part["id"].to_string().into()),
        |_, answer| each(answer, |part| part["jsonrpc"] = json!("1.0")),
        |_, answer| {
            each(answer, |part| {
                part["result"] = json!(YES);
                part["error"] = json!({ "code": 3, "message": "execution reverted" });
            })
        },
        |_, answer| {
            let (_, answer) = each(answer, |part| {
                part["result"] = json!(YES);
                part.as_object_mut().unwrap().remove("error");
            })?;
            Some(("500 Internal Server Error", answer))
        },
        // what was answered before, to somebody else
        |_, _| {
            Some((
                "200 OK",
                json!({ "jsonrpc": "2.0", "id": 1, "result": YES }),
            ))
        },
        |_, answer| each(answer, |part| part["result"] = json!("yes")),
    ];
    let case = Case::new();
    let foreign = case.signed([1, 3], Dialect::default());
    for (at, temper) in lies.into_iter().enumerate() {
        let node = Node::serve(&case.chain, GETH, temper);
        assert_eq!(
            case.code(&rpc(&node), &foreign),
            "chain_unavailable",
            "{at}"
        );
    }
    // the wallet's word is the node's to give: whom to ask is the caller's choice
    let temper: Temper = |_, answer| {
        each(answer, |part| {
            part["result"] = json!(YES);
            part.as_object_mut().unwrap().remove("error");
        })
    };
    let node = Node::serve(&case.chain, GETH, temper);
    assert_eq!(case.code(&rpc(&node), &foreign), "accepted");
}

/// One deadline is for the whole question, however many texts there are and however often the node
/// must be asked; what it said in time counts.
#[test]
fn a_node_that_is_slow() {
    let silent: Temper = |_, _| {
        sleep(Duration::from_secs(30));
        None
    };
    // each call nearly in time, all of them not
    let lazy: Temper = |request, answer| match request.is_array() {
        true => Some(("400 Bad Request", json!("one at a time"))),
        false => {
            sleep(Duration::from_millis(600));
            Some(("200 OK", answer))
        }
    };
    let case = Case::new();
    let (first, second) = (
        case.signed([1, 2], Dialect::default()),
        case.signed([1, 2], lower_case()),
    );
    let max_wait = Duration::from_millis(1000);
    for (temper, first_text) in [(silent, "chain_unavailable"), (lazy, "accepted")] {
        for (signature, expected) in [(&first, first_text), (&second, "chain_unavailable")] {
            let node = Node::serve(&case.chain, GETH, temper);
            let rpc = rpc(&node).with_max_wait(max_wait);
            let begun = Instant::now();
            assert_eq!(case.code(&rpc, signature), expected);
            let took = begun.elapsed();
            assert!(took < max_wait + Duration::from_millis(800), "{took:?}");
        }
    }
}
