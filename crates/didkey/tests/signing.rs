//! What signing keys show, hide and refuse.

use didkey::{
    Algorithm, Ed25519SigningKey, Error, KeyType, P256SigningKey, Secp256k1SigningKey, Signature,
};

const SEED: [u8; 32] = [0xa7; 32];

/// No spelling of the seed's bytes, in lower case, may be in a debug output.
fn assert_redacted(debug: &str) {
    let debug = debug.to_lowercase().replace([' ', '\n'], "");
    for leak in ["a7a7", "167,167", "0xa7", "seed", "scalar", "secret_key"] {
        assert!(!debug.contains(leak), "{leak} in {debug}");
    }
}

#[test]
fn debug_is_redacted() {
    let ed25519 = Ed25519SigningKey::from_seed(&SEED);
    let p256 = P256SigningKey::from_seed(&SEED).unwrap();
    let secp256k1 = Secp256k1SigningKey::from_seed(&SEED).unwrap();
    assert_eq!(
        format!("{ed25519:?}"),
        format!("Ed25519SigningKey {{ did: {:?}, .. }}", ed25519.did_key()),
    );
    for debug in [
        format!("{ed25519:?}"),
        format!("{p256:?}"),
        format!("{secp256k1:?}"),
    ] {
        assert_redacted(&debug);
    }
    for debug in [
        format!("{ed25519:#?}"),
        format!("{p256:#?}"),
        format!("{secp256k1:#?}"),
    ] {
        assert_redacted(&debug);
    }
}

#[test]
fn seeds_come_back_and_keys_compare() {
    let key = Ed25519SigningKey::from_seed(&SEED);
    assert_eq!(*key.to_seed(), SEED);
    assert_eq!(key, key.clone());
    assert_ne!(key, Ed25519SigningKey::from_seed(&[0xa8; 32]));

    let key = P256SigningKey::from_seed(&SEED).unwrap();
    assert_eq!(*key.to_seed(), SEED);
    assert_eq!(key, key.clone());
    assert_ne!(key, P256SigningKey::from_seed(&[0xa8; 32]).unwrap());

    let key = Secp256k1SigningKey::from_seed(&SEED).unwrap();
    assert_eq!(*key.to_seed(), SEED);
    assert_eq!(key, key.clone());
    assert_ne!(key, Secp256k1SigningKey::from_seed(&[0xa8; 32]).unwrap());
}

#[test]
fn scalars_out_of_range_are_refused() {
    for seed in [[0; 32], [0xff; 32]] {
        assert_eq!(
            P256SigningKey::from_seed(&seed),
            Err(Error::InvalidSeed {
                key_type: KeyType::P256
            }),
        );
        assert_eq!(
            Secp256k1SigningKey::from_seed(&seed),
            Err(Error::InvalidSeed {
                key_type: KeyType::Secp256k1
            }),
        );
    }
    // Any 32 bytes are an Ed25519 private key.
    for seed in [[0; 32], [0xff; 32]] {
        let key = Ed25519SigningKey::from_seed(&seed);
        let signature = key.sign(b"");
        let public = key.did_key().public_key();
        assert_eq!(
            public.verify(Algorithm::EdDsa, b"", signature.as_ref()),
            Ok(())
        );
    }
}

#[test]
fn generated_keys_differ_and_sign() {
    let (a, b) = (
        Ed25519SigningKey::generate().unwrap(),
        Ed25519SigningKey::generate().unwrap(),
    );
    assert_ne!(a.did_key(), b.did_key());
    let public = a.did_key().public_key();
    assert_eq!(
        public.verify(Algorithm::EdDsa, b"m", a.sign(b"m").as_ref()),
        Ok(())
    );
    assert!(
        public
            .verify(Algorithm::EdDsa, b"m", b.sign(b"m").as_ref())
            .is_err()
    );

    let (a, b) = (
        P256SigningKey::generate().unwrap(),
        P256SigningKey::generate().unwrap(),
    );
    assert_ne!(a.did_key(), b.did_key());
    let public = a.did_key().public_key();
    assert_eq!(
        public.verify(Algorithm::Es256, b"m", a.sign(b"m").as_ref()),
        Ok(())
    );

    let (a, b) = (
        Secp256k1SigningKey::generate().unwrap(),
        Secp256k1SigningKey::generate().unwrap(),
    );
    assert_ne!(a.did_key(), b.did_key());
    let public = a.did_key().public_key();
    assert_eq!(
        public.verify(Algorithm::Es256k, b"m", a.sign(b"m").as_ref()),
        Ok(())
    );
}

#[test]
fn signatures_are_those_of_the_specifications() {
    let hex = |text: &str| {
        data_encoding::HEXLOWER_PERMISSIVE
            .decode(text.as_bytes())
            .unwrap()
    };
    let seed = |text: &str| <[u8; 32]>::try_from(hex(text)).unwrap();

    // RFC 8032, section 7.1, test 2.
    let key = Ed25519SigningKey::from_seed(&seed(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    ));
    assert_eq!(
        key.sign(b"\x72").as_ref(),
        hex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    );
    // RFC 6979, appendix A.2.5.
    let key = P256SigningKey::from_seed(&seed(
        "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
    ))
    .unwrap();
    assert_eq!(
        key.sign(b"sample").as_ref(),
        hex(
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
             F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
        ),
    );
}

#[test]
fn secp256k1_signatures_have_a_low_s() {
    for byte in 1..=32 {
        let key = Secp256k1SigningKey::from_seed(&[byte; 32]).unwrap();
        let signature = key.sign(b"message");
        // Verification refuses a high S.
        let public = key.did_key().public_key();
        assert_eq!(
            public.verify(Algorithm::Es256k, b"message", signature.as_ref()),
            Ok(())
        );
    }
}

#[test]
fn signatures_print_as_hex() {
    let signature = Signature::from([0xab; 64]);
    assert_eq!(
        format!("{signature:?}"),
        format!("Signature({})", "ab".repeat(64))
    );
    assert_eq!(<[u8; 64]>::from(signature), [0xab; 64]);
    assert_eq!(signature.as_bytes(), &signature.to_bytes());
}

/// Every part that holds a secret wipes itself.
#[test]
fn secrets_are_wiped_on_drop() {
    fn wiped<T: zeroize::ZeroizeOnDrop>() {}
    wiped::<ed25519_dalek::hazmat::ExpandedSecretKey>();
    wiped::<p256::ecdsa::SigningKey>();
    wiped::<k256::ecdsa::SigningKey>();
    wiped::<zeroize::Zeroizing<[u8; 32]>>();
}
