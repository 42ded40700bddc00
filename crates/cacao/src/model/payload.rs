//! CAIP-74 payload: who delegates what to whom, and until when.

use super::PayloadBuilder;
use crate::caip::Issuer;
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// `p`, what the issuer signs. Immutable and valid: made by [`Payload::builder`] or by a decoder.
///
/// Texts hold no control character (so that one signed text stands for one payload only) and are
/// not empty; dates are RFC 3339 and keep their text; `version` is always `1`, the only one that
/// is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    pub(super) domain: Box<str>,
    pub(super) issuer: Issuer,
    pub(super) audience: Box<str>,
    pub(super) nonce: Box<str>,
    pub(super) issued_at: Timestamp,
    pub(super) not_before: Option<Timestamp>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) statement: Option<Box<str>>,
    pub(super) request_id: Option<Box<str>>,
    /// `None` where the member is absent, which encodes otherwise than an empty list.
    pub(super) resources: Option<Vec<Box<str>>>,
}

impl Payload {
    /// `p.version`, the only one that CAIP-74 defines.
    pub const VERSION: &str = "1";

    /// Starts a payload from the members that every one has.
    ///
    /// `domain` is who asks (usually a host, yet any text without control characters is read),
    /// `audience` is to whom it is delegated (URI text; sessions demand a `did:key`).
    ///
    /// ```
    /// use cacao::{Payload, Timestamp};
    ///
    /// let payload = Payload::builder(
    ///     "app.example",
    ///     "did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?,
    ///     "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
    ///     "HPiCXGTXHI",
    ///     "2023-04-06T16:15:19.058Z".parse()?,
    /// )
    /// .expires_at("2023-04-13T16:15:19.058Z".parse()?)
    /// .resources(["ceramic://*"])
    /// .build()?;
    /// assert_eq!(payload.resources().collect::<Vec<_>>(), ["ceramic://*"]);
    /// # Ok::<_, cacao::Error>(())
    /// ```
    pub fn builder(
        domain: &str,
        issuer: Issuer,
        audience: &str,
        nonce: &str,
        issued_at: Timestamp,
    ) -> PayloadBuilder {
        PayloadBuilder::new(domain, issuer, audience, nonce, issued_at)
    }

    /// `domain`: who asked for the signature.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// `iss`: who delegates.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// `aud`: to whom it is delegated, as URI text.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// `version`, always `1`.
    #[must_use]
    pub const fn version(&self) -> &'static str {
        Self::VERSION
    }

    /// `nonce`: makes each signature its own.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// `iat`: when it was issued.
    #[must_use]
    pub const fn issued_at(&self) -> &Timestamp {
        &self.issued_at
    }

    /// `nbf`: before when it does not hold.
    #[must_use]
    pub const fn not_before(&self) -> Option<&Timestamp> {
        self.not_before.as_ref()
    }

    /// `exp`: after when it does not hold; without it, it never expires.
    #[must_use]
    pub const fn expires_at(&self) -> Option<&Timestamp> {
        self.expires_at.as_ref()
    }

    /// `statement`: what the user read.
    #[must_use]
    pub fn statement(&self) -> Option<&str> {
        self.statement.as_deref()
    }

    /// `requestId`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// `resources`: what is granted, in the order that was signed; none where the member is
    /// absent.
    pub fn resources(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.resources
            .as_deref()
            .unwrap_or_default()
            .iter()
            .map(|r| &**r)
    }

    /// Whether the member `resources` is there, be it empty.
    #[must_use]
    pub const fn has_resource_list(&self) -> bool {
        self.resources.is_some()
    }
}
