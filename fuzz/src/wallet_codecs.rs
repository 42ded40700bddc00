//! What wallets and chains write: keys and signatures of Tezos, key files, what was kept of a
//! contract's answer.

use cacao::{ChainId, Evidence, base58check, solana, stacks, tezos};
use session_core::AuthError;
use session_wallets::{SolanaWallet, StacksWallet, TezosWallet};

/// Reads the bytes as every text that comes from a wallet or a chain. Tells whether one of the
/// readers accepted.
pub fn laws(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    // all of them, whatever the first one says
    let accepted = [tezos_texts(text), key_files(text), evidence(text)];
    accepted.contains(&true)
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

fn evidence(text: &str) -> bool {
    match Evidence::from_json(text) {
        Ok(evidence) => {
            let again = Evidence::from_json(&evidence.to_json());
            assert_eq!(again.expect("its own JSON is accepted"), evidence);
            true
        }
        Err(error) => crate::refused(&error, error.code()),
    }
}
