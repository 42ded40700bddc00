//! What a crate of the build enables changes no verdict of another: whose signatures count is what
//! the caller names.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use cacao::Cacao;
use serde_json::Value;
use std::collections::BTreeSet;

/// The public vectors: capabilities of every kind, sound and spoiled.
fn capabilities() -> Vec<Cacao> {
    let file = include_str!("../../../crates/cacao/tests/vectors/cacaos.json");
    let file: Value = serde_json::from_str(file).unwrap();
    let cases = file["cases"].as_array().unwrap().iter();
    cases
        .filter_map(|case| Cacao::from_json(&case["cacao"].to_string()).ok())
        .collect()
}

fn kind(capability: &Cacao) -> Option<&str> {
    Some(capability.signature()?.kind().as_str())
}

#[test]
fn a_feature_of_one_crate_changes_no_verdict_of_another() {
    let (mut by_neighbour, mut by_server) = (BTreeSet::new(), BTreeSet::new());
    let capabilities = capabilities();
    for capability in &capabilities {
        let payload = capability.payload();
        let (domain, at) = (payload.domain(), payload.issued_at().unix_time());
        let Some(kind) = kind(capability) else {
            continue;
        };
        let server = trust_server::verdict(capability, domain, at);
        let neighbour = trust_tests::verdict(capability, domain, at);
        if neighbour == "accepted" {
            by_neighbour.insert(kind);
        }
        if server == "accepted" {
            by_server.insert(kind);
        }
        // both trust the keys of these accounts, under each label
        if payload.issuer().namespace() == "eip155" {
            assert_eq!(server, neighbour, "{capability:?}");
        } else {
            assert_eq!(server, "unsupported_kind", "{capability:?}");
        }
    }
    // the features are in the build indeed
    for kind in [
        "eip191",
        "solana:ed25519",
        "stacks:secp256k1",
        "tezos:ed25519",
        "webauthn:p256",
    ] {
        assert!(by_neighbour.contains(kind), "{kind} is not compiled in");
    }
    assert_eq!(by_server, BTreeSet::from(["eip191", "eip1271"]));
    let kinds = trust_server::provers().unwrap();
    assert!(kinds.kinds().count() < cacao::Provers::all_compiled_in().kinds().count());
}
