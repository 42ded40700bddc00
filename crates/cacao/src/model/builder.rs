//! Makes payloads: every check on a member stands here, for decoders and callers alike.

use super::Payload;
use super::payload::Texts;
use crate::caip::Issuer;
use crate::error::{Error, Field, Problem};
use crate::limits::{MAX_RESOURCES, MAX_TEXT_LEN};
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// Collects the members of a [`Payload`]; [`build`](Self::build) checks them.
#[derive(Clone, Debug)]
#[must_use]
pub struct PayloadBuilder {
    domain: Box<str>,
    issuer: Issuer,
    audience: Box<str>,
    nonce: Box<str>,
    issued_at: Timestamp,
    not_before: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    statement: Option<Box<str>>,
    request_id: Option<Box<str>>,
    resources: Option<Vec<Box<str>>>,
}

impl Payload {
    /// Starts a payload from the members that every one has.
    ///
    /// `domain` is the site that asks (usually a host, but any text without control characters is
    /// accepted), and `audience` is to whom it delegates (URI text; sessions require a `did:key`).
    ///
    /// ```
    /// use cacao::{Payload, Timestamp};
    ///
    /// let payload = Payload::builder(
    ///     "app.example",
    ///     "did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?,
    ///     "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
    ///     "HPiCXGTXHI",
    ///     "2023-04-06T16:15:19.058Z".parse()?,
    /// )
    /// .with_expires_at("2023-04-13T16:15:19.058Z".parse()?)
    /// .with_resources(["ceramic://*"])
    /// .build()?;
    /// assert_eq!(payload.resources().collect::<Vec<_>>(), ["ceramic://*"]);
    /// # Ok::<_, cacao::Error>(())
    /// ```
    pub fn builder(
        domain: &str,
        issuer: Issuer,
        audience: &str,
        nonce: &str,
        issued_at: Timestamp,
    ) -> PayloadBuilder {
        PayloadBuilder::new(domain, issuer, audience, nonce, issued_at)
    }
}

impl PayloadBuilder {
    fn new(
        domain: &str,
        issuer: Issuer,
        audience: &str,
        nonce: &str,
        issued_at: Timestamp,
    ) -> Self {
        Self {
            domain: domain.into(),
            issuer,
            audience: audience.into(),
            nonce: nonce.into(),
            issued_at,
            not_before: None,
            expires_at: None,
            statement: None,
            request_id: None,
            resources: None,
        }
    }

    /// Sets `nbf`.
    pub fn with_not_before(mut self, at: Timestamp) -> Self {
        self.not_before = Some(at);
        self
    }

    /// Sets `exp`.
    pub fn with_expires_at(mut self, at: Timestamp) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// Sets `statement`.
    pub fn with_statement(mut self, text: &str) -> Self {
        self.statement = Some(text.into());
        self
    }

    /// Sets `requestId`.
    pub fn with_request_id(mut self, text: &str) -> Self {
        self.request_id = Some(text.into());
        self
    }

    /// Sets `resources`, which may be an empty list.
    pub fn with_resources<R: Into<Box<str>>>(
        mut self,
        resources: impl IntoIterator<Item = R>,
    ) -> Self {
        self.resources = Some(resources.into_iter().map(Into::into).collect());
        self
    }

    /// Checks every member.
    ///
    /// # Errors
    /// [`Error::Field`] that names the first member that is empty, too long, or holds a control
    /// character.
    pub fn build(self) -> Result<Payload, Error> {
        Payload::from_members(Members {
            domain: &self.domain,
            issuer: self.issuer,
            audience: &self.audience,
            nonce: &self.nonce,
            issued_at: self.issued_at,
            not_before: self.not_before,
            expires_at: self.expires_at,
            statement: self.statement.as_deref(),
            request_id: self.request_id.as_deref(),
            resources: self.resources.as_deref(),
        })
    }
}

/// The members of a payload, whose texts are not checked yet and belong to somebody else.
pub(crate) struct Members<'a, R> {
    pub(crate) domain: &'a str,
    pub(crate) issuer: Issuer,
    pub(crate) audience: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) issued_at: Timestamp,
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) statement: Option<&'a str>,
    pub(crate) request_id: Option<&'a str>,
    pub(crate) resources: Option<&'a [R]>,
}

impl Payload {
    /// Checks every text, and keeps them in one buffer.
    pub(crate) fn from_members<R: AsRef<str>>(members: Members<'_, R>) -> Result<Self, Error> {
        let resources = members.resources.unwrap_or_default();
        check_text(Field::Domain, members.domain)?;
        check_text(Field::Audience, members.audience)?;
        check_text(Field::Nonce, members.nonce)?;
        if let Some(text) = members.statement {
            check_text(Field::Statement, text)?;
        }
        if let Some(text) = members.request_id {
            check_text(Field::RequestId, text)?;
        }
        if resources.len() > MAX_RESOURCES {
            let limit = MAX_RESOURCES;
            return Err(Error::field(Field::Resources, Problem::TooMany { limit }));
        }
        for resource in resources {
            check_text(Field::Resources, resource.as_ref())?;
        }
        Ok(Self {
            texts: Texts::of(&members, resources),
            issuer: members.issuer,
            issued_at: members.issued_at,
            not_before: members.not_before,
            expires_at: members.expires_at,
        })
    }
}

impl Texts {
    fn of<R: AsRef<str>>(members: &Members<'_, R>, resources: &[R]) -> Self {
        let one_each = [members.domain, members.audience, members.nonce];
        let optional = [members.statement, members.request_id];
        let texts = one_each.into_iter().chain(optional.into_iter().flatten());
        let lines = resources.iter().map(|line| line.as_ref().len() + 1);
        let len = texts.map(str::len).chain(lines).sum::<usize>();
        // no line feed stands behind the last resource
        let mut buffer = String::with_capacity(len - usize::from(!resources.is_empty()));
        let mut push = |text: &str| {
            buffer.push_str(text);
            buffer.len()
        };
        let [domain, audience, nonce] = one_each.map(&mut push);
        let [statement, request_id] = optional.map(|text| text.map(&mut push));
        for (i, line) in resources.iter().enumerate() {
            if i > 0 {
                push("\n");
            }
            push(line.as_ref());
        }
        Self {
            buffer: buffer.into(),
            domain,
            audience,
            nonce,
            statement,
            request_id,
            resources: members.resources.map(<[R]>::len),
        }
    }
}

/// A rendered member: not empty (an empty one would vanish from the text), bounded, and free of
/// control characters.
fn check_text(field: Field, text: &str) -> Result<(), Error> {
    let problem = if text.is_empty() {
        Problem::Empty
    } else if text.len() > MAX_TEXT_LEN {
        Problem::TooLong {
            limit: MAX_TEXT_LEN,
        }
    } else if is_printable_ascii(text) {
        return Ok(());
    } else if let Some(c) = text.chars().find(|c| c.is_control()) {
        Problem::ControlCharacter(c)
    } else {
        return Ok(());
    };
    Err(Error::field(field, problem))
}

/// Whether it is what nearly every text is: without a branch for each byte, since this is most of
/// what reading costs.
fn is_printable_ascii(text: &str) -> bool {
    text.bytes()
        .fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;

    fn builder() -> PayloadBuilder {
        Payload::builder(
            "app.example",
            "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44"
                .parse()
                .unwrap(),
            "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
            "HPiCXGTXHI",
            "2023-04-06T16:15:19.058Z".parse().unwrap(),
        )
    }

    #[test]
    fn a_control_character_in_any_member_is_refused_by_name() {
        for (bad, field) in [
            (builder().with_statement("a\nb"), "p.statement"),
            (builder().with_statement("a\rb"), "p.statement"),
            (builder().with_statement("a\tb"), "p.statement"),
            (builder().with_request_id("a\u{7f}b"), "p.requestId"),
            (builder().with_resources(["ok", "a\u{85}b"]), "p.resources"),
        ] {
            let error = bad.build().unwrap_err().to_string();
            assert!(error.starts_with(field), "{error}");
        }
    }

    #[test]
    fn an_empty_member_is_refused() {
        assert!(builder().with_statement("").build().is_err());
        assert!(builder().with_request_id("").build().is_err());
        assert!(builder().with_resources([""]).build().is_err());
        assert!(
            builder()
                .with_resources(Vec::<Box<str>>::new())
                .build()
                .is_ok()
        );
    }

    #[test]
    fn bounds() {
        let long = |n| "x".repeat(n);
        assert!(
            builder()
                .with_statement(&long(MAX_TEXT_LEN))
                .build()
                .is_ok()
        );
        assert!(
            builder()
                .with_statement(&long(MAX_TEXT_LEN + 1))
                .build()
                .is_err()
        );
        assert!(
            builder()
                .with_resources(vec![String::from("r"); MAX_RESOURCES])
                .build()
                .is_ok()
        );
        assert!(
            builder()
                .with_resources(vec![String::from("r"); MAX_RESOURCES + 1])
                .build()
                .is_err()
        );
    }
}
