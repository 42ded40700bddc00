//! Writes the one DAG-CBOR encoding of a capability straight from the model: the members of every
//! map are known, and stand here in the order that DAG-CBOR has (shorter names first).

use crate::model::{HeaderType, Payload, Signature, SignatureValue};
use alloc::vec::Vec;
use cbor4ii::core::enc::{Encode, Error, Write};
use cbor4ii::core::types::{Array, Bytes, Map};
use core::convert::Infallible;

type Written = Result<(), Error<Infallible>>;

/// The block of a capability.
pub(super) fn of_capability(
    header: HeaderType,
    payload: &Payload,
    signature: Option<&Signature>,
) -> Vec<u8> {
    let mut out = Out(Vec::with_capacity(1024));
    // a growing buffer refuses nothing, and all lengths are known
    let _ = capability(&mut out, header, payload, signature);
    out.0
}

/// What a passkey signs: header and payload without the issuer, whom the passkey does not know.
#[cfg(feature = "webauthn")]
pub(super) fn without_issuer(header: HeaderType, payload: &Payload) -> Vec<u8> {
    let mut out = Out(Vec::with_capacity(1024));
    let _ = unsigned(&mut out, header, payload);
    out.0
}

struct Out(Vec<u8>);

impl Write for Out {
    type Error = Infallible;

    fn push(&mut self, input: &[u8]) -> Result<(), Infallible> {
        self.0.extend_from_slice(input);
        Ok(())
    }
}

fn capability(
    out: &mut Out,
    header: HeaderType,
    payload: &Payload,
    signature: Option<&Signature>,
) -> Written {
    Map::bounded(2 + usize::from(signature.is_some()), out)?;
    write_header(out, header)?;
    write_payload(out, payload, true)?;
    signature.map_or(Ok(()), |signature| write_signature(out, signature))
}

#[cfg(feature = "webauthn")]
fn unsigned(out: &mut Out, header: HeaderType, payload: &Payload) -> Written {
    Map::bounded(2, out)?;
    write_header(out, header)?;
    write_payload(out, payload, false)
}

fn write_header(out: &mut Out, header: HeaderType) -> Written {
    "h".encode(out)?;
    Map::bounded(1, out)?;
    "t".encode(out)?;
    header.as_str().encode(out)
}

fn write_payload(out: &mut Out, p: &Payload, with_issuer: bool) -> Written {
    let optional = [
        p.expires_at().is_some(),
        with_issuer,
        p.not_before().is_some(),
        p.request_id().is_some(),
        p.has_resource_list(),
        p.statement().is_some(),
    ];
    "p".encode(out)?;
    Map::bounded(5 + optional.iter().filter(|there| **there).count(), out)?;
    text(out, "aud", Some(p.audience()))?;
    text(out, "exp", p.expires_at().map(crate::Timestamp::as_str))?;
    text(out, "iat", Some(p.issued_at().as_str()))?;
    if with_issuer {
        text(out, "iss", Some(&p.issuer().did()))?;
    }
    text(out, "nbf", p.not_before().map(crate::Timestamp::as_str))?;
    text(out, "nonce", Some(p.nonce()))?;
    text(out, "domain", Some(p.domain()))?;
    text(out, "version", Some(p.version()))?;
    text(out, "requestId", p.request_id())?;
    if p.has_resource_list() {
        "resources".encode(out)?;
        let mut resources = p.resources();
        Array::bounded(resources.len(), out)?;
        resources.try_for_each(|resource| resource.encode(out))?;
    }
    text(out, "statement", p.statement())
}

fn write_signature(out: &mut Out, signature: &Signature) -> Written {
    "s".encode(out)?;
    Map::bounded(2 + usize::from(signature.aad().is_some()), out)?;
    if let Some(aad) = signature.aad() {
        "m".encode(out)?;
        Map::bounded(1, out)?;
        "aad".encode(out)?;
        Bytes(aad).encode(out)?;
    }
    "s".encode(out)?;
    match signature.value() {
        SignatureValue::Text(text) => (&**text).encode(out)?,
        SignatureValue::Bytes(bytes) => Bytes(&**bytes).encode(out)?,
        SignatureValue::Numbers(numbers) => {
            Array::bounded(numbers.len(), out)?;
            numbers.iter().try_for_each(|number| number.encode(out))?;
        }
    }
    "t".encode(out)?;
    signature.kind().as_str().encode(out)
}

fn text(out: &mut Out, name: &str, value: Option<&str>) -> Written {
    let Some(value) = value else { return Ok(()) };
    name.encode(out)?;
    value.encode(out)
}

#[cfg(all(test, feature = "proptest"))]
mod tests {
    use super::*;
    use crate::codec::MemberOrder;
    use crate::codec::write::Ordered;
    use crate::{Cacao, strategies};
    use alloc::string::String;
    use proptest::prelude::*;

    proptest! {
        /// The general encoder, which sorts by itself, writes the same.
        #[test]
        fn the_members_are_sorted(cacao in strategies::cacao(), value: [u8; 30], kind in 0..3) {
            let signature = cacao.signature().map(|signature| {
                let value = match kind {
                    0 => SignatureValue::Text(String::from("x").into()),
                    1 => SignatureValue::Bytes(value.into()),
                    _ => SignatureValue::Numbers(value.into()),
                };
                let aad = signature.aad().map(Into::into).or(Some([1, 2, 3].into()));
                Signature::new(signature.kind().clone(), value, aad).unwrap()
            });
            let other = Cacao::new(cacao.header(), cacao.payload().clone(), signature);
            for cacao in [&cacao, &other] {
                let ordered = Ordered { cacao, order: MemberOrder::DagJson };
                prop_assert_eq!(
                    cacao.to_dag_cbor(),
                    serde_ipld_dagcbor::to_vec(&ordered).unwrap()
                );
            }
        }
    }
}
