//! `arbitrary::Arbitrary`: values from unstructured bytes, for the fuzz targets of those who
//! build on this crate.

use crate::{
    AccountId, Cacao, HeaderType, Issuer, Payload, Signature, SignatureKind, SignatureValue,
    Timestamp, UnixTime,
};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use arbitrary::{Arbitrary, Error, Result, Unstructured};
use didkey::DidKey;

impl<'a> Arbitrary<'a> for UnixTime {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self::from_millis(u.int_in_range(0..=253_402_300_799_999)?))
    }
}

impl<'a> Arbitrary<'a> for Timestamp {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Self::from_unix_time(u.arbitrary()?).map_err(|_| Error::IncorrectFormat)
    }
}

impl<'a> Arbitrary<'a> for AccountId {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let address = base16ct::lower::encode_string(&u.arbitrary::<[u8; 20]>()?);
        let text = match u.int_in_range(0..=2)? {
            0 => format!("eip155:{}:0x{address}", u.arbitrary::<u32>()?),
            1 => format!("eip155:1:0x{}", address.to_ascii_uppercase()),
            _ => format!("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:{address}"),
        };
        text.parse().map_err(|_| Error::IncorrectFormat)
    }
}

impl<'a> Arbitrary<'a> for Issuer {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        if u.ratio(1, 4)? {
            Ok(Self::Key(DidKey::arbitrary(u)?))
        } else {
            u.arbitrary().map(Self::Pkh)
        }
    }
}

impl<'a> Arbitrary<'a> for HeaderType {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.choose(&[Self::Eip4361, Self::Caip122]).copied()
    }
}

/// A text without control characters, never empty.
fn text(u: &mut Unstructured<'_>) -> Result<String> {
    let text: String = u
        .arbitrary::<&str>()?
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    Ok(if text.is_empty() {
        String::from("x")
    } else {
        text
    })
}

impl<'a> Arbitrary<'a> for Payload {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let (domain, audience, nonce) = (text(u)?, text(u)?, text(u)?);
        let mut builder = Self::builder(&domain, u.arbitrary()?, &audience, &nonce, u.arbitrary()?);
        if u.arbitrary()? {
            builder = builder.with_expires_at(u.arbitrary()?);
        }
        if u.arbitrary()? {
            builder = builder.with_not_before(u.arbitrary()?);
        }
        if u.arbitrary()? {
            builder = builder.with_statement(&text(u)?);
        }
        if u.arbitrary()? {
            builder = builder.with_request_id(&text(u)?);
        }
        if u.arbitrary()? {
            let len = u.int_in_range(0..=4)?;
            let list: Result<Vec<_>> = (0..len).map(|_| text(u)).collect();
            builder = builder.with_resources(list?);
        }
        builder.build().map_err(|_| Error::IncorrectFormat)
    }
}

impl<'a> Arbitrary<'a> for Signature {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let kinds = [
            SignatureKind::EIP191,
            SignatureKind::SOLANA_ED25519,
            SignatureKind::EIP1271,
        ];
        let kind = u.choose(&kinds)?.clone();
        let value = match u.int_in_range(0..=2)? {
            0 => SignatureValue::Text(u.arbitrary::<&str>()?.into()),
            1 => SignatureValue::Bytes(u.arbitrary::<&[u8]>()?.into()),
            _ => SignatureValue::Numbers(u.arbitrary::<&[u8]>()?.into()),
        };
        let aad = u.arbitrary::<Option<&[u8]>>()?.map(Box::from);
        Self::new(kind, value, aad).map_err(|_| Error::IncorrectFormat)
    }
}

impl<'a> Arbitrary<'a> for Cacao {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self::new(u.arbitrary()?, u.arbitrary()?, u.arbitrary()?))
    }
}
