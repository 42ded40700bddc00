//! Capabilities of CAIP-74 (CACAO): a wallet's signature over a sign-in text (CAIP-122, "Sign in
//! with X") that delegates chosen resources to another key. This crate has the model, every
//! encoding, and strict verification.
//!
//! # Where to look
//! - [`Cacao`], [`Payload`], [`Signature`]: the model, immutable and valid.
//! - [`AccountId`], [`ChainId`], [`Issuer`], [`Timestamp`]: its parts, read strictly, which keep
//!   their text.
//! - [`siwx`]: writes and reads the sign-in text that wallets sign; [`SignedText`]: such a text
//!   with its signature.
//! - [`Cacao::from_dag_cbor`], [`Cacao::from_json`], [`Cacao::from_car`] and their counterparts,
//!   and [`car`]: the encodings; [`Cacao::cid`], [`Cacao::identity`]: the names of a capability.
//! - Prove: [`Provers`] are trusted to say that an issuer signed; [`Proven`] is what they found.
//! - Judge: [`Policy`] has the rules that always apply, and [`Requirement`] what one call requires;
//!   [`VerifiedCacao`] is a capability that was accepted.
//! - Verify, which is to prove and to judge: [`Cacao::verify`], or [`Cacao::begin`] if a chain may
//!   have to be asked.
//! - [`recap`]: resources that grant abilities, and the words for them (ERC-5573).
//! - `KnownCapabilities` (with `std`): remembers proofs, so that a capability need not be proven
//!   again.
//!
//! # Chains
//! | chain | `s.t` | `h.t` | issuer | `s.s` | feature | specification |
//! |---|---|---|---|---|---|---|
//! | Ethereum and other chains of `eip155` | `eip191` | `eip4361`, `caip122` | `did:pkh:eip155:<chain>:0x…` | hex of 65 bytes r ‖ s ‖ v, or of 64 | `ethereum` (default) | EIP-4361, EIP-191, EIP-2098 |
//! | contract wallets of these chains | `eip1271` | `eip4361`, `caip122` | the same | hex of any length | `contract` | ERC-1271 |
//! | the same, not yet deployed | `eip6492` | `eip4361`, `caip122` | the same | hex of the wrapped signature | `contract` | ERC-6492 |
//! | Solana | `solana:ed25519` | `caip122` | `did:pkh:solana:<genesis hash, 32 characters>:<key>` | base58btc of 64 bytes | `solana` | CAIP-122, namespace solana |
//! | Tezos, `tz1` | `tezos:ed25519` | `caip122` | `did:pkh:tezos:<chain>:tz1…` | `edsig…` (or `sig…`), then `edpk…` | `tezos` | CAIP-122, namespace tezos |
//! | Tezos, `tz2` | `tezos:secp256k1` | `caip122` | `did:pkh:tezos:<chain>:tz2…` | `spsig1…` (or `sig…`), then `sppk…` | `tezos-ecdsa` | the same |
//! | Tezos, `tz3` | `tezos:p256` | `caip122` | `did:pkh:tezos:<chain>:tz3…` | `p2sig…` (or `sig…`), then `p2pk…` | `tezos-ecdsa` | the same |
//! | Stacks | `stacks:secp256k1` | `caip122` | `did:pkh:stacks:1:SP…`, `did:pkh:stacks:2147483648:ST…` | 130 hex digits: r ‖ s ‖ v | `stacks` | CAIP-122, namespace stacks; SIP-005 |
//! | passkeys | `webauthn:p256` | `caip122` | `did:key:zDn…` | base64url of DER (or of r ‖ s); `s.m.aad` | `webauthn` | WebAuthn level 3 |
//!
//! The prover of each kind, in the module of its name, documents what exactly is signed and which
//! spellings are read. A signature may be a byte string or a list of numbers instead of a text,
//! except for Tezos. The three labels of Ethereum accounts are one kind: what the bytes prove
//! decides, see [`AccountKind`]. A combination of header, signature kind and issuer namespace is
//! accepted only if one of the caller's provers claims it. A feature makes a prover available; only
//! the caller decides to trust it.
//!
//! # Adding a chain
//! To add a chain, write a [`Prover`] and, to make capabilities, something that signs. In this
//! example the address of an account is its Ed25519 key in hex.
//!
//! ```
//! use cacao::{
//!     Cacao, Claim, Error, Facts, HeaderType, Kind, Payload, Policy, Prover, Provers, Requirement,
//!     Signature, SignatureKind, SignatureValue, siwx,
//! };
//! use data_encoding::HEXLOWER;
//! use didkey::{Algorithm, Ed25519SigningKey, KeyType, PublicKey};
//!
//! /// Proves `example:ed25519` over the text of CAIP-122.
//! struct Example;
//!
//! impl Prover for Example {
//!     fn kinds(&self) -> &[Kind] {
//!         const { &[Kind::new(HeaderType::Caip122, "example:ed25519", "example")] }
//!     }
//!
//!     fn prove(&self, claim: &Claim<'_>) -> Result<Facts, Error> {
//!         // one spelling of the signature, of exact length
//!         let SignatureValue::Text(hex) = claim.signature().value() else {
//!             return Err(Error::MalformedSignature("it is not a text"));
//!         };
//!         let signature = HEXLOWER
//!             .decode(hex.as_bytes())
//!             .map_err(|_| Error::MalformedSignature("it is not valid lower-case hex"))?;
//!         // the key is the account's own
//!         let account = claim.payload().issuer().account().ok_or(Error::SignatureMismatch)?;
//!         let key = HEXLOWER
//!             .decode(account.address().as_bytes())
//!             .ok()
//!             .and_then(|bytes| PublicKey::from_bytes(KeyType::Ed25519, &bytes).ok())
//!             .ok_or(Error::Refused("the address is not a valid Ed25519 key in hex"))?;
//!         // every member of the payload is in the signed bytes, the issuer too
//!         let text = siwx::render_as("Example", claim.payload())?;
//!         key.verify(Algorithm::EdDsa, text.as_bytes(), &signature)
//!             .map_err(|_| Error::SignatureMismatch)?;
//!         Ok(Facts::of_text(siwx::Dialect::default()))
//!     }
//! }
//!
//! // its wallet
//! let key = Ed25519SigningKey::from_seed(&[7; 32]);
//! let address = HEXLOWER.encode(key.did_key().public_key().as_bytes());
//! let payload = Payload::builder(
//!     "app.example",
//!     format!("example:main:{address}").parse()?,
//!     "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
//!     "HPiCXGTXHI",
//!     "2023-04-06T16:15:19.058Z".parse()?,
//! )
//! .build()?;
//! let text = siwx::render_as("Example", &payload)?;
//! let hex = HEXLOWER.encode(key.sign(text.as_bytes()).as_ref());
//! let kind = SignatureKind::new("example:ed25519")?;
//! let signature = Signature::new(kind, SignatureValue::Text(hex.into()), None)?;
//! let capability = Cacao::new(HeaderType::Caip122, payload, Some(signature));
//!
//! // receivers add the prover to those that they trust
//! let provers = Provers::none().with(Example)?;
//! let at = capability.payload().issued_at().unix_time();
//! let requirement = Requirement::for_domain("app.example");
//! let verified = capability.verify(&provers, &Policy::default(), &requirement, at)?;
//! assert!(verified.issuer().did().starts_with("did:pkh:example:main:"));
//! # Ok::<_, Error>(())
//! ```
//!
//! The crate is pure: it has no clock and no randomness, and stores nothing. It is `no_std` with
//! `alloc`.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

#[cfg(feature = "arbitrary")]
mod arbitrary;
mod caip;
mod cid_text;
mod codec;
mod dialect;
mod error;
pub mod json_numbers;
pub mod json_values;
mod judge;
mod limits;
mod model;
mod once;
#[cfg(all(feature = "parallel", not(target_family = "wasm")))]
pub mod parallel;
mod prove;
pub mod recap;
pub mod siwx;
#[cfg(feature = "proptest")]
pub mod strategies;
mod sync;
mod time;

pub use caip::{AccountId, ChainId, Issuer};
#[cfg(feature = "tezos")]
pub use codec::base58check;
#[cfg(feature = "stacks")]
pub use codec::c32check;
pub use codec::{MemberOrder, car};
pub use error::{Error, Field, Problem};
pub use judge::{
    ExactResources, Inquiry, IssuerProof, Judgement, Policy, Requirement, ResourceMatcher,
    VerifiedCacao,
};
pub use limits::{MAX_CAR_BLOCKS, MAX_ENCODED_LEN, MAX_RESOURCES, MAX_SIGNATURE_LEN, MAX_TEXT_LEN};
pub use model::{
    Cacao, HeaderType, Payload, PayloadBuilder, Signature, SignatureKind, SignatureValue,
};
#[cfg(feature = "contract")]
pub use prove::contract;
#[cfg(feature = "ethereum")]
pub use prove::eip191;
#[cfg(any(feature = "ethereum", feature = "stacks"))]
pub use prove::recovery;
#[cfg(feature = "solana")]
pub use prove::solana;
#[cfg(feature = "stacks")]
pub use prove::stacks;
#[cfg(feature = "tezos")]
pub use prove::tezos;
#[cfg(feature = "webauthn")]
pub use prove::webauthn;
pub use prove::{
    AccountKind, Block, CallOutcome, Claim, ContractWord, EthCall, Evidence, Facts, Kind,
    PasskeyFacts, Proven, Prover, Provers, Proving, Question,
};
#[cfg(feature = "std")]
pub use prove::{KnownCapabilities, KnownStats};
pub use siwx::SignedText;
pub use sync::{MaybeSend, MaybeSync};
pub use time::{Timestamp, UnixTime};

/// The examples of the README are compiled, too.
#[cfg(all(doctest, feature = "std", feature = "ethereum"))]
#[doc = include_str!("../README.md")]
struct Readme;
