//! What stands in an encoding, member by member: readers fill it, and every check of a value is
//! made here, in one order, whichever encoding it came in.

use super::members::Member;
use crate::caip::Issuer;
use crate::error::{Error, Field, Problem};
use crate::model::{HeaderType, Members, Payload, Signature, SignatureKind, SignatureValue};
use crate::time::Timestamp;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A capability whose values nobody looked at yet; texts are borrowed where the encoding allows it.
pub(super) struct Wire<'a> {
    pub(super) header: Cow<'a, str>,
    pub(super) payload: WirePayload<'a>,
    pub(super) signature: Option<WireSignature<'a>>,
}

/// The members of `p`.
#[derive(Default)]
pub(super) struct WirePayload<'a> {
    /// By [`Member`]; the list of resources is not among them.
    texts: [Option<Cow<'a, str>>; Member::COUNT],
    pub(super) resources: Option<Vec<Cow<'a, str>>>,
}

/// The members of `s`.
pub(super) struct WireSignature<'a> {
    pub(super) kind: Cow<'a, str>,
    pub(super) value: SignatureValue,
    pub(super) aad: Option<Box<[u8]>>,
}

/// The parts of a capability, valid.
pub(super) type Parts = (HeaderType, Payload, Option<Signature>);

impl Wire<'_> {
    pub(super) fn check(self) -> Result<Parts, Error> {
        let header = HeaderType::from_name(&self.header)?;
        let payload = self.payload.check()?;
        let signature = match self.signature {
            None => None,
            Some(s) => Some(Signature::new(
                SignatureKind::new(&s.kind)?,
                s.value,
                s.aad,
            )?),
        };
        Ok((header, payload, signature))
    }
}

impl<'a> WirePayload<'a> {
    /// What was read of a member with a text.
    pub(super) const fn text(&mut self, member: Member) -> &mut Option<Cow<'a, str>> {
        &mut self.texts[member as usize]
    }

    /// The first member that every payload has and this one has not.
    pub(super) fn missing(&self) -> Option<Member> {
        [
            Member::Audience,
            Member::IssuedAt,
            Member::Issuer,
            Member::Nonce,
            Member::Domain,
            Member::Version,
        ]
        .into_iter()
        .find(|member| self.texts[*member as usize].is_none())
    }

    fn get(&self, member: Member) -> Option<&str> {
        self.texts[member as usize].as_deref()
    }

    /// A member that every payload has: readers have seen that it is there.
    fn always(&self, member: Member) -> &str {
        self.get(member).unwrap_or_default()
    }

    fn check(self) -> Result<Payload, Error> {
        if self.always(Member::Version) != Payload::VERSION {
            return Err(Error::field(Field::Version, Problem::Unregistered));
        }
        let issuer = Issuer::from_did(self.always(Member::Issuer))
            .map_err(|problem| Error::field(Field::Issuer, problem))?;
        let issued_at = date(Field::IssuedAt, self.always(Member::IssuedAt))?;
        let not_before = self.get(Member::NotBefore);
        let expires_at = self.get(Member::ExpiresAt);
        Payload::from_members(Members {
            domain: self.always(Member::Domain),
            audience: self.always(Member::Audience),
            nonce: self.always(Member::Nonce),
            not_before: not_before
                .map(|at| date(Field::NotBefore, at))
                .transpose()?,
            expires_at: expires_at
                .map(|at| date(Field::ExpiresAt, at))
                .transpose()?,
            statement: self.get(Member::Statement),
            request_id: self.get(Member::RequestId),
            resources: self.resources.as_deref(),
            issuer,
            issued_at,
        })
    }
}

fn date(field: Field, text: &str) -> Result<Timestamp, Error> {
    text.parse().map_err(|error| match error {
        Error::Value { problem, .. } => Error::Field { field, problem },
        other => other,
    })
}
