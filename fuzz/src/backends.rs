//! The portable curves and those of the feature `native-curves`: one verdict, one signature, one key.

use didkey::{
    DidKey, Ed25519SigningKey, KeyType, P256SigningKey, PublicKey, Secp256k1SigningKey, Signature,
};

/// The bytes say: the curve, the seed of a key, what is done to the signature, and the message.
/// Tells whether the signature was accepted.
pub fn laws(data: &[u8]) -> bool {
    let Some(([curve, change], rest)) = data.split_first_chunk() else {
        return false;
    };
    let Some((seed, rest)) = rest.split_first_chunk::<32>() else {
        return false;
    };
    let Some((patch, message)) = rest.split_first_chunk::<64>() else {
        return false;
    };
    let Some((key, signature)) = sign(*curve, seed, message) else {
        return false;
    };
    let mut bytes = signature.as_ref().to_vec();
    match change {
        // as it was made
        0 => {}
        // other bits
        1 => bytes.iter_mut().zip(patch).for_each(|(b, p)| *b ^= p),
        // another r, another s
        2 => bytes
            .iter_mut()
            .zip(&patch[..32])
            .for_each(|(b, p)| *b = *p),
        3 => bytes[32..].iter_mut().zip(patch).for_each(|(b, p)| *b = *p),
        // another signature, of another length
        4 => bytes = patch.to_vec(),
        length => bytes.resize(usize::from(*length), 0),
    }
    verdict(key.public_key(), message, &bytes) | recovered(seed, patch, *change % 2 == 1)
}

fn sign(curve: u8, seed: &[u8; 32], message: &[u8]) -> Option<(DidKey, Signature)> {
    Some(match curve % 3 {
        0 => {
            let key = Ed25519SigningKey::from_seed(seed);
            (key.did_key().clone(), key.sign(message))
        }
        1 => {
            let key = P256SigningKey::from_seed(seed).ok()?;
            (key.did_key().clone(), key.sign(message))
        }
        _ => {
            let key = Secp256k1SigningKey::from_seed(seed).ok()?;
            (key.did_key().clone(), key.sign(message))
        }
    })
}

fn verdict(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let algorithm = key.key_type().algorithm().expect("a key that signs");
    let chosen = key.verify(algorithm, message, signature);
    assert_eq!(chosen, key.verify_portable(algorithm, message, signature));
    // a key that was read is the key that was made
    let read = PublicKey::from_bytes(key.key_type(), key.as_bytes()).expect("its own bytes");
    assert_eq!(read.verify(algorithm, message, signature), chosen);
    // another key of the same bytes, where they are one
    if key.key_type() == KeyType::Ed25519
        && let Some(foreign) = signature.first_chunk::<32>()
        && let Ok(foreign) = PublicKey::from_bytes(KeyType::Ed25519, foreign)
    {
        assert_eq!(
            foreign.verify(algorithm, message, signature),
            foreign.verify_portable(algorithm, message, signature)
        );
    }
    chosen.is_ok()
}

/// The key of any r and s over any digest.
fn recovered(digest: &[u8; 32], rs: &[u8; 64], odd: bool) -> bool {
    let chosen = cacao::recovery::recover(digest, rs, odd);
    let portable = cacao::recovery::recover_portable(digest, rs, odd);
    match (chosen, portable) {
        (Ok(chosen), Ok(portable)) => {
            assert_eq!(chosen, portable);
            chosen.is_some()
        }
        (Err(chosen), Err(portable)) => {
            assert_eq!(chosen.code(), portable.code());
            false
        }
        (chosen, portable) => panic!("{chosen:?}, and {portable:?}"),
    }
}
