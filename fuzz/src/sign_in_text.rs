//! Sign-in texts over all dialects together: no text reads as two payloads of different meaning, and
//! no payload has a text that says something else.

use cacao::siwx::{self, NetworkName};
use cacao::{Cacao, HeaderType, Payload, SignedText};
use std::collections::BTreeSet;

/// One text, or two with a zero byte in between. Tells whether one of them was read.
pub fn laws(data: &[u8]) -> bool {
    let Ok(data) = std::str::from_utf8(data) else {
        return false;
    };
    let mut texts = data.splitn(2, '\0').map(text);
    let (one, other) = (texts.next().flatten(), texts.next().flatten());
    if let (Some(one), Some(other)) = (&one, &other) {
        apart(one, other);
    }
    one.is_some() || other.is_some()
}

fn text(text: &str) -> Option<SignedText> {
    let read = SignedText::parse(text);
    // the two readers of a text agree, where both read it
    match (&read, siwx::parse(text)) {
        (Ok(signed), Ok((payload, dialect))) => {
            assert_eq!(*signed.payload(), payload);
            assert_eq!(signed.dialect(), dialect);
        }
        (Ok(signed), Err(_)) => assert_eq!(signed.dialect().network, NetworkName::Other),
        (Err(error), _) => {
            crate::refused(error, error.code());
            return None;
        }
    }
    let signed = read.ok()?;
    assert_eq!(signed.text(), text);
    let payload = signed.payload();
    crate::capability::text_gives_the_payload(payload);
    crate::capability::every_layout_gives_the_payload(payload);
    let whole = match payload.scheme() {
        Some(scheme) => format!("{scheme}://{}", signed.domain()),
        None => signed.domain().to_owned(),
    };
    assert_eq!(payload.domain(), whole);
    assert!(!signed.domain().contains("://"));
    if signed.dialect().network == NetworkName::Other {
        // no capability is proven by it
        assert!(!texts(payload).contains(text));
        assert!(signed.to_cacao().is_err());
        assert!(siwx::parse(text).is_err());
    }
    if let Ok(cacao) = signed.to_cacao() {
        assert!(texts(cacao.payload()).contains(text));
        crate::capability::laws(&cacao);
    }
    Some(signed)
}

/// Texts of payloads that mean something else are other texts.
fn apart(one: &SignedText, other: &SignedText) {
    if meaning(one.payload()) == meaning(other.payload()) {
        return;
    }
    let (of_one, of_other) = (texts(one.payload()), texts(other.payload()));
    assert!(of_one.is_disjoint(&of_other));
    assert!(!of_one.contains(other.text()));
    assert!(!of_other.contains(one.text()));
}

fn texts(payload: &Payload) -> BTreeSet<String> {
    let candidates = siwx::candidates(payload).unwrap_or_default();
    candidates.into_iter().map(|(_, text)| text).collect()
}

fn meaning(payload: &Payload) -> String {
    let capability = Cacao::new(HeaderType::Caip122, payload.clone(), None);
    capability.identity().to_string()
}
