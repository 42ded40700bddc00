//! Time windows against an oracle in whole milliseconds: when a stored session is used, and what
//! it says of itself.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::wallet;

use cacao::{Cacao, HeaderType, Payload, Provers, Signature, Timestamp, UnixTime, siwx};
use didkey::Ed25519SigningKey;
use futures_util::FutureExt as _;
use proptest::prelude::*;
use session_core::{
    AuthMethod, Context, Error, ExpectedSlot, ManualClock, SessionRecord, SessionStore, Sessions,
};
use session_wallets::EthereumWallet;
use std::sync::Arc;
use std::time::Duration;
use store_memory::MemoryStore;
use wallet::request;

const BASE: i64 = 1_700_000_000_000;
const SKEW: i64 = 300_000;

fn time(millis: i64) -> Timestamp {
    Timestamp::from_unix_time(UnixTime::from_millis(BASE + millis)).unwrap()
}

/// A life, and a moment near one of its edges.
fn life_and_moment() -> impl Strategy<Value = (Option<i64>, Option<i64>, i64)> {
    let life = prop_oneof![0..2_000_000_i64, 0..100_000_000_i64];
    let near = prop_oneof![
        Just(0_i64),
        -2..3_i64,
        -400_000..400_000_i64,
        -200_000_000..200_000_000_i64
    ];
    let wish = prop::option::weighted(0.3, 1..100_000_000_i64);
    (prop::option::weighted(0.9, life), wish, 0..5_usize, near).prop_map(
        |(life, wish, edge, near)| {
            let end = life.unwrap_or_default();
            let margin = (end / 10).min(60_000);
            let longest = end - wish.unwrap_or_default();
            let edges = [0, -SKEW, end, end - margin, longest];
            (life, wish, edges[edge] + near)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn a_stored_session_is_used_exactly_when_the_oracle_says(
        (life, wish, now) in life_and_moment(),
    ) {
        let wallet =
            EthereumWallet::from_secret(&[7; 32], &"eip155:1".parse().unwrap()).unwrap();
        let key = Ed25519SigningKey::from_seed(&[9; 32]);
        let audience = key.did_key().as_str();
        let mut payload =
            Payload::builder("app.example", wallet.issuer().clone(), audience, "nonce001", time(0))
                .with_resources(["a"]);
        if let Some(life) = life {
            payload = payload.with_expires_at(time(life));
        }
        let payload = payload.build().unwrap();
        let text = siwx::render(&payload, siwx::Dialect::default()).unwrap();
        let signature = Signature::eip191(&wallet.personal_sign(text.as_bytes()));
        let capability = Cacao::new(HeaderType::Eip4361, payload, Some(signature));
        let clock = Arc::new(ManualClock::new(UnixTime::from_millis(BASE + now)));
        let context = Context::with_shared_clock(clock, Provers::all_compiled_in());
        let sessions = Sessions::with_context(MemoryStore::new(), context);
        let record = SessionRecord::new(capability, key);
        let slot = wallet.issuer().into();
        let saved = sessions.store().save(&slot, &record, ExpectedSlot::Absent);
        saved.now_or_never().unwrap().unwrap();

        let mut request = request(["a"]);
        if let Some(wish) = wish {
            request = request.with_lifetime(Duration::from_millis(wish.unsigned_abs()));
        }
        let found = sessions.find(wallet.issuer(), &request).now_or_never().unwrap();
        // a tenth of a life need not be whole milliseconds: compare tenths
        let over = |life: i64| life * 10 - life.min(600_000) < now * 10;
        let expected = if now < -SKEW {
            "not_yet_valid"
        } else if life.is_some_and(over) {
            "expired"
        } else if wish.is_some_and(|wish| life.is_none_or(|life| life > now + wish)) {
            "lasts_too_long"
        } else {
            "used"
        };
        let code = found.as_ref().map_or_else(Error::code, |_| "used");
        prop_assert_eq!(code, expected);

        // what it says of itself has no skew and no margin
        let loaded = sessions.load(wallet.issuer()).now_or_never().unwrap();
        let Ok(session) = loaded else {
            prop_assert_eq!(expected, "not_yet_valid");
            return Ok(());
        };
        let expired = life.is_some_and(|life| life < now);
        prop_assert_eq!(session.is_expired(), expired);
        prop_assert_eq!(session.is_authorized(["a"]), !expired);
        prop_assert!(!session.is_authorized(["a", "b"]));
        let left = life.map(|life| Duration::from_millis((life - now).max(0).unsigned_abs()));
        prop_assert_eq!(session.expires_in(), left);
        let signed = session.create_jws(&serde_json::json!({})).now_or_never().unwrap();
        prop_assert_eq!(signed.is_ok(), !expired);
    }
}
