//! What the readers of JSON make of texts that a decoder may read in several ways: which of them it
//! takes must not depend on what another crate of the build made of the decoder.

use cacao::recap::{Recap, RecapError, Restriction};
use cacao::{Cacao, MemberOrder};
use dag_jws::{GeneralJws, Jws, StrictJson, UnsignedJws, dag_json};
use data_encoding::BASE64URL_NOPAD;
use didkey::DidKey;
use serde_json::Value;

/// Values, each of which stands in the places of [`everywhere`], too.
const VALUES: [&str; 34] = [
    "0",
    "-0",
    "-0.0",
    "1",
    "-1",
    "1.0",
    "1.50",
    "1e3",
    "1E+3",
    "1e23",
    "0.1",
    "4.35",
    "5e-324",
    "1.7976931348623157e308",
    "9007199254740993",
    "-9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "100000000000000000000",
    "0.1000000000000000055",
    "1e400",
    "1e-400",
    "01",
    "1.",
    "-",
    r#"{"$serde_json::private::Number":"1"}"#,
    r#"{"$serde_json::private::Number":1}"#,
    r#"{"$serde_json::private::Number":"1","a":2}"#,
    r#"{"$serde_json::private::RawValue":"[1]"}"#,
    r#"{"$serde_json::private::RawValue":"not JSON"}"#,
    r#"{"b":1,"a":{"10":1,"9":[2.0],"\u0061":3}}"#,
    r#"{"a":1,"a":1}"#,
];

/// Texts in which a value stands, deep and not.
fn everywhere(value: &str) -> [String; 3] {
    let deep = format!("{}{value}{}", "[".repeat(60), "]".repeat(60));
    [value.to_owned(), format!(r#"{{"z":1,"a":{value}}}"#), deep]
}

fn code<T, E>(
    read: Result<T, E>,
    shown: impl FnOnce(T) -> String,
    code: impl FnOnce(&E) -> &'static str,
) -> String {
    read.map_or_else(|error| code(&error).to_owned(), shown)
}

/// What was wrong with a `ReCap`, without what a decoder says of it.
fn variant(error: &RecapError) -> &'static str {
    match error {
        RecapError::Json { .. } => "json",
        RecapError::TooDeep { .. } => "too_deep",
        RecapError::DuplicateName { .. } => "duplicate_name",
        _ => "other",
    }
}

/// The payload and the header that are signed, as bytes.
fn signed(unsigned: UnsignedJws, key: &DidKey) -> String {
    let input = unsigned.prepare(key);
    let shown = |input: dag_jws::SigningInput| {
        let text = String::from_utf8_lossy(input.as_bytes()).into_owned();
        let parts = text.split('.').map(|part| {
            let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        });
        parts.collect::<Vec<_>>().join(" ")
    };
    code(input, shown, dag_jws::Error::code)
}

/// A JWS in compact form whose header has this member.
fn compact(header: &str) -> String {
    let header = BASE64URL_NOPAD.encode(header.as_bytes());
    let signature = BASE64URL_NOPAD.encode(&[7; 64]);
    format!("{header}.e30.{signature}")
}

fn of_jws(jws: &Jws) -> String {
    let members = jws.header().members();
    // their order is that of a map
    let mut members: Vec<_> = members.map(|(name, _)| name).collect();
    members.sort_unstable();
    format!("{} {}", members.join(","), jws.to_general())
}

/// What the readers say of one text, by their names.
fn of_text(text: &str, capability: &str, key: &DidKey) -> Vec<(&'static str, String)> {
    let of_cacao = |cacao: Cacao| {
        let [cid, identity] = [cacao.cid(), cacao.identity()];
        format!("{cid} {identity} {}", cacao.to_json(MemberOrder::Session))
    };
    let member = |name: &str| {
        let text = capability.replacen('{', &format!("{{\"{name}\":{text},"), 1);
        code(Cacao::from_json(&text), of_cacao, cacao::Error::code)
    };
    let in_payload = |name: &str| {
        let payload = "\"p\":{";
        let text = capability.replacen(payload, &format!("{payload}\"{name}\":{text},"), 1);
        code(Cacao::from_json(&text), of_cacao, cacao::Error::code)
    };
    let signature = {
        let (before, rest) = capability.split_once(r#""s":""#).unwrap_or_default();
        let (_, after) = rest.split_once('"').unwrap_or_default();
        let text = format!(r#"{before}"s":{text}{after}"#);
        code(Cacao::from_json(&text), of_cacao, cacao::Error::code)
    };
    let kid = format!("{key}#{}", key.as_str().trim_start_matches("did:key:"));
    let header = format!(r#"{{"alg":"EdDSA","kid":"{kid}","x":{text}}}"#);
    let strange = format!(r#"{{"alg":{text},"kid":"{kid}"}}"#);
    let general = |header: &str| {
        let protected = BASE64URL_NOPAD.encode(header.as_bytes());
        let signature = BASE64URL_NOPAD.encode(&[7; 64]);
        let entry = format!(
            r#"{{"signature":"{signature}","header":{{"y":{text}}},"protected":"{protected}"}}"#
        );
        format!(r#"{{"payload":"e30","other":{text},"signatures":[{entry}]}}"#)
    };
    let plain = format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#);
    let strict = StrictJson::parse(text);
    let mut said = vec![
        (
            "a payload",
            code(
                UnsignedJws::json(text),
                |it| signed(it, key),
                dag_jws::Error::code,
            ),
        ),
        (
            "a member of a header that is written",
            code(
                strict.and_then(|value| {
                    let unsigned = UnsignedJws::json("{}")?;
                    Ok(unsigned.with_header_member("x", value.into_value()))
                }),
                |it| signed(it, key),
                dag_jws::Error::code,
            ),
        ),
        (
            "DAG-JSON",
            code(
                dag_json::parse(text).and_then(|value| dag_json::to_string(&value)),
                |it| it,
                dag_jws::Error::code,
            ),
        ),
        (
            "a header",
            code(
                Jws::parse(&compact(&header)),
                |it| of_jws(&it),
                dag_jws::Error::code,
            ),
        ),
        (
            "an algorithm",
            code(
                Jws::parse(&compact(&strange)),
                |it| of_jws(&it),
                dag_jws::Error::code,
            ),
        ),
        (
            "a general JWS",
            code(
                GeneralJws::parse(&general(&plain)).and_then(|it| it.signature(0)),
                |it| of_jws(&it),
                dag_jws::Error::code,
            ),
        ),
        (
            "a general JWS by serde",
            code(
                serde_json::from_str::<Jws>(&general(&plain)),
                |it| of_jws(&it),
                |_| "refused",
            ),
        ),
        (
            "a ReCap",
            code(Recap::from_json(text), |it| it.to_json(), variant),
        ),
    ];
    said.push(("a signature", signature));
    if text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        // a decoder rounds a number, or leaves that to us; both refuse what is beyond all doubles
        let signed_value = serde_json::from_str::<Value>(text)
            .ok()
            .and_then(|value| UnsignedJws::object(&value).ok())
            .map_or_else(|| "refused".to_owned(), |unsigned| signed(unsigned, key));
        said.push(("a payload that the caller read", signed_value));
    }
    for name in ["x", "h", "p"] {
        said.push(("a member of a capability", member(name)));
    }
    for name in ["version", "x", "iat", "nonce", "resources"] {
        said.push(("a member of a payload", in_payload(name)));
    }
    let att =
        format!(r#"{{"att":{{"https://a.example":{{"a/b":[{{"z":{text},"a":1}}]}}}},"prf":[]}}"#);
    let recap = Recap::from_json(&att);
    said.push(("a restriction", code(recap, |it| it.to_json(), variant)));
    if let Ok(value) = StrictJson::parse(&format!(r#"{{"z":{text},"a":1}}"#)) {
        let restriction = Restriction::new(value.value());
        let shown = |it: Restriction| format!("{it:?}");
        let said_so = code(restriction, shown, variant);
        said.push(("a restriction that is made", said_so));
    }
    said
}

/// What all readers say of all texts, a line each. `capability` is a sound one.
///
/// # Errors
/// None in truth: the key is one.
pub fn lines(capability: &str) -> Result<Vec<String>, didkey::Error> {
    let key: DidKey = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp".parse()?;
    let mut lines = Vec::new();
    for text in VALUES.iter().flat_map(|value| everywhere(value)) {
        for (reader, said) in of_text(&text, capability, &key) {
            lines.push(format!("{reader}: {text}\t{said}"));
        }
    }
    Ok(lines)
}
