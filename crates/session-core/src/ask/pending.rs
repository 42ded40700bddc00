//! A request on its way to a wallet, and the answer: two steps, with whatever happens in between.

use super::nonce::random_nonce;
use super::request::{Request, invalid};
use crate::error::Error;
use cacao::recap::is_recap;
use cacao::{Issuer, Payload, Timestamp, UnixTime, siwx};
use didkey::DidKey;
use std::time::Duration;

/// What a wallet is asked to sign: immutable, valid, complete but for the account where that is
/// known only with the answer.
///
/// The two steps, asking and [accepting](Self::accept), have no callback between them, so that
/// the same code serves a closure, an injected wallet, a code that is shown to a phone, and a
/// server that asks for somebody else.
///
/// ```
/// use session_core::{Error, Request};
///
/// # fn example(account: cacao::Issuer, now: cacao::UnixTime) -> Result<(), Error> {
/// let key = didkey::Ed25519SigningKey::from_seed(&[7; 32]);
/// let request = Request::new("app.example", ["ceramic://*"]);
/// let pending = request.pending(Some(&account), key.did_key(), now)?;
/// let text = pending.text_for(&account)?; // what the wallet shows and signs
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    request: Request,
    issuer: Option<Issuer>,
    audience: DidKey,
    nonce: String,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

impl Pending {
    fn new(
        request: Request,
        issuer: Option<Issuer>,
        audience: DidKey,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let nonce = match &request.nonce {
            Some(nonce) => nonce.clone(),
            None => random_nonce()?,
        };
        // whole milliseconds, as the text writes them
        let issued_at = Timestamp::from_unix_time(now)?;
        let lifetime = request.lifetime.unwrap_or(Request::DEFAULT_LIFETIME);
        let expires_at = Timestamp::from_unix_time(issued_at.unix_time() + lifetime)
            .map_err(|_| invalid("lifetime", "ends after the year 9999"))?;
        Ok(Self {
            request,
            issuer,
            audience,
            nonce,
            issued_at,
            expires_at,
        })
    }

    /// What the caller asked for.
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// Who is asked, where that is known.
    #[must_use]
    pub const fn issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref()
    }

    /// The session key: to whom is delegated.
    #[must_use]
    pub const fn audience(&self) -> &DidKey {
        &self.audience
    }

    /// The nonce.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// When it is asked: `iat`.
    #[must_use]
    pub const fn issued_at(&self) -> &Timestamp {
        &self.issued_at
    }

    /// Until when it is asked for: `exp`.
    #[must_use]
    pub const fn expires_at(&self) -> &Timestamp {
        &self.expires_at
    }

    /// The resources as they are signed: those of the request, and its ReCap behind them.
    #[must_use]
    pub fn resources(&self) -> Vec<String> {
        self.request.all_resources()
    }

    /// The statement as it is signed, if there is one: it ends with the words for the ReCap.
    #[must_use]
    pub fn statement(&self) -> Option<String> {
        self.request.whole_statement()
    }

    /// The payload that this issuer is asked to sign.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where another issuer is asked, or a member is refused.
    pub fn payload_for(&self, issuer: &Issuer) -> Result<Payload, Error> {
        if self.issuer.as_ref().is_some_and(|asked| asked != issuer) {
            return Err(invalid("issuer", "is not the one that is asked"));
        }
        let Request {
            domain, request_id, ..
        } = &self.request;
        let statement = self.request.whole_statement();
        let beyond_ascii = statement.as_ref().is_some_and(|text| !text.is_ascii());
        if beyond_ascii && siwx::is_ascii_only(issuer.namespace()) {
            return Err(invalid(
                "statement",
                "must be ASCII: wallets of this chain differ on others",
            ));
        }
        let mut payload = Payload::builder(
            domain,
            issuer.normalized(),
            self.audience.as_str(),
            &self.nonce,
            self.issued_at.clone(),
        )
        .expires_at(self.expires_at.clone())
        .resources(self.request.all_resources());
        if let Some(statement) = &statement {
            payload = payload.statement(statement);
        }
        if let Some(request_id) = request_id {
            payload = payload.request_id(request_id);
        }
        payload.build().map_err(|error| match error {
            cacao::Error::Field { field, problem } => invalid(field.path(), problem.to_string()),
            other => other.into(),
        })
    }

    /// The sign-in text that this issuer is asked to sign.
    ///
    /// # Errors
    /// As [`payload_for`](Self::payload_for); where the issuer's chain has no sign-in text.
    pub fn text_for(&self, issuer: &Issuer) -> Result<String, Error> {
        let payload = self.payload_for(issuer)?;
        Ok(siwx::render(&payload, siwx::Dialect::default())?)
    }
}

impl Request {
    /// Refuses what no session can have, before anything else happens and whether a stored
    /// session would serve or not.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] that names the option.
    pub fn check(&self, issuer: Option<&Issuer>) -> Result<(), Error> {
        if self.resources.is_empty() && self.recap.is_none() {
            return Err(invalid("resources", "must not be empty"));
        }
        if self.recap.is_some() && self.resources.iter().any(|resource| is_recap(resource)) {
            let problem = "must not hold a ReCap beside the one that is asked for: merge the two";
            return Err(invalid("resources", problem));
        }
        if self.lifetime == Some(Duration::ZERO) {
            return Err(invalid("lifetime", "must be longer than nothing"));
        }
        self.check_texts(issuer)?;
        // whatever the payload's own rules refuse, by a payload that nobody is asked for
        let sample = sample_key()?;
        let pending = Pending::new(self.clone(), None, sample.clone(), UnixTime::EPOCH)?;
        pending
            .payload_for(issuer.unwrap_or(&Issuer::Key(sample)))
            .map(drop)
    }

    /// What a wallet is asked to sign: complete where the issuer is known.
    ///
    /// # Errors
    /// As [`check`](Self::check); [`Error::Randomness`].
    pub fn pending(
        &self,
        issuer: Option<&Issuer>,
        audience: &DidKey,
        now: UnixTime,
    ) -> Result<Pending, Error> {
        self.check(issuer)?;
        let issuer = issuer.map(Issuer::normalized);
        Pending::new(self.clone(), issuer, audience.clone(), now)
    }
}

/// A key that nobody is asked for: a payload is checked with it.
const SAMPLE_KEY: &str = "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn";

fn sample_key() -> Result<DidKey, Error> {
    SAMPLE_KEY
        .parse()
        .map_err(|_| invalid("issuer", "is missing"))
}
