use super::*;
use crate::judge::{Policy, Requirement, VerifiedCacao};
use crate::model::{Cacao, HeaderType, Payload, Signature, SignatureKind, SignatureValue};
use crate::prove::{Facts, Proven};
use crate::siwx::{Dialect, StatementForm};
use crate::{Error, UnixTime};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
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
        (r#"{"att":{"a:b":{"c/d":[{}]}},"att":{}}"#, "stands twice"),
        (
            r#"{"att":{"a:b":{"c/d":[{}]},"a:b":{"c/e":[{}]}}}"#,
            "stands twice",
        ),
        (r#"{"att":{"a:b":{"c/d":[{}],"c/d":[]}}}"#, "stands twice"),
        (
            r#"{"att":{"a:b":{"c/d":[{"x":1,"\u0078":2}]}}}"#,
            "stands twice",
        ),
        (r#"[]"#, "another shape"),
        (r#"{"att":[]}"#, "another shape"),
        (r#"{"att":{"a:b":{}}}"#, "another shape"),
        (r#"{"att":{"a:b":[]}}"#, "another shape"),
        (r#"{"att":{"a:b":{"c/d":{}}}}"#, "another shape"),
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
        (r#"{"prf":[1]}"#, "another shape"),
        (r#"{"prf":{}}"#, "another shape"),
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

fn payload(statement: Option<&str>, resources: &[&str]) -> Payload {
    let mut builder = Payload::builder(
        "app.example",
        "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44"
            .parse()
            .unwrap(),
        "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
        "HPiCXGTXHI",
        "2026-11-27T10:00:00Z".parse().unwrap(),
    )
    .resources(resources.iter().copied());
    if let Some(statement) = statement {
        builder = builder.statement(statement);
    }
    builder.build().unwrap()
}

/// Judges a payload as if its signature were proven.
fn judge(
    payload: &Payload,
    composed: bool,
    policy: &Policy,
    requirement: &Requirement,
) -> Result<VerifiedCacao, Error> {
    let value = SignatureValue::Text("0x".into());
    let signature = Signature::new(SignatureKind::EIP191, value, None).unwrap();
    let cacao = Cacao::new(HeaderType::Eip4361, payload.clone(), Some(signature));
    let statement = if composed {
        StatementForm::Composed
    } else {
        StatementForm::AsGiven
    };
    let facts = Facts::of_text(Dialect {
        statement,
        ..Dialect::default()
    });
    let at = payload.issued_at().unix_time();
    Proven::new(cacao, facts).judge(policy, requirement, at)
}

fn code(payload: &Payload, policy: &Policy) -> &'static str {
    judge(payload, false, policy, &Requirement::any_domain())
        .map_or_else(|error| error.code(), |_| "accepted")
}

fn reader() -> (Recap, String) {
    let recap = Recap::of("https://api.example", "crud/read").unwrap();
    let urn = recap.to_urn();
    (recap, urn)
}

#[test]
fn a_grant_that_the_statement_does_not_say_is_refused() {
    let policy = Policy::default();
    let (recap, urn) = reader();
    let said = recap.statement(Some("Sign in."));
    let wider = recap.merge(&Recap::of("https://api.example", "crud/delete").unwrap());
    for (statement, resource, expected) in [
        (Some(&*said), &*urn, "accepted"),
        (Some(&recap.translation()), &urn, "accepted"),
        // it says more than is granted, in front
        (
            Some(&format!("{} {said}", wider.translation())),
            &urn,
            "accepted",
        ),
        (Some(&said), &wider.to_urn(), "recap_not_in_statement"),
        (
            Some(&format!("{said} Thanks.")),
            &urn,
            "recap_not_in_statement",
        ),
        (
            Some(&format!("No.{}", recap.translation())),
            &urn,
            "recap_not_in_statement",
        ),
        (Some("Sign in."), &urn, "recap_not_in_statement"),
        (None, &urn, "recap_not_in_statement"),
        (Some(&said), "urn:recap:AAAA", "malformed_recap"),
        (
            Some(&said),
            &urn.replace("urn:recap:", "URN:Recap:"),
            "malformed_recap",
        ),
    ] {
        let found = code(&payload(statement, &["ceramic://*", resource]), &policy);
        assert_eq!(found, expected, "{statement:?}, {resource}");
    }
}

#[test]
fn only_the_last_resource_may_grant_abilities() {
    let policy = Policy::default();
    let (recap, urn) = reader();
    let said = recap.statement(None);
    let empty = of(&json!({"att": {}, "prf": []}));
    let judged = |resources: &[&str]| code(&payload(Some(&said), resources), &policy);
    assert_eq!(judged(&[&empty, &urn]), "accepted");
    assert_eq!(judged(&[&urn, "ceramic://*"]), "recap_not_last");
    assert_eq!(judged(&[&urn, &urn]), "recap_not_last");
    assert_eq!(judged(&["urn:recap:AAAA", &urn]), "malformed_recap");
    // the first example of the ERC has no way to use what it names
    let first = payload(None, &[FIRST]);
    assert_eq!(code(&first, &policy), "accepted");
}

#[test]
fn opaque_recaps_grant_no_ability() {
    let (recap, urn) = reader();
    let policy = Policy::default().with_opaque_recaps();
    let any = Requirement::any_domain();
    let said = recap.statement(None);
    for (statement, resources) in [
        (Some("Sign in."), vec![&*urn]),
        (Some(&*said), vec![&*urn, "ceramic://*"]),
        (Some(&*said), vec!["urn:recap:AAAA"]),
        (Some(&*said), vec!["urn:recap:AAAA", &*urn]),
        (None, vec![&*urn]),
    ] {
        let payload = payload(statement, &resources);
        let verified = judge(&payload, false, &policy, &any).unwrap();
        assert_eq!(verified.recap_statement(), RecapStatement::Opaque);
        assert!(verified.recap().is_none());
        let requirement = any.clone().with_recap(recap.clone());
        let error = judge(&payload, false, &policy, &requirement).unwrap_err();
        assert_eq!(error.code(), "resource_not_granted");
        // nor through a matcher, which is not told what the statement says
        let policy = policy.clone().with_resource_matcher(RecapResources);
        let less = any.clone().with_resources([format!("{urn}=")]);
        assert!(judge(&payload, false, &policy, &less).is_err());
        let letter = any.clone().with_resources([resources[0]]);
        assert!(judge(&payload, false, &policy, &letter).is_ok());
    }
    // what is translated grants what it says, by this policy too
    let payload = payload(Some(&said), &[&urn]);
    let verified = judge(&payload, false, &policy, &any.with_recap(recap)).unwrap();
    let rendering = Rendering::Erc5573;
    assert_eq!(verified.recap_statement(), RecapStatement::Said(rendering));
}

#[test]
fn a_statement_that_the_wallet_composed_is_reported() {
    let (recap, urn) = reader();
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    for own in [Some("Sign in."), None] {
        let short = payload(own, &[&urn]);
        let whole = recap.statement(own);
        assert_eq!(composed_statement(&short).as_deref(), Some(&*whole));
        let requirement = any.clone().with_recap(recap.clone());
        let verified = judge(&short, true, &policy, &requirement).unwrap();
        assert_eq!(verified.recap_statement(), RecapStatement::Composed);
        assert_eq!(verified.signed_statement().as_deref(), Some(&*whole));
        assert_eq!(verified.payload().statement(), own);
        // the same payload in a text that does not say it
        let error = judge(&short, false, &policy, &any).unwrap_err();
        assert_eq!(error.code(), "recap_not_in_statement");
    }
    // nobody composes these
    let whole = recap.statement(None);
    assert_eq!(composed_statement(&payload(Some(&whole), &[&urn])), None);
    assert_eq!(
        composed_statement(&payload(None, &[&urn, "ceramic://*"])),
        None
    );
    assert_eq!(composed_statement(&payload(None, &[FIRST])), None);
    assert_eq!(composed_statement(&payload(None, &[])), None);
}

#[test]
fn what_is_required_is_granted_by_a_recap_that_has_it() {
    let (read, _) = reader();
    let wider = read.merge(&Recap::of("https://api.example", "crud/delete").unwrap());
    let policy = Policy::default();
    let require = |recap: &Recap| Requirement::any_domain().with_recap(recap.clone());
    let granting = |recap: &Recap| payload(Some(&recap.statement(None)), &[&recap.to_urn()]);
    let code = |payload: &Payload, requirement: &Requirement| {
        judge(payload, false, &policy, requirement)
            .map_or_else(|error| error.to_string(), |_| "accepted".to_string())
    };
    assert_eq!(code(&granting(&wider), &require(&read)), "accepted");
    assert_eq!(code(&granting(&wider), &require(&wider)), "accepted");
    assert_eq!(
        code(&granting(&read), &require(&wider)),
        r#"it does not grant "crud/delete for https://api.example""#
    );
    assert!(code(&payload(None, &["ceramic://*"]), &require(&read)).contains("urn:recap:"));
    // both of two
    let delete = Recap::of("https://api.example", "crud/delete").unwrap();
    let both = require(&read).with_recap(delete);
    assert_eq!(both.recap(), Some(&wider));
    // exactly
    let exact = |recap| require(recap).with_exact_resources();
    assert_eq!(code(&granting(&read), &exact(&read)), "accepted");
    assert!(code(&granting(&wider), &exact(&read)).contains("exactly"));
    // a proof that is required is there
    let proof = crate::car::dag_cbor_cid(b"x");
    let proven = Recap::builder()
        .with_ability("https://api.example", "crud/read")
        .with_proof(proof)
        .build()
        .unwrap();
    assert_eq!(code(&granting(&proven), &require(&read)), "accepted");
    assert!(code(&granting(&read), &require(&proven)).contains("does not grant"));
}

/// What the payload decides is found before its signature is looked at; what only the proof can
/// show, a composed statement, is not.
#[test]
fn times_are_judged_before_what_the_statement_says() {
    let (_, urn) = reader();
    let payload = payload(Some(PREAMBLE_ALONE), &[&urn]);
    let value = SignatureValue::Text("0x".into());
    let signature = Signature::new(SignatureKind::EIP191, value, None).unwrap();
    let cacao = Cacao::new(HeaderType::Eip4361, payload, Some(signature));
    let proven = Proven::new(cacao, Facts::of_bytes());
    let early = UnixTime::EPOCH;
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    let error = proven.judge(&policy, &any, early).unwrap_err();
    assert_eq!(error.code(), "not_yet_valid");
}

const PREAMBLE_ALONE: &str = statement::PREAMBLE;

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
