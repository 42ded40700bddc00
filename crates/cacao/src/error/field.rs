//! The members of a capability, as errors name them.

use core::fmt;

/// A member of a capability, named as on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// `h.t`, the header type.
    HeaderType,
    /// `p.domain`.
    Domain,
    /// `p.iss`, the issuer.
    Issuer,
    /// `p.aud`, the audience.
    Audience,
    /// `p.version`.
    Version,
    /// `p.nonce`.
    Nonce,
    /// `p.iat`, the time of issue.
    IssuedAt,
    /// `p.nbf`, the time before which it does not hold.
    NotBefore,
    /// `p.exp`, the time of expiry.
    ExpiresAt,
    /// `p.statement`.
    Statement,
    /// `p.requestId`.
    RequestId,
    /// `p.resources`.
    Resources,
    /// `p.scheme`, the scheme in front of the domain.
    Scheme,
    /// `Chain ID` of a sign-in text, which is a part of the issuer.
    ChainId,
    /// The name of the network in the first line of a sign-in text, which no capability holds.
    Network,
    /// `s.t`, the kind of the signature.
    SignatureKind,
    /// `s.s`, the signature.
    Signature,
    /// `s.m`, the signature's metadata.
    Metadata,
}

impl Field {
    /// The member's path on the wire, `p.iat` for example; for what has none, what it is.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::HeaderType => "h.t",
            Self::Domain => "p.domain",
            Self::Issuer => "p.iss",
            Self::Audience => "p.aud",
            Self::Version => "p.version",
            Self::Nonce => "p.nonce",
            Self::IssuedAt => "p.iat",
            Self::NotBefore => "p.nbf",
            Self::ExpiresAt => "p.exp",
            Self::Statement => "p.statement",
            Self::RequestId => "p.requestId",
            Self::Resources => "p.resources",
            Self::Scheme => "p.scheme",
            Self::ChainId => "Chain ID",
            Self::Network => "the name of the network",
            Self::SignatureKind => "s.t",
            Self::Signature => "s.s",
            Self::Metadata => "s.m",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path())
    }
}
