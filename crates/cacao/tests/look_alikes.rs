//! Texts in which a person reads something else than what stands there: accepted as signed, and
//! reported; refused where the policy is strict.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use cacao::{Cacao, Policy, Provers, Requirement};
use test_support::{Failures, text, vectors};

#[cfg(feature = "ethereum")]
#[test]
fn signed_look_alikes_are_reported_and_refused_by_a_strict_policy() {
    let file = vectors("look-alikes.json");
    let (mut ran, mut failures) = (0, Failures::default());
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        let capability = Cacao::from_json(&case["capability"].to_string()).unwrap();
        let verify = |policy| {
            let at = capability.payload().issued_at().unix_time();
            let provers = Provers::all_compiled_in();
            capability.verify(&provers, &policy, &Requirement::any_domain(), at)
        };
        let verified = verify(Policy::default()).unwrap();
        let warnings = verified.warnings();
        let found = warnings.iter().any(|warning| {
            warning.field().path() == text(case, "member")
                && warning.kind().code() == text(case, "kind")
                && format!("U+{:04X}", u32::from(warning.character())) == text(case, "code_point")
                && warning.place() == usize::try_from(case["place"].as_u64().unwrap()).unwrap()
                && warning.kind().misleads()
        });
        failures.check(name, found, format!("{warnings:?}"));
        match verify(Policy::default().with_strict_text()) {
            Err(error @ cacao::Error::PeculiarText(warning)) => {
                failures.check(name, error.code() == "peculiar_text", error.code());
                let named = warning.kind().code() == text(case, "kind");
                failures.check(name, named, warning);
            }
            other => failures.add(name, format!("{other:?}")),
        }
        ran += 1;
    }
    assert_eq!(ran, 12);
    failures.finish(ran);
}

/// Signed by an honest site: a strict policy has nothing to say.
#[cfg(feature = "ethereum")]
#[test]
fn what_the_vectors_accept_is_accepted_strictly_too_but_for_names() {
    let file = vectors("cacaos.json");
    let (mut ran, mut named) = (0, 0);
    for case in file["cases"].as_array().unwrap() {
        let check = &case["checks"][0];
        if case["family"] != "eip191" || check["verdict"] != "accept" {
            continue;
        }
        let capability = Cacao::from_json(&case["cacao"].to_string()).unwrap();
        let at: cacao::Timestamp = text(&check["opts"], "at_time").parse().unwrap();
        let verify = |policy: Policy| {
            let policy = policy.dangerously_ignoring_expiry();
            let provers = Provers::all_compiled_in();
            let any = Requirement::any_domain();
            capability.verify(&provers, &policy, &any, at.unix_time())
        };
        if verify(Policy::default()).is_err() {
            continue;
        }
        ran += 1;
        if let Err(error) = verify(Policy::default().with_strict_text()) {
            assert_eq!(error.code(), "peculiar_text");
            named += 1;
            let warnings = capability.payload().text_warnings();
            println!("{}: {}", text(case, "name"), warnings[0]);
        }
    }
    // the one whose domain is a name
    assert!(ran > 30, "{ran}");
    assert_eq!(named, 1);
}

#[cfg(all(feature = "solana", feature = "proptest"))]
mod law {
    use cacao::siwx::{Dialect, render};
    use cacao::{
        Cacao, HeaderType, Payload, Policy, Provers, Requirement, UnixTime, solana, strategies,
    };
    use didkey::Ed25519SigningKey;
    use proptest::prelude::*;

    /// A text with something peculiar in it, or not.
    fn text() -> impl Strategy<Value = String> {
        let strange = prop::sample::select(vec![
            "",
            "",
            "\u{202e}",
            "\u{200b}",
            "\u{2028}",
            "\u{e0041}",
            "\u{ad}",
            "\u{feff}",
            "\u{fffe}",
            "\u{430}",
            "ａ",
            "e\u{301}",
            "@",
            " ",
            ": ",
            "ü",
            "東",
        ]);
        (strategies::text(), strange, strategies::text())
            .prop_map(|(before, strange, after)| format!("{before}{strange}{after}"))
    }

    proptest! {
        /// What the account signed is accepted whatever it looks like; a strict policy refuses
        /// exactly what would be reported.
        #[test]
        fn no_verdict_depends_on_it_by_default(
            domain in text(),
            statement in text(),
            resource in text(),
            plain in any::<bool>(),
        ) {
            let key = Ed25519SigningKey::from_seed(&[7; 32]);
            let bytes = key.did_key().public_key().as_bytes().try_into().unwrap();
            let issuer = format!("{}:{}", solana::MAINNET, solana::address_of(&bytes));
            let issued_at = "2023-04-06T16:15:19.058Z".parse::<cacao::Timestamp>().unwrap();
            let at: UnixTime = issued_at.unix_time();
            let domain = if plain { "app.example" } else { &domain };
            let built = Payload::builder(
                domain,
                issuer.parse().unwrap(),
                "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
                "HPiCXGTXHI",
                issued_at,
            )
            .with_statement(&statement)
            .with_resources([resource])
            .build();
            // a control character is refused by the model
            let Ok(payload) = built else { return Ok(()) };
            let signed = key.sign(render(&payload, Dialect::default()).unwrap().as_bytes());
            let signature = solana::signature(&signed.to_bytes());
            let capability = Cacao::new(HeaderType::Caip122, payload, Some(signature));
            let verify = |policy: Policy| {
                let provers = Provers::all_compiled_in();
                capability.verify(&provers, &policy, &Requirement::any_domain(), at)
            };
            let verified = verify(Policy::default());
            prop_assert!(verified.is_ok(), "{:?}", verified);
            let warnings = verified.unwrap().warnings();
            match verify(Policy::default().with_strict_text()) {
                Ok(_) => prop_assert!(warnings.is_empty(), "{:?}", warnings),
                Err(error) => {
                    prop_assert_eq!(error.code(), "peculiar_text");
                    prop_assert!(!warnings.is_empty());
                }
            }
        }
    }
}
