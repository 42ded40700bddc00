//! The text that a wallet shows: read strictly, and rendered so that it stands for one payload.

use arbitrary::{Result, Unstructured};
use cacao::siwx::grammar::{self, GrammarError};
use cacao::{Field, Payload, Timestamp, UnixTime, siwx};

/// Reads the bytes as a text; takes them as the parts of a payload, too. Tells whether one of the
/// two was accepted.
pub fn laws(data: &[u8]) -> bool {
    let text = std::str::from_utf8(data).is_ok_and(text);
    let payload = payload(&mut Unstructured::new(data)).ok().flatten();
    if let Some(payload) = &payload {
        crate::capability::text_gives_the_payload(payload);
        crate::capability::every_layout_gives_the_payload(payload);
    }
    text || payload.is_some()
}

/// What is named stands where it is said to stand, in a text that may be anything.
fn names_are_right(text: &str) {
    let stands = |character, place: usize| {
        assert_eq!(text.chars().nth(place - 1), Some(character), "{text:?}");
    };
    for field in [Field::Domain, Field::Statement] {
        for warning in siwx::peculiar(field, text) {
            stands(warning.character(), warning.place());
        }
    }
    for rule in [
        grammar::statement,
        grammar::nonce,
        grammar::request_id,
        grammar::domain,
        grammar::uri,
    ] {
        if let Err(GrammarError::Character {
            character, place, ..
        }) = rule(text)
        {
            stands(character, place);
        }
    }
}

fn text(text: &str) -> bool {
    names_are_right(text);
    match siwx::parse(text) {
        Ok((payload, dialect)) => {
            assert_eq!(siwx::render(&payload, dialect).ok().as_deref(), Some(text));
            crate::capability::text_gives_the_payload(&payload);
            true
        }
        Err(error) => crate::refused(&error, error.code()),
    }
}

/// A payload out of texts that may hold anything; none when the builder refuses them.
fn payload(data: &mut Unstructured<'_>) -> Result<Option<Payload>> {
    const ISSUERS: [&str; 3] = [
        "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
        "eip155:11155111:0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44",
        "did:key:zDnaeS7oeZ9WPsTW5HSapFJrXXTWwGkLx9xEMief41hEeuDtx",
    ];
    let Ok(issuer) = data.choose(&ISSUERS)?.parse() else {
        return Ok(None);
    };
    // 2022-01-01 and the six years after it: on both sides of the end of the legacy order.
    let mut date = || -> Result<Option<Timestamp>> {
        let millis = data.int_in_range(1_640_995_200_000..=1_830_000_000_000_i64)?;
        Ok(Timestamp::from_unix_time(UnixTime::from_millis(millis)).ok())
    };
    let Some(issued_at) = date()? else {
        return Ok(None);
    };
    let (expires_at, not_before) = (date()?, date()?);
    let domain: &str = data.arbitrary()?;
    let audience: &str = data.arbitrary()?;
    let nonce: &str = data.arbitrary()?;
    let mut builder = Payload::builder(domain, issuer, audience, nonce, issued_at);
    if let (true, Some(date)) = (data.arbitrary()?, expires_at) {
        builder = builder.with_expires_at(date);
    }
    if let (true, Some(date)) = (data.arbitrary()?, not_before) {
        builder = builder.with_not_before(date);
    }
    if let Some(text) = data.arbitrary::<Option<&str>>()? {
        builder = builder.with_statement(text);
    }
    if let Some(text) = data.arbitrary::<Option<&str>>()? {
        builder = builder.with_request_id(text);
    }
    if let Some(list) = data.arbitrary::<Option<Vec<&str>>>()? {
        builder = builder.with_resources(list);
    }
    Ok(match builder.build() {
        Ok(payload) => Some(payload),
        Err(error) => {
            crate::refused(&error, error.code());
            None
        }
    })
}
