//! Base58Check: a checksum, and one text for a payload.

use cacao::{base58check, tezos};

/// The prefixes that the crates read, and none at all.
const PREFIXES: [&[u8]; 8] = [
    &[],
    &tezos::EDPK,
    &tezos::EDSIG,
    &tezos::SIG,
    &tezos::SPPK,
    &tezos::P2PK,
    &tezos::SPSIG1,
    &tezos::P2SIG,
];

/// Writes the bytes and reads them again; reads them as a text. Tells whether it was accepted.
pub fn laws(data: &[u8]) -> bool {
    written(data);
    // all prefixes, whatever the first one says
    let accepted = std::str::from_utf8(data).map(|text| PREFIXES.map(|prefix| read(prefix, text)));
    accepted.is_ok_and(|accepted| accepted.contains(&true))
}

/// What is written is read again, in a buffer of its size, and not in one that is too small.
fn written(data: &[u8]) {
    let payload = data.get(..128).unwrap_or(data);
    for prefix in PREFIXES {
        let text = base58check::encode(prefix, payload);
        let len = prefix.len() + payload.len() + base58check::CHECKSUM_LEN;
        let mut buffer = vec![0; len];
        let read = base58check::decode(prefix, &text, &mut buffer);
        assert_eq!(read.expect("its own text is accepted"), payload);
        let mut buffer = vec![0; len - 1];
        assert!(base58check::decode(prefix, &text, &mut buffer).is_err());
    }
}

fn read(prefix: &[u8], text: &str) -> bool {
    let mut accepted = false;
    for len in [4, 24, 27, 40, 41, 71, 72, 73, 128] {
        let mut buffer = vec![0; len];
        match base58check::decode(prefix, text, &mut buffer) {
            Ok(payload) => {
                assert_eq!(base58check::encode(prefix, payload), text);
                accepted = true;
            }
            Err(error) => {
                crate::refused(&error, error.code());
            }
        }
    }
    accepted
}
