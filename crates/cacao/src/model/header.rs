//! CAIP-74 header: which text format the payload is rendered in.

use crate::error::{Error, Field, Problem};
use core::fmt;

/// `h.t`, the registered header types of CAIP-74. The header is not part of the signed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum HeaderType {
    /// `eip4361`, Sign-in with Ethereum.
    Eip4361,
    /// `caip122`, Sign-in with X.
    Caip122,
}

impl HeaderType {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eip4361 => "eip4361",
            Self::Caip122 => "caip122",
        }
    }

    pub(crate) fn from_name(name: &str) -> Result<Self, Error> {
        match name {
            "eip4361" => Ok(Self::Eip4361),
            "caip122" => Ok(Self::Caip122),
            _ => Err(Error::field(Field::HeaderType, Problem::Unregistered)),
        }
    }
}

impl fmt::Display for HeaderType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
