//! Solana's off-chain messages: the header that wallets put before a text, so that what they sign
//! can be no transaction. Version 0, in both layouts that are in use.

use alloc::vec::Vec;

const SIGNING_DOMAIN: &[u8; 16] = b"\xffsolana offchain";
const VERSION: u8 = 0;
/// Bytes of the header with one signer.
const HEADER: usize = SIGNING_DOMAIN.len() + 1 + 32 + 1 + 1 + 32 + 2;
/// Most bytes, header and all, that a hardware wallet takes.
const MAX_SHORT: usize = 1232;
/// Most bytes at all.
const MAX_LONG: usize = u16::MAX as usize;

/// The bytes that are signed for a text in the layout of the specification: signing domain (16
/// bytes), version, application domain (32), format, number of signers, the one signer (32), length
/// in two bytes, the lower first, and the text. `None` where the text is empty or too long.
///
/// The format follows from the text: 0 for printable ASCII, which has no
/// line breaks, and 1 for other UTF-8, both up to 1232 bytes with the header; 2 for what is longer,
/// up to 65535.
#[must_use]
pub fn offchain_message(application: &[u8; 32], signer: &[u8; 32], text: &str) -> Option<Vec<u8>> {
    let (format, len) = format_and_len(text, HEADER)?;
    Some(message(application, signer, text, format, len))
}

/// As [`offchain_message`], with format 0 for every text of ASCII, line breaks and all, and of
/// whatever length up to 65535 bytes: what hardware wallets sign, which can show such a text. The
/// specification has no line breaks in format 0, so that its other writers refuse them. `None` where
/// the text has other characters.
#[must_use]
pub fn ascii_offchain_message(
    application: &[u8; 32],
    signer: &[u8; 32],
    text: &str,
) -> Option<Vec<u8>> {
    let can_be_shown = |byte| matches!(byte, b' '..=b'~' | b'\n');
    let (_, len) = format_and_len(text, HEADER)?;
    text.bytes()
        .all(can_be_shown)
        .then(|| message(application, signer, text, 0, len))
}

fn message(application: &[u8; 32], signer: &[u8; 32], text: &str, format: u8, len: u16) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + text.len());
    bytes.extend_from_slice(SIGNING_DOMAIN);
    bytes.push(VERSION);
    bytes.extend_from_slice(application);
    bytes.extend_from_slice(&[format, 1]);
    bytes.extend_from_slice(signer);
    bytes.extend_from_slice(&len.to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// As [`offchain_message`], in the layout without application domain and signers.
#[must_use]
pub fn legacy_offchain_message(text: &str) -> Option<Vec<u8>> {
    let header = SIGNING_DOMAIN.len() + 1 + 1 + 2;
    let (format, len) = format_and_len(text, header)?;
    let mut bytes = Vec::with_capacity(header + text.len());
    bytes.extend_from_slice(SIGNING_DOMAIN);
    bytes.extend_from_slice(&[VERSION, format]);
    bytes.extend_from_slice(&len.to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
    Some(bytes)
}

/// The application domain of a site: its name, with zeros behind it, where that has room. Zeros alone
/// stand for no application.
pub(super) fn application_of(domain: &str) -> Option<[u8; 32]> {
    let mut application = [0; 32];
    let name = application.get_mut(..domain.len())?;
    name.copy_from_slice(domain.as_bytes());
    Some(application)
}

fn format_and_len(text: &str, header: usize) -> Option<(u8, u16)> {
    let whole = header.checked_add(text.len())?;
    let len = u16::try_from(text.len()).ok().filter(|len| *len > 0)?;
    let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let format = match (whole <= MAX_SHORT, is_printable) {
        (true, true) => 0,
        (true, false) => 1,
        (false, _) if whole <= MAX_LONG => 2,
        (false, _) => return None,
    };
    Some((format, len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn of_len(len: usize) -> String {
        let mut text = String::from("\n");
        text.extend(core::iter::repeat_n('a', len - 1));
        text
    }

    #[test]
    fn the_format_follows_from_the_text() {
        let format = |text: &str| legacy_offchain_message(text).map(|bytes| bytes[17]);
        assert_eq!(format("plain ~"), Some(0));
        assert_eq!(format("a\nb"), Some(1));
        assert_eq!(format("é"), Some(1));
        assert_eq!(format(&of_len(1212)), Some(1));
        assert_eq!(format(&of_len(1213)), Some(2));
        assert_eq!(format(&of_len(65_515)), Some(2));
        assert_eq!(format(&of_len(65_516)), None);
        assert_eq!(format(""), None);
        let format = |text: &str| offchain_message(&[0; 32], &[1; 32], text).map(|bytes| bytes[49]);
        assert_eq!(format("plain ~"), Some(0));
        assert_eq!(format(&of_len(1147)), Some(1));
        assert_eq!(format(&of_len(1148)), Some(2));
        assert_eq!(format(&of_len(65_450)), Some(2));
        assert_eq!(format(&of_len(65_451)), None);
    }

    #[test]
    fn a_hardware_wallet_has_format_0_for_all_that_it_can_show() {
        let of = |text: &str| ascii_offchain_message(&[2; 32], &[1; 32], text);
        for text in ["a\nb", &of_len(1148), &of_len(65_450)] {
            let mut bytes = offchain_message(&[2; 32], &[1; 32], text).unwrap();
            assert_ne!(bytes[49], 0);
            bytes[49] = 0;
            assert_eq!(of(text), Some(bytes));
        }
        for text in ["", "é", "a\r\nb", "a\tb", "\u{7f}", &of_len(65_451)] {
            assert_eq!(of(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_application_is_the_domain_where_that_has_room() {
        let mut named = [0; 32];
        named[..3].copy_from_slice(b"abc");
        assert_eq!(application_of("abc"), Some(named));
        assert_eq!(application_of(&"x".repeat(32)), Some([b'x'; 32]));
        assert_eq!(application_of(&"x".repeat(33)), None);
    }
}
