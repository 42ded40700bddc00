//! Names and sizes of the convention (`docs/http.md`), each in one place.

use http::HeaderName;
use std::time::Duration;

/// The authentication scheme (RFC 9110, section 11.1).
pub const SCHEME: &str = "DIDSession";

/// Carries a nonce from the server to the client, as `DPoP-Nonce` does (RFC 9449, section 8).
pub const NONCE_HEADER: HeaderName = HeaderName::from_static("did-session-nonce");

/// Carries the capability itself, as a CAR in base64url.
pub const CAPABILITY_HEADER: HeaderName = HeaderName::from_static("did-session-capability");

/// The digest of the content (RFC 9530, section 2).
pub const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// Says that a request came as TLS early data (RFC 8470, section 5.1).
pub const EARLY_DATA: HeaderName = HeaderName::from_static("early-data");

/// Media type of a CAR.
pub const CAR_TYPE: &str = "application/vnd.ipld.car";

/// Media type of a compact JWS.
pub const JOSE_TYPE: &str = "application/jose";

/// Media type of a refusal (RFC 9457, section 3).
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// Header fields that ask a server to take another method for that of the request.
pub(crate) const METHOD_OVERRIDES: [HeaderName; 3] = [
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-method-override"),
];

/// The largest number of bytes of a proof.
pub const MAX_PROOF_LEN: usize = 1024;

/// The largest number of bytes of path and query of a request, with the `?` between them.
pub const MAX_TARGET_LEN: usize = 8 << 10;

/// The largest number of bytes of a capability in the body of a registration.
pub const MAX_CAR_LEN: usize = 64 << 10;

/// The largest number of bytes of a capability in [`CAPABILITY_HEADER`].
pub const MAX_CAPABILITY_HEADER_LEN: usize = 4 << 10;

/// How old a proof without a nonce may be.
pub const MAX_AGE: Duration = Duration::from_secs(60);

/// How far in the future a proof without a nonce may be.
pub const MAX_AHEAD: Duration = Duration::from_secs(5);

/// How long a slot of nonces lasts. A nonce is accepted in its own slot and the two after it.
pub const NONCE_SLOT: Duration = Duration::from_secs(30);

/// In how many slots a nonce is accepted.
pub(crate) const NONCE_SLOTS: u64 = 3;

/// How long a login challenge is accepted.
pub const CHALLENGE_LIFE: Duration = Duration::from_secs(600);
