//! The members of a payload: their names, and the orders in which the encodings have them. What
//! reads and what writes a capability, in whichever encoding, goes by this one list.

use crate::caip::Issuer;
use crate::model::Payload;
use crate::time::Timestamp;

/// A member of `p`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Member {
    Audience,
    ExpiresAt,
    IssuedAt,
    Issuer,
    NotBefore,
    Nonce,
    Domain,
    Version,
    RequestId,
    Resources,
    Statement,
}

use Member::{
    Audience, Domain, ExpiresAt, IssuedAt, Issuer as IssuerDid, Nonce, NotBefore, RequestId,
    Resources, Statement, Version,
};

impl Member {
    /// How many there are.
    pub(super) const COUNT: usize = 11;

    /// As DAG-CBOR sorts them.
    pub(super) const DAG_CBOR: [Self; Self::COUNT] = [
        Audience, ExpiresAt, IssuedAt, IssuerDid, NotBefore, Nonce, Domain, Version, RequestId,
        Resources, Statement,
    ];
    /// As DAG-JSON sorts them.
    pub(super) const DAG_JSON: [Self; Self::COUNT] = [
        Audience, Domain, ExpiresAt, IssuedAt, IssuerDid, NotBefore, Nonce, RequestId, Resources,
        Statement, Version,
    ];
    /// As sessions of wallets have them.
    pub(super) const WALLET: [Self; Self::COUNT] = [
        Domain, IssuedAt, IssuerDid, Audience, Version, Nonce, NotBefore, ExpiresAt, Statement,
        RequestId, Resources,
    ];
    /// As sessions of passkeys have them.
    pub(super) const PASSKEY: [Self; Self::COUNT] = [
        Domain, Audience, Version, Nonce, Resources, ExpiresAt, NotBefore, IssuedAt, IssuerDid,
        Statement, RequestId,
    ];
    /// Their names, in the order of DAG-CBOR.
    pub(super) const NAMES: [&'static str; Self::COUNT] = [
        "aud",
        "exp",
        "iat",
        "iss",
        "nbf",
        "nonce",
        "domain",
        "version",
        "requestId",
        "resources",
        "statement",
    ];

    /// The name on the wire.
    pub(super) const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The member of this name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::DAG_CBOR
            .into_iter()
            .find(|member| member.name() == name)
    }

    /// What stands in this member, unless it is absent.
    pub(super) fn of(self, payload: &Payload) -> Option<Value<'_>> {
        let text = match self {
            Audience => Some(payload.audience()),
            ExpiresAt => payload.expires_at().map(Timestamp::as_str),
            IssuedAt => Some(payload.issued_at().as_str()),
            IssuerDid => return Some(Value::Issuer(payload.issuer())),
            NotBefore => payload.not_before().map(Timestamp::as_str),
            Nonce => Some(payload.nonce()),
            Domain => Some(payload.domain()),
            Version => Some(payload.version()),
            RequestId => payload.request_id(),
            Resources => return payload.has_resource_list().then_some(Value::List),
            Statement => payload.statement(),
        };
        text.map(Value::Text)
    }
}

/// What stands in a member.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    /// A text.
    Text(&'a str),
    /// A DID, in the spelling that was read.
    Issuer(&'a Issuer),
    /// The resources of the payload.
    List,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use alloc::vec::Vec;

    #[test]
    fn every_order_has_every_member_and_the_sorted_ones_are_sorted() {
        for order in [
            Member::DAG_CBOR,
            Member::DAG_JSON,
            Member::WALLET,
            Member::PASSKEY,
        ] {
            assert_eq!(BTreeSet::from(order).len(), Member::COUNT);
        }
        // their names are found by it
        assert!(Member::DAG_CBOR.is_sorted());
        assert!(Member::DAG_CBOR.is_sorted_by_key(|member| (member.name().len(), member.name())));
        assert!(Member::DAG_JSON.is_sorted_by_key(|member| member.name()));
        let names = Member::DAG_CBOR.map(Member::name);
        assert_eq!(BTreeSet::from(names).len(), Member::COUNT);
        let read: Vec<_> = names.into_iter().filter_map(Member::from_name).collect();
        assert_eq!(read, Member::DAG_CBOR);
        assert_eq!(Member::from_name("Aud"), None);
    }
}
