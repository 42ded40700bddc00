//! The one DAG-CBOR encoding of a capability, both ways, straight from and into what the model is
//! made of: the members of every map are known, and so is their order.

use super::cbor::{Fault, Item, Reader, Writer};
use super::members::{Member, Value};
use super::wire::{Wire, WirePayload, WireSignature};
use crate::caip::Issuer;
use crate::error::Error;
use crate::limits::{MAX_RESOURCES, MAX_SIGNATURE_LEN};
use crate::model::{HeaderType, Payload, Signature, SignatureValue};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

/// Enough for a capability as wallets make it.
const USUAL_LEN: usize = 1024;

/// Reads the block of a capability to its end. Whether it is canonical is told beside it, since
/// what is wrong with a value is the better reason.
pub(super) fn read(block: &[u8]) -> Result<(Wire<'_>, bool), Error> {
    let mut reader = Reader::new(block);
    let wire = capability(&mut reader).and_then(|wire| match reader.rest() {
        [] => Ok(wire),
        _ => Err(Fault("the capability is followed by more bytes")),
    });
    match wire {
        Ok(wire) => Ok((wire, reader.is_canonical())),
        Err(Fault(what)) => {
            let at = block.len() - reader.rest().len();
            let detail = match reader.rest().first() {
                // counted from 1, as everywhere in messages
                Some(found) => format!("{what} (0x{found:02x} as byte {})", at + 1),
                None => format!("{what} (it ends after {at} bytes)"),
            };
            Err(Error::Cbor { detail })
        }
    }
}

fn capability<'a>(reader: &mut Reader<'a>) -> Result<Wire<'a>, Fault> {
    let members = reader.map()?;
    name(reader, "h")?;
    let header = header(reader)?;
    name(reader, "p")?;
    let payload = payload(reader)?;
    let signature = match members {
        2 => None,
        3 => {
            name(reader, "s")?;
            Some(signature(reader)?)
        }
        _ => return Err(Fault("the capability does not have the members h, p and s")),
    };
    Ok(Wire {
        header,
        payload,
        signature,
    })
}

fn header<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, str>, Fault> {
    if reader.map()? != 1 {
        return Err(Fault("the header does not have the one member t"));
    }
    name(reader, "t")?;
    reader.text()
}

fn payload<'a>(reader: &mut Reader<'a>) -> Result<WirePayload<'a>, Fault> {
    let mut payload = WirePayload::default();
    // each is looked for behind the one before it, so that none comes twice or out of order
    let mut members = Member::DAG_CBOR.into_iter();
    for _ in 0..reader.map()? {
        let name = reader.text()?;
        let member = members
            .find(|member| member.name() == name)
            .ok_or(Fault("a member is not known or not in its order"))?;
        if member == Member::Resources {
            payload.resources = Some(resources(reader)?);
        } else {
            *payload.text(member) = Some(reader.text()?);
        }
    }
    match payload.missing() {
        None => Ok(payload),
        Some(_) => Err(Fault("the payload lacks a member that every one has")),
    }
}

fn resources<'a>(reader: &mut Reader<'a>) -> Result<Vec<Cow<'a, str>>, Fault> {
    let len = bounded(reader.list()?, MAX_RESOURCES)?;
    // each has a byte at least: a length alone costs no memory
    let mut list = Vec::with_capacity(len.min(reader.rest().len()));
    for _ in 0..len {
        list.push(reader.text()?);
    }
    Ok(list)
}

fn signature<'a>(reader: &mut Reader<'a>) -> Result<WireSignature<'a>, Fault> {
    let aad = match reader.map()? {
        2 => None,
        3 => {
            name(reader, "m")?;
            if reader.map()? != 1 {
                return Err(Fault("the metadata does not have the one member aad"));
            }
            name(reader, "aad")?;
            Some(reader.bytes()?.into())
        }
        _ => return Err(Fault("the signature does not have the members m, s and t")),
    };
    name(reader, "s")?;
    let value = match reader.any()? {
        Item::Text(text) => SignatureValue::Text(text.into()),
        Item::Bytes(bytes) => SignatureValue::Bytes(bytes.into()),
        Item::List(len) => SignatureValue::Numbers(numbers(reader, len)?),
    };
    name(reader, "t")?;
    let kind = reader.text()?;
    Ok(WireSignature { kind, value, aad })
}

fn numbers(reader: &mut Reader<'_>, len: u64) -> Result<Box<[u8]>, Fault> {
    let len = bounded(len, MAX_SIGNATURE_LEN)?;
    let mut numbers = Vec::with_capacity(len.min(reader.rest().len()));
    for _ in 0..len {
        numbers.push(reader.byte()?);
    }
    Ok(numbers.into())
}

fn bounded(len: u64, limit: usize) -> Result<usize, Fault> {
    usize::try_from(len)
        .ok()
        .filter(|len| *len <= limit)
        .ok_or(Fault("a list is too long"))
}

fn name(reader: &mut Reader<'_>, wanted: &str) -> Result<(), Fault> {
    if reader.text()? == wanted {
        Ok(())
    } else {
        Err(Fault("a member is missing, not known or not in its order"))
    }
}

/// Writes the block of a capability.
pub(super) fn of_capability(
    header: HeaderType,
    payload: &Payload,
    signature: Option<&Signature>,
) -> Vec<u8> {
    let mut out = Writer::with_capacity(USUAL_LEN);
    out.map(2 + usize::from(signature.is_some()));
    write_header(&mut out, header);
    out.text("p");
    write_payload(&mut out, payload, |member| member.of(payload));
    if let Some(signature) = signature {
        write_signature(&mut out, signature);
    }
    out.finish()
}

/// What a passkey signs: header and payload without the issuer, whom the passkey does not know.
#[cfg(feature = "webauthn")]
pub(super) fn without_issuer(header: HeaderType, payload: &Payload) -> Vec<u8> {
    let mut out = Writer::with_capacity(USUAL_LEN);
    out.map(2);
    write_header(&mut out, header);
    out.text("p");
    write_payload(&mut out, payload, |member| match member {
        Member::Issuer => None,
        other => other.of(payload),
    });
    out.finish()
}

/// The payload alone, in the one spelling of what it means: see
/// [`Cacao::identity`](crate::Cacao::identity).
pub(super) fn of_identity(payload: &Payload) -> Vec<u8> {
    let issuer = payload.issuer().normalized();
    let mut out = Writer::with_capacity(USUAL_LEN);
    write_payload(&mut out, payload, |member| match member {
        Member::Issuer => Some(Value::Issuer(&issuer)),
        Member::Resources if payload.resources().len() == 0 => None,
        other => other.of(payload),
    });
    out.finish()
}

fn write_header(out: &mut Writer, header: HeaderType) {
    out.text("h");
    out.map(1);
    out.text("t");
    out.text(header.as_str());
}

fn write_payload<'a>(
    out: &mut Writer,
    payload: &Payload,
    value: impl Fn(Member) -> Option<Value<'a>>,
) {
    let values = || {
        Member::DAG_CBOR
            .into_iter()
            .filter_map(|member| value(member).map(|value| (member, value)))
    };
    out.map(values().count());
    for (member, value) in values() {
        out.text(member.name());
        match value {
            Value::Text(text) => out.text(text),
            Value::Issuer(Issuer::Pkh(account)) => out.text_of([Issuer::PKH, account.as_str()]),
            Value::Issuer(Issuer::Key(key)) => out.text(key.as_str()),
            Value::List => {
                out.list(payload.resources().len());
                payload.resources().for_each(|resource| out.text(resource));
            }
        }
    }
}

fn write_signature(out: &mut Writer, signature: &Signature) {
    out.text("s");
    out.map(2 + usize::from(signature.aad().is_some()));
    if let Some(aad) = signature.aad() {
        out.text("m");
        out.map(1);
        out.text("aad");
        out.bytes(aad);
    }
    out.text("s");
    match signature.value() {
        SignatureValue::Text(text) => out.text(text),
        SignatureValue::Bytes(bytes) => out.bytes(bytes),
        SignatureValue::Numbers(numbers) => {
            out.list(numbers.len());
            numbers.iter().for_each(|number| out.byte(*number));
        }
    }
    out.text("t");
    out.text(signature.kind().as_str());
}

#[cfg(test)]
mod tests {
    use crate::Cacao;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    const JSON: &str = concat!(
        r#"{"h":{"t":"eip4361"},"p":{"domain":"a","iat":"2023-04-06T16:15:19.058Z","#,
        r#""iss":"did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44","aud":"b","#,
        r#""version":"1","nonce":"n"},"s":{"t":"x","s":"y"}}"#
    );

    fn block() -> Vec<u8> {
        Cacao::from_json(JSON).unwrap().to_dag_cbor()
    }

    /// The block with other bytes in the one place where these stand.
    fn changed(edits: &[(&[u8], &[u8])]) -> Vec<u8> {
        edits.iter().fold(block(), |block, (from, to)| {
            let mut places = block.windows(from.len()).enumerate();
            let (at, _) = places.find(|(_, window)| window == from).unwrap();
            assert!(places.all(|(_, window)| window != *from), "{from:?}");
            [&block[..at], to, &block[at + from.len()..]].concat()
        })
    }

    /// What cannot be read comes first, then what a member must not hold, then another spelling.
    #[test]
    fn of_several_faults_the_first_in_rank_is_told() {
        const IN_PARTS: (&[u8], &[u8]) = (b"domain\x61a", b"domain\x7f\x61a\xff");
        const OTHER_VERSION: (&[u8], &[u8]) = (b"version\x611", b"version\x612");
        const NO_TEXT: (&[u8], &[u8]) = (b"at\x61x", b"at\x01");
        for (edits, code) in [
            (&[IN_PARTS][..], "not_canonical"),
            (&[OTHER_VERSION], "invalid_field"),
            (&[NO_TEXT], "malformed_cbor"),
            (&[IN_PARTS, OTHER_VERSION], "invalid_field"),
            (&[IN_PARTS, OTHER_VERSION, NO_TEXT], "malformed_cbor"),
            // the name of a member in parts
            (
                &[(b"\x66domain", b"\x7f\x63dom\x63ain\xff")],
                "not_canonical",
            ),
        ] {
            let error = Cacao::from_dag_cbor(&changed(edits)).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
        }
    }

    #[test]
    fn a_block_that_is_not_of_this_shape_is_refused_and_says_where() {
        let cases: [(&[u8], &[u8], &str); 12] = [
            (b"\xa3ah", b"\xa4ah", "the members h, p and s"),
            (b"\xa3ah", b"\xa2ah", "followed by more bytes"),
            (b"\xa3ah", b"\xbfah", "no length (0x61 as byte 2)"),
            (b"ah\xa1", b"ax\xa1", "in its order"),
            (b"\xa1at", b"\xa0at", "the one member t"),
            (b"version", b"Version", "in its order"),
            // sorted otherwise: nonce is the shorter name
            (
                b"enonce\x61nfdomain\x61a",
                b"fdomain\x61aenonce\x61n",
                "in its order",
            ),
            // the same twice
            (
                b"enonce\x61nfdomain\x61a",
                b"enonce\x61nenonce\x61n",
                "in its order",
            ),
            (b"\xa6caud\x61b", b"\xa5", "lacks a member"),
            (b"caud\x61b", b"caud\xf6", "text is wanted (0xf6 as byte"),
            (b"as\x61y", b"as\xa0", "text, bytes or a list"),
            (b"as\x61y", b"as\x81\x18\x07", "shortest"),
        ];
        for (from, to, why) in cases {
            let error = Cacao::from_dag_cbor(&changed(&[(from, to)])).unwrap_err();
            assert_eq!(error.code(), "malformed_cbor", "{error}");
            assert!(error.to_string().contains(why), "{error}");
        }
        let whole = block();
        for end in 0..whole.len() {
            let error = Cacao::from_dag_cbor(&whole[..end]).unwrap_err();
            assert_eq!(error.code(), "malformed_cbor", "{error}");
        }
        let error = Cacao::from_dag_cbor(&[&whole[..], b"\x00"].concat()).unwrap_err();
        assert!(
            error.to_string().contains("followed by more bytes"),
            "{error}"
        );
    }

    /// A length that is not there costs no memory.
    #[test]
    fn lengths_are_bounded_before_memory_is_taken() {
        let resources = |list: &[u8]| {
            let to = [b"iresources", list].concat();
            changed(&[
                (b"\xa6caud", b"\xa7caud"),
                (b"version\x611", &[b"version\x611", &to[..]].concat()),
            ])
        };
        assert!(Cacao::from_dag_cbor(&resources(b"\x80")).is_ok());
        for list in [
            &b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"[..],
            b"\x99\x10\x01",
            b"\x99\x10\x00",
        ] {
            let error = Cacao::from_dag_cbor(&resources(list)).unwrap_err();
            assert_eq!(error.code(), "malformed_cbor", "{error}");
        }
    }
}
