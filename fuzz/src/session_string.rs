//! The session string: one spelling, everything or nothing, and no word about the key in a refusal.

use cacao::{Provers, UnixTime};
use didkey::Ed25519SigningKey;
use session_core::{Context, DidSession, ManualClock, SessionRecord};

type Record = SessionRecord<Ed25519SigningKey>;

/// Reads the bytes as a session string, and as the JSON inside one. Tells whether it was accepted.
pub fn laws(data: &[u8]) -> bool {
    let text = std::str::from_utf8(data).is_ok_and(string);
    text || string(&data_encoding::BASE64URL_NOPAD.encode(data))
}

fn string(text: &str) -> bool {
    match Record::from_session_string_unverified(text) {
        Ok(record) => {
            let written = record.to_session_string();
            let again =
                Record::from_session_string_unverified(&written).expect("what is written is read");
            assert_eq!(again.to_session_string(), written);
            assert_eq!(again.capability(), record.capability());
            assert_eq!(again.tag(), record.tag());
            crate::capability::laws(record.capability());
            restored(text, &record);
            true
        }
        Err(error) => {
            keeps_the_secret(text.as_bytes(), &error);
            crate::refused(&error, error.code())
        }
    }
}

/// A session that is restored is the key's own, and its string is the one that is written.
fn restored(text: &str, record: &Record) {
    let at: UnixTime = record.capability().payload().issued_at().unix_time();
    let context = Context::new(ManualClock::new(at), Provers::all_compiled_in());
    match DidSession::from_session(&context, text) {
        Ok(session) => {
            assert_eq!(
                session.cacao().payload().audience(),
                session.key_did().as_str()
            );
            assert_eq!(session.serialize(), record.to_session_string());
        }
        Err(error) => {
            keeps_the_secret(text.as_bytes(), &error);
            crate::refused(&error, error.code());
        }
    }
}

/// No message of an error holds the seed, nor one of its causes. Only what is a seed by its form is
/// looked for: shorter texts may be words of the message.
pub(crate) fn keeps_the_secret(text: &[u8], error: &(dyn std::error::Error + 'static)) {
    let json = data_encoding::BASE64URL_NOPAD
        .decode(text)
        .unwrap_or_default();
    let json = String::from_utf8_lossy(&json);
    let Some((_, after)) = json.split_once("\"sessionKeySeed\":\"") else {
        return;
    };
    let seed = after.split('"').next().unwrap_or_default();
    if !data_encoding::BASE64
        .decode(seed.as_bytes())
        .is_ok_and(|seed| seed.len() == 32)
    {
        return;
    }
    let mut cause = Some(error);
    while let Some(error) = cause {
        assert!(
            !error.to_string().contains(seed),
            "the message holds the seed"
        );
        assert!(
            !format!("{error:?}").contains(seed),
            "the debug form holds the seed"
        );
        cause = error.source();
    }
}
