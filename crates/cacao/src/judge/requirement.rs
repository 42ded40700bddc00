//! What one call requires of a capability.

use crate::caip::Issuer;
use crate::recap::Recap;
use crate::time::UnixTime;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

/// What a capability must have for one call to accept it; what is not set is not required.
///
/// It starts with the domain, because no caller may forget to refuse a capability that was signed
/// for another site: [`for_domain`](Self::for_domain), [`for_domains`](Self::for_domains), or
/// [`any_domain`](Self::any_domain) by name.
///
/// ```
/// use cacao::Requirement;
///
/// let requirement = Requirement::for_domain("app.example")
///     .with_issuer("eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?)
///     .with_audience("did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn")
///     .with_resources(["ceramic://*"]);
/// # Ok::<_, cacao::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Requirement {
    /// `None` where every domain will do.
    pub(super) domains: Option<Vec<String>>,
    pub(super) issuer: Option<Issuer>,
    pub(super) audience: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) resources: Vec<String>,
    pub(super) recap: Option<Recap>,
    pub(super) exact: bool,
    pub(super) margin: Duration,
    pub(super) min_remaining: Option<Duration>,
    pub(super) max_remaining: Option<Duration>,
    pub(super) latest_end: Option<UnixTime>,
}

impl Requirement {
    /// Signed for exactly this domain.
    pub fn for_domain(domain: impl Into<String>) -> Self {
        Self::for_domains([domain])
    }

    /// Signed for exactly one of these domains. An empty list accepts nothing.
    pub fn for_domains<D: Into<String>>(domains: impl IntoIterator<Item = D>) -> Self {
        Self {
            domains: Some(domains.into_iter().map(Into::into).collect()),
            ..Self::any_domain()
        }
    }

    /// Accepts any domain: for tools that look at capabilities of every site. A server that accepts
    /// any domain accepts what its users signed for other sites.
    pub const fn any_domain() -> Self {
        Self {
            domains: None,
            issuer: None,
            audience: None,
            nonce: None,
            request_id: None,
            resources: Vec::new(),
            recap: None,
            exact: false,
            margin: Duration::ZERO,
            min_remaining: None,
            max_remaining: None,
            latest_end: None,
        }
    }

    /// Issued by this issuer.
    pub fn with_issuer(mut self, issuer: Issuer) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// Issued by whomever.
    pub fn without_issuer(mut self) -> Self {
        self.issuer = None;
        self
    }

    /// Delegating to exactly this audience.
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Answering this challenge (`nonce`).
    pub fn with_nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// Answering the request of this id (`requestId`).
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// Granting at least these resources; the policy says how one covers another.
    pub fn with_resources<R: Into<String>>(
        mut self,
        resources: impl IntoIterator<Item = R>,
    ) -> Self {
        self.resources = resources.into_iter().map(Into::into).collect();
        self
    }

    /// Granting at least the abilities of this ReCap, by its proofs: in the last resource, and
    /// translated by the signed statement (ERC-5573). A second one is merged with the first.
    ///
    /// ```
    /// use cacao::Requirement;
    /// use cacao::recap::Recap;
    ///
    /// let read = Recap::of("https://files.example/photos/", "crud/read")?;
    /// let requirement = Requirement::for_domain("app.example").with_recap(read);
    /// # Ok::<_, cacao::recap::RecapError>(())
    /// ```
    pub fn with_recap(mut self, recap: Recap) -> Self {
        self.recap = Some(match &self.recap {
            Some(first) => first.merge(&recap),
            None => recap,
        });
        self
    }

    /// Granting exactly the required resources, and no others.
    pub const fn with_exact_resources(mut self) -> Self {
        self.exact = true;
        self
    }

    /// Requires that the capability does not end soon: it must still hold after this time, or after
    /// a tenth of its lifetime if that is shorter, without any skew.
    pub const fn with_margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }

    /// Holding for at least this long from now on. No skew is granted here.
    pub const fn with_min_remaining(mut self, remaining: Duration) -> Self {
        self.min_remaining = Some(remaining);
        self
    }

    /// Ending within this time from now on.
    pub const fn with_max_remaining(mut self, remaining: Duration) -> Self {
        self.max_remaining = Some(remaining);
        self
    }

    /// Ending at this time or before.
    pub const fn with_latest_end(mut self, time: UnixTime) -> Self {
        self.latest_end = Some(time);
        self
    }

    /// Whether something is required that only a capability can meet: anything except the issuer
    /// and the audience, which can be the key itself.
    #[must_use]
    pub fn needs_a_capability(&self) -> bool {
        let anything = Self {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            ..Self::any_domain()
        };
        *self != anything
    }

    /// The issuer that is required, if one is.
    #[must_use]
    pub const fn issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref()
    }

    /// The abilities that are required, as a ReCap.
    #[must_use]
    pub const fn recap(&self) -> Option<&Recap> {
        self.recap.as_ref()
    }

    /// The resources that are required, except for the ReCap.
    #[must_use]
    pub fn resources(&self) -> &[String] {
        &self.resources
    }
}
