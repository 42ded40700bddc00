//! DID URLs: of any method, taken apart without a loss.

use didkey::{DidDocument, DidKey, DidUrl, Profile};

/// Reads the bytes as a DID URL. Tells whether it was accepted.
pub fn laws(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let url = match DidUrl::parse(text) {
        Ok(url) => url,
        Err(error) => return crate::refused(&error, error.code()),
    };
    assert_eq!(url.as_str(), text);
    assert_eq!(
        url.did(),
        format!("did:{}:{}", url.method(), url.identifier())
    );
    let mut whole = format!("{}{}", url.did(), url.path());
    for (mark, part) in [('?', url.query()), ('#', url.fragment())] {
        if let Some(part) = part {
            whole.push(mark);
            whole.push_str(part);
        }
    }
    assert_eq!(whole, text);
    of_a_key(&url);
    true
}

/// What a DID URL says of a key is what its DID alone says.
fn of_a_key(url: &DidUrl) {
    match DidKey::from_did_url(url) {
        Ok(key) => {
            assert_eq!(key.as_str(), url.did());
            assert_eq!(url.did().parse::<DidKey>().as_ref(), Ok(&key));
        }
        Err(error) => {
            crate::refused(&error, error.code());
        }
    }
    for profile in [Profile::Peer, Profile::Multikey] {
        match DidDocument::resolve(url.as_str(), profile) {
            Ok(document) => assert_eq!(document.id().as_str(), url.did()),
            Err(error) => {
                crate::refused(&error, error.code());
            }
        }
    }
}
