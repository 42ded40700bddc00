//! The examples of ERC-5573, what is read and refused, words and restrictions.

mod judging;

use super::*;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};
use serde_json::json;

/// The first example of ERC-5573; its lists are empty, so that it grants nothing.
const FIRST: &str = "urn:recap:eyJhdHQiOnsiaHR0cHM6Ly9leGFtcGxlLmNvbSI6eyJleGFtcGxlL2FwcGVuZCI6W10sI\
    mV4YW1wbGUvcmVhZCI6W10sIm90aGVyL2FjdGlvbiI6W119LCJteTpyZXNvdXJjZTp1cmkuMSI6eyJleGFtcGxlL2FwcGV\
    uZCI6W10sImV4YW1wbGUvZGVsZXRlIjpbXX0sIm15OnJlc291cmNlOnVyaS4yIjp7ImV4YW1wbGUvYXBwZW5kIjpbXX0sI\
    m15OnJlc291cmNlOnVyaS4zIjp7ImV4YW1wbGUvYXBwZW5kIjpbXX19LCJwcmYiOltdfQ";
const FIRST_SAYS: &str = "I further authorize the stated URI to perform the following actions on my \
    behalf: (1) 'example': 'append', 'read' for 'https://example.com'. (2) 'other': 'action' for \
    'https://example.com'. (3) 'example': 'append', 'delete' for 'my:resource:uri.1'. (4) \
    'example': 'append' for 'my:resource:uri.2'. (5) 'example': 'append' for 'my:resource:uri.3'.";
/// The second, with restrictions and a proof.
const SECOND: &str = "urn:recap:eyJhdHQiOnsiaHR0cHM6Ly9leGFtcGxlLmNvbS9waWN0dXJlcy8iOnsiY3J1ZC9kZWx\
    ldGUiOlt7fV0sImNydWQvdXBkYXRlIjpbe31dLCJvdGhlci9hY3Rpb24iOlt7fV19LCJtYWlsdG86dXNlcm5hbWVAZXhhb\
    XBsZS5jb20iOnsibXNnL3JlY2VpdmUiOlt7Im1heF9jb3VudCI6NSwidGVtcGxhdGVzIjpbIm5ld3NsZXR0ZXIiLCJtYXJ\
    rZXRpbmciXX1dLCJtc2cvc2VuZCI6W3sidG8iOiJzb21lb25lQGVtYWlsLmNvbSJ9LHsidG8iOiJqb2VAZW1haWwuY29tI\
    n1dfX0sInByZiI6WyJ6ZGo3V2o2Rk5TNHJVVWJzaUp2amp4Y3NOcVpkRENTaVlSOHNLUVhmb1BmcFNadUF3Il19";
const SECOND_SAYS: &str = "I further authorize the stated URI to perform the following actions on my \
    behalf: (1) 'crud': 'delete', 'update' for 'https://example.com/pictures/'. (2) 'other': \
    'action' for 'https://example.com/pictures/'. (3) 'msg': 'receive', 'send' for \
    'mailto:username@example.com'.";

fn of(details: &serde_json::Value) -> String {
    String::from(PREFIX) + &BASE64URL_NOPAD.encode(details.to_string().as_bytes())
}

#[test]
fn the_examples_of_the_erc_are_written_and_said_to_the_letter() {
    let pictures = "https://example.com/pictures/";
    let mail = "mailto:username@example.com";
    let second = Recap::builder()
        .with_restricted_ability(mail, "msg/send", json!({"to": "someone@email.com"}))
        .with_restricted_ability(mail, "msg/send", json!({"to": "joe@email.com"}))
        .with_restricted_ability(
            mail,
            "msg/receive",
            json!({"templates": ["newsletter", "marketing"], "max_count": 5}),
        )
        .with_ability(pictures, "other/action")
        .with_ability(pictures, "crud/update")
        .with_ability(pictures, "crud/delete")
        .with_proof(
            "zdj7Wj6FNS4rUUbsiJvjjxcsNqZdDCSiYR8sKQXfoPfpSZuAw"
                .parse()
                .unwrap(),
        )
        .build()
        .unwrap();
    assert_eq!(second.to_urn(), SECOND);
    assert_eq!(second.translation(), SECOND_SAYS);
    for (text, says) in [(FIRST, FIRST_SAYS), (SECOND, SECOND_SAYS)] {
        let read: SignedRecap = text.parse().unwrap();
        assert_eq!(read.as_str(), text);
        assert_eq!(read.translation(Rendering::Erc5573), says);
        assert_eq!(read.to_recap().unwrap().to_urn(), text);
        assert_eq!(read.notes(), []);
    }
}

#[test]
fn both_alphabets_are_read_padded_or_not_and_the_text_is_kept() {
    let json = r#"{"att":{"https://x.example/~~~???":{"crud/read":[{}]}}}"#.as_bytes();
    for encoding in [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD] {
        let text = String::from(PREFIX) + &encoding.encode(json);
        let read: SignedRecap = text.parse().unwrap();
        assert_eq!(read.as_str(), text);
        assert!(
            read.abilities()
                .grants("https://x.example/~~~???", "crud/read")
        );
        let standard = read.notes().contains(&RecapNote::StandardAlphabet);
        assert_eq!(standard, text.contains(['+', '/']), "{text}");
        let padded = read.notes().contains(&RecapNote::Padding);
        assert_eq!(padded, text.ends_with('='));
    }
    let good = BASE64URL_NOPAD.encode(json);
    for bad in [
        // both alphabets, too much padding, padding in the middle, bits behind the end
        good.replacen('_', "/", 1) + "-",
        format!("{good}="),
        format!("{good}==="),
        format!("{good}===="),
        good.replacen('e', "=", 1),
        format!("{good} "),
        format!("{good}A"),
    ] {
        let error = (String::from(PREFIX) + &bad).parse::<SignedRecap>();
        assert!(error.is_err(), "{bad}: {error:?}");
    }
}

#[test]
fn what_is_refused_by_its_reason() {
    let of = |json: &str| String::from(PREFIX) + &BASE64URL_NOPAD.encode(json.as_bytes());
    for (json, reason) in [
        (r#"{"att":{"a:b":{"c/d":[{}]}},"att":{}}"#, "twice"),
        (
            r#"{"att":{"a:b":{"c/d":[{}]},"a:b":{"c/e":[{}]}}}"#,
            "twice",
        ),
        (r#"{"att":{"a:b":{"c/d":[{}],"c/d":[]}}}"#, "twice"),
        (r#"{"att":{"a:b":{"c/d":[{"x":1,"\u0078":2}]}}}"#, "twice"),
        (r#"[]"#, "the form of a ReCap"),
        (r#"{"att":[]}"#, "the form of a ReCap"),
        (r#"{"att":{"a:b":{}}}"#, "the form of a ReCap"),
        (r#"{"att":{"a:b":[]}}"#, "the form of a ReCap"),
        (r#"{"att":{"a:b":{"c/d":{}}}}"#, "the form of a ReCap"),
        (
            r#"{"att":{"a:b":{"c/d":[1]}}}"#,
            "a restriction is not valid",
        ),
        (
            r#"{"att":{"a:b":{"c/d":[[]]}}}"#,
            "a restriction is not valid",
        ),
        (r#"{"att":{"a:b":{"c":[{}]}}}"#, "not a valid ability"),
        (r#"{"att":{"":{"c/d":[{}]}}}"#, "not a valid target"),
        (r#"{"att":{"a:\n":{"c/d":[{}]}}}"#, "not a valid target"),
        (r#"{"prf":["x"]}"#, "not a valid CID"),
        (r#"{"prf":[1]}"#, "the form of a ReCap"),
        (r#"{"prf":{}}"#, "the form of a ReCap"),
        ("{", "not valid JSON"),
    ] {
        let error = of(json).parse::<SignedRecap>().unwrap_err();
        assert!(error.to_string().contains(reason), "{json}: {error}");
    }
    assert_eq!("urn:recap".parse::<SignedRecap>(), Err(RecapError::Prefix));
    assert_eq!(
        "URN:RECAP:e30".parse::<SignedRecap>(),
        Err(RecapError::Prefix)
    );
    let limit = crate::MAX_TEXT_LEN;
    let long = of(&format!(r#"{{"{}":1}}"#, "x".repeat(limit)));
    assert_eq!(
        long.parse::<SignedRecap>(),
        Err(RecapError::TooLong { limit })
    );
}

#[test]
fn what_is_read_and_never_written() {
    for (details, note) in [
        (
            json!({"att": {"eip155": {"request/eth_sign": [{}]}}}),
            "is not a URI",
        ),
        (json!({"att": {"a:it's": {"c/d": [{}]}}}), "is not a URI"),
        (json!({"att": {"a:b": {"7/d": [{}]}}}), ""),
        (json!({"att": {"a:b": {"c/d": [{"7": 1}]}}}), ""),
        (json!({"att": {}, "prf": []}), ""),
    ] {
        let read: SignedRecap = of(&details).parse().unwrap();
        assert!(read.to_recap().is_err(), "{details}");
        let notes: String = read.notes().iter().map(ToString::to_string).collect();
        assert!(
            notes.contains(note) && notes.is_empty() == note.is_empty(),
            "{notes}"
        );
    }
    let other: SignedRecap = of(&json!({"att": {"a:b": {"c/d": [{}]}}, "fct": [1]}))
        .parse()
        .unwrap();
    let name = "fct".into();
    assert_eq!(other.notes(), [RecapNote::OtherMember { name }]);
}

/// A restriction may be as deep as a ReCap that holds it can be read.
#[test]
fn what_is_written_is_read() {
    let deep = |levels: usize| {
        let inner = (1..levels).fold(json!(1), |inner, _| json!({ "a": inner }));
        Recap::builder()
            .with_restricted_ability("a:b", "c/d", json!({ "a": inner }))
            .build()
    };
    let recap = deep(MAX_RECAP_DEPTH - 4).unwrap();
    assert_eq!(recap.to_urn().parse::<Recap>().unwrap(), recap);
    let limit = MAX_RECAP_DEPTH - 4;
    assert_eq!(deep(limit + 1).unwrap_err(), RecapError::TooDeep { limit });
    assert_eq!(Recap::builder().build().unwrap_err(), RecapError::Empty);
}

/// What `@walletconnect/utils` renders where a target has three namespaces and more: only the first
/// `.,` is mended.
#[test]
fn connectors_put_a_comma_between_clauses_from_three_namespaces_on() {
    let details =
        r#"{"att":{"eip155":{"b/y":[{}],"a/B":[{}],"a/a_b":[{}],"c/z":[{}],"7/zz":[{}]}}}"#;
    let text = String::from(PREFIX) + &BASE64_NOPAD.encode(details.as_bytes());
    let recap: SignedRecap = text.parse().unwrap();
    let said = "I further authorize the stated URI to perform the following actions on my behalf: \
                (1) '7': 'zz' for 'eip155'. (2) 'a': 'a_b', 'B' for 'eip155'., (3) 'b': 'y' for \
                'eip155'., (4) 'c': 'z' for 'eip155'.";
    assert_eq!(recap.translation(Rendering::Connector), said);
    let split = recap.split_statement(said).unwrap();
    assert_eq!((split.own, split.rendering), (None, Rendering::Connector));
    assert_eq!(split.translation, said);
    let sorted = recap.translation(Rendering::Erc5573);
    let split = recap.split_statement(&sorted).unwrap();
    assert_eq!(split.rendering, Rendering::Erc5573);
    assert_eq!(recap.split_statement(&said[1..]), None);
}

#[test]
fn alternatives_of_restrictions() {
    let with = |restrictions: &[serde_json::Value]| {
        let builder = Recap::builder();
        let builder = restrictions.iter().fold(builder, |builder, restriction| {
            builder.with_restricted_ability("a:b", "c/d", restriction.clone())
        });
        builder.build().unwrap()
    };
    let (one, two) = (json!({"to": 1}), json!({"to": 2}));
    let both = with(&[one.clone(), two.clone()]);
    let free = with(&[json!({})]);
    assert_eq!(both, with(&[two.clone(), one.clone(), two.clone()]));
    assert!(with(core::slice::from_ref(&one)).is_subset_of(&both));
    assert!(!both.is_subset_of(&with(core::slice::from_ref(&one))));
    assert!(both.is_subset_of(&free) && !free.is_subset_of(&both));
    assert_eq!(with(&[json!({}), one.clone()]), free);
    assert_eq!(with(&[one]).merge(&free).to_urn(), free.to_urn());
    assert!(free.abilities().grants("a:b", "c/d"));
    assert!(!both.abilities().grants("a:b", "c/d"));
    assert!(!free.abilities().grants("a:b", "c/e"));
    let restrictions: Vec<_> = both
        .abilities()
        .iter()
        .map(|(.., list)| list.len())
        .collect();
    assert_eq!(restrictions, [2]);
}
