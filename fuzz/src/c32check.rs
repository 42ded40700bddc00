//! c32check: a checksum, and one text for a version and a payload.

use cacao::c32check;

/// Writes the bytes and reads them again; reads them as a text. Tells whether it was accepted.
pub fn laws(data: &[u8]) -> bool {
    written(data);
    std::str::from_utf8(data).is_ok_and(read)
}

fn written(data: &[u8]) {
    let Some((version, payload)) = data.split_first() else {
        return;
    };
    let payload = payload.get(..127).unwrap_or(payload);
    match c32check::encode(*version, payload) {
        Ok(text) => {
            let read = c32check::decode(&text).expect("its own text is accepted");
            assert_eq!(read, (*version, payload.to_vec()));
        }
        Err(error) => {
            assert!(*version > 31, "a version of five bits is written");
            crate::refused(&error, error.code());
        }
    }
}

fn read(text: &str) -> bool {
    match c32check::decode(text) {
        Ok((version, payload)) => {
            let again = c32check::encode(version, &payload);
            assert_eq!(again.expect("a version of five bits"), text);
            true
        }
        Err(error) => crate::refused(&error, error.code()),
    }
}
