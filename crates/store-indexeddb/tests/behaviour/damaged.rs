//! Records that were changed behind our back: reported, not used, not deleted, and replaced once
//! the user has signed anew.

use crate::common::{change, fresh, js, key_of, keys, name_of};
use async_trait::async_trait;
use cacao::{Cacao, Issuer, Provers, eip191::Eip191};
use session_core::{
    AuthError, AuthMethod, Context, Error, NotUsable, Pending, Request, SessionStore, Sessions,
    Slot,
};
use session_wallets::EthereumWallet;
use std::cell::Cell;
use store_indexeddb::{BrowserClock, IndexedDbStore};
use wasm_bindgen_test::wasm_bindgen_test;

/// What the store makes of it: why it cannot be read, or nothing where that is the judge's
/// matter.
enum At {
    /// The store cannot read it; the reason contains this.
    Store(&'static str),
    /// It is read, and refused with this code.
    Judge(&'static str),
}
use At::{Judge, Store};

/// What was done to the record `v`, in JavaScript; what becomes of it.
const DAMAGE: &[(&str, &str, At)] = &[
    ("an empty object", "v = {}", Store("cacao is missing")),
    ("a text", "v = 'text'", Store("not an object but a string")),
    ("a number", "v = 5", Store("not an object but a number")),
    ("null", "v = null", Store("not an object but null")),
    ("an array", "v = [v]", Store("not an object but an array")),
    ("a date", "v = new Date()", Store("cacao is missing")),
    ("a map", "v = new Map(Object.entries(v))", Store("cacao is missing")),
    ("cacao missing", "delete v.cacao", Store("cacao is missing")),
    ("evidence a number", "v.evidence = 1", Store("evidence is not a valid string but a number")),
    ("evidence null", "v.evidence = null", Store("evidence is not a valid string but null")),
    ("evidence a list", "v.evidence = '[]'", Store("evidence is not a valid JSON object")),
    ("evidence too long", "v.evidence = '{}' + ' '.repeat(4095)", Store("evidence has 4097 bytes")),
    ("cacao null", "v.cacao = null", Store("cacao is missing")),
    ("keypair missing", "delete v.keypair", Store("keypair is missing")),
    ("keypair a number", "v.keypair = 1", Store("keypair is not a valid object but a number")),
    ("cacao a text", "v.cacao = 'text'", Store("cacao is not a valid object but a string")),
    ("cacao without p", "delete v.cacao.p", Store("cacao is not a valid capability")),
    ("cacao without h", "delete v.cacao.h", Store("cacao is not a valid capability")),
    ("cacao without resources", "delete v.cacao.p.resources", Judge("resource_not_granted")),
    ("resources a text", "v.cacao.p.resources = 'a'", Store("cacao is not a valid capability")),
    ("resources with a number", "v.cacao.p.resources.push(1)", Store("cacao is not a valid capability")),
    ("cacao without iss", "delete v.cacao.p.iss", Store("cacao is not a valid capability")),
    ("cacao cyclic", "v.cacao.p.resources = v", Store("cacao is not a valid capability")),
    ("cacao with a big integer", "v.cacao.p.nonce = 1n", Store("cacao is not a valid capability")),
    ("cacao too large", "v.cacao.p.statement = 'x'.repeat(3 << 20)", Store("larger than")),
    ("keypair an empty object", "v.keypair = {}", Store("keypair.privateKey is missing")),
    ("keypair without its private key", "delete v.keypair.privateKey", Store("keypair.privateKey is missing")),
    ("keypair without its public key", "delete v.keypair.publicKey", Store("keypair.publicKey is missing")),
    ("keys swapped", "v.keypair = { privateKey: v.keypair.publicKey, publicKey: v.keypair.privateKey }",
        Store("keypair.privateKey is not a valid private key but a public key")),
    ("the public key twice", "v.keypair.privateKey = v.keypair.publicKey",
        Store("keypair.privateKey is not a valid private key but a public key")),
    ("signature of the capability changed", "v.cacao.s.s = v.cacao.s.s.replace(/[1-8]/, d => d - 1 + '')",
        Judge("signature_mismatch")),
    ("signature cut short", "v.cacao.s.s = v.cacao.s.s.slice(0, -4)", Judge("malformed_signature")),
    ("capability unsigned", "delete v.cacao.s", Judge("unsigned")),
    ("resource added to the capability", "v.cacao.p.resources.push('ceramic://more')", Judge("signature_mismatch")),
    ("exp in the past", "v.cacao.p.exp = '2021-01-01T00:00:00.000Z'", Judge("expired")),
    ("exp ten years later", "v.cacao.p.exp = v.cacao.p.exp.replace(/^20(.)/, '20$1').replace(/^(\\d{4})/, y => +y + 10)",
        Judge("signature_mismatch")),
    ("exp removed", "delete v.cacao.p.exp", Judge("signature_mismatch")),
    ("exp folded into iat",
        "v.cacao.p.iat += '\\nExpiration Time: ' + v.cacao.p.exp; delete v.cacao.p.exp",
        Store("cacao is not a valid capability")),
    ("exp not a date", "v.cacao.p.exp = 'tomorrow'", Store("cacao is not a valid capability")),
    ("iat in the future", "v.cacao.p.iat = '2999-01-01T00:00:00.000Z'", Judge("not_yet_valid")),
    ("a made-up capability of signature type constructor",
        "v.cacao.s = { t: 'constructor', s: '' };
         v.cacao.p.iss = 'did:pkh:eip155:1:0x0000000000000000000000000000000000000001'",
        Judge("unsupported_kind")),
    ("a signature type of no verifier", "v.cacao.s.t = 'constructor'", Judge("unsupported_kind")),
    ("a header of no verifier", "v.cacao.h.t = 'constructor'", Store("cacao is not a valid capability")),
    ("aud of another key", "v.cacao.p.aud = 'did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169'",
        Judge("key_mismatch")),
    ("iss of another account",
        "v.cacao.p.iss = 'did:pkh:eip155:1:0x0000000000000000000000000000000000000001'",
        Judge("issuer_mismatch")),
    ("another p256 key pair", "v.keypair = await pair(false)", Judge("key_mismatch")),
    ("only the private key of another p256 key pair", "v.keypair.privateKey = (await pair(false)).privateKey",
        Store("keypair.privateKey is not the one of keypair.publicKey")),
    ("an extractable p256 key pair", "v.keypair = await pair(true)", Store("keypair.privateKey is extractable")),
    ("a p384 key pair", "v.keypair = await pair(false, 'P-384')",
        Store("keypair.privateKey is a key for ECDSA P-384, not for ECDSA P-256")),
    ("an ECDH key pair",
        "v.keypair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveKey']);
         v.keypair = { privateKey: v.keypair.privateKey, publicKey: v.keypair.publicKey }",
        Store("keypair.privateKey is a key for ECDH P-256")),
    ("a symmetric key",
        "v.keypair.privateKey = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])",
        Store("keypair.privateKey is not a valid private key but a secret key")),
    ("a public key that cannot be exported",
        "const raw = await crypto.subtle.exportKey('raw', v.keypair.publicKey);
         v.keypair.publicKey = await crypto.subtle.importKey(
           'raw', raw, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])",
        Store("keypair.publicKey is not extractable")),
    ("a raw seed in place of the keys",
        "v.keypair = { privateKey: new Uint8Array(32), publicKey: new Uint8Array(32) }",
        Store("keypair.privateKey is not a valid CryptoKey but an object (Uint8Array)")),
    ("a JSON key in place of the keys",
        "v.keypair = { privateKey: { kty: 'EC', d: 'secret' }, publicKey: { kty: 'EC' } }",
        Store("keypair.privateKey is not a valid CryptoKey but an object (Object)")),
];

const PAIR: &str = "const pair = async (extractable, namedCurve = 'P-256') => {
    const { privateKey, publicKey } = await crypto.subtle.generateKey(
      { name: 'ECDSA', namedCurve }, extractable, ['sign']);
    return { privateKey, publicKey };
};";

/// A wallet that counts how often it was asked.
struct Counting {
    wallet: EthereumWallet,
    prompts: Cell<u32>,
}

impl Counting {
    fn new() -> Self {
        let chain = "eip155:1".parse().unwrap();
        Self {
            wallet: EthereumWallet::generate(&chain).unwrap(),
            prompts: Cell::new(0),
        }
    }
}

#[async_trait(?Send)]
impl AuthMethod for Counting {
    fn issuer(&self) -> &Issuer {
        self.wallet.issuer()
    }

    async fn authorize(&self, pending: &Pending) -> Result<Cacao, AuthError> {
        self.prompts.set(self.prompts.get() + 1);
        self.wallet.authorize(pending).await
    }
}

fn sessions() -> Sessions<IndexedDbStore> {
    let provers = Provers::none().with(Eip191).unwrap();
    Sessions::with_context(fresh(), Context::new(BrowserClock, provers))
}

fn request() -> Request {
    Request::new(
        "app.example",
        ["ceramic://*?model=a", "ceramic://*?model=b"],
    )
}

/// Why the stored session is not used.
async fn not_usable(
    sessions: &Sessions<IndexedDbStore>,
    issuer: &Issuer,
    request: &Request,
) -> NotUsable {
    match sessions.find(issuer, request).await {
        Err(Error::NotUsable(reason)) => *reason,
        other => panic!("{other:?}"),
    }
}

/// Every reason, outermost first.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

async fn check(name: &str, statements: &str, at: &At, failures: &mut Vec<String>) {
    let (sessions, wallet, request) = (sessions(), Counting::new(), request());
    sessions.get(&wallet, &request).await.unwrap();
    change(
        sessions.store(),
        wallet.issuer(),
        &format!("{PAIR} {statements}"),
    )
    .await;
    let mut fail = |what: String| failures.push(format!("{name}: {what}"));

    let before = keys(sessions.store()).await;
    let reason = not_usable(&sessions, wallet.issuer(), &request).await;
    match (at, &reason) {
        (Store(expected), reason @ NotUsable::Unreadable(_)) => {
            let text = chain(reason);
            if !text.contains(expected) {
                fail(format!("{text:?} does not say {expected:?}"));
            }
            if !text.contains(sessions.store().database()) {
                fail(format!("{text:?} does not say where"));
            }
            if text.contains("secret\"") {
                fail(format!("{text:?} tells a secret"));
            }
        }
        (
            Judge(expected),
            NotUsable::Refused(_) | NotUsable::NotGranted { .. } | NotUsable::Expired { .. },
        ) if reason.code() == *expected => {}
        (_, found) => fail(format!("found {found:?}")),
    }
    let slot = sessions
        .store()
        .load(&wallet.issuer().into())
        .await
        .unwrap();
    if matches!(slot, Slot::Empty) {
        fail("is taken for empty".to_owned());
    }
    if sessions.store().list().await.unwrap().len() != 1 {
        fail("is not listed".to_owned());
    }
    if keys(sessions.store()).await != before {
        fail("was deleted without being asked".to_owned());
    }

    // the user signs once, and that is that
    sessions.get(&wallet, &request).await.unwrap();
    sessions.get(&wallet, &request).await.unwrap();
    if wallet.prompts.get() != 2 {
        fail(format!("{} prompts", wallet.prompts.get()));
    }
    let replaced = sessions.find(wallet.issuer(), &request).await;
    if let Err(reason) = replaced {
        fail(format!("was not replaced: {reason:?}"));
    }
}

#[wasm_bindgen_test]
async fn every_damaged_record_is_reported_and_replaced_after_one_prompt() {
    let mut failures = Vec::new();
    for (name, statements, at) in DAMAGE {
        check(name, statements, at, &mut failures).await;
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[wasm_bindgen_test]
async fn the_record_of_another_account_is_not_used() {
    let (sessions, wallet, other) = (sessions(), Counting::new(), Counting::new());
    sessions.get(&wallet, &request()).await.unwrap();
    sessions.get(&other, &request()).await.unwrap();
    let both = js_sys::Array::of2(&key_of(other.issuer()), &key_of(wallet.issuer()));
    js(
        "const value = await using(a, 'readonly', s => s.get(b[0]));
         await using(a, 'readwrite', s => s.put(value, b[1]));",
        &[&name_of(sessions.store()), &both],
    )
    .await;
    let reason = not_usable(&sessions, wallet.issuer(), &request()).await;
    assert_eq!(reason.code(), "issuer_mismatch");
    let session = sessions.get(&wallet, &request()).await.unwrap();
    assert_eq!(
        (session.issuer(), wallet.prompts.get()),
        (wallet.issuer(), 2)
    );
}

#[wasm_bindgen_test]
async fn unreadable_records_that_differ_have_different_tags() {
    let (sessions, wallet) = (sessions(), Counting::new());
    let mut tags = Vec::new();
    for (name, statements, at) in DAMAGE {
        if matches!(at, Judge(_)) {
            continue;
        }
        sessions.remove(wallet.issuer()).await.unwrap();
        sessions.get(&wallet, &request()).await.unwrap();
        change(
            sessions.store(),
            wallet.issuer(),
            &format!("{PAIR} {statements}"),
        )
        .await;
        let first = sessions
            .store()
            .load(&wallet.issuer().into())
            .await
            .unwrap();
        let again = sessions
            .store()
            .load(&wallet.issuer().into())
            .await
            .unwrap();
        assert_eq!(first.expected(), again.expected(), "{name}");
        tags.push(format!("{:?}", first.expected()));
    }
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count);
}

#[wasm_bindgen_test]
async fn a_record_damaged_while_the_wallet_was_open_is_not_overwritten() {
    let (sessions, wallet) = (sessions(), Counting::new());
    sessions.get(&wallet, &request()).await.unwrap();
    let store = sessions.store();
    let slot = store.load(&wallet.issuer().into()).await.unwrap();
    change(store, wallet.issuer(), "v.cacao.p.nonce = 'changed'").await;
    let Slot::Record { record, .. } = &slot else {
        panic!("{slot:?}");
    };
    let saved = store
        .save(&wallet.issuer().into(), record, slot.expected())
        .await;
    assert!(saved.is_err(), "{saved:?}");
}
