//! What wallets and chains write: Base58Check and c32check, key files, answers of nodes.

use cacao::contract::{Evidence, json_rpc};
use cacao::{ChainId, base58check, c32check, solana, stacks, tezos};
use session_core::{AuthError, SolanaWallet, StacksWallet, TezosWallet};

/// Reads the bytes as every text that comes from a wallet or a chain, and writes them in both
/// codecs. Tells whether one of the readers accepted.
pub fn laws(data: &[u8]) -> bool {
    written(data);
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    // all of them, whatever the first one says
    let accepted = [
        c32(text),
        base58(text),
        tezos_texts(text),
        key_files(text),
        answers(text),
    ];
    accepted.contains(&true)
}

/// What is written is read again.
fn written(data: &[u8]) {
    let (version, payload) = match data.split_first() {
        Some((version, payload)) if payload.len() < 128 => (version & 31, payload),
        _ => return,
    };
    let text = c32check::encode(version, payload).expect("a version below 32");
    let read = c32check::decode(&text).expect("its own text is accepted");
    assert_eq!(read, (version, payload.to_vec()));

    let text = base58check::encode(&[version], payload);
    let mut buffer = vec![0; 1 + payload.len() + base58check::CHECKSUM_LEN];
    let read = base58check::decode(&[version], &text, &mut buffer);
    assert_eq!(read.expect("its own text is accepted"), payload);
}

fn c32(text: &str) -> bool {
    match c32check::decode(text) {
        Ok((version, payload)) => {
            let again = c32check::encode(version, &payload);
            assert_eq!(again.expect("a version below 32"), text);
            true
        }
        Err(error) => crate::refused(&error, error.code()),
    }
}

fn base58(text: &str) -> bool {
    let mut accepted = false;
    for len in [4, 24, 27, 40, 72, 128] {
        let mut buffer = vec![0; len];
        if let Ok(payload) = base58check::decode(&[], text, &mut buffer) {
            assert_eq!(base58check::encode(&[], payload), text);
            accepted = true;
        }
    }
    accepted
}

fn tezos_texts(text: &str) -> bool {
    let key = tezos::read_public_key(text);
    if let Ok(key) = &key {
        assert_eq!(base58check::encode(&tezos::EDPK, key), text);
    }
    let signature = tezos::read_signature(text);
    if let Ok(signature) = &signature {
        let writes = |prefix: &[u8]| base58check::encode(prefix, signature) == text;
        assert!(writes(&tezos::EDSIG) || writes(&tezos::SIG));
    }
    key.is_ok() || signature.is_ok()
}

/// A refusal never quotes what might have been a secret. Only what is one by its form is looked for,
/// a long run of letters, digits and commas: words of a message may stand in the input as well.
fn key_files(text: &str) -> bool {
    const SECRET_LEN: usize = 32;
    let secrets: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != ',')
        .filter(|run| run.len() >= SECRET_LEN)
        .collect();
    let chain = |id: &str| id.parse::<ChainId>().expect("a chain id");
    let told = |error: &AuthError| {
        let told = format!("{error} {error:?}");
        assert!(
            !secrets.iter().any(|secret| told.contains(secret)),
            "a message quotes a secret"
        );
        crate::refused(error, error.code())
    };
    let solana = SolanaWallet::from_keypair_file(text, &chain(solana::MAINNET));
    let tezos = TezosWallet::from_edsk(text, &chain(tezos::MAINNET));
    let stacks = StacksWallet::from_private_key(text, &chain(stacks::TESTNET));
    let accepted = [
        solana.map_or_else(|error| told(&error), |_| true),
        tezos.map_or_else(|error| told(&error), |_| true),
        stacks.map_or_else(|error| told(&error), |_| true),
    ];
    accepted.contains(&true)
}

fn answers(text: &str) -> bool {
    let outcome = match json_rpc::outcome(text) {
        Ok(_) => true,
        Err(error) => crate::refused(&error, error.code()),
    };
    let evidence = match Evidence::from_json(text) {
        Ok(evidence) => {
            let again = Evidence::from_json(&evidence.to_json());
            assert_eq!(again.expect("its own JSON is accepted"), evidence);
            true
        }
        Err(error) => crate::refused(&error, error.code()),
    };
    outcome || evidence
}
