//! Laws that hold for every input.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::making;

use cacao::{Requirement, UnixTime};
use dag_jws::{
    DagJws, HeaderTemplate, Ipld, Jws, SignedDagJws, UnsignedDagJws, UnsignedJws, Verification,
    dag_json,
};
use didkey::{Ed25519SigningKey, P256SigningKey};
use making::{key, plain, signed};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Names that sort in surprising ways, and any others.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,11}",
        "0[0-9]?|-[0-9]|[0-9]\\.[0-9]",
        "[a-cA-C]{0,3}",
        "[\u{e000}\u{ffff}\u{10000}\u{10ffff}a]{1,3}",
        any::<String>(),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    const SAFE: i64 = (1 << 53) - 1;
    prop_oneof![
        (-SAFE..=SAFE).prop_map(Value::from),
        (-100_i64..100).prop_map(Value::from),
        any::<f64>()
            .prop_filter("finite", |f| f.is_finite())
            .prop_map(Value::from),
        (-1e6..1e6).prop_map(Value::from),
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number(),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(name(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn ipld() -> impl Strategy<Value = Ipld> {
    let cid = "bafyreigxtx4kzvrrxmxym2gzmtzxiujieatzqiyzqhcwysf6bo2f4pdsja";
    let leaf = prop_oneof![
        Just(Ipld::Null),
        any::<bool>().prop_map(Ipld::Bool),
        any::<i64>().prop_map(|i| Ipld::Integer(i.into())),
        any::<u64>().prop_map(|i| Ipld::Integer(i.into())),
        any::<f64>()
            .prop_filter("finite", |f| f.is_finite())
            .prop_map(Ipld::Float),
        (-1000_i16..1000).prop_map(|i| Ipld::Float(f64::from(i) / 4.0)),
        any::<String>().prop_map(Ipld::String),
        vec(any::<u8>(), 0..40).prop_map(Ipld::Bytes),
        Just(Ipld::Link(cid.parse().unwrap())),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Ipld::List),
            btree_map(
                name().prop_filter("not reserved", |n| n != "/"),
                inner,
                0..6
            )
            .prop_map(Ipld::Map),
        ]
    })
}

/// Numbers as a program has them whose numbers are all doubles.
fn with_doubles(value: &Ipld) -> Ipld {
    match value {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "it is an integer below 2^53"
        )]
        Ipld::Float(f) if f.fract() == 0.0 && f.abs() < 9_007_199_254_740_992.0 => {
            Ipld::Integer(*f as i128)
        }
        Ipld::List(list) => Ipld::List(list.iter().map(with_doubles).collect()),
        Ipld::Map(map) => Ipld::Map(
            map.iter()
                .map(|(name, member)| (name.clone(), with_doubles(member)))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn canonical(value: &Value) -> String {
    let input = UnsignedJws::object(value)
        .unwrap()
        .prepare(key().did_key())
        .unwrap();
    String::from_utf8(input.finish(&[0; 64]).unwrap().payload_bytes()).unwrap()
}

/// Equal, where 1 and 1.0 are one number.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(n, a)| b.get(n).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// The names of every object in a JSON text, in the order of the text.
#[derive(Default)]
struct Names(Vec<Vec<String>>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Names;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Names, E> {
                Ok(Names::default())
            }

            fn visit_bool<E>(self, _: bool) -> Result<Names, E> {
                Ok(Names::default())
            }

            fn visit_i64<E>(self, _: i64) -> Result<Names, E> {
                Ok(Names::default())
            }

            fn visit_u64<E>(self, _: u64) -> Result<Names, E> {
                Ok(Names::default())
            }

            fn visit_f64<E>(self, _: f64) -> Result<Names, E> {
                Ok(Names::default())
            }

            fn visit_str<E>(self, _: &str) -> Result<Names, E> {
                Ok(Names::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Names, A::Error> {
                let mut all = Names::default();
                while let Some(inner) = seq.next_element::<Names>()? {
                    all.0.extend(inner.0);
                }
                Ok(all)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let (mut all, mut own) = (Names::default(), Vec::new());
                while let Some((name, inner)) = map.next_entry::<String, Names>()? {
                    own.push(name);
                    all.0.extend(inner.0);
                }
                all.0.push(own);
                Ok(all)
            }
        }

        d.deserialize_any(Collect)
    }
}

/// Another way to say the order: indices as numbers, the rest as lists of UTF-16 code units.
fn in_order(names: &[String]) -> bool {
    let index = |name: &String| {
        let index = name.parse::<u32>().ok()?;
        (index != u32::MAX && index.to_string() == *name).then_some(index)
    };
    let ranks: Vec<(bool, u32, Vec<u16>)> = names
        .iter()
        .map(|name| match index(name) {
            Some(index) => (false, index, Vec::new()),
            None => (true, 0, name.encode_utf16().collect()),
        })
        .collect();
    ranks.is_sorted()
}

/// The digits that count in a number.
fn digits(text: &str) -> String {
    let mantissa = text.split('e').next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

fn nothing() -> Verification {
    Verification::new(UnixTime::EPOCH, Requirement::any_domain())
}

proptest! {
    #[test]
    fn canonical_json_says_the_same(value in json().prop_filter("no text", |v| !v.is_string())) {
        let text = canonical(&value);
        let read: Value = serde_json::from_str(&text).unwrap();
        prop_assert!(same(&read, &value), "{text}");
        // a fixed point, and as short as any JSON of it
        prop_assert_eq!(canonical(&read), text.clone());
        let white = |text: &str| text.chars().filter(char::is_ascii_whitespace).count();
        prop_assert_eq!(white(&text), white(&value.to_string()));
    }

    #[test]
    fn canonical_json_is_sorted(value in json().prop_filter("no text", |v| !v.is_string())) {
        let text = canonical(&value);
        let names: Names = serde_json::from_str(&text).unwrap();
        for names in names.0 {
            prop_assert!(in_order(&names), "{:?}", names);
        }
    }

    /// A double keeps its value in whatever text prints it, an integer its digits or is refused.
    #[test]
    fn a_number_is_signed_as_it_is_written(bits in any::<u64>(), integer in any::<i64>(), shift in 0..63_u32) {
        let signed_text = |text: &str| {
            UnsignedJws::json(&format!("[{text}]")).map(|unsigned| signed(unsigned).payload_bytes())
        };
        let double = f64::from_bits(bits);
        if double.is_finite() {
            for text in [format!("{double}"), format!("{double:e}"), format!("{double:.0}")] {
                match signed_text(&text) {
                    Ok(payload) => {
                        let read: [f64; 1] = serde_json::from_slice(&payload).unwrap();
                        let given: f64 = text.parse().unwrap();
                        prop_assert_eq!(read[0], given, "{}", text);
                    }
                    // all digits of a large double are more than its shortest text has; and where two
                    // shortest texts are equally near, ECMAScript prints the other one
                    Err(_) => prop_assert!(
                        text == format!("{double:.0}")
                            || digits(&text) != digits(ryu_js::Buffer::new().format(double)),
                        "{}",
                        text
                    ),
                }
            }
        }
        let integer = integer >> shift;
        match signed_text(&integer.to_string()) {
            Ok(payload) => prop_assert_eq!(payload, format!("[{integer}]").into_bytes()),
            Err(error) => {
                prop_assert_eq!(error.code(), "inexact_integer");
                prop_assert!(UnsignedJws::object(&serde_json::json!([integer])).is_err());
            }
        }
    }

    #[test]
    fn both_forms_round_trip(payload in vec(any::<u8>(), 1..200), members in btree_map(name(), json(), 0..4)) {
        let own = ["alg", "kid", "cap", "crit", "b64"];
        let mut unsigned = UnsignedJws::bytes(&payload).unwrap();
        for (name, value) in members.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
            unsigned = unsigned.with_header_member(name, value.clone());
        }
        let jws = signed(unsigned);
        prop_assert_eq!(jws.payload_bytes(), payload.clone());
        for text in [jws.to_compact(), jws.to_general(), serde_json::to_string(&jws).unwrap()] {
            let read = Jws::parse(&text).unwrap();
            prop_assert_eq!(&read, &jws);
            prop_assert_eq!(read.header().key_id(), jws.header().key_id());
            for (name, value) in members.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
                prop_assert!(same(read.header().member(name).unwrap(), value));
            }
            let verified = read.verify(&nothing()).unwrap();
            prop_assert_eq!(verified.payload(), &payload[..]);
        }
    }

    #[test]
    fn a_template_gives_the_same_bytes(value in json().prop_filter("no text", |v| !v.is_string()), seed in any::<[u8; 32]>()) {
        let key = Ed25519SigningKey::from_seed(&seed);
        let template = HeaderTemplate::new(key.did_key()).unwrap();
        let unsigned = UnsignedJws::object(&value).unwrap();
        let one = unsigned.clone().prepare(key.did_key()).unwrap();
        let two = unsigned.prepare_with(&template).unwrap();
        prop_assert_eq!(one.as_bytes(), two.as_bytes());
    }

    /// Ed25519 signatures have one spelling and JWS one text: any other text is refused.
    #[test]
    fn no_character_can_be_changed(at in any::<prop::sample::Index>(), to in any::<char>()) {
        let text = plain().to_compact();
        let at = at.index(text.len());
        let mut changed: Vec<char> = text.chars().collect();
        changed[at] = to;
        let changed: String = changed.into_iter().collect();
        prop_assume!(changed != text);
        let answer = Jws::parse(&changed).and_then(|jws| jws.verify(&nothing()));
        prop_assert!(answer.is_err());
    }

    #[test]
    fn no_part_can_be_moved(one in vec(any::<u8>(), 1..20), two in vec(any::<u8>(), 1..20)) {
        prop_assume!(one != two);
        let p256 = P256SigningKey::from_seed(&[9; 32]).unwrap();
        let make = |payload: &[u8]| {
            let input = UnsignedJws::bytes(payload).unwrap().prepare(p256.did_key()).unwrap();
            let signature = p256.sign(input.as_bytes());
            input.finish(signature.as_ref()).unwrap()
        };
        let (one, two) = (make(&one), make(&two));
        let (input, _) = one.as_compact().rsplit_once('.').unwrap();
        let (_, signature) = two.as_compact().rsplit_once('.').unwrap();
        let moved = Jws::parse(&format!("{input}.{signature}")).unwrap();
        prop_assert!(moved.verify(&nothing()).is_err());
        prop_assert!(one.verify(&nothing()).is_ok());
    }

    #[test]
    fn dag_json_round_trips(value in ipld()) {
        let text = dag_json::to_string(&value).unwrap();
        let read = dag_json::parse(&text).unwrap();
        prop_assert_eq!(&read, &with_doubles(&value));
        let again = dag_json::to_string(&read).unwrap();
        prop_assert_eq!(dag_json::parse(&again).unwrap(), read);
    }

    #[test]
    fn dag_jws_round_trips(value in ipld()) {
        let input = UnsignedDagJws::new(&value).unwrap().prepare(key().did_key()).unwrap();
        let signature = key().sign(input.as_bytes());
        let signed = input.finish(signature.as_ref()).unwrap();
        let verified = signed.verify(&nothing()).unwrap();
        prop_assert_eq!(verified.to_ipld().unwrap(), value);
        let jws = signed.jws();
        prop_assert_eq!(&DagJws::parse(&jws.to_general()).unwrap(), jws);
        prop_assert_eq!(&DagJws::from_dag_jose(&jws.to_dag_jose()).unwrap(), jws);
        prop_assert_eq!(&SignedDagJws::from_car(&signed.to_car()).unwrap(), &signed);
    }

    #[test]
    fn no_text_panics(text in any::<String>(), shaped in "[{}\\[\\]\":,/.a-c0-9eE+-]{0,40}") {
        for text in [&text, &shaped] {
            let _ = Jws::parse(text);
            let _ = DagJws::parse(text);
            let _ = dag_json::parse(text).map(|value| UnsignedDagJws::new(&value));
            let _ = UnsignedJws::base64url(text);
            let _ = SignedDagJws::from_car_base64url(text);
        }
    }

    #[test]
    fn no_header_panics(header in "\\{(\"(alg|kid|cap|crit|x)\":(\"[a-zA-Z0-9:#/]{0,20}\"|[0-9]|null|\\{\\}),?){0,4}\\}") {
        let header = data_encoding::BASE64URL_NOPAD.encode(header.as_bytes());
        if let Ok(jws) = Jws::parse(&format!("{header}.AA.AA")) {
            let _ = jws.verify(&nothing());
        }
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..80), at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let _ = DagJws::from_dag_jose(&bytes);
        // and those that are nearly a block
        let jws = DagJws::from_jws(signed(
            UnsignedJws::base64url("AXESIHhRlyKdyLsRUpRdpY4jSPfiee7e0GzCynNtDoeYWLUB").unwrap(),
        ))
        .unwrap();
        let mut block = jws.to_dag_jose();
        let at = at.index(block.len());
        block[at] = to;
        if let Ok(read) = DagJws::from_dag_jose(&block) {
            prop_assert_eq!(read.to_dag_jose(), block);
        }
    }
}
