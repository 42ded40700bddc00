//! Random nonces.

use crate::error::Error;

/// Twenty characters of `[A-Za-z0-9]` from the operating system: 119 bits.
pub(super) fn random_nonce() -> Result<String, Error> {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const LEN: usize = 20;
    let mut nonce = String::with_capacity(LEN);
    let mut random = [0_u8; 32];
    while nonce.len() < LEN {
        getrandom::fill(&mut random).map_err(|error| Error::Randomness {
            reason: error.to_string(),
        })?;
        // six bits choose among 64; two values are thrown away so that every letter is as likely
        let letters = random
            .iter()
            .filter_map(|byte| LETTERS.get(usize::from(byte & 63)));
        nonce.extend(
            letters
                .take(LEN - nonce.len())
                .map(|letter| char::from(*letter)),
        );
    }
    Ok(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_have_twenty_letters_and_differ() {
        let nonce = random_nonce().unwrap();
        assert_eq!(nonce.len(), 20);
        assert!(nonce.bytes().all(|b| b.is_ascii_alphanumeric()));
        assert_ne!(nonce, random_nonce().unwrap());
    }
}
