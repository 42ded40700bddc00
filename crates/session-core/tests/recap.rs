//! A request with a ReCap: what the wallet is asked for, what it may answer, which stored session
//! serves.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::wallet;

use cacao::recap::{Recap, RecapStatement, Rendering};
use cacao::siwx::{Dialect, StatementForm};
use cacao::{Claim, Facts, HeaderType, Kind, Payload, Prover, Provers};
use session_core::{AuthMethod as _, Context, ManualClock, Request, Sessions};
use std::sync::Arc;
use store_memory::MemoryStore;
use wallet::{Act, NOW, Wallet, request, same, sessions};

const FILES: &str = "https://files.example/photos/";

fn recap(abilities: &[&str]) -> Recap {
    let builder = abilities.iter().fold(Recap::builder(), |builder, ability| {
        builder.with_ability(FILES, *ability)
    });
    builder.build().unwrap()
}

fn asking(abilities: &[&str]) -> Request {
    request(["ceramic://*"])
        .with_statement("Sign in.")
        .with_recap(recap(abilities))
}

#[tokio::test]
async fn the_wallet_shows_what_the_recap_grants() {
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    let request = asking(&["crud/read"]);
    let session = sessions.get(&*wallet, &request).await.unwrap();
    let payload = session.cacao().payload();
    let says = "Sign in. I further authorize the stated URI to perform the following actions on my \
                behalf: (1) 'crud': 'read' for 'https://files.example/photos/'.";
    assert_eq!(payload.statement(), Some(says));
    let urn = recap(&["crud/read"]).to_urn();
    assert_eq!(
        session.authorizations().collect::<Vec<_>>(),
        ["ceramic://*", &urn]
    );
    let verified = session.verified();
    assert!(
        verified
            .recap()
            .unwrap()
            .abilities()
            .grants(FILES, "crud/read")
    );
    let rendering = Rendering::Erc5573;
    assert_eq!(verified.recap_statement(), RecapStatement::Said(rendering));
    // alone, without words of its own
    let bare: [&str; 0] = [];
    let alone = Request::new("app.example", bare)
        .without_statement()
        .with_recap(recap(&["crud/read"]));
    let session = sessions_of_nobody().get(&*wallet, &alone).await.unwrap();
    let payload = session.cacao().payload();
    assert_eq!(payload.statement(), says.strip_prefix("Sign in. "));
    assert_eq!(payload.resources().collect::<Vec<_>>(), [&urn]);
}

fn sessions_of_nobody() -> Sessions<MemoryStore> {
    sessions().0
}

#[tokio::test]
async fn a_stored_session_serves_exactly_when_its_recap_grants_what_is_asked() {
    for (stored, wanted, serves) in [
        (&["crud/read"][..], &["crud/read"][..], true),
        (&["crud/read", "crud/update"], &["crud/read"], true),
        (
            &["crud/read", "crud/update"],
            &["crud/update", "crud/read"],
            true,
        ),
        (&["crud/read"], &["crud/read", "crud/update"], false),
        (&["crud/read"], &["crud/update"], false),
        (&["crud/*"], &["crud/read"], false),
    ] {
        let ((sessions, _), wallet) = (sessions(), Wallet::new());
        sessions.get(&*wallet, &asking(stored)).await.unwrap();
        let has = sessions
            .has_session_for(wallet.issuer(), &asking(wanted))
            .await
            .unwrap();
        assert_eq!(has, serves, "{stored:?} for {wanted:?}");
        sessions.get(&*wallet, &asking(wanted)).await.unwrap();
        assert_eq!(wallet.asked(), if serves { 1 } else { 2 });
        // who asks for no ability is served by either
        sessions
            .get(&*wallet, &request(["ceramic://*"]))
            .await
            .unwrap();
        assert_eq!(wallet.asked(), if serves { 1 } else { 2 });
    }
}

#[tokio::test]
async fn exactly_these_abilities() {
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    let more = asking(&["crud/read", "crud/update"]);
    sessions.get(&*wallet, &more).await.unwrap();
    sessions
        .get(&*wallet, &more.with_exact_resources())
        .await
        .unwrap();
    assert_eq!(wallet.asked(), 1);
    let fewer = asking(&["crud/read"]).with_exact_resources();
    sessions.get(&*wallet, &fewer).await.unwrap();
    assert_eq!(wallet.asked(), 2);
}

#[tokio::test]
async fn a_recap_beside_another_is_refused_before_anybody_is_asked() {
    let ((sessions, _), wallet) = (sessions(), Wallet::new());
    for foreign in [
        recap(&["crud/delete"]).to_urn(),
        "URN:recap:AAAA".to_owned(),
    ] {
        let request = Request::new("app.example", [foreign]).with_recap(recap(&["crud/read"]));
        let error = sessions.get(&*wallet, &request).await.unwrap_err();
        assert_eq!(error.code(), "invalid_option");
        assert!(
            error.to_string().contains("the option resources"),
            "{error}"
        );
    }
    let bare: [&str; 0] = [];
    let nothing = Request::new("app.example", bare);
    assert!(sessions.get(&*wallet, &nothing).await.is_err());
    assert_eq!(wallet.asked(), 0);
    // two of our own are one
    let both = asking(&["crud/read"]).with_recap(recap(&["crud/update"]));
    assert_eq!(both.recap(), Some(&recap(&["crud/read", "crud/update"])));
}

type Edit = fn(&Payload) -> Payload;

/// The same with this statement.
fn saying(payload: &Payload, statement: &str) -> Payload {
    same(payload).with_statement(statement).build().unwrap()
}

#[tokio::test]
async fn what_a_wallet_may_do_with_the_statement() {
    let edits: [(Edit, &str, &str); 5] = [
        // the words for the ReCap are missing: nobody read what is granted
        (
            |p| saying(p, "Sign in."),
            "recap_not_in_statement",
            "recap_not_in_statement",
        ),
        (
            |p| saying(p, &recap(&["crud/read"]).statement(Some("Do sign in."))),
            "answer_differs",
            "answer_differs",
        ),
        (
            |p| {
                saying(
                    p,
                    &recap(&["crud/read"]).statement(Some("Sign in. And more.")),
                )
            },
            "answer_differs",
            "accepted",
        ),
        // more behind the words than in front of them
        (
            |p| saying(p, &(p.statement().unwrap().to_owned() + " And more.")),
            "answer_differs",
            "recap_not_in_statement",
        ),
        (
            |p| {
                let resources =
                    ["ceramic://*", &recap(&["crud/read", "crud/x"]).to_urn()].map(String::from);
                same(p).with_resources(resources).build().unwrap()
            },
            "answer_differs",
            "answer_differs",
        ),
    ];
    for (edit, strict, lenient) in edits {
        let wallet = Wallet::new();
        wallet.will(Act::Change(edit));
        let request = asking(&["crud/read"]);
        for (request, expected) in [
            (request.clone().with_longer_statement(), lenient),
            (request, strict),
        ] {
            let got = sessions().0.get(&*wallet, &request).await;
            let code = got.map_or_else(|error| error.code(), |_| "accepted");
            assert_eq!(code, expected);
        }
    }
}

/// Stands for a prover that found the signed text to be the payload's with a statement that the
/// wallet composed.
struct Composed;

impl Prover for Composed {
    fn kinds(&self) -> &[Kind] {
        const { &[Kind::new(HeaderType::Eip4361, "eip191", "eip155")] }
    }

    fn prove(&self, _: &Claim<'_>) -> Result<Facts, cacao::Error> {
        Ok(Facts::of_text(Dialect {
            statement: StatementForm::Composed,
            ..Dialect::default()
        }))
    }
}

#[tokio::test]
async fn a_wallet_may_put_the_words_into_the_text_by_itself() {
    let provers = Provers::none().with(Composed).unwrap();
    let context = Context::with_shared_clock(Arc::new(ManualClock::new(NOW)), provers);
    let sessions = Sessions::with_context(MemoryStore::new(), context);
    let wallet = Wallet::new();
    wallet.will(Act::Change(|p| saying(p, "Sign in.")));
    let request = asking(&["crud/read"]);
    let session = sessions.get(&*wallet, &request).await.unwrap();
    let verified = session.verified();
    assert_eq!(verified.recap_statement(), RecapStatement::Composed);
    let whole = recap(&["crud/read"]).statement(Some("Sign in."));
    assert_eq!(verified.signed_statement().as_deref(), Some(&*whole));
    assert_eq!(verified.payload().statement(), Some("Sign in."));
    // and it serves again
    sessions.get(&*wallet, &request).await.unwrap();
    assert_eq!(wallet.asked(), 1);
}
