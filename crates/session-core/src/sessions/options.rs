//! What a caller wishes of a session.

use crate::auth::AuthRequest;
use crate::error::Error;
use cacao::{Issuer, Payload, Timestamp, UnixTime};
use didkey::DidKey;
use std::time::Duration;

/// What a caller wishes of a session: who asks, for which resources, for how long.
///
/// ```
/// use session_core::SessionOptions;
/// use std::time::Duration;
///
/// let options = SessionOptions::new("app.example", ["ceramic://*"])
///     .expires_in(Duration::from_secs(24 * 60 * 60));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct SessionOptions {
    domain: String,
    resources: Vec<String>,
    accepted_domains: Vec<String>,
    statement: Option<String>,
    request_id: Option<String>,
    nonce: Option<String>,
    expires_in: Option<Duration>,
    exact: bool,
    patience: Duration,
}

impl SessionOptions {
    /// How long a session lasts, unless said otherwise: seven days.
    pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);
    /// What the user reads, unless said otherwise.
    pub const DEFAULT_STATEMENT: &str =
        "Give this application access to some of your data on Ceramic";
    /// How long somebody else's prompt is waited for, unless said otherwise.
    pub const DEFAULT_PATIENCE: Duration = Duration::from_secs(120);

    /// The domain that asks (a host, usually), and what it asks for: at least one resource.
    pub fn new<R: Into<String>>(
        domain: impl Into<String>,
        resources: impl IntoIterator<Item = R>,
    ) -> Self {
        Self {
            domain: domain.into(),
            resources: resources.into_iter().map(Into::into).collect(),
            accepted_domains: Vec::new(),
            statement: Some(Self::DEFAULT_STATEMENT.to_owned()),
            request_id: None,
            nonce: None,
            expires_in: None,
            exact: false,
            patience: Self::DEFAULT_PATIENCE,
        }
    }

    /// Lets a new session last this long, and does not reuse one that lasts longer.
    pub const fn expires_in(mut self, lifetime: Duration) -> Self {
        self.expires_in = Some(lifetime);
        self
    }

    /// What the user reads: ASCII for Ethereum and Tezos, one line.
    pub fn statement(mut self, statement: impl Into<String>) -> Self {
        self.statement = Some(statement.into());
        self
    }

    /// Leaves the statement out.
    pub fn no_statement(mut self) -> Self {
        self.statement = None;
        self
    }

    /// Sets `requestId`.
    pub fn request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// Sets the nonce, a server's challenge for example; otherwise it is random.
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// Reuses a stored session only when it grants exactly these resources and no more.
    pub const fn exact(mut self) -> Self {
        self.exact = true;
        self
    }

    /// Waits this long for somebody else's prompt for the same issuer.
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Takes an answer that was signed for this domain, too: for wallets that always name the
    /// page's own host.
    pub fn also_accept_domain(mut self, domain: impl Into<String>) -> Self {
        self.accepted_domains.push(domain.into());
        self
    }

    pub(crate) fn wanted(&self) -> &[String] {
        &self.resources
    }

    pub(crate) const fn is_exact(&self) -> bool {
        self.exact
    }

    /// The wish for a lifetime, when there is one.
    pub(crate) const fn explicit_lifetime(&self) -> Option<Duration> {
        self.expires_in
    }

    pub(crate) const fn max_wait(&self) -> Duration {
        self.patience
    }

    pub(crate) fn accepts_domain(&self, domain: &str) -> bool {
        domain == self.domain
            || self
                .accepted_domains
                .iter()
                .any(|accepted| accepted == domain)
    }

    /// Refuses wishes that no session can have, before anything else happens.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.resources.is_empty() {
            return Err(option("resources", "must not be empty"));
        }
        if self.expires_in == Some(Duration::ZERO) {
            return Err(option("expires_in", "must be longer than nothing"));
        }
        Ok(())
    }

    /// The request that an issuer is asked to sign.
    pub(crate) fn request(
        &self,
        issuer: &Issuer,
        audience: &DidKey,
        now: UnixTime,
    ) -> Result<AuthRequest, Error> {
        self.check()?;
        let ascii_only = matches!(issuer.namespace(), "eip155" | "tezos");
        if ascii_only
            && self
                .statement
                .as_ref()
                .is_some_and(|statement| !statement.is_ascii())
        {
            return Err(option(
                "statement",
                "must be ASCII: wallets of this chain differ on others",
            ));
        }
        let nonce = match &self.nonce {
            Some(nonce) => nonce.clone(),
            None => random_nonce()?,
        };
        // whole milliseconds, as the text writes them
        let issued_at = Timestamp::from_unix_time(now)?;
        let lifetime = self.expires_in.unwrap_or(Self::DEFAULT_LIFETIME);
        let expires_at = Timestamp::from_unix_time(issued_at.unix_time() + lifetime)
            .map_err(|_| option("expires_in", "ends after the year 9999"))?;
        let issuer = issuer.normalized();
        let mut payload =
            Payload::builder(&self.domain, issuer, audience.as_str(), &nonce, issued_at)
                .expires_at(expires_at)
                .resources(self.resources.iter().map(String::as_str));
        if let Some(statement) = &self.statement {
            payload = payload.statement(statement);
        }
        if let Some(request_id) = &self.request_id {
            payload = payload.request_id(request_id);
        }
        let payload = payload.build().map_err(|error| match error {
            cacao::Error::Field { field, problem } => Error::Option {
                option: field.path(),
                problem: problem.to_string(),
            },
            other => other.into(),
        })?;
        Ok(AuthRequest::new(payload))
    }
}

fn option(option: &'static str, problem: &str) -> Error {
    Error::Option {
        option,
        problem: problem.to_owned(),
    }
}

/// Twenty characters of `[A-Za-z0-9]` from the operating system: 119 bits.
fn random_nonce() -> Result<String, Error> {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const LEN: usize = 20;
    let mut nonce = String::with_capacity(LEN);
    let mut random = [0_u8; 32];
    while nonce.len() < LEN {
        getrandom::fill(&mut random).map_err(|error| Error::Randomness {
            reason: error.to_string(),
        })?;
        // six bits choose among 64; two values are thrown away so that every letter is as likely
        let letters = random
            .iter()
            .filter_map(|byte| LETTERS.get(usize::from(byte & 63)));
        nonce.extend(
            letters
                .take(LEN - nonce.len())
                .map(|letter| char::from(*letter)),
        );
    }
    Ok(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_have_twenty_letters_and_differ() {
        let nonce = random_nonce().unwrap();
        assert_eq!(nonce.len(), 20);
        assert!(nonce.bytes().all(|b| b.is_ascii_alphanumeric()));
        assert_ne!(nonce, random_nonce().unwrap());
    }
}
