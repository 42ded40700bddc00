//! Which bytes and texts are public keys, and which are refused with which error.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;
use didkey::{DidKey, Error, KeyType, PublicKey};

const ED25519: &str = "did:key:z6MksFbF9EwLtgULXutkTTihLF2kSbWpQQzJziffm2bJKYc3";
const P521: &str = "did:key:z2J9gaZ5Ce8tDkp3eu1vSKFhibj4mE9aBD8CpoJVsF2zwVvPLfDPwd5c7UUGAZ987QQu\
                    2YL36i9XpM6hd2nFCqnWS1FFjGHz";

/// 2^255 - 19 plus `add`, little-endian.
fn prime_plus(add: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed + add;
    bytes[31] = 0x7f;
    bytes
}

fn refused(key_type: KeyType, bytes: &[u8]) {
    let found = PublicKey::from_bytes(key_type, bytes);
    assert_eq!(found, Err(Error::InvalidKey { key_type }), "{bytes:02x?}");
}

#[test]
fn ed25519_keys_of_small_order_are_refused() {
    for point in EIGHT_TORSION {
        refused(KeyType::Ed25519, &point.compress().to_bytes());
    }
}

#[test]
fn ed25519_keys_with_another_spelling_are_refused() {
    let mut points = 0;
    // All y that are not reduced and fit, with either sign.
    for add in 0..19 {
        for sign in [0, 0x80] {
            let mut bytes = prime_plus(add);
            bytes[31] |= sign;
            if let Some(point) = CompressedEdwardsY(bytes).decompress()
                && !point.is_small_order()
            {
                points += 1;
                let canonical = point.compress().to_bytes();
                assert!(PublicKey::from_bytes(KeyType::Ed25519, &canonical).is_ok());
            }
            refused(KeyType::Ed25519, &bytes);
        }
    }
    assert!(
        points > 0,
        "some of them are points of large order, refused for their spelling only"
    );

    // x = 0 with a sign: "minus zero".
    for point in EIGHT_TORSION {
        let mut bytes = point.compress().to_bytes();
        bytes[31] ^= 0x80;
        refused(KeyType::Ed25519, &bytes);
    }
}

#[test]
fn x25519_keys_are_reduced() {
    for add in 0..19 {
        refused(KeyType::X25519, &prime_plus(add));
    }
    let mut base = [0; 32];
    base[0] = 9;
    assert!(PublicKey::from_bytes(KeyType::X25519, &base).is_ok());
    base[31] = 0x80;
    refused(KeyType::X25519, &base);
    let mut largest = prime_plus(0);
    largest[0] -= 1;
    assert!(PublicKey::from_bytes(KeyType::X25519, &largest).is_ok());
    // Any other byte in the middle makes it smaller than the prime.
    largest = prime_plus(18);
    largest[16] = 0xfe;
    assert!(PublicKey::from_bytes(KeyType::X25519, &largest).is_ok());
}

#[test]
fn points_are_compressed_and_of_exact_length() {
    for key_type in KeyType::ALL {
        let expected = key_type.public_key_length();
        for length in [0, 1, expected - 1, expected + 1, 2 * expected - 1, 200] {
            assert_eq!(
                PublicKey::from_bytes(key_type, &vec![2; length]),
                Err(Error::KeyLength {
                    key_type,
                    length,
                    expected
                }),
            );
        }
        if matches!(key_type, KeyType::Ed25519 | KeyType::X25519) {
            continue;
        }
        // One of the first x is on every curve, and then with both signs.
        let on_curve = (0..=255).any(|x| {
            let mut bytes = vec![0; expected];
            bytes[expected - 1] = x;
            [2, 3].map(|tag| {
                bytes[0] = tag;
                PublicKey::from_bytes(key_type, &bytes).is_ok()
            }) == [true, true]
        });
        assert!(on_curve, "{key_type}");
        for tag in (0..=255).filter(|tag| *tag != 2 && *tag != 3) {
            for x in 0..16 {
                let mut bytes = vec![0; expected];
                bytes[0] = tag;
                bytes[expected - 1] = x;
                refused(key_type, &bytes);
            }
        }
    }
}

#[test]
fn texts_are_refused_with_their_reason() {
    let z = |bytes: &[u8]| format!("did:key:z{}", bs58::encode(bytes).into_string());
    let with = |code: &[u8], length: usize| z(&[code, &vec![3; length][..]].concat());
    let ed25519 = KeyType::Ed25519;
    let cases = [
        (String::new(), Error::NotDidKey),
        ("did:key".into(), Error::NotDidKey),
        ("did:web:example.com".into(), Error::NotDidKey),
        (ED25519.to_uppercase(), Error::NotDidKey),
        (format!("\u{feff}{ED25519}"), Error::NotDidKey),
        ("did:key:".into(), Error::Multibase),
        (ED25519.replace(":z", ":"), Error::Multibase),
        (ED25519.replace(":z", ":Z"), Error::Multibase),
        (ED25519.replace(":z", ":1:z"), Error::Multibase),
        ("did:key:z".into(), Error::Varint),
        ("did:key:z0".into(), Error::Base58 { index: 0 }),
        (format!("{ED25519}#"), Error::Base58 { index: 47 }),
        (format!("{ED25519}é"), Error::Base58 { index: 47 }),
        (z(&[0xed]), Error::Varint),
        (with(&[0xed, 0x81, 0x00], 32), Error::Varint),
        // Beyond 64 bits; without those bits the code would be that of Ed25519.
        (
            with(
                &[0xed, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02],
                32,
            ),
            Error::Varint,
        ),
        (with(&[0xff; 9], 32), Error::Varint),
        (with(&[0xff; 10], 32), Error::Varint),
        (with(&[0x00], 32), Error::UnknownMulticodec { code: 0 }),
        (
            ED25519.replace(":z", ":z1"),
            Error::UnknownMulticodec { code: 0 },
        ),
        (
            with(&[0x85, 0x24], 32),
            Error::UnknownMulticodec { code: 0x1205 },
        ),
        (
            with(&[0xed, 0x01], 0),
            Error::KeyLength {
                key_type: ed25519,
                length: 0,
                expected: 32,
            },
        ),
        (
            with(&[0xed, 0x01], 33),
            Error::KeyLength {
                key_type: ed25519,
                length: 33,
                expected: 32,
            },
        ),
        (
            format!("{P521}1"),
            Error::TooLong {
                length: 105,
                limit: 104,
            },
        ),
        (
            format!("did:key:z{}", "1".repeat(96)),
            Error::TooLong {
                length: 105,
                limit: 104,
            },
        ),
        (
            "z".repeat(1 << 20),
            Error::TooLong {
                length: 1 << 20,
                limit: 104,
            },
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(text.parse::<DidKey>(), Err(expected), "{text:?}");
        assert_eq!(DidKey::try_from(&*text), Err(expected));
    }
    // The most bytes that a text of the greatest length can stand for.
    let ones = format!("did:key:z{}", "1".repeat(95));
    assert_eq!(
        ones.parse::<DidKey>(),
        Err(Error::UnknownMulticodec { code: 0 })
    );
    let long = "z".repeat(97);
    assert_eq!(
        PublicKey::from_multikey(&long),
        Err(Error::TooLong {
            length: 97,
            limit: 96
        })
    );
}

#[test]
fn the_longest_did_key_is_a_p521_one() {
    assert_eq!(P521.len(), DidKey::MAX_LENGTH);
    assert_eq!(P521.parse::<DidKey>().unwrap().key_type(), KeyType::P521);
}

#[test]
fn did_keys_print_compare_and_hash_by_text() {
    let did: DidKey = ED25519.parse().unwrap();
    assert_eq!(did.to_string(), ED25519);
    assert_eq!(did.as_ref() as &str, ED25519);
    assert_eq!(String::from(did.clone()), ED25519);
    assert_eq!(DidKey::try_from(ED25519.to_owned()), Ok(did.clone()));
    assert_eq!(format!("{did:?}"), format!("DidKey({ED25519:?})"));
    assert_eq!(did.fingerprint(), &ED25519[8..]);
    assert_eq!(did.key_id(), format!("{ED25519}#{}", &ED25519[8..]));
    assert_eq!(
        format!("{:?}", did.public_key()),
        format!("PublicKey(Ed25519 {})", did.fingerprint()),
    );
    let other: DidKey = P521.parse().unwrap();
    assert_eq!(did.cmp(&other), ED25519.cmp(P521));
    assert_eq!(did < other, ED25519 < P521);
    assert_eq!(did.partial_cmp(&other), Some(ED25519.cmp(P521)));
    let keys: std::collections::HashSet<_> = [did.public_key(), other.public_key()].into();
    assert!(keys.contains(did.clone().public_key()));
    let hash = |did: &DidKey| {
        use std::hash::BuildHasher as _;
        std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default().hash_one(did)
    };
    assert_eq!(hash(&did), hash(&did.clone()));
    assert_ne!(hash(&did), hash(&other));
}

#[cfg(feature = "serde")]
#[test]
fn did_keys_are_strings_in_json() {
    let did: DidKey = ED25519.parse().unwrap();
    let json = serde_json::to_string(&did).unwrap();
    assert_eq!(json, format!("{ED25519:?}"));
    assert_eq!(serde_json::from_str::<DidKey>(&json).unwrap(), did);
    for refused in ["\"did:key:z\"", "\"\"", "1", "null", "[]"] {
        assert!(
            serde_json::from_str::<DidKey>(refused).is_err(),
            "{refused}"
        );
    }
    let error = serde_json::from_str::<DidKey>("1").unwrap_err().to_string();
    assert!(error.contains("expected a did:key"), "{error}");
}
