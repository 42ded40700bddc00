//! CACAO: header, payload and signature together.

use super::{HeaderType, Payload, Signature};
use alloc::sync::Arc;
use core::fmt;

/// A Chain Agnostic CApability Object (CAIP-74), as it was read or made: nothing about it is
/// proven until [`Cacao::verify`] says so.
///
/// Immutable, and cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Cacao(Arc<Parts>);

#[derive(PartialEq, Eq)]
struct Parts {
    header: HeaderType,
    payload: Payload,
    signature: Option<Signature>,
}

impl Cacao {
    /// A capability from its parts.
    #[must_use]
    pub fn new(header: HeaderType, payload: Payload, signature: Option<Signature>) -> Self {
        Self(Arc::new(Parts {
            header,
            payload,
            signature,
        }))
    }

    /// `h.t`.
    #[must_use]
    pub fn header(&self) -> HeaderType {
        self.0.header
    }

    /// `p`.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.0.payload
    }

    /// `s`, absent from a capability that nobody signed yet.
    #[must_use]
    pub fn signature(&self) -> Option<&Signature> {
        self.0.signature.as_ref()
    }
}

impl fmt::Debug for Cacao {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cacao")
            .field("header", &self.header())
            .field("payload", self.payload())
            .field("signature", &self.signature())
            .finish()
    }
}
