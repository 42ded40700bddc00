//! Makes payloads: every check on a member stands here, for decoders and callers alike.

use super::Payload;
use crate::caip::Issuer;
use crate::error::{Error, Field, Problem};
use crate::limits::{MAX_RESOURCES, MAX_TEXT_LEN};
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Collects the members of a [`Payload`]; [`build`](Self::build) checks them.
#[derive(Clone, Debug)]
#[must_use]
pub struct PayloadBuilder(Payload);

impl PayloadBuilder {
    pub(super) fn new(
        domain: &str,
        issuer: Issuer,
        audience: &str,
        nonce: &str,
        issued_at: Timestamp,
    ) -> Self {
        Self(Payload {
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
        })
    }

    /// Sets `nbf`.
    pub fn not_before(mut self, at: Timestamp) -> Self {
        self.0.not_before = Some(at);
        self
    }

    /// Sets `exp`.
    pub fn expires_at(mut self, at: Timestamp) -> Self {
        self.0.expires_at = Some(at);
        self
    }

    /// Sets `statement`.
    pub fn statement(mut self, text: &str) -> Self {
        self.0.statement = Some(text.into());
        self
    }

    /// Sets `requestId`.
    pub fn request_id(mut self, text: &str) -> Self {
        self.0.request_id = Some(text.into());
        self
    }

    /// Sets `resources`, which may be an empty list.
    pub fn resources<R: Into<Box<str>>>(mut self, resources: impl IntoIterator<Item = R>) -> Self {
        self.0.resources = Some(resources.into_iter().map(Into::into).collect());
        self
    }

    /// Checks every member.
    ///
    /// # Errors
    /// [`Error::Field`] that names the first member that is empty, too long, or holds a control
    /// character.
    pub fn build(self) -> Result<Payload, Error> {
        let p = &self.0;
        check_text(Field::Domain, &p.domain)?;
        check_text(Field::Audience, &p.audience)?;
        check_text(Field::Nonce, &p.nonce)?;
        if let Some(text) = &p.statement {
            check_text(Field::Statement, text)?;
        }
        if let Some(text) = &p.request_id {
            check_text(Field::RequestId, text)?;
        }
        let resources: &Vec<_> = p.resources.as_ref().unwrap_or(const { &Vec::new() });
        if resources.len() > MAX_RESOURCES {
            return Err(Error::field(
                Field::Resources,
                Problem::TooLong {
                    limit: MAX_RESOURCES,
                },
            ));
        }
        for resource in resources {
            check_text(Field::Resources, resource)?;
        }
        Ok(self.0)
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
    } else if let Some(c) = text.chars().find(|c| c.is_control()) {
        Problem::ControlCharacter(c)
    } else {
        return Ok(());
    };
    Err(Error::field(field, problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};
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
            (builder().statement("a\nb"), "p.statement"),
            (builder().statement("a\rb"), "p.statement"),
            (builder().statement("a\tb"), "p.statement"),
            (builder().request_id("a\u{7f}b"), "p.requestId"),
            (builder().resources(["ok", "a\u{85}b"]), "p.resources"),
        ] {
            let error = bad.build().unwrap_err().to_string();
            assert!(error.starts_with(field), "{error}");
        }
    }

    #[test]
    fn an_empty_member_is_refused() {
        assert!(builder().statement("").build().is_err());
        assert!(builder().request_id("").build().is_err());
        assert!(builder().resources([""]).build().is_err());
        assert!(builder().resources(Vec::<Box<str>>::new()).build().is_ok());
    }

    #[test]
    fn bounds() {
        let long = |n| "x".repeat(n);
        assert!(builder().statement(&long(MAX_TEXT_LEN)).build().is_ok());
        assert!(
            builder()
                .statement(&long(MAX_TEXT_LEN + 1))
                .build()
                .is_err()
        );
        assert!(
            builder()
                .resources(vec![String::from("r"); MAX_RESOURCES])
                .build()
                .is_ok()
        );
        assert!(
            builder()
                .resources(vec![String::from("r"); MAX_RESOURCES + 1])
                .build()
                .is_err()
        );
    }
}
