//! DID sessions for Rust: a wallet signs once, and so delegates to a session key, which then signs
//! for it, on chosen resources and for a limited time.
//!
//! A session is a key (`did:key`) and a capability (CACAO, CAIP-74) that delegates to it. Session
//! strings, capabilities and signatures are those of the npm packages `did-session`, `dids` and
//! `@didtools`, byte for byte.
//!
//! # Quickstart
//! Get a session (the wallet is asked), find it again (the wallet is not asked), sign a message,
//! and let somebody else verify it:
//!
//! ```
//! use did_session::cacao::{Cacao, Provers, Requirement, car::Car, eip191::Eip191};
//! use did_session::jws::{Jws, Verification};
//! use did_session::store::MemoryStore;
//! use did_session::{AuthMethod, Clock, EthereumWallet, Request, Sessions, SystemClock};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A wallet whose key is in this process; `EthereumAuth` plugs in any other signer.
//! let wallet = EthereumWallet::generate(&"eip155:1".parse()?)?;
//! // You name whose signatures count. `FsStore::open(directory)` would keep files.
//! let sessions = Sessions::new(MemoryStore::new(), Provers::none().with(Eip191)?);
//!
//! let request = Request::new("app.example", ["ceramic://*"]);
//! let session = sessions.get(&wallet, &request).await?;
//! assert!(sessions.has_session_for(wallet.issuer(), &request).await?);
//!
//! let message = session.create_jws(&json!({ "hello": "world" })).await?;
//!
//! // Elsewhere: the message, the capability, which site it was signed for, and who must have spoken.
//! let (message, capability) = (message.to_compact(), session.cacao().to_car_base64url());
//! let requirement = Requirement::for_domain("app.example").with_issuer(wallet.issuer().clone());
//! let verification = Verification::new(SystemClock.now(), requirement)
//!     .with_provers(Provers::none().with(Eip191)?)
//!     .with_capability(&Cacao::from_car(&Car::from_base64url(&capability)?)?);
//! let verified = Jws::parse(&message)?.verify(&verification)?;
//! assert_eq!(verified.payload(), br#"{"hello":"world"}"#);
//! # Ok(())
//! # }
//! ```
//!
//! `cargo run --example quickstart -p did-session` does the same, step by step, with a store on
//! disk.
//!
//! # Managing sessions
//! These are the examples of the JavaScript documentation, each with its Rust form.
//!
//! ## Persisted sessions
//! In a browser, the JavaScript package keeps sessions in IndexedDB. Here you choose the store:
//! [`store::FsStore`], [`store::MemoryStore`], or one of your own ([`SessionStore`]).
//!
//! ```js
//! if (await DIDSession.hasSessionFor(accountId, resources)) {
//!   console.log(`There is an active session for ${accountId}`)
//! }
//! const session = await DIDSession.get(accountId, authMethod, { resources })
//! await DIDSession.remove(accountId)
//! ```
//!
//! ```
//! # use did_session::cacao::{Provers, eip191::Eip191};
//! # use did_session::{AuthMethod, EthereumWallet, Request, Sessions, store::MemoryStore};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sessions = Sessions::new(MemoryStore::new(), Provers::none().with(Eip191)?);
//! # let auth_method = EthereumWallet::generate(&"eip155:1".parse()?)?;
//! # let account_id = auth_method.issuer();
//! # let mut lines = Vec::new();
//! let request = Request::new("app.example", ["ceramic://*"]);
//! if sessions.has_session_for(account_id, &request).await? {
//! # lines.push(
//!     format!("There is an active session for {account_id}")
//! # );
//! }
//! let session = sessions.get(&auth_method, &request).await?;
//! sessions.remove(account_id).await?;
//! # assert!(!sessions.has_session_for(account_id, &request).await?);
//! # Ok(())
//! # }
//! ```
//!
//! ## Lifecycle
//! ```js
//! session.hasSession      // is there a session?
//! session.isExpired       // has it expired?
//! session.authorizations  // for which resources?
//! session.expireInSecs    // for how many more seconds?
//! session.isAuthorized(['ceramic://*'])
//! ```
//!
//! A [`DidSession`] always has a session. Each of these methods has a twin that asks about another
//! time than now: [`is_expired_at`](DidSession::is_expired_at) and so on.
//!
//! ```
//! # use did_session::cacao::{Provers, eip191::Eip191};
//! # use did_session::{Context, DidSession, EthereumWallet, Request};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let auth_method = EthereumWallet::generate(&"eip155:1".parse()?)?;
//! # let request = Request::new("app.example", ["ceramic://*"]);
//! # let context = Context::with_system_clock(Provers::none().with(Eip191)?);
//! # let session = DidSession::authorize(&context, &auth_method, &request).await?;
//! assert!(!session.is_expired());
//! assert_eq!(session.authorizations().collect::<Vec<_>>(), ["ceramic://*"]);
//! assert!(session.expires_in().is_some_and(|left| left.as_secs() > 6 * 24 * 60 * 60));
//! assert!(session.is_authorized(["ceramic://*"]));
//! # Ok(())
//! # }
//! ```
//!
//! ## Serialization
//! ```js
//! const session = await DIDSession.authorize(authMethod, { resources, expiresInSecs: 86400 })
//! const sessionString = session.serialize()
//! // later, or elsewhere
//! const session2 = await DIDSession.fromSession(sessionString)
//! ```
//!
//! The session string holds the secret key: anyone who reads it has the session. Rust and
//! JavaScript each read what the other wrote.
//!
//! ```
//! # use did_session::cacao::{Provers, eip191::Eip191};
//! # use did_session::{Context, DidSession, EthereumWallet, Request};
//! # use std::time::Duration;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let auth_method = EthereumWallet::generate(&"eip155:1".parse()?)?;
//! // the clock, and whose signatures count
//! let context = Context::with_system_clock(Provers::none().with(Eip191)?);
//! let request = Request::new("app.example", ["ceramic://*"])
//!     .with_lifetime(Duration::from_secs(86_400));
//! let session = DidSession::authorize(&context, &auth_method, &request).await?;
//! let session_string = session.serialize();
//! // later, or elsewhere
//! let session2 = DidSession::from_session(&context, &session_string)?;
//! # assert_eq!(session2.id(), session.id());
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//! A feature makes code available, but trusts nobody: the caller names in [`cacao::Provers`] whose
//! signatures count, whatever else is in the build.
//!
//! | you want | feature |
//! |---|---|
//! | users with Ethereum accounts, by a local wallet or by a closure around any signer | `ethereum` (default) |
//! | users with Solana, Stacks or Tezos accounts, or passkeys | `solana`, `stacks`, `tezos`, `webauthn` |
//! | to verify Tezos accounts tz2 and tz3, too | `tezos-ecdsa` |
//! | users with contract wallets: their owner signs (`ContractAuth`), and their contract is asked ([`EthereumRpc`], [`verify_jws`]) | `contract` |
//! | to ask nodes of Ethereum chains (the module `nodes`); `https` needs a C compiler | `http`, `https` |
//! | sessions as files ([`store::FsStore`]) | `fs` (default) |
//! | sessions in the memory of this process ([`store::MemoryStore`]) | `memory` (default) |
//! | sessions in Redis or Valkey, and what servers of many processes share (`store::redis`); over TLS, which needs a C compiler | `redis`, `redis-tls` |
//! | sessions in PostgreSQL (`store::PostgresStore`), and what a server keeps between requests (the module `postgres`); over TLS, which needs a C compiler | `postgres`, `postgres-tls` |
//! | session keys in a PKCS#11 token, which they cannot leave (`store::Pkcs11Store`) | `pkcs11` |
//! | sessions sealed with a key in the token (`store::Pkcs11WrappingKey`) | `pkcs11-seal` |
//! | sessions encrypted at rest (sealed), over any of these stores (`store::SealedStore`) | `sealed` |
//! | sessions sealed with a key in the keyring of the system (`SealKey::from_keyring`), or in that of the Linux kernel | `keyring`, `keyutils` |
//! | faster signatures, for more memory and code | `precomputed-tables` (default) |
//! | curves by C libraries, the fastest; needs a C compiler | `native-curves` |
//! | to verify many JWS or capabilities at once, across the cores | `parallel` |
//!
//! The features `fs`, `http`, `redis`, `postgres`, `pkcs11` and `sealed` do nothing on wasm.
//!
//! # The crates behind it
//! [`didkey`], [`cacao`] and [`jws`] have no input and output and no clock, and store nothing. A
//! server that only verifies needs only these. It names the provers that it trusts and the domains
//! that it serves ([`cacao::Requirement::for_domain`]), and counts by [`cacao::Cacao::identity`].
#![cfg_attr(
    not(all(feature = "fs", feature = "memory")),
    allow(rustdoc::broken_intra_doc_links)
)]
#![forbid(unsafe_code)]

pub mod store;

pub use cacao;
pub use dag_jws as jws;
pub use didkey;
#[cfg(all(feature = "http", not(target_family = "wasm")))]
pub use ethereum_rpc as nodes;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
#[doc(inline)]
pub use session_core::SystemClock;
#[doc(inline)]
pub use session_core::{
    AlwaysHeld, AnswerProblem, AuthError, AuthMethod, Clock, Context, DidSession, Error,
    EthereumRpc, Event, EventKind, Evidence, EvidenceError, ExpectedSlot, ExportableKey, Lease,
    LeaseOwner, LeaseStore, LeaseTask, Leases, ListCursor, Listed, MAX_SEAL_LEN, ManualClock,
    NotUsable, Observer, Outage, Page, Pending, PreparedRevoke, Profile, ProfileError, PromptLock,
    PromptLockGuard, PromptLocks, RecordTag, Request, RequestWarning, Revocations, SealError,
    SealableStore, SealedRecord, SealedSlot, SessionKey, SessionRecord, SessionStore, Sessions,
    SignIn, SigningError, Slot, SlotId, StoreError, flow, revoke, server, settle, verify_jws,
};
/// The schemes behind the wallets, for a chain of your own.
#[doc(no_inline)]
pub use session_wallets as wallets;
#[cfg(feature = "contract")]
pub use session_wallets::{AnyAccountAuth, ContractAuth};
#[cfg(feature = "ethereum")]
pub use session_wallets::{EthereumAuth, EthereumWallet};
#[cfg(feature = "webauthn")]
pub use session_wallets::{PasskeyAssertion, PasskeyAuth};
#[cfg(feature = "solana")]
pub use session_wallets::{SolanaAuth, SolanaWallet};
#[cfg(feature = "stacks")]
pub use session_wallets::{StacksAuth, StacksWallet};
#[cfg(feature = "tezos")]
pub use session_wallets::{TezosAuth, TezosWallet};
/// Sessions and what a server keeps, in PostgreSQL.
#[cfg(all(feature = "postgres", not(target_family = "wasm")))]
pub use store_postgres as postgres;

/// The examples of the workspace's README are compiled, too.
#[cfg(all(doctest, feature = "ethereum", feature = "fs"))]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The examples of this crate's own README, too.
#[cfg(all(doctest, feature = "ethereum", feature = "fs"))]
#[doc = include_str!("../README.md")]
struct OwnReadme;
