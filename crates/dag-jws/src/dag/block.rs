//! A value of the IPLD data model as its DAG-CBOR block.

use crate::error::{Error, NOT_FINITE};
use crate::limits::{MAX_BLOCK_LEN, MAX_DEPTH};
use alloc::string::ToString;
use alloc::vec::Vec;
use ipld_core::ipld::Ipld;

/// What CBOR has no integer for.
pub(super) const NOT_64_BITS: Error = Error::Value {
    detail: "an integer does not fit 64 bits",
};

/// The one DAG-CBOR encoding: maps sorted by the length of their keys, then by the keys; floats
/// in 64 bits; what the data model forbids is refused.
pub(super) fn encode(value: &Ipld) -> Result<Vec<u8>, Error> {
    check(value, MAX_DEPTH)?;
    let block = serde_ipld_dagcbor::to_vec(value).map_err(|_| Error::Value {
        detail: "it cannot be written as DAG-CBOR",
    })?;
    check_len("linked block", &block)?;
    Ok(block)
}

pub(super) fn decode(block: &[u8]) -> Result<Ipld, Error> {
    serde_ipld_dagcbor::from_slice(block).map_err(|error| Error::DagCbor {
        detail: error.to_string(),
    })
}

pub(super) fn check_len(what: &'static str, block: &[u8]) -> Result<(), Error> {
    if block.len() > MAX_BLOCK_LEN {
        return Err(Error::TooLarge {
            what,
            limit: MAX_BLOCK_LEN,
        });
    }
    Ok(())
}

pub(super) fn check(value: &Ipld, depth: usize) -> Result<(), Error> {
    let deeper = || {
        depth
            .checked_sub(1)
            .ok_or(Error::TooDeep { limit: MAX_DEPTH })
    };
    match value {
        Ipld::Float(float) if !float.is_finite() => Err(NOT_FINITE),
        Ipld::Integer(integer) if !fits_64_bits(*integer) => Err(NOT_64_BITS),
        Ipld::List(list) => {
            let depth = deeper()?;
            list.iter().try_for_each(|element| check(element, depth))
        }
        Ipld::Map(map) => {
            let depth = deeper()?;
            map.values().try_for_each(|member| check(member, depth))
        }
        _ => Ok(()),
    }
}

/// CBOR's two integer types: from -2^64 to 2^64 - 1.
fn fits_64_bits(integer: i128) -> bool {
    u64::try_from(integer).is_ok() || u64::try_from(-1 - integer).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn what_the_data_model_forbids() {
        for (value, code) in [
            (Ipld::Float(f64::NAN), "unsupported_value"),
            (Ipld::Float(f64::INFINITY), "unsupported_value"),
            (Ipld::Integer(1 << 64), "unsupported_value"),
            (Ipld::Integer(-(1 << 64) - 1), "unsupported_value"),
            (Ipld::Integer(i128::MIN), "unsupported_value"),
            (Ipld::Bytes(vec![0; MAX_BLOCK_LEN + 1]), "too_large"),
        ] {
            let nested = Ipld::List(vec![value]);
            assert_eq!(encode(&nested).unwrap_err().code(), code);
        }
    }

    #[test]
    fn the_edges_of_64_bits_are_kept() {
        for integer in [(1 << 64) - 1, -(1 << 64), i64::MIN.into(), 0, -1] {
            let value = Ipld::Integer(integer);
            assert_eq!(decode(&encode(&value).unwrap()).unwrap(), value);
        }
    }

    #[test]
    fn one_encoding() {
        for block in [
            // longer than need be: an integer, a length
            &b"\x18\x01"[..],
            b"\x1b\x00\x00\x00\x00\x00\x00\x00\x01",
            b"\x58\x01\x00",
            b"\x98\x01\x00",
            // without a length, cut off, more than one value
            b"\x9f\x01\xff",
            b"\x82\x01",
            b"\x01\x01",
            b"",
            // floats in 16 and 32 bits, not a number, infinity
            b"\xf9\x38\x00",
            b"\xfa\x3f\x00\x00\x00",
            b"\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00",
            b"\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00",
            // members out of order, by length and by bytes; twice; named by a number
            b"\xa2\x62aa\x01\x61b\x02",
            b"\xa2\x61b\x01\x61a\x02",
            b"\xa2\x61a\x01\x61a\x02",
            b"\xa1\x01\x02",
            // undefined, another tag, no UTF-8
            b"\xf7",
            b"\xc1\x01",
            b"\x61\xff",
        ] {
            assert!(decode(block).is_err(), "{block:x?}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |levels| (0..levels).fold(Ipld::Null, |inner, _| Ipld::List(vec![inner]));
        let block = encode(&deep(MAX_DEPTH)).unwrap();
        assert_eq!(decode(&block).unwrap(), deep(MAX_DEPTH));
        assert_eq!(encode(&deep(MAX_DEPTH + 1)).unwrap_err().code(), "too_deep");
        // a hostile block
        assert!(decode(&vec![0x81; 1 << 20]).is_err());
    }
}
