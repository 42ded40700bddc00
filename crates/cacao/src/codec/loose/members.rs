//! From a tree of values to the members of a capability, whatever honest software calls them.

use crate::codec::members::Member;
use crate::codec::wire::{Wire, WirePayload, WireSignature};
use crate::dialect::{Variation, Variations};
use crate::error::{Error, Field, Problem};
use crate::limits::{MAX_RESOURCES, MAX_SIGNATURE_LEN};
use crate::model::{SignatureValue, is_scheme, split_scheme};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use ipld_core::ipld::Ipld;

/// Why a tree is not a capability.
pub(super) enum Refusal {
    /// A member is missing or of another type: the strict reader has said so.
    Shape,
    /// This member of the payload is missing, and all that the strict reader may have met before
    /// is read.
    Missing(Member),
    /// A member has a value that it must not have.
    Value(Error),
}

type Map = BTreeMap<String, Ipld>;

/// Members that are not signed and that say again what a signed one says, under the names of
/// EIP-4361.
const REPEATED: [(&str, &str, Member, Field); 3] = [
    (
        "expirationTime",
        "p.expirationTime",
        Member::ExpiresAt,
        Field::ExpiresAt,
    ),
    (
        "notBefore",
        "p.notBefore",
        Member::NotBefore,
        Field::NotBefore,
    ),
    ("issuedAt", "p.issuedAt", Member::IssuedAt, Field::IssuedAt),
];

/// The members, and what is peculiar about their spelling.
pub(super) fn wire(tree: &Ipld) -> Result<(Wire<'_>, Variations), Refusal> {
    let capability = map(tree)?;
    let mut found = Variations::NONE;
    if capability
        .keys()
        .any(|name| !matches!(&**name, "h" | "p" | "s"))
    {
        found = found.with(Variation::UnsignedMembers);
    }
    let header = map(capability.get("h").ok_or(Refusal::Shape)?)?;
    if header.len() > 1 {
        found = found.with(Variation::UnsignedMembers);
    }
    let header = text(header.get("t").ok_or(Refusal::Shape)?)?;
    let members = map(capability.get("p").ok_or(Refusal::Shape)?)?;
    let payload = payload(members, header, &mut found)?;
    let signature = match capability.get("s") {
        None => None,
        Some(Ipld::Null) => {
            found = found.with(Variation::EmptyMembers);
            None
        }
        Some(signed) => Some(signature(map(signed)?, &mut found)?),
    };
    let wire = Wire {
        header: Cow::Borrowed(header),
        payload,
        signature,
    };
    Ok((wire, found))
}

fn payload<'a>(
    members: &'a Map,
    header: &str,
    found: &mut Variations,
) -> Result<WirePayload<'a>, Refusal> {
    let mut payload = WirePayload::default();
    for (name, value) in members {
        match Member::from_name(name) {
            Some(Member::Resources) => match value {
                Ipld::Null => *found = found.with(Variation::EmptyMembers),
                list => payload.resources = Some(resources(list)?),
            },
            Some(Member::Version) if *value == Ipld::Integer(1) => {
                *found = found.with(Variation::IntegerVersion);
                *payload.text(Member::Version) = Some(Cow::Borrowed(crate::Payload::VERSION));
            }
            Some(Member::Version) if matches!(value, Ipld::Integer(_)) => {
                let error = Error::field(Field::Version, Problem::Unregistered);
                return Err(Refusal::Value(error));
            }
            Some(member) => match there(value)? {
                // texts that hold nothing print nothing; all others must not be empty
                None if *value != Ipld::Null
                    && !matches!(member, Member::Statement | Member::RequestId) =>
                {
                    *payload.text(member) = Some(Cow::Borrowed(""));
                }
                None => *found = empty(member, *found),
                Some(text) => *payload.text(member) = Some(Cow::Borrowed(text)),
            },
            None => match &**name {
                "uri" | "request_id" | "scheme" => {}
                _ => *found = found.with(Variation::UnsignedMembers),
            },
        }
    }
    one_of(
        members,
        "uri",
        Field::Audience,
        payload.text(Member::Audience),
        found,
    )?;
    let request_id = payload.text(Member::RequestId);
    one_of(members, "request_id", Field::RequestId, request_id, found)?;
    scheme(members, payload.text(Member::Domain), found)?;
    if let Some(member) = payload.missing() {
        return Err(Refusal::Missing(member));
    }
    contradicts_nothing(members, header, &mut payload)?;
    Ok(payload)
}

/// A member is there and holds nothing; some print it all the same.
const fn empty(member: Member, found: Variations) -> Variations {
    match member {
        Member::Statement => found.with_empty_statement(),
        Member::RequestId => found.with_empty_request_id(),
        _ => found.with(Variation::EmptyMembers),
    }
}

/// A member that has two names: under either, or under both if they say the same.
fn one_of<'a>(
    members: &'a Map,
    other: &'static str,
    field: Field,
    value: &mut Option<Cow<'a, str>>,
    found: &mut Variations,
) -> Result<(), Refusal> {
    let Some(twin) = members.get(other) else {
        return Ok(());
    };
    *found = found.with(Variation::OtherNames);
    match (there(twin)?, value.as_deref()) {
        (None, None) if field == Field::RequestId => *found = empty(Member::RequestId, *found),
        (None, _) => {}
        (Some(twin), None) => *value = Some(Cow::Borrowed(twin)),
        (Some(twin), Some(value)) if twin == value => {}
        (Some(_), Some(_)) => {
            let name = if other == "uri" {
                "p.uri"
            } else {
                "p.request_id"
            };
            return Err(contradicted(field, name));
        }
    }
    Ok(())
}

/// A scheme beside the domain belongs in front of it, where the text has it.
fn scheme<'a>(
    members: &'a Map,
    domain: &mut Option<Cow<'a, str>>,
    found: &mut Variations,
) -> Result<(), Refusal> {
    let Some(member) = members.get("scheme") else {
        return Ok(());
    };
    *found = found.with(Variation::SchemeMember);
    let (Some(scheme), Some(own)) = (there(member)?, domain.as_deref()) else {
        return Ok(());
    };
    if !is_scheme(scheme) {
        let problem = Problem::Form("a letter, then letters, digits and +-.");
        return Err(Refusal::Value(Error::field(Field::Scheme, problem)));
    }
    if own.contains("://") || split_scheme(&format!("{scheme}://{own}")).is_none() {
        let problem = Problem::Form("the domain has a scheme of its own, or is empty");
        return Err(Refusal::Value(Error::field(Field::Scheme, problem)));
    }
    *domain = Some(Cow::Owned(format!("{scheme}://{own}")));
    Ok(())
}

/// Who reads a member that is not signed, and that says otherwise than the signed one, is deceived.
fn contradicts_nothing(
    members: &Map,
    header: &str,
    payload: &mut WirePayload<'_>,
) -> Result<(), Refusal> {
    if let Some(kind) = members.get("type")
        && !matches!(kind, Ipld::Null)
        && !matches!(kind, Ipld::String(kind) if kind == header)
    {
        return Err(contradicted(Field::HeaderType, "p.type"));
    }
    for (name, path, member, field) in REPEATED {
        if let Some(repeated) = members.get(name)
            && !matches!(repeated, Ipld::Null)
            && !matches!(repeated, Ipld::String(text) if Some(&**text) == payload.text(member).as_deref())
        {
            return Err(contradicted(field, path));
        }
    }
    let issuer = payload.text(Member::Issuer).as_deref().unwrap_or_default();
    let account: Vec<&str> = issuer.rsplitn(3, ':').collect();
    let [address, chain, namespace] = *account else {
        return Ok(());
    };
    let whole = namespace
        .rsplit(':')
        .next()
        .map(|own| format!("{own}:{chain}"));
    let same = match members.get("chainId") {
        None | Some(Ipld::Null) => true,
        Some(Ipld::String(text)) => text == chain || Some(text) == whole.as_ref(),
        Some(Ipld::Integer(number)) => number.to_string() == chain,
        Some(_) => false,
    };
    if !same {
        return Err(contradicted(Field::Issuer, "p.chainId"));
    }
    match members.get("address") {
        None | Some(Ipld::Null) => Ok(()),
        Some(Ipld::String(text)) if text.eq_ignore_ascii_case(address) => Ok(()),
        Some(_) => Err(contradicted(Field::Issuer, "p.address")),
    }
}

fn contradicted(field: Field, by: &'static str) -> Refusal {
    Refusal::Value(Error::field(field, Problem::Contradicted(by)))
}

fn signature<'a>(members: &'a Map, found: &mut Variations) -> Result<WireSignature<'a>, Refusal> {
    if members
        .keys()
        .any(|name| !matches!(&**name, "s" | "t" | "m"))
    {
        *found = found.with(Variation::UnsignedMembers);
    }
    let value = match members.get("s").ok_or(Refusal::Shape)? {
        Ipld::String(text) => SignatureValue::Text((&**text).into()),
        Ipld::Bytes(bytes) => SignatureValue::Bytes((&**bytes).into()),
        Ipld::List(list) => SignatureValue::Numbers(numbers(list)?),
        _ => return Err(Refusal::Shape),
    };
    let unsigned = |found: &mut Variations| *found = found.with(Variation::UnsignedMembers);
    let aad = match members.get("m") {
        None => None,
        Some(Ipld::Map(metadata)) => match metadata.get("aad") {
            Some(Ipld::Bytes(aad)) => {
                if metadata.len() > 1 {
                    unsigned(found);
                }
                Some((&**aad).into())
            }
            Some(_) => return Err(Refusal::Shape),
            None => {
                unsigned(found);
                None
            }
        },
        Some(Ipld::Null | Ipld::String(_)) => {
            unsigned(found);
            None
        }
        Some(_) => return Err(Refusal::Shape),
    };
    Ok(WireSignature {
        kind: Cow::Borrowed(text(members.get("t").ok_or(Refusal::Shape)?)?),
        value,
        aad,
    })
}

fn numbers(list: &[Ipld]) -> Result<Box<[u8]>, Refusal> {
    if list.len() > MAX_SIGNATURE_LEN {
        return Err(Refusal::Shape);
    }
    list.iter()
        .map(|number| match number {
            Ipld::Integer(number) => u8::try_from(*number).map_err(|_| Refusal::Shape),
            _ => Err(Refusal::Shape),
        })
        .collect()
}

fn resources(list: &Ipld) -> Result<Vec<Cow<'_, str>>, Refusal> {
    match list {
        Ipld::List(list) if list.len() <= MAX_RESOURCES => list
            .iter()
            .map(|resource| text(resource).map(Cow::Borrowed))
            .collect(),
        _ => Err(Refusal::Shape),
    }
}

/// A text, unless it is empty or null.
fn there(value: &Ipld) -> Result<Option<&str>, Refusal> {
    match value {
        Ipld::Null => Ok(None),
        other => text(other).map(|text| Some(text).filter(|text| !text.is_empty())),
    }
}

fn text(value: &Ipld) -> Result<&str, Refusal> {
    match value {
        Ipld::String(text) => Ok(text),
        _ => Err(Refusal::Shape),
    }
}

fn map(value: &Ipld) -> Result<&Map, Refusal> {
    match value {
        Ipld::Map(map) => Ok(map),
        _ => Err(Refusal::Shape),
    }
}
