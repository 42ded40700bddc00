//! The key that is found by sharing work is the one that is found without, by both libraries.

use super::*;
use k256::ecdsa::SigningKey;
use proptest::prelude::*;

fn signed(secret: [u8; 32], digest: [u8; 32]) -> Option<(SigningKey, Signature, bool)> {
    let key = SigningKey::from_slice(&secret).ok()?;
    let (signature, id) = key.sign_prehash_recoverable(&digest);
    Some((key, signature, id.is_y_odd()))
}

fn uncompressed(key: &SigningKey) -> UncompressedKey {
    let point = key.verifying_key().to_sec1_point(false);
    point.as_bytes().try_into().unwrap()
}

proptest! {
    #[test]
    fn a_second_digest_gives_what_it_gives_alone(
        secret: [u8; 32], one: [u8; 32], two: [u8; 32], three: [u8; 32],
    ) {
        let Some((key, signature, odd)) = signed(secret, two) else {
            return Ok(());
        };
        let alone = |digest: &[u8; 32]| RecoveryBy::<Portable>::new(signature, odd).key(digest);
        let mut recovery = Recovery::new(signature, odd);
        for digest in [one, two, one, three] {
            let shared = recovery.key(&digest);
            prop_assert_eq!(shared, alone(&digest));
            prop_assert_eq!(shared == Some(uncompressed(&key)), digest == two);
        }
        let mut portable = RecoveryBy::<Portable>::new(signature, odd);
        prop_assert_eq!(portable.key(&one), alone(&one));
        prop_assert_eq!(portable.key(&two), alone(&two));
    }

    #[test]
    fn any_signature_is_answered_alike(digest: [u8; 32], rs: [u8; 64], odd: bool) {
        let portable = recover_portable(&digest, &rs, odd);
        match (recover(&digest, &rs, odd), portable) {
            (Ok(chosen), Ok(portable)) => prop_assert_eq!(chosen, portable),
            (Err(chosen), Err(portable)) => prop_assert_eq!(chosen.code(), portable.code()),
            (chosen, portable) => prop_assert!(false, "{chosen:?} {portable:?}"),
        }
    }
}

/// Digests at the edges: zero, the order, all ones, and one whose key would be the identity.
#[test]
fn edges() {
    let order = data_encoding::HEXLOWER
        .decode(b"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")
        .unwrap();
    let order: [u8; 32] = order.try_into().unwrap();
    let (_, signature, odd) = signed([7; 32], [9; 32]).unwrap();
    for digest in [[0; 32], order, [0xff; 32]] {
        let portable = RecoveryBy::<Portable>::new(signature, odd).key(&digest);
        assert_eq!(Recovery::new(signature, odd).key(&digest), portable);
        assert!(portable.is_some());
        let mut shared = Recovery::new(signature, odd);
        shared.key(&[9; 32]);
        assert_eq!(shared.key(&digest), portable);
    }
    // R = G and s = z: sR - zG is the identity, which is no key
    let g = k256::AffinePoint::GENERATOR;
    let x = k256::elliptic_curve::point::AffineCoordinates::x(&g);
    let odd = bool::from(k256::elliptic_curve::point::AffineCoordinates::y_is_odd(&g));
    let mut s = [0; 32];
    s[31] = 5;
    let signature = Signature::from_scalars(x, s).unwrap();
    assert_eq!(RecoveryBy::<Portable>::new(signature, odd).key(&s), None);
    assert_eq!(Recovery::new(signature, odd).key(&s), None);
    for digest in [[1; 32], [2; 32]] {
        let mut portable = RecoveryBy::<Portable>::new(signature, odd);
        let mut chosen = Recovery::new(signature, odd);
        assert_eq!(portable.key(&digest), chosen.key(&digest));
        // the identity as the second key
        assert_eq!(portable.key(&s), None);
        assert_eq!(chosen.key(&s), None);
    }
}
