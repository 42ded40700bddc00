//! What this one call expects of a capability.

use crate::caip::Issuer;
use alloc::string::String;
use alloc::vec::Vec;

/// What must stand in the capability for this call to accept it; what is not set is not asked.
///
/// ```
/// use cacao::Expected;
///
/// let expected = Expected::anything()
///     .issuer("eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?)
///     .audience("did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn")
///     .resources(["ceramic://*"]);
/// # Ok::<_, cacao::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Expected {
    pub(super) issuer: Option<Issuer>,
    pub(super) audience: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) resources: Vec<String>,
}

impl Expected {
    /// Nothing in particular: whoever issued it, to whomever.
    pub fn anything() -> Self {
        Self::default()
    }

    /// Issued by this issuer.
    pub fn issuer(mut self, issuer: Issuer) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// Delegating to this audience, to the letter.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Signed for this domain, to the letter.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Answering this challenge.
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// Granting at least these resources; the policy says how one covers another.
    pub fn resources<R: Into<String>>(mut self, resources: impl IntoIterator<Item = R>) -> Self {
        self.resources = resources.into_iter().map(Into::into).collect();
        self
    }

    /// The issuer asked for, if one is.
    #[must_use]
    pub const fn expected_issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref()
    }
}
