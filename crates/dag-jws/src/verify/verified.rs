//! A JWS that was accepted: only this crate makes one.

use crate::header::ProtectedHeader;
use crate::json::StrictJson;
use alloc::string::String;
use alloc::vec::Vec;
use cacao::{Issuer, UnixTime, VerifiedCacao};
use didkey::DidKey;

/// The principal for whom the payload was signed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Principal {
    /// The key itself: no capability was judged, or the caller required this key.
    Key(DidKey),
    /// An issuer, for whom the key signed under a capability. Unless the caller required this
    /// issuer, [`VerifiedCacao::issuer_proof`] says how certain it is.
    #[non_exhaustive]
    OnBehalf {
        /// The issuer that delegated to the key.
        issuer: Issuer,
        /// The key that signed.
        key: DidKey,
        /// The delegation, as it was judged.
        capability: VerifiedCacao,
    },
}

impl Principal {
    /// The DID of the principal: the issuer's, or the key's when it signed for itself.
    #[must_use]
    pub fn did(&self) -> String {
        match self {
            Self::Key(key) => key.as_str().into(),
            Self::OnBehalf { issuer, .. } => issuer.did(),
        }
    }

    /// The key that signed.
    #[must_use]
    pub const fn key(&self) -> &DidKey {
        match self {
            Self::Key(key) | Self::OnBehalf { key, .. } => key,
        }
    }

    /// The issuer that delegated, if there is one.
    #[must_use]
    pub const fn issuer(&self) -> Option<&Issuer> {
        match self {
            Self::Key(_) => None,
            Self::OnBehalf { issuer, .. } => Some(issuer),
        }
    }
}

/// A JWS that was accepted, and how it was judged.
///
/// Only [`Jws::verify`](crate::Jws::verify) and the DagJWS methods make one.
#[derive(Clone, Debug)]
pub struct VerifiedJws {
    pub(super) payload: Vec<u8>,
    pub(super) header: ProtectedHeader,
    pub(super) principal: Principal,
    pub(super) capability: Option<VerifiedCacao>,
    pub(super) at: UnixTime,
}

impl VerifiedJws {
    /// The payload that was signed, decoded.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload that was signed, by value.
    #[must_use]
    pub fn into_payload(self) -> Vec<u8> {
        self.payload
    }

    /// The payload as JSON, if it is JSON that every reader reads alike: see [`StrictJson`].
    #[must_use]
    pub fn payload_json(&self) -> Option<serde_json::Value> {
        let read = StrictJson::from_slice(&self.payload).ok()?;
        Some(read.into_value())
    }

    /// The header that was signed.
    #[must_use]
    pub const fn header(&self) -> &ProtectedHeader {
        &self.header
    }

    /// The key that signed.
    #[must_use]
    pub const fn key(&self) -> &DidKey {
        self.principal.key()
    }

    /// The principal for whom it was signed.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The capability that was judged, if one was supplied.
    #[must_use]
    pub const fn capability(&self) -> Option<&VerifiedCacao> {
        self.capability.as_ref()
    }

    /// Whether the signed header names the capability that was judged; if it does not, the key
    /// never said that it signs under this capability.
    #[must_use]
    pub fn is_capability_bound(&self) -> bool {
        self.capability.is_some() && self.header.capability().is_some()
    }

    /// The time at which it was judged.
    #[must_use]
    pub const fn judged_at(&self) -> UnixTime {
        self.at
    }
}
