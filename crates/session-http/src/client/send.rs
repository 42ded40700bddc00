//! Sending with the retries of the convention, over any transport.

use super::{Advice, ClientError, Content, ProofSigner, TransportError};
use async_trait::async_trait;
use cacao::{MaybeSend, MaybeSync};
use http::{Request, Response};
use session_core::SessionKey;

/// Sends one request unchanged, and follows no redirect.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait Transport: MaybeSend + MaybeSync {
    /// The response, with its content.
    ///
    /// # Errors
    /// When there is none.
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError>;
}

impl<K: SessionKey + ?Sized> ProofSigner<K> {
    /// Proves a request and sends it. If the server asks for it, registers the capability and uses
    /// a nonce, each at most once.
    ///
    /// # Errors
    /// [`ClientError`]. A refusal is a response and not an error; [`Advice::of`] says what to do
    /// about it.
    pub async fn send(
        &self,
        transport: &dyn Transport,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, ClientError> {
        let mut done = Vec::new();
        loop {
            let mut attempt = request.clone();
            self.prove(&mut attempt, Content::Bytes(request.body()))
                .await?;
            let response = self.pass(transport, attempt).await?;
            let advice = Advice::of(request.method(), response.status(), response.headers());
            if done.contains(&advice) {
                return Ok(response);
            }
            match advice {
                Advice::RetryWithNonce | Advice::RetryAnew => {}
                Advice::Register => {
                    let registered = self.register(transport, &request).await?;
                    if !registered.status().is_success() {
                        return Ok(registered);
                    }
                }
                _ => return Ok(response),
            }
            done.push(advice);
        }
    }

    async fn register(
        &self,
        transport: &dyn Transport,
        request: &Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, ClientError> {
        let registration = self.registration(request.uri()).await?;
        let method = registration.method().clone();
        let response = self.pass(transport, registration).await?;
        match Advice::of(&method, response.status(), response.headers()) {
            Advice::RetryWithNonce => {
                let again = self.registration(request.uri()).await?;
                self.pass(transport, again).await
            }
            _ => Ok(response),
        }
    }

    async fn pass(
        &self,
        transport: &dyn Transport,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, ClientError> {
        let uri = request.uri().clone();
        let response = transport
            .send(request)
            .await
            .map_err(ClientError::Transport)?;
        let asks = Advice::of(&http::Method::GET, response.status(), response.headers());
        // a nonce that is refused, and no other one in its place, would be refused for ever
        if !self.learn(&uri, response.headers()) && asks == Advice::RetryWithNonce {
            self.forget_nonce(&uri);
        }
        Ok(response)
    }
}

/// The client must be built with `redirect::Policy::none()`: a proof is for one URI.
#[cfg(feature = "reqwest")]
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl Transport for reqwest::Client {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let request = reqwest::Request::try_from(request)?;
        let url = request.url().clone();
        let answer = self.execute(request).await?;
        if *answer.url() != url {
            return Err("a redirect was followed".into());
        }
        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.clone_from(answer.headers());
        }
        Ok(response.body(answer.bytes().await?.into())?)
    }
}
