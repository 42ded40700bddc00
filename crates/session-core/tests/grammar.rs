//! What a wallet is not asked for: texts that leave the grammar of EIP-4361, and such in which a
//! person reads something else than what stands there.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::wallet;

use cacao::Provers;
use session_core::{
    AuthMethod, Context, DidSession, Error, ManualClock, Request, RequestWarning, Sessions,
};
use std::sync::Arc;
use store_memory::MemoryStore;
use wallet::{HOUR, NOW, Wallet};

fn context() -> Context {
    let clock = Arc::new(ManualClock::new(NOW));
    Context::with_shared_clock(clock, Provers::all_compiled_in())
}

fn usual() -> Request {
    Request::new("app.example", ["ceramic://*"])
}

/// Every way to ask refuses it in the same words, with a stored session that would serve and
/// without, and no wallet is asked.
async fn refused_everywhere(request: &Request) -> String {
    let wallet = Wallet::new();
    let mut seen = Vec::new();
    for stored in [false, true] {
        let sessions = Sessions::with_context(MemoryStore::new(), context());
        let mut asked = 0;
        if stored {
            sessions.get(&*wallet, &usual()).await.unwrap();
            asked = 1;
        }
        let before = wallet.asked();
        let issuer = wallet.issuer();
        seen.extend([
            sessions.get(&*wallet, request).await.map(drop),
            sessions.renew(&*wallet, request, HOUR).await.map(drop),
            sessions.sign_in(&*wallet, request).await.map(drop),
            sessions.find(issuer, request).await.map(drop),
            sessions.has_session_for(issuer, request).await.map(drop),
            DidSession::authorize(sessions.context(), &*wallet, request)
                .await
                .map(drop),
            DidSession::sign_in(sessions.context(), &*wallet, request)
                .await
                .map(drop),
        ]);
        assert_eq!(wallet.asked(), before, "{request:?}");
        assert!(wallet.asked() >= asked);
    }
    let mut said: Vec<String> = seen
        .into_iter()
        .map(|result| match result {
            Err(error @ Error::InvalidOption { .. }) => error.to_string(),
            other => panic!("{request:?}: {other:?}"),
        })
        .collect();
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    said.remove(0)
}

#[tokio::test]
async fn statement_nonce_and_request_id_keep_to_the_grammar() {
    for (request, said) in [
        (
            usual().with_statement("daily notes -> sync"),
            "the option statement holds `>` as character 14, where only letters, digits, spaces \
             and any of -._~:/?#[]@!$&'()*+,;= may stand",
        ),
        (
            usual().with_statement("100 %"),
            "the option statement holds `%` as character 5, where only letters, digits, spaces \
             and any of -._~:/?#[]@!$&'()*+,;= may stand",
        ),
        (
            usual().with_nonce("abc-12345"),
            "the option nonce holds `-` as character 4, where only letters and digits may stand",
        ),
        (
            usual().with_nonce("abc1234"),
            "the option nonce has 7 characters, and must have at least 8 letters and digits",
        ),
        (
            usual().with_request_id("a b"),
            "the option request_id holds a space as character 2, where only letters, digits, any \
             of -._~:@!$&'()*+,;= and %XX may stand",
        ),
    ] {
        assert_eq!(refused_everywhere(&request).await, said);
    }
}

/// In whichever text it stands.
#[tokio::test]
async fn look_alikes_are_not_asked_for() {
    for strange in [
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{ad}",
        "\u{feff}",
        "\u{2028}",
        "\u{2029}",
        "\u{e0041}",
        "\u{fffe}",
    ] {
        let text = format!("abcd{strange}efgh");
        for (request, option) in [
            (Request::new(&text, ["ceramic://*"]), "domain"),
            (Request::new("app.example", [&text]), "resources"),
            (usual().with_statement(&text), "statement"),
            (usual().with_nonce(&text), "nonce"),
            (usual().with_request_id(&text), "request_id"),
            (usual().with_accepted_domain(&text), "accepted_domain"),
        ] {
            let said = refused_everywhere(&request).await;
            let code = format!("U+{:04X}", strange.chars().next().map_or(0, u32::from));
            let wanted = format!("the option {option} holds {code} as character 5: ");
            assert!(said.starts_with(&wanted), "{said}");
        }
    }
}

#[tokio::test]
async fn domains_that_read_as_another_are_not_asked_for() {
    for (domain, place) in [
        ("bank.example@evil.example", "`@` as character 13"),
        ("Log in to bank.example", "a space as character 4"),
        ("bank wants you to sign in", "a space as character 5"),
        ("\u{430}pp.example", "U+0430 as character 1"),
        ("ａpp.example", "U+FF41 as character 1"),
        ("cafe\u{301}.example", "U+0301 as character 5"),
        ("bank\u{2024}example", "U+2024 as character 5"),
    ] {
        let said = refused_everywhere(&Request::new(domain, ["ceramic://*"])).await;
        let wanted = format!("the option domain holds {place}: ");
        assert!(said.starts_with(&wanted), "{said}");
    }
}

/// Names of applications, hosts beyond ASCII, resources that are not URIs: warned of, and refused
/// where the grammar is to be kept to the letter.
#[tokio::test]
async fn free_text_is_warned_of_and_refused_where_asked_to() {
    for (domain, resource, option) in [
        ("My App", "ceramic://*", "domain"),
        ("https://app.example", "ceramic://*", "domain"),
        ("münchen.example", "ceramic://*", "domain"),
        ("app.example", "notes", "resources"),
        ("app.example", "ceramic://a b", "resources"),
        ("app.example", "https://ü.example", "resources"),
    ] {
        let request = Request::new(domain, [resource]);
        let warned: Vec<_> = request
            .warnings()
            .iter()
            .map(RequestWarning::option)
            .collect();
        assert_eq!(warned, [option], "{request:?}");
        let (sessions, wallet) = (
            Sessions::with_context(MemoryStore::new(), context()),
            Wallet::new(),
        );
        sessions.get(&*wallet, &request).await.unwrap();
        let said = refused_everywhere(&request.with_strict_grammar()).await;
        assert!(said.starts_with(&format!("the option {option} ")), "{said}");
    }
}

#[tokio::test]
async fn what_is_asked_by_default_keeps_to_the_grammar() {
    let (sessions, wallet) = (
        Sessions::with_context(MemoryStore::new(), context()),
        Wallet::new(),
    );
    let strict = usual().with_strict_grammar();
    assert_eq!(strict.warnings(), []);
    let session = sessions.get(&*wallet, &strict).await.unwrap();
    assert!(cacao::siwx::grammar::nonce(session.cacao().payload().nonce()).is_ok());
    let whole = usual()
        .with_strict_grammar()
        .with_statement("Az09-._~ :/?#[]@!$&'()*+,;=")
        .with_nonce("AZaz0189")
        .with_request_id("a:b@c%2F-._~!$&'()*+,;=");
    sessions.get(&*wallet, &whole).await.unwrap();
}

/// What a page says at a glance is what the request says for itself, for accounts of every chain.
#[test]
fn what_is_plain_is_admitted() {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};

    let issuers: [cacao::Issuer; 3] = [
        "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
        "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:6BcW5WQdw2PkjMDfqLVRX8q2dNQWNdYgeW7VZv1iMBxP",
        "tezos:NetXdQprcVkpaWU:tz1YCJMXu5N3LTaSXSyvFiwXpbAZLBq2yZZp",
    ]
    .map(|text| text.parse().unwrap());
    let domain = prop_oneof![
        4 => "[a-z0-9][a-z0-9.-]{0,40}[a-z0-9](:[0-9]{1,5})?",
        1 => "[ -~]{1,12}",
        1 => "\\PC{1,8}",
    ];
    let resource = prop_oneof![
        "[a-z]{1,9}://[A-Za-z0-9._~/?#=&+*-]{1,60}",
        "[ -~]{0,30}",
        "[a-z:/]{0,4}\\PC{0,12}",
        "[a-z]{1,4}://[a-z]{240,260}",
        "urn:recap:[A-Za-z0-9]{0,8}",
    ];
    let resources = proptest::collection::vec(resource, 1..20);
    let plain = std::cell::Cell::new(0_u32);
    let config = Config {
        failure_persistence: None,
        ..Config::with_cases(512)
    };
    TestRunner::new(config)
        .run(&(domain, resources), |(domain, resources)| {
            let resources: Vec<String> = resources
                .into_iter()
                .enumerate()
                .filter(|(place, text)| Request::is_plain_resource(*place, text))
                .map(|(_, text)| text)
                .collect();
            if Request::is_plain_domain(&domain) && !resources.is_empty() {
                plain.set(plain.get() + 1);
                let request = Request::new(domain.clone(), resources).with_accepted_domain(domain);
                for issuer in &issuers {
                    prop_assert_eq!(
                        request.check(Some(issuer)).map_err(|e| e.to_string()),
                        Ok(())
                    );
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(plain.get() > 20, "{}", plain.get());
    assert!(Request::is_plain_domain("app.example:8080") && Request::is_plain_domain("localhost"));
    assert!(Request::is_plain_resource(15, "ceramic://*?model=a"));
    assert!(!Request::is_plain_resource(16, "ceramic://*"));
    for bad in [
        "app.example:",
        ".example",
        "App.example",
        "app.example/x",
        "a b",
        "",
    ] {
        assert!(!Request::is_plain_domain(bad), "{bad}");
    }
}
