//! The client's side: a proof for each request, and what to do about a refusal.
//!
//! ```
//! use http::Request;
//! use session_core::{DidSession, SessionKey};
//! use session_http::client::{ClientError, Content, ProofSigner};
//!
//! async fn ask<K: SessionKey>(session: DidSession<K>) -> Result<Request<String>, ClientError> {
//!     let signer = ProofSigner::new(session);
//!     let mut request = Request::post("https://notes.example.com/api/notes?limit=10")
//!         .header("content-type", "application/json")
//!         .body(r#"{"text":"hello"}"#.to_owned())
//!         .map_err(ClientError::Request)?;
//!     let content = request.body().clone();
//!     signer.prove(&mut request, Content::Bytes(content.as_bytes())).await?;
//!     Ok(request)
//! }
//! ```

mod advice;
mod send;

pub use advice::Advice;
pub use send::Transport;

use crate::digest::{Covered, STREAM, content_digest};
use crate::mac::seconds;
use crate::names::{CAR_TYPE, CONTENT_DIGEST, MAX_PROOF_LEN, NONCE_HEADER, SCHEME};
use crate::proof::{Unsigned, finish, is_nonce};
use crate::target::{Origin, OriginError};
use cacao::car::Car;
use data_encoding::BASE64URL_NOPAD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Uri};
use session_core::{DidSession, SessionKey, SigningError};
use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// No content. Empty content counts as none.
    Nothing,
    /// These bytes, exactly as they are sent.
    Bytes(&'a [u8]),
    /// A stream, which the proof does not cover: servers accept it only on routes that say so.
    Stream,
}

/// Why a transport has no answer.
pub type TransportError = Box<dyn StdError + Send + Sync>;

/// Why a request was not proven or not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The session has expired: log in again.
    #[error("the session has expired: log in again")]
    Expired,
    /// The target is not an absolute URI in the spelling that is sent.
    #[error(
        "the target of the request is not an absolute http or https URI, so it cannot be proven"
    )]
    Target(#[source] OriginError),
    /// The key cannot make proofs; only keys on Ed25519 and P-256 can.
    #[error("the session key cannot make proofs: it must be of the kind Ed25519 or P-256")]
    Key,
    /// The custodian of the key did not sign.
    #[error("the session key did not sign")]
    Signing(#[source] SigningError),
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness: {0}")]
    Randomness(String),
    /// The request cannot be built.
    #[error("the request cannot be built")]
    Request(#[source] http::Error),
    /// The request was not sent, or its answer did not arrive.
    #[error("the request was not answered")]
    Transport(#[source] TransportError),
}

/// Makes the proofs of a session, and keeps the nonces that servers issued.
pub struct ProofSigner<K: ?Sized> {
    session: DidSession<K>,
    /// By origin.
    nonces: Mutex<HashMap<String, String>>,
    registration: String,
}

impl<K: SessionKey + ?Sized> ProofSigner<K> {
    /// Where capabilities are registered, by default.
    pub const REGISTRATION: &'static str = "/session/capability";

    /// For this session.
    #[must_use]
    pub fn new(session: DidSession<K>) -> Self {
        Self {
            session,
            nonces: Mutex::default(),
            registration: Self::REGISTRATION.to_owned(),
        }
    }

    /// Registers the capability at this path of an origin.
    #[must_use]
    pub fn with_registration_at(mut self, path: impl Into<String>) -> Self {
        self.registration = path.into();
        self
    }

    /// The session.
    #[must_use]
    pub const fn session(&self) -> &DidSession<K> {
        &self.session
    }

    /// Proves a request: sets `Authorization`, and `Content-Digest` if there is content. URI,
    /// method and `Content-Type` are proven and must be sent unchanged, to the origin of the URI
    /// and no other: no redirect may be followed.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn prove<B>(
        &self,
        request: &mut Request<B>,
        content: Content<'_>,
    ) -> Result<(), ClientError> {
        self.check_expiry()?;
        let origin = Origin::of_uri(request.uri()).map_err(ClientError::Target)?;
        let digest = match content {
            Content::Nothing => None,
            Content::Bytes([]) => None,
            Content::Bytes(bytes) => Some(content_digest(bytes)),
            Content::Stream => Some(STREAM.to_owned()),
        };
        let content_type = request.headers().get(CONTENT_TYPE);
        let covered = Covered {
            method: request.method().as_str(),
            origin: origin.as_str(),
            path_and_query: request
                .uri()
                .path_and_query()
                .map_or("/", |path| path.as_str()),
            content: digest
                .as_deref()
                .map(|digest| (digest, content_type.map(HeaderValue::as_bytes))),
        };
        let nonce = self.nonces().get(origin.as_str()).cloned();
        let proof = self.proof(&covered.to_htd(), nonce.as_deref()).await?;
        let mut value = HeaderValue::try_from(format!("{SCHEME} {proof}"))
            .map_err(|error| ClientError::Request(error.into()))?;
        value.set_sensitive(true);
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, value);
        headers.remove(CONTENT_DIGEST);
        if let Some(digest) = digest.filter(|digest| digest != STREAM) {
            let digest = HeaderValue::try_from(digest);
            let digest = digest.map_err(|error| ClientError::Request(error.into()))?;
            headers.insert(CONTENT_DIGEST, digest);
        }
        Ok(())
    }

    async fn proof(&self, htd: &str, nonce: Option<&str>) -> Result<String, ClientError> {
        let mut random = [0; 12];
        getrandom::fill(&mut random).map_err(|error| ClientError::Randomness(error.to_string()))?;
        let unsigned = Unsigned {
            key: self.session.key_did(),
            capability: &self.session.cacao().cid(),
            htd,
            iat: seconds(self.session.context().clock().now()),
            jti: &BASE64URL_NOPAD.encode(&random),
            nonce,
        };
        let input = unsigned.signing_input().ok_or(ClientError::Key)?;
        let key = self.session.key();
        let signature = key
            .sign(input.as_bytes())
            .await
            .map_err(ClientError::Signing)?;
        self.session.signed().map_err(|_| ClientError::Expired)?;
        let proof = finish(input, signature.as_bytes());
        debug_assert!(proof.len() <= MAX_PROOF_LEN, "a proof is short");
        Ok(proof)
    }

    fn check_expiry(&self) -> Result<(), ClientError> {
        self.session
            .check_expiry()
            .map_err(|_| ClientError::Expired)
    }

    /// The request that registers the capability with the origin of a URI, proven.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn registration(&self, of: &Uri) -> Result<Request<Vec<u8>>, ClientError> {
        self.post_capability(of, &self.registration).await
    }

    /// The request that logs in by the capability at this path of the origin of a URI, proven.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn post_capability(
        &self,
        of: &Uri,
        path: &str,
    ) -> Result<Request<Vec<u8>>, ClientError> {
        let origin = Origin::of_uri(of).map_err(ClientError::Target)?;
        let capability = self.session.cacao();
        let cid = capability.cid();
        let car = Car::new(cid, vec![(cid, capability.to_dag_cbor())]).to_bytes();
        let mut request = Request::post(format!("{origin}{path}"))
            .header(CONTENT_TYPE, CAR_TYPE)
            .body(car.clone())
            .map_err(ClientError::Request)?;
        self.prove(&mut request, Content::Bytes(&car)).await?;
        Ok(request)
    }

    /// Remembers the nonce in a response of this origin, if there is one. Later proofs have it. What
    /// has not the form of a nonce is not one: a proof that has it would be refused, or be too long.
    pub fn learn(&self, from: &Uri, headers: &HeaderMap) -> bool {
        let nonce = headers
            .get(NONCE_HEADER)
            .and_then(|nonce| nonce.to_str().ok())
            .filter(|nonce| is_nonce(nonce));
        let (Some(nonce), Ok(origin)) = (nonce, Origin::of_uri(from)) else {
            return false;
        };
        let origin = origin.as_str().to_owned();
        self.nonces().insert(origin, nonce.to_owned()).as_deref() != Some(nonce)
    }

    /// Forgets the nonce of an origin, which may have ended.
    pub(crate) fn forget_nonce(&self, of: &Uri) {
        if let Ok(origin) = Origin::of_uri(of) {
            self.nonces().remove(origin.as_str());
        }
    }

    // nobody panics while holding it; were it so, each nonce is still whole
    fn nonces(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: SessionKey + ?Sized> fmt::Debug for ProofSigner<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProofSigner")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}
