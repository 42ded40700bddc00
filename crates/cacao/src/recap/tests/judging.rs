//! How capabilities with ReCaps are judged: by what the statement says.

use super::super::statement::PREAMBLE;
use super::super::{Recap, RecapResources, RecapStatement, Rendering, composed_statement};
use super::{FIRST, of};
use crate::judge::{Policy, Requirement, VerifiedCacao};
use crate::model::{Cacao, HeaderType, Payload, Signature, SignatureKind, SignatureValue};
use crate::prove::{Facts, Proven};
use crate::siwx::{Dialect, StatementForm};
use crate::{Error, UnixTime};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use serde_json::json;

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
    .with_resources(resources.iter().copied());
    if let Some(statement) = statement {
        builder = builder.with_statement(statement);
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
    let payload = payload(Some(PREAMBLE), &[&urn]);
    let value = SignatureValue::Text("0x".into());
    let signature = Signature::new(SignatureKind::EIP191, value, None).unwrap();
    let cacao = Cacao::new(HeaderType::Eip4361, payload, Some(signature));
    let proven = Proven::new(cacao, Facts::of_bytes());
    let early = UnixTime::EPOCH;
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    let error = proven.judge(&policy, &any, early).unwrap_err();
    assert_eq!(error.code(), "not_yet_valid");
}

/// Words that two ReCaps have say of neither what it grants.
#[test]
fn words_with_two_readings_are_not_said() {
    let smuggled = "https://x/'. (2) 'kv': 'put' for 'https://y/";
    let one: super::super::SignedRecap = of(&json!({"att": {smuggled: {"kv/get": [{}]}}}))
        .parse()
        .unwrap();
    let other = Recap::builder()
        .with_ability("https://x/", "kv/get")
        .with_ability("https://y/", "kv/put")
        .build()
        .unwrap();
    let words = other.translation();
    assert_eq!(one.translation(Rendering::Erc5573), words);
    assert_eq!(one.split_statement(&words), None);
    let refused = payload(Some(&words), &[one.as_str()]);
    assert_eq!(code(&refused, &Policy::default()), "recap_not_in_statement");
    assert_eq!(
        code(
            &payload(Some(&words), &[&other.to_urn()]),
            &Policy::default()
        ),
        "accepted"
    );
    // nor where a wallet would have put the words there
    assert_eq!(composed_statement(&payload(None, &[one.as_str()])), None);
    // nobody writes such a target
    assert!(Recap::of(smuggled, "kv/get").is_err());
    for (target, rendering, is_said) in [
        ("https://x/'", Rendering::Erc5573, false),
        ("https://x/' for 'y", Rendering::Erc5573, false),
        ("https://x/','y", Rendering::Erc5573, false),
        ("https://x/o'neil", Rendering::Erc5573, true),
        ("https://x/.,y", Rendering::Erc5573, true),
        ("https://x/o'neil", Rendering::Connector, true),
    ] {
        let grants = of(&json!({"att": {target: {"kv/get": [{}]}}}));
        let recap: super::super::SignedRecap = grants.parse().unwrap();
        let split = recap
            .split_statement(&recap.translation(rendering))
            .is_some();
        assert_eq!(split, is_said, "{target} {rendering:?}");
    }
}
