//! A request on its way to a wallet, and the answer: two steps, with whatever happens in between.

use super::nonce::random_nonce;
use super::request::{Request, invalid};
use crate::error::Error;
use cacao::recap::is_recap;
use cacao::{Cacao, Field, HeaderType, Issuer, Payload, Timestamp, UnixTime, siwx};
use didkey::DidKey;
use std::sync::OnceLock;
use std::time::Duration;

/// What a wallet is asked to sign. It is immutable and valid, and complete, except that the account
/// may be known only from the answer.
///
/// Asking and [accepting](Self::accept) are two steps without a callback between them, so that the
/// same code works for a closure, a wallet in a page, a code that is shown to a phone, and a server
/// that asks on behalf of somebody else.
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
        let expires_at = match request.end {
            Some(end) => {
                let until = request
                    .min_remaining
                    .map(|left| issued_at.unix_time() + left);
                if until.is_some_and(|until| until > end) {
                    return Err(invalid("min_remaining", LONGER_THAN_NEW));
                }
                end_at(end, issued_at.unix_time())?
            }
            None => {
                let lifetime = request.lifetime.unwrap_or(Request::DEFAULT_LIFETIME);
                expiry(issued_at.unix_time(), lifetime)?
            }
        };
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

    /// The issuer that is asked, if it is known.
    #[must_use]
    pub const fn issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref()
    }

    /// The session key, to which the capability delegates.
    #[must_use]
    pub const fn audience(&self) -> &DidKey {
        &self.audience
    }

    /// The nonce.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The time of asking: `iat`.
    #[must_use]
    pub const fn issued_at(&self) -> &Timestamp {
        &self.issued_at
    }

    /// The end that is asked for: `exp`.
    #[must_use]
    pub const fn expires_at(&self) -> &Timestamp {
        &self.expires_at
    }

    /// The resources as they are signed: those of the request, followed by its ReCap.
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
    /// [`Error::InvalidOption`] if another issuer is asked, or if a member is not valid.
    pub fn payload_for(&self, issuer: &Issuer) -> Result<Payload, Error> {
        if self.issuer.as_ref().is_some_and(|asked| asked != issuer) {
            return Err(invalid("issuer", "is not the one that is asked"));
        }
        let times = (self.issued_at.clone(), self.expires_at.clone());
        compose(
            &self.request,
            issuer,
            self.audience.as_str(),
            &self.nonce,
            times,
        )
    }

    /// The capability that is asked for, unsigned. If the issuer is not known yet, the session key
    /// takes its place.
    pub(crate) fn unsigned(&self) -> Result<Cacao, Error> {
        let key = || Issuer::Key(self.audience.clone());
        let issuer = self.issuer.clone().unwrap_or_else(key);
        let payload = self.payload_for(&issuer)?;
        Ok(Cacao::new(HeaderType::Caip122, payload, None))
    }

    /// The sign-in text that this issuer is asked to sign.
    ///
    /// # Errors
    /// As [`payload_for`](Self::payload_for); also if the issuer's chain has no sign-in text.
    pub fn text_for(&self, issuer: &Issuer) -> Result<String, Error> {
        let payload = self.payload_for(issuer)?;
        Ok(siwx::render(&payload, siwx::Dialect::default())?)
    }
}

impl Request {
    /// Refuses a request that no session can meet, before anything else happens, even if a stored
    /// session could be used.
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
        let lifetime = self.lifetime.unwrap_or(Self::DEFAULT_LIFETIME);
        if lifetime < SHORTEST {
            let problem = "must be a millisecond at least: texts have times in whole ones";
            return Err(invalid("lifetime", problem));
        }
        // how long one with a fixed end lasts is known when it is asked for
        if self.end.is_none()
            && self
                .min_remaining
                .is_some_and(|remaining| remaining > lifetime)
        {
            return Err(invalid("min_remaining", LONGER_THAN_NEW));
        }
        self.check_texts(issuer)?;
        if let Some(end) = self.end {
            end_at(end, UnixTime::EPOCH)?;
        } else if let Some(lifetime) = self.lifetime {
            expiry(UnixTime::EPOCH, lifetime)?;
        }
        // whatever the payload's own rules refuse, by a payload that nobody is asked for
        let nonce = self.nonce.as_deref().unwrap_or(SAMPLE_NONCE);
        let time: Timestamp = SAMPLE_TIME.parse()?;
        let times = (time.clone(), time);
        let composed = |issuer: &Issuer| compose(self, issuer, SAMPLE_KEY, nonce, times);
        match issuer {
            Some(issuer) => composed(issuer),
            None => composed(&Issuer::Key(sample_key()?.clone())),
        }
        .map(drop)
    }

    /// What a wallet is asked to sign; it is complete if the issuer is known.
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

const LONGER_THAN_NEW: &str = "must not be longer than a new session lasts";

/// What a text can say at least: a session that begins before it ends.
const SHORTEST: Duration = Duration::from_millis(1);

fn expiry(issued_at: UnixTime, lifetime: Duration) -> Result<Timestamp, Error> {
    Timestamp::from_unix_time(issued_at + lifetime)
        .map_err(|_| invalid("lifetime", "ends after the year 9999"))
}

/// The end that was asked for, which lies ahead of `now`.
fn end_at(end: UnixTime, now: UnixTime) -> Result<Timestamp, Error> {
    let time = Timestamp::from_unix_time(end)
        .map_err(|_| invalid("end", "must be a time before the year 10000"))?;
    if time.unix_time() < now + SHORTEST {
        return Err(invalid("end", "must lie in the future"));
    }
    Ok(time)
}

/// The payload in which this issuer delegates to this key what is asked for.
fn compose(
    request: &Request,
    issuer: &Issuer,
    audience: &str,
    nonce: &str,
    (issued_at, expires_at): (Timestamp, Timestamp),
) -> Result<Payload, Error> {
    let statement = request.whole_statement();
    let beyond_ascii = statement.as_ref().is_some_and(|text| !text.is_ascii());
    if beyond_ascii && siwx::is_ascii_only(issuer.namespace()) {
        return Err(invalid(
            "statement",
            "must be ASCII: wallets of this chain differ on others",
        ));
    }
    let issuer = issuer.normalized();
    let mut payload = Payload::builder(&request.domain, issuer, audience, nonce, issued_at)
        .with_expires_at(expires_at)
        .with_resources(request.all_resources());
    if let Some(statement) = &statement {
        payload = payload.with_statement(statement);
    }
    if let Some(request_id) = &request.request_id {
        payload = payload.with_request_id(request_id);
    }
    payload.build().map_err(|error| match error {
        cacao::Error::Field { field, problem } => invalid(option_of(field), problem.to_string()),
        other => other.into(),
    })
}

/// The option of a request that a member of the payload is made of.
const fn option_of(field: Field) -> &'static str {
    match field {
        Field::Domain => "domain",
        Field::Nonce => "nonce",
        Field::Statement => "statement",
        Field::RequestId => "request_id",
        Field::Resources => "resources",
        Field::ExpiresAt => "lifetime",
        Field::Issuer => "issuer",
        member => member.path(),
    }
}

/// A key, a nonce and a time that nobody is asked for: a request is checked with them.
const SAMPLE_KEY: &str = "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn";
const SAMPLE_NONCE: &str = "checkedOnly";
const SAMPLE_TIME: &str = "1970-01-01T00:00:00Z";

/// Its point is decoded once, and not with each session that is looked for.
fn sample_key() -> Result<&'static DidKey, Error> {
    static DECODED: OnceLock<Option<DidKey>> = OnceLock::new();
    let decoded = DECODED.get_or_init(|| SAMPLE_KEY.parse().ok());
    decoded
        .as_ref()
        .ok_or_else(|| invalid("issuer", "is missing"))
}
