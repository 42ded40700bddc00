//! A block of a chain, by which the answer of a contract is pinned.

use core::fmt;

/// A block of an Ethereum chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Block {
    /// By its number. Which block that is can change while it is young.
    Number(u64),
    /// By its hash, which names one block for ever.
    Hash([u8; 32]),
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Hash(hash) => {
                f.write_str("0x")?;
                hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}
