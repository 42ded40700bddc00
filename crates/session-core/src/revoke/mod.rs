//! Revocation: ending sessions before their time.
//!
//! # The statement
//! A *revocation statement* is a JWS in compact form by a session key, of at most
//! [`MAX_REVOCATION_LEN`] bytes. Its protected header has exactly four members:
//!
//! | member | |
//! |---|---|
//! | `alg` | the algorithm of the key |
//! | `kid` | the key: `did:key:<fingerprint>#<fingerprint>` |
//! | `cap` | the capability under which the key signs: `ipfs://` and its CID |
//! | `typ` | exactly [`REVOCATION_TYPE`] |
//!
//! `typ` tells revocation statements from everything else that session keys sign (RFC 8725, section
//! 3.11; the `application/` of the media type is left out, as RFC 7515, section 4.1.9 recommends):
//! [`DidSession::sign`](crate::DidSession::sign) does not sign it.
//!
//! The payload is a JSON object in the canonical form of RFC 8785, byte for byte, so that all
//! readers read the same. These are its members; it has exactly one of the last two:
//!
//! | member | |
//! |---|---|
//! | `iss` | the DID of the capability's issuer in its canonical spelling |
//! | `domain` | the site: exactly the domain of the capability |
//! | `iat` | when it was made, in whole seconds since 1970-01-01T00:00:00Z |
//! | `revoke` | the sessions that end: between one and [`MAX_REVOKED`] [identities](cacao::Cacao::identity), each as a CID in base32, sorted by their text, none twice |
//! | `all_before` | or this: all sessions end that the issuer signed for the domain with an `iat` at this time or earlier; in whole seconds, and not later than `iat` |
//!
//! ```json
//! {"domain":"app.example","iat":1680797719,"iss":"did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44","revoke":["bafyreigxtx4kzvrrxmxym2gzmtzxiujieatzqiyzqhcwysf6bo2f4pdsja"]}
//! ```
//!
//! # Which statements are accepted
//! - The JWS verifies under its capability, which the header names, and the capability holds when
//!   the statement is received, for a domain of the receiver. Issuer and domain are those of the
//!   capability. `iat` is not further in the future than the tolerance of the policy.
//! - A statement that revokes only the capability under which it is signed needs no more.
//! - Every other one needs a capability that grants [`REVOKE_RESOURCE`], to the letter and
//!   whatever the policy's matcher says, that the issuer signed in the last minutes (five, unless
//!   [`RevocationRules::with_max_login_age`] says otherwise; no tolerance for clocks), and that
//!   was not revoked itself. So a thief of a session key can end that session and no other.
//!
//! A revocation cannot be undone, and repeating it changes nothing.
//!
//! # How long it is kept
//! A capability is accepted until its `exp` plus the policy's tolerance. If a capability ends
//! itself, its `exp` is known, and its revocation is kept until then. The `exp` of another
//! capability is not known from its identity. If the policy has a
//! [longest lifetime](cacao::Policy::with_max_lifetime), the revocation is kept for that time,
//! counted from when the statement was received; without one it is kept forever. The same is true
//! of `all_before`, counted from its time. (If a capability is dated further into the future than
//! that, and is revoked by its identity before it begins, it outlives its revocation.)

mod error;
mod judge;
mod statement;

pub use crate::revocations::{
    AcceptedRevocation, LedgerError, RevocationEntry, RevocationLedger, Revocations, Revoked,
};
pub use error::RevocationError;
pub use judge::{RevocationRules, judge_revocation};
pub(crate) use statement::{Claims, MAX_TIME, Scope};

/// `typ` of a revocation statement.
pub const REVOCATION_TYPE: &str = "did-session-revocation+jwt";

/// The resource that a capability must grant to revoke others than itself.
pub const REVOKE_RESOURCE: &str = "urn:did-session:revoke";

/// The largest number of bytes of a revocation statement.
pub const MAX_REVOCATION_LEN: usize = 16 << 10;

/// The largest number of identities in one revocation statement.
pub const MAX_REVOKED: usize = 64;
