//! Passkeys as issuers: any authenticator by a closure.

use crate::{Scheme, Signer};
use cacao::{Issuer, MaybeSend, MaybeSync, Payload, Signature, webauthn};
use didkey::DidKey;
use session_core::AuthError;
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
/// use session_core::AuthError;
/// use session_wallets::{PasskeyAssertion, PasskeyAuth};
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
pub type PasskeyAuth<F> = Signer<Passkey, F>;

/// The scheme of passkeys: an assertion of WebAuthn over the challenge that stands for the
/// capability.
#[derive(Clone, Copy, Debug)]
pub struct Passkey;

impl Scheme for Passkey {
    type Message = Vec<u8>;
    type Answer = PasskeyAssertion;
    const NAMESPACE: &'static str = "did:key";

    /// Without statement and request id; `nbf` is `iat`.
    fn payload(&self, asked: &Payload) -> Result<Payload, AuthError> {
        let mut payload = Payload::builder(
            asked.domain(),
            asked.issuer().clone(),
            asked.audience(),
            asked.nonce(),
            asked.issued_at().clone(),
        )
        .with_not_before(asked.issued_at().clone());
        if let Some(exp) = asked.expires_at() {
            payload = payload.with_expires_at(exp.clone());
        }
        if asked.has_resource_list() {
            payload = payload.with_resources(asked.resources());
        }
        payload.build().map_err(AuthError::failed)
    }

    fn message(&self, payload: &Payload) -> Result<Vec<u8>, AuthError> {
        Ok(webauthn::challenge(payload))
    }

    fn signature(&self, answer: PasskeyAssertion) -> Result<Signature, AuthError> {
        webauthn::signature(
            &answer.authenticator_data,
            &answer.client_data_json,
            &answer.signature,
        )
        .map_err(AuthError::failed)
    }
}

impl<F, Fut> PasskeyAuth<F>
where
    F: Fn(Vec<u8>) -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<PasskeyAssertion, AuthError>> + MaybeSend,
{
    /// A passkey by the `did:key` of its public key, known since its registration, and how it
    /// signs.
    pub const fn new(passkey: DidKey, sign: F) -> Self {
        Self::of(Issuer::Key(passkey), Passkey, sign)
    }
}
