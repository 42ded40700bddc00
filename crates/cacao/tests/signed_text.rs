//! A text and its signature, on every chain: proven and judged like a capability.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
#![cfg(all(
    feature = "contract",
    feature = "solana",
    feature = "stacks",
    feature = "tezos"
))]

use cacao::contract::Contracts;
use cacao::siwx::{self, Variation};
use cacao::{
    Cacao, CallOutcome, Error, HeaderType, Judgement, MemberOrder, Payload, Policy, Provers,
    Proving, Requirement, Signature, SignatureValue, SignedText, UnixTime, VerifiedCacao, eip191,
    solana, stacks, tezos,
};
use data_encoding::HEXLOWER;
use didkey::Ed25519SigningKey;
use k256::ecdsa::SigningKey;

const KEY: &str = "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn";
const IAT: &str = "2023-04-06T16:15:19.058Z";

/// A wallet: whose account it is, and how it signs.
struct Wallet {
    account: String,
    sign: fn(&str) -> Signature,
}

fn secp256k1() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).unwrap()
}

fn ed25519() -> (Ed25519SigningKey, [u8; 32]) {
    let key = Ed25519SigningKey::from_seed(&[7; 32]);
    let public = key.did_key().public_key().as_bytes().try_into().unwrap();
    (key, public)
}

fn recoverable(digest: &[u8; 32], v: u8) -> [u8; 65] {
    let (signature, id) = secp256k1().sign_prehash_recoverable(digest);
    let mut bytes = [v + id.to_byte(); 65];
    bytes[..64].copy_from_slice(&signature.to_bytes());
    bytes
}

fn ethereum(spell: fn(String) -> String) -> Wallet {
    let address = eip191::address_of(secp256k1().verifying_key());
    Wallet {
        account: format!("eip155:1:0x{}", spell(HEXLOWER.encode(&address))),
        sign: |text| Signature::eip191(&recoverable(&eip191::digest(text.as_bytes()), 27)),
    }
}

fn wallets() -> [Wallet; 5] {
    let network = stacks::Network::Mainnet;
    let stacks = stacks::address_of(secp256k1().verifying_key(), network);
    let (_, public) = ed25519();
    [
        ethereum(|hex| hex),
        // neither in lower case nor in checksum case
        ethereum(|hex| hex.to_ascii_uppercase()),
        Wallet {
            account: format!("{}:{}", solana::MAINNET, solana::address_of(&public)),
            sign: |text| solana::signature(&ed25519().0.sign(text.as_bytes()).to_bytes()),
        },
        Wallet {
            account: format!("{}:{}", tezos::MAINNET, tezos::address_of(&public)),
            sign: |text| {
                let (key, public) = ed25519();
                let digest = tezos::digest(&tezos::payload_of(text).unwrap());
                tezos::signature(&key.sign(&digest).to_bytes(), &public)
            },
        },
        Wallet {
            account: format!("{}:{stacks}", stacks::MAINNET),
            sign: |text| stacks::signature(&recoverable(&stacks::digest(text), 0)),
        },
    ]
}

fn payloads(account: &str) -> Vec<Payload> {
    let lists = [
        None,
        Some(&[][..]),
        Some(&["ceramic://*", "https://app.example/a"][..]),
    ];
    let mut payloads = Vec::new();
    for list in lists {
        for statement in [None, Some("Hello 東京")] {
            for (domain, audience) in [
                ("app.example", KEY),
                ("https://app.example:8443", "https://app.example/login"),
            ] {
                let (issuer, at) = (account.parse().unwrap(), IAT.parse().unwrap());
                let mut builder = Payload::builder(domain, issuer, audience, "HPiCXGTXHI", at)
                    .with_request_id("7")
                    .with_expires_at("2023-04-13T16:15:19.058Z".parse().unwrap());
                if let Some(list) = list {
                    builder = builder.with_resources(list.iter().copied());
                }
                if let Some(statement) = statement {
                    builder = builder.with_statement(statement);
                }
                payloads.push(builder.build().unwrap());
            }
        }
    }
    payloads
}

fn at() -> UnixTime {
    IAT.parse::<cacao::Timestamp>().unwrap().unix_time()
}

fn verify(text: &SignedText) -> Result<VerifiedCacao, Error> {
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    text.verify(&Provers::all_compiled_in(), &policy, &any, at())
}

fn text_of(signature: &Signature) -> &str {
    match signature.value() {
        SignatureValue::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

fn signed(text: &str, signature: &Signature) -> SignedText {
    let parsed = SignedText::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    parsed.with_signature_text(text_of(signature)).unwrap()
}

/// Every text of every payload, signed, is accepted as a text and as a capability, in each
/// encoding and in each spelling; and a text that is changed is refused.
#[test]
fn every_text_of_every_chain() {
    let mut texts = 0;
    for wallet in wallets() {
        for payload in payloads(&wallet.account) {
            for (dialect, text) in siwx::candidates(&payload).unwrap() {
                texts += 1;
                let signature = (wallet.sign)(&text);
                let signed = signed(&text, &signature);
                let verified = verify(&signed).unwrap_or_else(|error| panic!("{error}: {text}"));
                assert_eq!(verified.issuer(), payload.issuer());
                assert_eq!(verified.payload().domain(), payload.domain());
                assert_eq!(verified.signed_text().unwrap(), signed);
                let forbidding = dialect
                    .variations()
                    .fold(Policy::default(), |policy, name| {
                        policy.with_forbidden_dialect(name)
                    });
                let provers = Provers::all_compiled_in();
                let any = Requirement::any_domain();
                let forbidden = signed.verify(&provers, &forbidding, &any, at());
                match dialect.variations().next() {
                    Some(_) => assert_eq!(forbidden.unwrap_err().code(), "forbidden_dialect"),
                    None => assert!(forbidden.is_ok()),
                }

                let capability = Cacao::new(
                    match payload.issuer().namespace() {
                        "eip155" => HeaderType::Eip4361,
                        _ => HeaderType::Caip122,
                    },
                    payload.clone(),
                    Some(signature.clone()),
                );
                let json = capability.to_json(MemberOrder::Session);
                let spelled = json
                    .replacen(r#""version":"1""#, r#""version":1"#, 1)
                    .replacen(r#""p":{"#, r#""p":{"nbf":null,"x":[1],"type":null,"#, 1);
                for json in [json, spelled] {
                    let read = Cacao::from_json(&json).unwrap();
                    let read = Cacao::from_dag_cbor(&read.to_dag_cbor()).unwrap();
                    let verified = read.verify(&provers, &Policy::default(), &any, at());
                    assert_eq!(verified.unwrap().dialect(), Some(dialect), "{text}");
                }

                for (from, to) in [
                    ("HPiCXGTXHI", "HPiCXGTXHJ"),
                    ("app.example", "bpp.example"),
                    ("Request ID: 7", "Request ID: 8"),
                    ("2023-04-13", "2023-04-14"),
                ] {
                    let changed = text.replacen(from, to, 1);
                    let changed = SignedText::parse(&changed).unwrap();
                    let changed = changed.with_signature_text(text_of(&signature)).unwrap();
                    assert_eq!(verify(&changed).unwrap_err().code(), "signature_mismatch");
                }
            }
        }
    }
    assert!(texts > 200, "{texts}");
}

/// A capability has no other name for the network; a text has, and it is signed.
#[test]
fn a_free_name_of_the_network_is_signed_and_told() {
    for (wallet, own, other) in [
        (ethereum(|hex| hex), "Ethereum", "Our Chain"),
        (
            ethereum(|hex| hex.to_ascii_uppercase()),
            "Ethereum",
            "Our Network",
        ),
    ] {
        for payload in payloads(&wallet.account) {
            for (_, plain) in siwx::candidates(&payload).unwrap() {
                let text = plain.replacen(own, other, 1);
                let named = signed(&text, &(wallet.sign)(&text));
                let verified = verify(&named).unwrap();
                assert_eq!(verified.signed_text().unwrap().network(), other);
                assert!(
                    verified
                        .variations()
                        .any(|v| v == Variation::OtherNetworkName)
                );
                // the signature under the plain text is not one under this text
                let under_plain = signed(&text, &(wallet.sign)(&plain));
                assert_eq!(
                    verify(&under_plain).unwrap_err().code(),
                    "signature_mismatch"
                );
                assert!(named.to_cacao().is_err());
                assert!(verified.proven().of_capability().is_err());
            }
        }
    }
}

/// Where the text names a session key it is a capability, and what was proven stays proven.
#[test]
fn a_text_that_names_a_key_is_a_capability() {
    for wallet in wallets() {
        for payload in payloads(&wallet.account) {
            for (dialect, text) in siwx::candidates(&payload).unwrap() {
                let signed = signed(&text, &(wallet.sign)(&text));
                let cacao = match signed.to_cacao() {
                    Ok(cacao) => cacao,
                    Err(error) => {
                        assert_eq!(error.code(), "invalid_field");
                        assert_ne!(payload.audience(), KEY);
                        continue;
                    }
                };
                assert_eq!(payload.audience(), KEY);
                // the header is that of the chain, with a signature and without
                let header = match payload.issuer().namespace() {
                    "eip155" => HeaderType::Eip4361,
                    _ => HeaderType::Caip122,
                };
                let unsigned = SignedText::parse(&text).unwrap().to_cacao().unwrap();
                assert_eq!((unsigned.header(), cacao.header()), (header, header));
                let proven = verify(&signed).unwrap().proven().of_capability().unwrap();
                assert_eq!(proven.cacao(), &cacao);
                assert_eq!(proven.facts().dialect, Some(dialect));
                // nobody needs the text for it
                let read = Cacao::from_dag_cbor(&cacao.to_dag_cbor()).unwrap();
                let Proving::Done(again) = Provers::all_compiled_in().prove(&read).unwrap() else {
                    panic!("no chain is asked");
                };
                assert_eq!(again.facts(), proven.facts());
            }
        }
    }
}

/// The same reasons in the same order as for a capability.
#[test]
fn the_requirement_is_that_of_a_capability() {
    let wallet = ethereum(|hex| hex);
    let payload = &payloads(&wallet.account)[2];
    assert_eq!(payload.domain(), "app.example");
    let (_, text) = siwx::candidates(payload).unwrap().swap_remove(0);
    let signed = signed(&text, &(wallet.sign)(&text));
    let cacao = signed.to_cacao().unwrap();
    let provers = Provers::all_compiled_in();
    let (late, policy) = (UnixTime::from_secs(2_000_000_000), Policy::default());
    let good = || Requirement::for_domain("app.example");
    for (requirement, time, code) in [
        (good(), at(), "accepted"),
        (
            good().with_nonce("HPiCXGTXHI").with_audience(KEY),
            at(),
            "accepted",
        ),
        (
            Requirement::for_domain("b.example").with_nonce("x"),
            late,
            "domain_mismatch",
        ),
        (good().with_nonce("x"), late, "nonce_mismatch"),
        (
            good().with_audience("did:key:z").with_nonce("x"),
            at(),
            "audience_mismatch",
        ),
        (good().with_resources(["a"]), late, "resource_not_granted"),
        (good(), late, "expired"),
        (good(), UnixTime::from_secs(0), "not_yet_valid"),
    ] {
        let of = |verdict: Result<VerifiedCacao, Error>| {
            verdict.map_or_else(|error| error.code(), |_| "accepted")
        };
        assert_eq!(
            of(signed.verify(&provers, &policy, &requirement, time)),
            code
        );
        assert_eq!(
            of(cacao.verify(&provers, &policy, &requirement, time)),
            code
        );
    }
    let unsigned = SignedText::parse(&text).unwrap();
    assert_eq!(verify(&unsigned).unwrap_err().code(), "unsigned");
    let nobody = signed.verify(&Provers::none(), &policy, &good(), at());
    assert_eq!(nobody.unwrap_err().code(), "unsupported_kind");
}

/// What is required without a scheme was signed with that of the web, or with none.
#[test]
fn a_domain_that_is_required_may_have_the_scheme_of_the_web() {
    let wallet = ethereum(|hex| hex);
    let payload = &payloads(&wallet.account)[2];
    let (_, plain) = siwx::candidates(payload).unwrap().swap_remove(0);
    for (signed_for, required, accepted) in [
        ("app.example", "app.example", true),
        ("https://app.example", "app.example", true),
        ("https://app.example", "https://app.example", true),
        ("app.example", "https://app.example", false),
        ("http://app.example", "app.example", false),
        ("http://app.example", "http://app.example", true),
        ("http://localhost:3000", "localhost:3000", true),
        (
            "http://localhost.evil.example",
            "localhost.evil.example",
            false,
        ),
        ("wallet://app.example", "app.example", false),
        ("https://app.example", "pp.example", false),
    ] {
        let text = plain.replacen("app.example", signed_for, 1);
        let signed = signed(&text, &(wallet.sign)(&text));
        let requirement = Requirement::for_domain(required);
        let verdict = signed.verify(
            &Provers::all_compiled_in(),
            &Policy::default(),
            &requirement,
            at(),
        );
        match verdict {
            Ok(_) => assert!(accepted, "{signed_for} for {required}"),
            Err(error) => {
                assert!(!accepted, "{signed_for} for {required}");
                assert_eq!(error.code(), "domain_mismatch");
            }
        }
    }
}

/// A contract is asked for this very text, and for no other.
#[test]
fn a_contract_is_asked_once() {
    let provers = Provers::none().with_contracts(Contracts::new()).unwrap();
    let wallet = ethereum(|hex| hex);
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    for payload in payloads(&wallet.account) {
        let (_, plain) = siwx::candidates(&payload).unwrap().pop().unwrap();
        let text = plain.replacen("Ethereum", "Our Network", 1);
        let signed = SignedText::parse(&text).unwrap();
        let signed = signed.with_signature_text("0xabcd").unwrap();
        let Judgement::Ask(inquiry) = signed.begin(&provers, &policy, &any, at()).unwrap() else {
            panic!("a contract is asked");
        };
        assert_eq!(inquiry.calls().len(), 1);
        let digest = eip191::digest(text.as_bytes());
        assert!(
            inquiry.calls()[0]
                .data
                .windows(32)
                .any(|window| window == digest)
        );
        let mut yes = [0; 32];
        yes[..4].copy_from_slice(&[0x16, 0x26, 0xba, 0x7e]);
        let no = inquiry
            .clone()
            .answer(&[CallOutcome::Returned(vec![0xff; 32])], at());
        assert!(no.is_err());
        let yes = inquiry.answer(&[CallOutcome::Returned(yes.into())], at());
        let Judgement::Accepted(verified) = yes.unwrap() else {
            panic!("it said yes");
        };
        assert_eq!(verified.signed_text().unwrap().text(), text);
        assert!(cacao::Evidence::of(verified.proven()).is_none());
    }
}

/// What was proven of a text says nothing of a capability whose text may be another one.
#[test]
fn a_text_is_not_remembered_as_a_capability() {
    let wallet = ethereum(|hex| hex);
    let payload = &payloads(&wallet.account)[0];
    let (_, plain) = siwx::candidates(payload).unwrap().swap_remove(0);
    let text = plain.replacen("Ethereum", "Our Network", 1);
    let signature = (wallet.sign)(&text);
    let provers = Provers::all_compiled_in().with_memory(10);
    let (policy, any) = (Policy::default(), Requirement::any_domain());
    let verified = signed(&text, &signature)
        .verify(&provers, &policy, &any, at())
        .unwrap();
    assert_eq!(provers.known().unwrap().stats().len, 0);
    let capability = Cacao::new(
        HeaderType::Eip4361,
        verified.payload().clone(),
        Some(signature),
    );
    let refused = capability.verify(&provers, &policy, &any, at());
    assert_eq!(refused.unwrap_err().code(), "signature_mismatch");
}

/// What is not hex is said to be none, before a contract would be asked about it.
#[cfg(feature = "ethereum")]
#[test]
fn an_ethereum_signature_that_is_not_hex_is_malformed() {
    let text = "app.example wants you to sign in with your Ethereum account:\n\
                0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44\n\nURI: https://app.example/\n\
                Version: 1\nChain ID: 1\nNonce: HPiCXGTXHI\nIssued At: 2023-04-06T16:15:19.058Z";
    let signed = SignedText::parse(text).unwrap();
    let hex = "ab".repeat(65);
    for (signature, says) in [
        (String::new(), "empty"),
        (hex[1..].to_owned(), "odd"),
        (format!("0x{}", &hex[1..]), "odd"),
        (format!("0X{hex}"), "0X"),
        (format!("0x{hex}\n"), "around"),
        (format!(" {hex}"), "around"),
        ("q83vASNFZ4mrze8BI0VniQ==".to_owned(), "not a digit"),
    ] {
        let error = signed.clone().with_signature_text(&signature).unwrap_err();
        assert_eq!(error.code(), "malformed_signature", "{signature:?}");
        assert!(error.to_string().contains(says), "{signature:?}: {error}");
    }
    for signature in [
        hex.clone(),
        format!("0x{hex}"),
        "0x".to_owned(),
        "0xABcd".to_owned(),
    ] {
        assert!(
            signed.clone().with_signature_text(&signature).is_ok(),
            "{signature}"
        );
    }
    // the chain is a part of the text
    let error = SignedText::parse(&text.replacen("Chain ID: 1", "Chain ID: 0x1", 1)).unwrap_err();
    assert_eq!(error.code(), "invalid_field");
    assert!(error.to_string().starts_with("Chain ID "), "{error}");
}
