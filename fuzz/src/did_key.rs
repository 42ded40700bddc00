//! did:key: canonical texts only, and no key that cannot be used.

use didkey::{DidDocument, DidKey, DidUrl, Profile, PublicKey};

/// Reads the bytes as a text, and as the multicodec bytes inside a did:key. Tells whether a did:key
/// was accepted.
pub fn laws(data: &[u8]) -> bool {
    let text = std::str::from_utf8(data).is_ok_and(did);
    let bytes = data.split_first_chunk().is_some_and(|(code, key)| {
        let code = u64::from(u16::from_le_bytes(*code));
        key_bytes(code, key)
    });
    text || bytes
}

fn did(text: &str) -> bool {
    let did: DidKey = match text.parse() {
        Ok(did) => did,
        Err(error) => return crate::refused(&error, didkey::Error::code(&error)),
    };
    assert_eq!(did.as_str(), text);
    assert_eq!(did.to_string(), text);
    assert_eq!(did.key_id(), format!("{text}#{}", did.fingerprint()));
    assert_eq!(DidKey::from(did.public_key().clone()), did);
    let url = DidUrl::parse(text).expect("a DID is a DID URL");
    assert_eq!(DidKey::from_did_url(&url).as_ref(), Ok(&did));
    for profile in [Profile::Peer, Profile::Multikey] {
        let made = did.document(profile);
        assert_eq!(made.is_ok(), DidDocument::resolve(text, profile).is_ok());
        if let Ok(document) = made {
            assert_eq!(document.id(), &did);
        }
    }
    key(did.public_key());
    true
}

fn key_bytes(code: u64, bytes: &[u8]) -> bool {
    let Some(key_type) = didkey::KeyType::from_multicodec(code) else {
        return false;
    };
    match PublicKey::from_bytes(key_type, bytes) {
        Ok(public_key) => {
            assert_eq!(public_key.as_bytes(), bytes);
            did(DidKey::from(public_key).as_str())
        }
        Err(error) => crate::refused(&error, error.code()),
    }
}

/// No key accepts what nobody signed, and asking it never panics.
fn key(public_key: &PublicKey) {
    assert_eq!(
        PublicKey::from_bytes(public_key.key_type(), public_key.as_bytes()).as_ref(),
        Ok(public_key)
    );
    let Some(algorithm) = public_key.key_type().algorithm() else {
        return;
    };
    for filler in [0x00, 0x01, 0xff] {
        let signature = vec![filler; algorithm.signature_length()];
        let error = public_key
            .verify(algorithm, b"message", &signature)
            .unwrap_err();
        crate::refused(&error, error.code());
    }
}
