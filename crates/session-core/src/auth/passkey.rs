//! Passkeys as issuers: any authenticator by a closure.

use super::{AuthError, AuthMethod, AuthRequest};
use async_trait::async_trait;
use cacao::{Cacao, HeaderType, Issuer, MaybeSend, MaybeSync, Payload, webauthn};
use didkey::DidKey;
use std::fmt;
use std::future::Future;

/// What an authenticator answers, named as the members of WebAuthn's
/// `AuthenticatorAssertionResponse`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyAssertion {
    /// `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data_json: Vec<u8>,
    /// `signature`, in DER.
    pub signature: Vec<u8>,
}

/// A passkey (a P-256 key that an authenticator holds) by a closure: it gets the challenge, has
/// the passkey sign it (`navigator.credentials.get`), and answers with the assertion.
///
/// A passkey shows no text: the capability has no statement and no request id, and its `nbf` is
/// its `iat`. The RP id must be the session's domain, unless the policy names another.
///
/// ```
/// use session_core::{AuthError, PasskeyAssertion, PasskeyAuth};
///
/// # fn ask_authenticator(challenge: &[u8]) -> Result<PasskeyAssertion, std::io::Error> {
/// #     Err(std::io::ErrorKind::Unsupported.into())
/// # }
/// let passkey = "did:key:zDnaeQtZGYMpNdZhzoqXYCaj7wmJMqi9USVDmtRhfP6QiWmpY".parse()?;
/// let auth = PasskeyAuth::new(passkey, |challenge: Vec<u8>| async move {
///     ask_authenticator(&challenge).map_err(AuthError::failed)
/// });
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct PasskeyAuth<F> {
    issuer: Issuer,
    sign: F,
}

impl<F, Fut> PasskeyAuth<F>
where
    F: Fn(Vec<u8>) -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<PasskeyAssertion, AuthError>> + MaybeSend,
{
    /// A passkey by the `did:key` of its public key, known since its registration, and how it
    /// signs.
    pub const fn new(passkey: DidKey, sign: F) -> Self {
        Self {
            issuer: Issuer::Key(passkey),
            sign,
        }
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<F, Fut> AuthMethod for PasskeyAuth<F>
where
    F: Fn(Vec<u8>) -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<PasskeyAssertion, AuthError>> + MaybeSend,
{
    fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn authorize(&self, request: &AuthRequest) -> Result<Cacao, AuthError> {
        let payload = payload_of(request)?;
        let assertion = (self.sign)(webauthn::challenge(&payload)).await?;
        let signature = webauthn::signature(
            &assertion.authenticator_data,
            &assertion.client_data_json,
            &assertion.signature,
        )
        .map_err(AuthError::failed)?;
        Ok(Cacao::new(HeaderType::Caip122, payload, Some(signature)))
    }
}

impl<F> fmt::Debug for PasskeyAuth<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasskeyAuth")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// What a passkey signs of a request.
fn payload_of(request: &AuthRequest) -> Result<Payload, AuthError> {
    let asked = request.payload();
    let mut payload = Payload::builder(
        asked.domain(),
        asked.issuer().clone(),
        asked.audience(),
        asked.nonce(),
        asked.issued_at().clone(),
    )
    .not_before(asked.issued_at().clone());
    if let Some(exp) = asked.expires_at() {
        payload = payload.expires_at(exp.clone());
    }
    if asked.has_resource_list() {
        payload = payload.resources(asked.resources());
    }
    payload.build().map_err(AuthError::failed)
}
