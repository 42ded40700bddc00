//! EIP-55: the checksum that stands in the letter case of an Ethereum address.

use sha3::{Digest, Keccak256};

/// Appends `0x` and the address in checksum case.
pub(crate) fn push_checksum_case(out: &mut alloc::string::String, address: &[u8; 20]) {
    const LOWER: &[u8; 16] = b"0123456789abcdef";
    let mut hex = [0_u8; 40];
    for (pair, byte) in hex.chunks_exact_mut(2).zip(address) {
        for (digit, nibble) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
            *digit = LOWER[usize::from(nibble)];
        }
    }
    let hash = Keccak256::digest(hex);
    out.push_str("0x");
    for (i, digit) in hex.iter().enumerate() {
        let nibble = hash[i / 2] >> (if i % 2 == 0 { 4 } else { 0 }) & 15;
        let upper = nibble >= 8;
        out.push(char::from(if upper {
            digit.to_ascii_uppercase()
        } else {
            *digit
        }));
    }
}

/// The twenty bytes of `0x` and forty hex digits of any case.
pub(crate) fn parse_address(text: &str) -> Option<[u8; 20]> {
    let hex = text.strip_prefix("0x")?;
    let mut bytes = [0_u8; 20];
    let len = base16ct::mixed::decode(hex, &mut bytes).ok()?.len();
    (len == bytes.len()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The addresses of EIP-55's own test section.
    #[test]
    fn published_cases() {
        for expected in [
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
            "0xde709f2102306220921060314715629080e2fb77",
            "0x27b1fdb04752bbc536007a920d24acb045561c26",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            let address = parse_address(&expected.to_ascii_lowercase()).unwrap();
            let mut written = alloc::string::String::new();
            push_checksum_case(&mut written, &address);
            assert_eq!(written, expected);
        }
    }
}
