//! One text, one payload, over all dialects together; and the rules by which texts stay
//! unambiguous, each with a test of its name.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
#![cfg(all(feature = "ethereum", feature = "proptest"))]

use cacao::siwx::{
    self, AddressCase, ChainForm, Dialect, EmptyId, EmptyList, FieldOrder, Gap, Variation,
};
use cacao::{Cacao, HeaderType, Issuer, Payload, SignedText, Timestamp, strategies};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What was signed, whatever its spelling.
fn meaning(payload: &Payload) -> String {
    let capability = Cacao::new(HeaderType::Caip122, payload.clone(), None);
    capability.identity().to_string()
}

fn texts(payload: &Payload) -> BTreeSet<String> {
    let texts = siwx::candidates(payload).unwrap();
    texts.into_iter().map(|(_, text)| text).collect()
}

/// Every layout that there is, whether or not it is one that a signature is tried on.
fn layouts() -> impl Iterator<Item = Dialect> {
    let spellings = [
        AddressCase::Checksum,
        AddressCase::Lower,
        AddressCase::AsIssued,
    ];
    let orders = [FieldOrder::Current, FieldOrder::Legacy, FieldOrder::Caip122];
    let gaps = [Gap::OneLine, Gap::TwoLines, Gap::ThreeLines];
    let all = (0..spellings.len() * orders.len() * gaps.len() * 8).map(move |at| (at / 8, at % 8));
    all.map(move |(at, bits)| Dialect {
        address: spellings[at % 3],
        order: orders[at / 3 % 3],
        gap: gaps[at / 9],
        empty_list: [EmptyList::Nothing, EmptyList::Heading][bits % 2],
        empty_id: [EmptyId::Nothing, EmptyId::Line][bits / 2 % 2],
        chain: [ChainForm::Reference, ChainForm::Whole][bits / 4],
        ..Dialect::default()
    })
}

/// The texts in all layouts; some layouts are not for all payloads.
fn all_texts(payload: &Payload) -> BTreeSet<String> {
    let render = |dialect| siwx::render(payload, dialect).ok();
    layouts().filter_map(render).collect()
}

/// The members of a payload, to be changed.
#[derive(Clone, Debug)]
struct Members {
    domain: String,
    issuer: Issuer,
    audience: String,
    nonce: String,
    issued_at: Timestamp,
    statement: Option<String>,
    request_id: Option<String>,
    resources: Option<Vec<String>>,
}

impl Members {
    fn of(payload: &Payload) -> Self {
        let list = || payload.resources().map(Into::into).collect();
        Self {
            domain: payload.domain().into(),
            issuer: payload.issuer().clone(),
            audience: payload.audience().into(),
            nonce: payload.nonce().into(),
            issued_at: payload.issued_at().clone(),
            statement: payload.statement().map(Into::into),
            request_id: payload.request_id().map(Into::into),
            resources: payload.has_resource_list().then(list),
        }
    }

    fn build(self) -> Option<Payload> {
        let mut builder = Payload::builder(
            &self.domain,
            self.issuer,
            &self.audience,
            &self.nonce,
            self.issued_at,
        );
        if let Some(text) = self.statement {
            builder = builder.with_statement(&text);
        }
        if let Some(text) = self.request_id {
            builder = builder.with_request_id(&text);
        }
        if let Some(list) = self.resources {
            builder = builder.with_resources(list);
        }
        builder.build().ok()
    }

    /// A change after which the texts may be alike.
    fn change(mut self, edit: u8, with: &str) -> Self {
        const PHRASE: &str = " wants you to sign in with your ";
        match edit {
            0 => self.resources = self.resources.map_or(Some(Vec::new()), |_| None),
            1 => self.resources = Some(Vec::new()),
            2 => self.resources = Some(vec![with.into()]),
            3 => self.statement = None,
            4 => self.statement = Some(format!("URI: {with}")),
            5 => self.statement = Some("Resources:".into()),
            6 => self.statement = Some(with.into()),
            7 => self.request_id = self.request_id.map_or(Some(with.into()), |_| None),
            8 => self.domain = format!("{with}{PHRASE}Polygon account:"),
            9 => self.domain = format!("{}{PHRASE}{with}", self.domain),
            10 => self.domain = format!("https://{}", self.domain),
            11 => self.domain = self.domain.trim_start_matches("https://").into(),
            12 => self.audience.push_str(with),
            13 => self.nonce = format!("{with}{}", self.nonce),
            14 => self.request_id = Some(format!("{with} Resources:")),
            15 => {
                let did = self.issuer.did().to_ascii_lowercase();
                self.issuer = did.parse().unwrap_or(self.issuer);
            }
            16 => {
                let did = self.issuer.did().replace(":1:", ":10:");
                self.issuer = did.parse().unwrap_or(self.issuer);
            }
            _ => self.nonce = format!("{}Chain ID: {with}", self.nonce),
        }
        self
    }
}

fn near_pair() -> impl Strategy<Value = (Payload, Payload)> {
    let edits = || prop::collection::vec((0..18_u8, strategies::text()), 1..3);
    let edits = (edits(), edits());
    (strategies::payload(), edits).prop_filter_map("two payloads", |(payload, (one, other))| {
        let edit = |edits: Vec<(u8, String)>| {
            let start = Members::of(&payload);
            edits
                .iter()
                .fold(start, |members, (edit, with)| members.change(*edit, with))
                .build()
        };
        Some((edit(one)?, edit(other)?))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_is_that_of_two_payloads((one, other) in near_pair()) {
        if meaning(&one) != meaning(&other) {
            let (of_one, of_other) = (texts(&one), texts(&other));
            prop_assert_eq!(of_one.intersection(&of_other).next(), None);
        }
    }

    #[test]
    fn every_text_gives_its_payload_back((payload, _) in near_pair()) {
        for (dialect, text) in siwx::candidates(&payload)? {
            let (read, recognised) = siwx::parse(&text)?;
            prop_assert_eq!(meaning(&read), meaning(&payload), "{}", text);
            prop_assert_eq!(siwx::render(&read, recognised)?, text.clone());
            // an address of digits alone has one spelling, and so has an issuer that is read back
            prop_assert_eq!(
                (recognised.order, recognised.gap, recognised.chain, recognised.empty_list),
                (dialect.order, dialect.gap, dialect.chain, dialect.empty_list)
            );
            if let Ok(signed) = SignedText::parse(&text) {
                prop_assert_eq!(meaning(signed.payload()), meaning(&payload));
                prop_assert_eq!(signed.text(), &*text);
            }
        }
    }

}

proptest! {
    // two hundred texts for each payload
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// A payload is what its text says in every layout, and no other payload has that text in any.
    #[test]
    fn one_text_one_payload_in_every_layout((one, other) in near_pair()) {
        let of_one = all_texts(&one);
        for text in &of_one {
            let (read, recognised) = siwx::parse(text)?;
            prop_assert_eq!(meaning(&read), meaning(&one), "{}", text);
            prop_assert_eq!(&siwx::render(&read, recognised)?, text);
        }
        if meaning(&one) != meaning(&other) {
            prop_assert!(of_one.is_disjoint(&all_texts(&other)));
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Another name of the network makes another text, which stands for the same account.
    #[test]
    fn a_free_name_of_the_network_changes_nothing_else(
        payload in strategies::payload(),
        name in "[A-Z][a-z]{2,8}( [A-Z][a-z]{2,8})?",
    ) {
        for (_, text) in siwx::candidates(&payload)? {
            let Ok(plain) = SignedText::parse(&text) else { continue };
            let (first, rest) = text.split_once('\n').unwrap();
            let first = first.replace(
                &format!("your {} account:", plain.network()),
                &format!("your {name} account:"),
            );
            let Ok(named) = SignedText::parse(&format!("{first}\n{rest}")) else { continue };
            prop_assert_eq!(named.network(), &*name);
            prop_assert_eq!(meaning(named.payload()), meaning(&payload));
            let other = named.dialect().variations().any(|v| v == Variation::OtherNetworkName);
            prop_assert_eq!(other, plain.network() != name);
            prop_assert!(!other || named.to_cacao().is_err());
            prop_assert!(!other || siwx::parse(named.text()).is_err());
        }
    }
}

const TEXT: &str = "app.example wants you to sign in with your Ethereum account:\n\
    0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44\n\nHello\n\nURI: https://app.example/\n\
    Version: 1\nChain ID: 1\nNonce: HPiCXGTXHI\nIssued At: 2023-04-06T16:15:19.058Z";

fn code(text: &str) -> &'static str {
    SignedText::parse(text).map_or_else(|error| error.code(), |_| "read")
}

/// Rule 6.
#[test]
fn a_name_of_the_network_neither_splits_nor_contradicts() {
    let named = |name: &str| code(&TEXT.replacen("Ethereum", name, 1));
    for name in ["Ethereum", "Ethereum Mainnet", "Our Chain", "mainnet"] {
        assert_eq!(named(name), "read", "{name}");
    }
    // people know which chain this is
    for (name, chain) in [("Polygon", "137"), ("OP Mainnet", "10"), ("Base", "8453")] {
        assert_eq!(named(name), "malformed_text", "{name}");
        let own = TEXT.replacen("Chain ID: 1", &format!("Chain ID: {chain}"), 1);
        assert_eq!(code(&own.replacen("Ethereum", name, 1)), "read", "{name}");
    }
    for name in [
        // the phrase twice: whose domain, whose network?
        "x wants you to sign in with your Ethereum",
        "wants you to sign in with your Ethereum",
        // the name of another namespace
        "Solana",
        "solana",
        "Solana Devnet",
        "Tezos",
        "Stacks",
        "",
        " Polygon",
        "Polygon ",
        "a: b",
        "Ethereum account: 0x0 of the",
    ] {
        assert_eq!(named(name), "malformed_text", "{name}");
    }
    // by the phrase in the domain the same line is had
    let twice = format!(
        "a wants you to sign in with your b{}",
        &TEXT["app.example".len()..]
    );
    assert_eq!(code(&twice), "malformed_text");
    // the chain, and the form of the address
    let chain = |chain: &str| code(&TEXT.replacen("Chain ID: 1", &format!("Chain ID: {chain}"), 1));
    assert_eq!(chain("eip155:1"), "read");
    for other in ["solana:1", "stacks:1", "eip155:", ":1", "eip155:eip155:1"] {
        assert_ne!(chain(other), "read", "{other}");
    }
    for other in ["main", "01", "eip155:main", "0x1", "1 ", ""] {
        assert_ne!(chain(other), "read", "{other}");
    }
    let address = TEXT.replacen(
        "0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44",
        "6BcW5WQdw2PkjMDfqLVRX8q2dNQWNdYgeW7VZv1iMBxP",
        1,
    );
    assert_ne!(code(&address), "read");
    assert_eq!(code(&address.replacen("Ethereum", "Solana", 1)), "read");
    // an account of Ethereum under the name of Solana, and the other way round
    assert_ne!(code(&TEXT.replacen("Ethereum", "Solana", 1)), "read");
}

/// Rule 6: behind characters that are not seen, a name says what it seems to say.
#[test]
fn look_alikes_in_the_name_of_the_network_contradict_or_are_reported() {
    let named = |name: &str| SignedText::parse(&TEXT.replacen("Ethereum", name, 1));
    for (name, kind) in [
        ("Eth\u{202e}ereum", "bidi"),
        ("Ethereum\u{200b}", "invisible"),
        ("My\u{2028}L2", "line_separator"),
        ("\u{415}thereum", "mixed_script"),
        ("Ｅthereum", "full_width"),
        ("東京", "beyond_ascii"),
    ] {
        let text = named(name).unwrap();
        let found = text.text_warnings();
        let of_network = |w: &siwx::TextWarning| w.field() == cacao::Field::Network;
        assert!(found.iter().all(of_network), "{name:?}");
        let is_named = found.iter().any(|w| w.kind().code() == kind);
        assert!(is_named, "{name:?}: {found:?}");
        // the text alone has the name
        assert!(text.payload().text_warnings().is_empty());
    }
    assert!(named("Our Chain").unwrap().text_warnings().is_empty());
    for name in ["\u{200b}Solana", "Ｓolana", "S\u{43e}lana", "P\u{43e}lygon"] {
        assert_eq!(
            named(name).unwrap_err().code(),
            "malformed_text",
            "{name:?}"
        );
    }
}

const CAPABILITY: &str = concat!(
    r#"{"h":{"t":"eip4361"},"p":{"domain":"app.example","iat":"2023-04-06T16:15:19.058Z","#,
    r#""iss":"did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44","aud":"did:key:z","#,
    r#""version":"1","nonce":"n"},"s":{"t":"eip191","s":"0x"}}"#
);

fn with(member: &str) -> Result<Cacao, cacao::Error> {
    Cacao::from_json(&CAPABILITY.replacen(r#""p":{"#, &format!(r#""p":{{{member},"#), 1))
}

/// Rule 10: a statement and a request id that are there and empty have texts of their own, by the
/// grammar of EIP-4361, and say as much as none.
#[test]
fn what_is_there_and_empty_says_as_much_as_none() {
    let without = TEXT.replacen("Hello\n\n", "", 1);
    let plain = SignedText::parse(&without).unwrap();
    let with_id = format!("{without}\nRequest ID: ");
    let three = without.replacen("\n\n", "\n\n\n\n", 1);
    for (text, names) in [
        (&without, &[][..]),
        (
            &without.replacen("\n\n", "\n\n\n", 1),
            &[Variation::TwoBlankLines],
        ),
        (&three, &[Variation::ThreeBlankLines]),
        (&with_id, &[Variation::BareRequestId]),
        (
            &format!("{three}\nRequest ID: "),
            &[Variation::ThreeBlankLines, Variation::BareRequestId],
        ),
    ] {
        let signed = SignedText::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(signed.payload(), plain.payload());
        assert_eq!(signed.text(), text);
        assert!(signed.dialect().variations().eq(names.iter().copied()));
    }
    for bad in [
        without.replacen("\n\n", "\n\n\n\n\n", 1),
        TEXT.replacen("Hello\n\n", "\nHello\n\n", 1),
        format!("{without}\nRequest ID:"),
        format!("{without}\nRequest ID: \nRequest ID: 7"),
        format!("{without}\nRequest ID:  "),
        // other fields are not empty
        TEXT.replacen("HPiCXGTXHI", "", 1),
        TEXT.replacen("https://app.example/", "", 1),
        format!("{TEXT}\nExpiration Time: "),
        format!("{TEXT}\nResources:\n- "),
    ] {
        assert_ne!(code(&bad), "read", "{bad}");
    }
}

/// `Chain ID` stands in one of two places, and once.
#[test]
fn the_order_of_caip_122_is_an_order_by_name() {
    let chain = "Chain ID: 1\n";
    let end = TEXT.replacen(chain, "", 1);
    let last = format!("{end}\nRequest ID: 7\nChain ID: 1\nResources:\n- app:notes");
    let signed = SignedText::parse(&last).unwrap();
    assert!(signed.dialect().variations().eq([Variation::Caip122Order]));
    let usual = format!("{TEXT}\nRequest ID: 7\nResources:\n- app:notes");
    let usual = SignedText::parse(&usual).unwrap();
    assert_eq!(signed.payload(), usual.payload());
    // no signature under the one is one under the other
    assert_ne!(signed, usual);
    for bad in [
        end.clone(),
        format!("{end}\nChain ID: 1\nRequest ID: 7"),
        format!("{end}\nChain ID: 1\nChain ID: 1"),
        format!("{TEXT}\nChain ID: 1"),
        format!("{end}\nResources:\n- app:notes\nChain ID: 1"),
        end.replacen("Issued", "Chain ID: 1\nIssued", 1),
        format!("{end}\nChain ID: 1\nExpiration Time: 2024-04-06T16:15:19.058Z"),
    ] {
        assert_eq!(code(&bad), "malformed_text", "{bad}");
    }
}

/// Rule 7.
#[test]
fn a_scheme_smuggles_no_host_and_is_split_before_it_is_compared() {
    let apart = with(r#""scheme":"https""#).unwrap();
    let whole = CAPABILITY.replacen("app.example", "https://app.example", 1);
    let whole = Cacao::from_json(&whole).unwrap();
    for cacao in [&apart, &whole] {
        let payload = cacao.payload();
        assert_eq!(
            (payload.scheme(), payload.authority()),
            (Some("https"), "app.example")
        );
    }
    assert_eq!(apart.payload(), whole.payload());
    assert_eq!(apart.identity(), whole.identity());
    assert_ne!(apart.cid(), whole.cid());
    assert!(apart.variations().eq([Variation::SchemeMember]));
    for scheme in [
        "https://evil.example",
        "https:",
        "a b",
        "1a",
        "/",
        "é",
        "https\\n",
    ] {
        let error = with(&format!(r#""scheme":"{scheme}""#)).unwrap_err();
        assert_eq!(error.code(), "invalid_field", "{scheme}: {error}");
    }
    // two schemes
    let twice = CAPABILITY
        .replacen("app.example", "https://app.example", 1)
        .replacen(r#""p":{"#, r#""p":{"scheme":"https","#, 1);
    assert_eq!(
        Cacao::from_json(&twice).unwrap_err().code(),
        "invalid_field"
    );

    let domain = |domain: &str| code(&TEXT.replacen("app.example", domain, 1));
    for read in [
        "https://app.example",
        "http://localhost:3000",
        "app.example:443",
    ] {
        assert_eq!(domain(read), "read", "{read}");
    }
    for bad in [
        "https://https://app.example",
        "evil.example/://app.example",
        "https://",
        "://app.example",
        "1a://app.example",
        "a b://app.example",
        " app.example",
    ] {
        assert_ne!(domain(bad), "read", "{bad}");
    }
}

/// Rule 8.
#[test]
fn what_is_said_twice_is_said_alike() {
    for same in [
        r#""uri":"did:key:z""#,
        r#""type":"eip4361""#,
        r#""request_id":"7","requestId":"7""#,
        r#""chainId":"1""#,
        r#""chainId":1"#,
        r#""chainId":"eip155:1""#,
        r#""address":"0x974E944BE93674bd5fa8ee45fa0c9fdc6b15dc44""#,
        r#""issuedAt":"2023-04-06T16:15:19.058Z""#,
    ] {
        with(same).unwrap();
    }
    for contradiction in [
        r#""uri":"did:key:y""#,
        r#""type":"caip122""#,
        r#""request_id":"7","requestId":"8""#,
        r#""chainId":"5""#,
        r#""chainId":"eip155:5""#,
        r#""address":"0x974E944BE93674bd5fa8ee45fa0c9fdc6b15dc45""#,
        r#""issuedAt":"2023-04-06T16:15:19Z""#,
        r#""expirationTime":"2023-04-06T16:15:19Z""#,
        r#""notBefore":"2023-04-06T16:15:19Z""#,
    ] {
        let error = with(contradiction).unwrap_err();
        assert_eq!(error.code(), "invalid_field", "{contradiction}: {error}");
    }
    // under the other name alone it is the same member
    let other = with(r#""request_id":"7""#).unwrap();
    assert_eq!(other.payload().request_id(), Some("7"));
    assert_eq!(
        other.identity(),
        with(r#""requestId":"7""#).unwrap().identity()
    );
    let uri = Cacao::from_json(&CAPABILITY.replacen(r#""aud""#, r#""uri""#, 1)).unwrap();
    assert_eq!(
        uri.identity(),
        Cacao::from_json(CAPABILITY).unwrap().identity()
    );
    // with neither there is no audience
    let neither = CAPABILITY.replacen(r#""aud":"did:key:z","#, "", 1);
    assert!(Cacao::from_json(&neither).is_err());
}

/// Rule 9 and rule 10.
#[test]
fn what_is_not_signed_changes_the_name_of_the_bytes_alone() {
    let plain = Cacao::from_json(CAPABILITY).unwrap();
    for member in [
        r#""statement":"""#,
        r#""statement":null"#,
        r#""requestId":"""#,
        r#""exp":null,"nbf":null,"resources":null"#,
        r#""type":"eip4361""#,
        r#""methods":["personal_sign"],"chains":["eip155:1"]"#,
    ] {
        let cacao = with(member).unwrap();
        assert_eq!(cacao.identity(), plain.identity(), "{member}");
        assert_eq!(cacao.payload(), plain.payload(), "{member}");
        assert_ne!(cacao.cid(), plain.cid(), "{member}");
        assert_ne!(cacao, plain, "{member}");
        assert_eq!(cacao.variations().count(), 1, "{member}");
        let again = Cacao::from_dag_cbor(&cacao.to_dag_cbor()).unwrap();
        assert_eq!(again, cacao, "{member}");
        assert_eq!(again.cid(), cacao.cid(), "{member}");
    }
    // a date that holds nothing is none, and a name twice is refused wherever it stands
    for bad in [
        r#""exp":"""#,
        r#""x":1,"x":1"#,
        r#""x":1.5"#,
        r#""nonce":"n""#,
        r#""x":{"/":1}"#,
    ] {
        assert!(with(bad).is_err(), "{bad}");
    }
}

/// Rule 11.
#[test]
fn a_version_is_one() {
    let version = |version: &str| {
        let json = CAPABILITY.replacen(r#""version":"1""#, &format!(r#""version":{version}"#), 1);
        Cacao::from_json(&json).is_ok()
    };
    assert!(version("1") && version(r#""1""#));
    for bad in [
        "2", "0", "-1", "1.0", "1e0", "true", "null", r#""""#, r#""01""#, r#""1 ""#, "[1]",
    ] {
        assert!(!version(bad), "{bad}");
    }
}

/// Rule 12.
#[test]
fn no_line_break_stands_in_a_member() {
    for separator in ["\\n", "\\r", "\\r\\n", "\\u0085", "\\u0000"] {
        for member in ["statement", "requestId", "request_id", "scheme"] {
            let member = format!(r#""{member}":"a{separator}b""#);
            assert_eq!(
                with(&member).unwrap_err().code(),
                "invalid_field",
                "{member}"
            );
        }
        let list = format!(r#""resources":["a{separator}b"],"version":1"#);
        let json = CAPABILITY.replacen(r#""version":"1","#, "", 1).replacen(
            r#""p":{"#,
            &format!(r#""p":{{{list},"#),
            1,
        );
        assert_eq!(Cacao::from_json(&json).unwrap_err().code(), "invalid_field");
    }
    assert_eq!(code(TEXT), "read");
    assert_ne!(code(&TEXT.replace('\n', "\r\n")), "read");
    assert_ne!(code(&format!("{TEXT}\n")), "read");
    for (line, text) in [
        ("Hello", "Hello\n\nURI: https://evil.example/"),
        ("Hello", "Hel\rlo"),
        ("Nonce: HPiCXGTXHI", "Nonce: HPiCXGTXHI\nNonce: HPiCXGTXHI"),
        ("Nonce: HPiCXGTXHI", "Nonce: HPiCXGTXHI "),
        ("Nonce: HPiCXGTXHI", "Nonce:  HPiCXGTXHI"),
        ("Nonce: HPiCXGTXHI", "Nonce: HPiCXGTXHI\nComment: x"),
        ("Version: 1", "Version: 1 "),
        ("Version: 1", "Version: 1\nVersion: 1"),
        ("Version: 1", "Version: 2"),
        ("URI: https://app.example/", "URI: https://app.example/ "),
        ("URI: https://app.example/", "uri: https://app.example/"),
    ] {
        assert_ne!(code(&TEXT.replacen(line, text, 1)), "read", "{text}");
    }
}
