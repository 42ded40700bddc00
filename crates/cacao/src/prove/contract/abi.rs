//! The few bytes of the contract ABI that are needed, by hand.

use crate::error::Error;
use crate::model::{SUFFIX, SUFFIX_LEN};
use alloc::vec::Vec;

const WORD: usize = 32;

/// `isValidSignature(bytes32,bytes)`: its selector, which is also the answer that means yes.
pub(super) const IS_VALID_SIGNATURE: [u8; 4] = [0x16, 0x26, 0xba, 0x7e];

/// The call `isValidSignature(digest, signature)`.
pub(super) fn is_valid_signature(digest: &[u8; 32], signature: &[u8]) -> Vec<u8> {
    let mut call = Vec::from(IS_VALID_SIGNATURE);
    call.extend_from_slice(digest);
    push_number(&mut call, 2 * WORD);
    push_bytes(&mut call, signature);
    call
}

/// A signature of a contract that is not deployed, or not ready: what must be called first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wrapped<'a> {
    /// Whom to call first: a factory that deploys the contract.
    pub(super) factory: [u8; 20],
    /// What to call it with.
    pub(super) factory_data: &'a [u8],
    /// The signature for the contract.
    pub(super) signature: &'a [u8],
}

impl<'a> Wrapped<'a> {
    /// Reads `abi.encode((address, bytes, bytes))` and the suffix, in the one encoding that
    /// [`to_bytes`](Self::to_bytes) writes.
    pub(super) fn from_bytes(bytes: &'a [u8]) -> Result<Self, Error> {
        Self::read(bytes)
            .filter(|wrapped| wrapped.to_bytes() == bytes)
            .ok_or(Error::MalformedSignature(
                "it is not a canonical wrapper of ERC-6492",
            ))
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let factory = bytes.get(WORD - 20..WORD)?.try_into().ok()?;
        let data_at = 3 * WORD;
        let factory_data = read_bytes(bytes, data_at)?;
        let signature_at = data_at + WORD + padded(factory_data.len());
        Some(Self {
            factory,
            factory_data,
            signature: read_bytes(bytes, signature_at)?,
        })
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&address(&self.factory));
        push_number(&mut bytes, 3 * WORD);
        push_number(&mut bytes, 4 * WORD + padded(self.factory_data.len()));
        push_bytes(&mut bytes, self.factory_data);
        push_bytes(&mut bytes, self.signature);
        bytes.extend(SUFFIX.iter().cycle().take(SUFFIX_LEN));
        bytes
    }
}

/// An address as a word.
pub(super) fn address(address: &[u8; 20]) -> [u8; 32] {
    let mut word = [0; WORD];
    let (_, low) = word.split_at_mut(WORD - 20);
    low.copy_from_slice(address);
    word
}

/// A number as a word.
pub(super) fn push_number(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&[0; WORD - 8]);
    out.extend_from_slice(&(number as u64).to_be_bytes());
}

fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    push_number(out, bytes.len());
    out.extend_from_slice(bytes);
    out.resize(out.len() + padded(bytes.len()) - bytes.len(), 0);
}

/// Length and bytes at this place; the padding is not looked at.
fn read_bytes(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let (number, rest) = bytes.get(at..)?.split_first_chunk::<WORD>()?;
    let (high, low) = number.split_last_chunk::<8>().map(|(h, l)| (h, *l))?;
    let len = usize::try_from(u64::from_be_bytes(low)).ok()?;
    rest.get(..len).filter(|_| high.iter().all(|b| *b == 0))
}

const fn padded(len: usize) -> usize {
    len.div_ceil(WORD) * WORD
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_call_to_the_letter() {
        let call = is_valid_signature(&[0xaa; 32], &[0xbb; 33]);
        let mut expected = std::format!("1626ba7e{}", "aa".repeat(32));
        expected += &std::format!("{:064x}{:064x}", 0x40, 33);
        expected += &std::format!("{}{}", "bb".repeat(33), "00".repeat(31));
        assert_eq!(data_encoding::HEXLOWER.encode(&call), expected);
        assert_eq!(is_valid_signature(&[0; 32], &[]).len(), 4 + 3 * 32);
    }

    #[test]
    fn a_wrapper_to_the_letter() {
        let wrapped = Wrapped {
            factory: [0xfa; 20],
            factory_data: &[0xda; 32],
            signature: &[0x51; 64],
        };
        let mut hex = std::format!("{:0>64}{:064x}{:064x}", "fa".repeat(20), 0x60, 0xa0);
        hex += &std::format!("{:064x}{}", 32, "da".repeat(32));
        hex += &std::format!("{:064x}{}{}", 64, "51".repeat(64), "6492".repeat(16));
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
        assert_eq!(wrapped.to_bytes(), bytes);
        assert_eq!(Wrapped::from_bytes(&bytes).unwrap(), wrapped);
        // every byte counts but those of the three values
        let free = |at: usize| matches!(at, 12..32 | 128..160 | 192..256);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(Wrapped::from_bytes(&changed).is_ok(), free(at), "{at}");
            assert!(Wrapped::from_bytes(&bytes[..at]).is_err(), "{at}");
        }
        assert!(Wrapped::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
        assert!(Wrapped::from_bytes(&[&[0], &bytes[..]].concat()).is_err());
        // a padding that is not zero
        let short = Wrapped {
            signature: &[0x51; 63],
            ..wrapped
        };
        let mut padded = short.to_bytes();
        padded[255] = 1;
        assert!(Wrapped::from_bytes(&padded).is_err());
        let mut huge = bytes;
        huge[96..128].fill(0xff);
        assert!(Wrapped::from_bytes(&huge).is_err());
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(factory: [u8; 20], data: Vec<u8>, signature: Vec<u8>) {
            let wrapped = Wrapped { factory, factory_data: &data, signature: &signature };
            let bytes = wrapped.to_bytes();
            prop_assert_eq!(Wrapped::from_bytes(&bytes).unwrap(), wrapped);
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = Wrapped::from_bytes(&bytes);
        }
    }
}
