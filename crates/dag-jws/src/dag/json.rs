//! DAG-JSON: values of the IPLD data model as JSON, links as `{"/": "<CID>"}` and bytes as
//! `{"/": {"bytes": "<base64 without padding>"}}`.
//!
//! The reader is strict: no duplicate members, nothing else under the reserved name `/`, CIDs in
//! their one text, integers within 64 bits, other numbers only where their double has their value.

use super::block;
use crate::error::{Error, NOT_FINITE};
use crate::json::{check_exact, is_integer, read_unique, scan, write_string};
use crate::limits::{MAX_BLOCK_LEN, MAX_DEPTH};
use alloc::collections::BTreeMap;
use alloc::string::String;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use cacao::car::{cid_text, read_cid};
use core::fmt::Write;
use ipld_core::ipld::Ipld;
use serde_json::{Map, Number, Value};

/// The member name that DAG-JSON keeps for itself.
const RESERVED: &str = "/";
/// Largest integer below which every integer is a double of its own.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// Reads DAG-JSON as a program does whose numbers are all doubles: a float without a fraction,
/// `1.0` or `-0.0`, is an integer unless it is beyond ±(2^53 - 1). Integers of up to 64 bits are
/// kept exactly.
///
/// ```
/// use dag_jws::Ipld;
///
/// let value = dag_jws::dag_json::parse(r#"[1, 1.0, 0.5, {"/": {"bytes": "AQID"}}]"#)?;
/// assert_eq!(
///     value,
///     Ipld::List(vec![
///         Ipld::Integer(1),
///         Ipld::Integer(1),
///         Ipld::Float(0.5),
///         Ipld::Bytes(vec![1, 2, 3]),
///     ])
/// );
/// # Ok::<_, dag_jws::Error>(())
/// ```
///
/// # Errors
/// [`Error::Json`] when it is not DAG-JSON, [`Error::InexactNumber`] for a fraction or an exponent
/// whose double prints as another value, [`Error::TooDeep`], [`Error::TooLarge`].
pub fn parse(text: &str) -> Result<Ipld, Error> {
    if text.len() > MAX_BLOCK_LEN {
        return Err(Error::TooLarge {
            what: "DAG-JSON",
            limit: MAX_BLOCK_LEN,
        });
    }
    scan(text, check_number)?;
    from_value(read_unique(text).map_err(malformed)?)
}

/// Writes DAG-JSON in one line without spaces, members sorted by name. A float without a fraction
/// keeps its `.0`.
///
/// # Errors
/// [`Error::Value`] for what the data model forbids and for maps with the reserved name `/`,
/// [`Error::TooDeep`].
pub fn to_string(value: &Ipld) -> Result<String, Error> {
    block::check(value, MAX_DEPTH)?;
    let mut out = String::with_capacity(128);
    write(value, &mut out)?;
    Ok(out)
}

fn from_value(value: Value) -> Result<Ipld, Error> {
    Ok(match value {
        Value::Null => Ipld::Null,
        Value::Bool(bool) => Ipld::Bool(bool),
        Value::Number(number) => from_number(&number)?,
        Value::String(text) => Ipld::String(text),
        Value::Array(list) => {
            Ipld::List(list.into_iter().map(from_value).collect::<Result<_, _>>()?)
        }
        Value::Object(members) if members.contains_key(RESERVED) => from_reserved(members)?,
        Value::Object(members) => Ipld::Map(
            members
                .into_iter()
                .map(|(name, member)| Ok((name, from_value(member)?)))
                .collect::<Result<BTreeMap<_, _>, Error>>()?,
        ),
    })
}

fn from_number(number: &Number) -> Result<Ipld, Error> {
    if let Some(integer) = number.as_i64() {
        return Ok(Ipld::Integer(integer.into()));
    }
    if let Some(integer) = number.as_u64() {
        return Ok(Ipld::Integer(integer.into()));
    }
    let double = number
        .as_f64()
        .ok_or_else(|| malformed("a number is not finite"))?;
    // an integer below 2^53 converts exactly, minus zero to zero
    #[allow(clippy::cast_possible_truncation)]
    let integer = double as i64;
    #[allow(clippy::cast_precision_loss)]
    let same = integer as f64 == double;
    if same && double.abs() <= MAX_SAFE_INTEGER {
        return Ok(Ipld::Integer(integer.into()));
    }
    Ok(Ipld::Float(double))
}

/// A map with the name `/` is a link, bytes, or refused.
fn from_reserved(mut members: Map<String, Value>) -> Result<Ipld, Error> {
    let reserved = members.remove(RESERVED);
    if !members.is_empty() {
        return Err(malformed("a member stands beside \"/\""));
    }
    match reserved {
        Some(Value::String(text)) => read_cid(&text)
            .map(Ipld::Link)
            .ok_or_else(|| malformed("a link is not a CID in its one text")),
        Some(Value::Object(mut inner)) => match (inner.remove("bytes"), inner.is_empty()) {
            (Some(Value::String(text)), true) => STANDARD_NO_PAD
                .decode(text)
                .map(Ipld::Bytes)
                .map_err(|_| malformed("bytes are not valid unpadded base64")),
            _ => Err(malformed("under \"/\" stands neither a link nor bytes")),
        },
        _ => Err(malformed("under \"/\" stands neither a link nor bytes")),
    }
}

/// Integers keep their digits, within 64 bits; what has a fraction or an exponent is a double, and
/// must be what the text says.
fn check_number(number: &str) -> Result<(), Error> {
    if !is_integer(number) {
        return check_exact(number);
    }
    let fits = number.parse::<u64>().is_ok() || number.parse::<i64>().is_ok();
    // what has other characters is not a number at all, and its reader says so
    if fits || number.len() < 19 {
        return Ok(());
    }
    Err(malformed("an integer does not fit 64 bits"))
}

fn write(value: &Ipld, out: &mut String) -> Result<(), Error> {
    // writing to a String cannot fail
    match value {
        Ipld::Null => out.push_str("null"),
        Ipld::Bool(bool) => {
            let _ = write!(out, "{bool}");
        }
        Ipld::Integer(integer) => {
            let _ = write!(out, "{integer}");
        }
        Ipld::Float(float) => {
            let number = Number::from_f64(*float).ok_or(NOT_FINITE)?;
            let _ = write!(out, "{number}");
        }
        Ipld::String(text) => write_string(text, out),
        Ipld::Bytes(bytes) => {
            out.push_str("{\"/\":{\"bytes\":\"");
            STANDARD_NO_PAD.encode_string(bytes, out);
            out.push_str("\"}}");
        }
        Ipld::List(list) => {
            out.push('[');
            for (i, element) in list.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(element, out)?;
            }
            out.push(']');
        }
        Ipld::Map(map) => {
            if map.contains_key(RESERVED) {
                return Err(Error::Value {
                    detail: "a map has the name \"/\", which DAG-JSON keeps for itself",
                });
            }
            out.push('{');
            for (i, (name, member)) in map.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(name, out);
                out.push(':');
                write(member, out)?;
            }
            out.push('}');
        }
        Ipld::Link(cid) => {
            let _ = write!(out, "{{\"/\":\"{}\"}}", cid_text(cid));
        }
    }
    Ok(())
}

fn malformed(detail: impl Into<String>) -> Error {
    Error::Json {
        what: "DAG-JSON value",
        detail: detail.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    const CID: &str = "bafyreigxtx4kzvrrxmxym2gzmtzxiujieatzqiyzqhcwysf6bo2f4pdsja";

    fn ints(list: &[i128]) -> Ipld {
        Ipld::List(list.iter().copied().map(Ipld::Integer).collect())
    }

    #[test]
    fn numbers_are_those_of_a_program_with_doubles_only() {
        let read = parse("[1.0,-0.0,-0,1e3,9007199254740991.0,-9007199254740991.0]").unwrap();
        assert_eq!(
            read,
            ints(&[1, 0, 0, 1000, 9_007_199_254_740_991, -9_007_199_254_740_991])
        );
        let floats = [0.5, 9_007_199_254_740_992.0, 1e21, -1e300, 5e-324];
        let read = parse("[0.5,9007199254740992.0,1e21,-1e300,5e-324]").unwrap();
        assert_eq!(
            read,
            Ipld::List(floats.into_iter().map(Ipld::Float).collect())
        );
    }

    #[test]
    fn integers_are_exact_or_refused() {
        let read = parse("[18446744073709551615,-9223372036854775808,9007199254740993]").unwrap();
        assert_eq!(
            read,
            ints(&[u64::MAX.into(), i64::MIN.into(), 9_007_199_254_740_993])
        );
        for wide in [
            "18446744073709551616",
            "-9223372036854775809",
            "[1,100000000000000000000]",
            "{\"a\\\"\":100000000000000000000}",
            "[\"]\",100000000000000000000 ]",
        ] {
            assert!(parse(wide).is_err(), "{wide}");
        }
        // a text is not a number, an exponent makes a float
        assert!(parse("[\"18446744073709551616\",\"\\\\\",1e20]").is_ok());
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        for inexact in [
            "0.1000000000000000055",
            "9007199254740993.0",
            "1152921504606846976.0",
            "1e400",
            "1e-400",
            "[{\"a\":[0.30000000000000001]}]",
        ] {
            assert_eq!(
                parse(inexact).unwrap_err().code(),
                "inexact_number",
                "{inexact}"
            );
        }
        for not_a_character in [r#"["\ud83d"]"#, r#"{"\udc4d":1}"#] {
            assert!(parse(not_a_character).is_err(), "{not_a_character}");
        }
        // integers are not doubles here
        assert_eq!(
            parse("1152921504606846977").unwrap(),
            Ipld::Integer(1_152_921_504_606_846_977)
        );
    }

    #[test]
    fn links_and_bytes() {
        let text = format!(r#"{{"b":{{"/":{{"bytes":"AQI"}}}},"l":{{"/":"{CID}"}}}}"#);
        let value = Ipld::Map(BTreeMap::from([
            ("b".to_string(), Ipld::Bytes(Vec::from([1, 2]))),
            ("l".to_string(), Ipld::Link(CID.parse().unwrap())),
        ]));
        assert_eq!(parse(&text).unwrap(), value);
        assert_eq!(to_string(&value).unwrap(), text);
    }

    #[test]
    fn the_reserved_name_stands_for_nothing_else() {
        let upper = CID.to_ascii_uppercase();
        for bad in [
            r#"{"/":1}"#,
            r#"{"/":null}"#,
            r#"{"/":{}}"#,
            r#"{"/":""}"#,
            r#"{"/":"hello"}"#,
            r#"{"/":{"bytes":1}}"#,
            r#"{"/":{"bytes":"AQ=="}}"#,
            r#"{"/":{"bytes":"AR"}}"#,
            r#"{"/":{"bytes":"A-_x"}}"#,
            r#"{"/":{"bytes":"AQI","more":1}}"#,
            r#"{"/":{"bytes":"AQI"},"more":1}"#,
            r#"{"!":1,"/":{"bytes":"AQI"}}"#,
            &format!(r#"{{"/":"{upper}"}}"#),
            &format!(r#"{{"/":"{CID}","a":1}}"#),
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let map = Ipld::Map(BTreeMap::from([("/".to_string(), Ipld::Null)]));
        assert_eq!(to_string(&map).unwrap_err().code(), "unsupported_value");
    }

    #[test]
    fn duplicates_are_refused() {
        assert!(parse(r#"{"a":1,"a":1}"#).is_err());
    }
}
