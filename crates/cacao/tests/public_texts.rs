//! The examples of ERC-4361: texts that are read whole, and written again to the letter.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use cacao::siwx;
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
