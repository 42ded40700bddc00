//! Texts that others published or print: the examples of ERC-4361 and of CAIP-122, and what packages
//! print of members that hold nothing. They are read whole, and written again to the letter.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use cacao::siwx::{self, Variation};
use serde_json::Value;

fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member].as_str().unwrap()
}

#[test]
fn examples_of_erc_4361() {
    let file: Value = serde_json::from_str(include_str!("data/texts.json")).unwrap();
    let cases = file["examples"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let name = text(case, "name");
        let shown = text(case, "text");
        let (payload, dialect) =
            siwx::parse(shown).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(siwx::render(&payload, dialect).unwrap(), shown, "{name}");
        assert_eq!(payload.domain(), text(case, "domain"), "{name}");
        assert_eq!(
            payload.issuer().did(),
            "did:pkh:eip155:1:0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
            "{name}"
        );
        assert_eq!(payload.audience(), "https://example.com/login", "{name}");
        assert_eq!(payload.nonce(), "32891756", "{name}");
        assert_eq!(payload.issued_at().as_str(), "2021-09-30T16:25:24Z");
        assert_eq!(payload.resources().count(), 2, "{name}");
        let statement = "I accept the ExampleOrg Terms of Service: https://example.com/tos";
        assert_eq!(payload.statement(), Some(statement), "{name}");
    }
}

fn names(dialect: siwx::Dialect) -> Vec<&'static str> {
    dialect.variations().map(Variation::name).collect()
}

#[test]
fn examples_of_caip_122() {
    let file: Value = serde_json::from_str(include_str!("data/texts.json")).unwrap();
    let cases = file["caip122"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let (name, shown) = (text(case, "name"), text(case, "text"));
        let read = siwx::parse(shown);
        let Some(dialect) = case["dialect"].as_array() else {
            let error = read.unwrap_err().to_string();
            assert!(error.starts_with(text(case, "refused")), "{name}: {error}");
            continue;
        };
        let (payload, found) = read.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(siwx::render(&payload, found).unwrap(), shown, "{name}");
        assert_eq!(&names(found), dialect, "{name}");
        assert_eq!(payload.resources().count(), 2, "{name}");
    }
}

/// An empty statement, an empty request id: read, proven by the signature of the package's own
/// wallet, and forbidden by name.
#[cfg(feature = "ethereum")]
#[test]
fn what_packages_print_of_members_that_hold_nothing() {
    use cacao::{Error, Policy, Provers, Requirement, SignedText, Timestamp};

    let file: Value = serde_json::from_str(include_str!("data/texts.json")).unwrap();
    let cases = file["printed"].as_array().unwrap();
    assert!(cases.len() > 8, "{}", cases.len());
    let mut seen = std::collections::BTreeSet::new();
    for case in cases {
        let (name, shown) = (text(case, "name"), text(case, "text"));
        let signed = SignedText::parse(shown).unwrap_or_else(|error| panic!("{name}: {error}"));
        let payload = signed.payload().clone();
        assert_eq!((payload.statement(), payload.request_id()), (None, None));
        assert_eq!(signed.text(), shown, "{name}");
        assert_eq!(
            siwx::render(&payload, signed.dialect()).unwrap(),
            shown,
            "{name}"
        );
        let dialect = names(signed.dialect());
        assert_eq!(&dialect, case["dialect"].as_array().unwrap(), "{name}");
        let at = payload
            .issued_at()
            .to_string()
            .parse::<Timestamp>()
            .unwrap();
        let verify = |signed: &SignedText, policy: &Policy| {
            let signed = signed
                .clone()
                .with_signature_text(text(case, "signature"))?;
            let (provers, any) = (Provers::all_compiled_in(), Requirement::any_domain());
            signed.verify(&provers, policy, &any, at.unix_time())
        };
        let verified = verify(&signed, &Policy::default());
        let verified = verified.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(verified.dialect(), Some(signed.dialect()), "{name}");
        for forbidden in signed.dialect().variations() {
            let policy = Policy::default().with_forbidden_dialect(forbidden);
            let refused = verify(&signed, &policy).map_err(|error| Error::code(&error));
            assert_eq!(refused.unwrap_err(), "forbidden_dialect", "{name}");
            seen.insert(forbidden.name());
        }
        // the same payload in another layout is another text
        let plain = siwx::render(&payload, siwx::Dialect::default()).unwrap();
        if plain != shown {
            let plain = SignedText::parse(&plain).unwrap();
            let refused = verify(&plain, &Policy::default()).unwrap_err();
            assert_eq!(refused.code(), "signature_mismatch", "{name}");
        }
    }
    assert!(seen.contains("three-blank-lines") && seen.contains("bare-request-id"));
}
