//! Many at once are judged as each one alone, and never by a batch equation.
#![cfg(feature = "parallel")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::making;

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT as B, EIGHT_TORSION};
use curve25519_dalek::traits::IsIdentity;
use curve25519_dalek::{EdwardsPoint, Scalar};
use dag_jws::{Jws, parallel};
use data_encoding::BASE64URL_NOPAD;
use didkey::{DidKey, KeyType, PublicKey};
use making::{code, delegation, now, plain, under};
use sha2::{Digest, Sha512};

#[test]
fn the_verdicts_stand_in_order() {
    let cacao = delegation().cacao();
    let bound = under(&cacao);
    let (protected, rest) = bound.as_compact().split_once('.').unwrap();
    let forged = Jws::parse(&format!("{protected}.{}", rest.replacen("cG", "dG", 1))).unwrap();
    let many: Vec<Jws> = (0..50)
        .flat_map(|_| [bound.clone(), forged.clone(), plain()])
        .collect();
    let verification = now().with_capability(&cacao);
    let verdicts = parallel::verify(&many, &verification);
    assert_eq!(verdicts.len(), many.len());
    let texts: Vec<&str> = many.iter().map(Jws::as_compact).chain(["no JWS"]).collect();
    let mut of_texts = parallel::verify_texts(&texts, &verification);
    assert_eq!(code(of_texts.pop().unwrap()), "malformed_jws");
    for ((jws, verdict), of_text) in many.iter().zip(verdicts).zip(of_texts) {
        let alone = code(jws.verify(&verification));
        assert_eq!(code(verdict), alone);
        assert_eq!(code(of_text), alone);
    }
    assert!(parallel::verify(&[], &verification).is_empty());
}

/// A signature of the key's owner whose R has a component of small order, and what the equations
/// of one and of many make of it.
struct Twisted {
    jws: Jws,
    /// sB - R - kA.
    difference: EdwardsPoint,
}

fn twisted(nonce: u64) -> Twisted {
    let secret = Scalar::from(0x5eed_u64);
    let key = B * secret;
    let bytes = key.compress().to_bytes();
    let did = DidKey::from(PublicKey::from_bytes(KeyType::Ed25519, &bytes).unwrap());
    let header = format!(r#"{{"alg":"EdDSA","kid":"{}"}}"#, did.key_id());
    let input = format!(
        "{}.{}",
        BASE64URL_NOPAD.encode(header.as_bytes()),
        BASE64URL_NOPAD.encode(&nonce.to_le_bytes())
    );
    let r = Scalar::from(nonce);
    let point = B * r + EIGHT_TORSION[1];
    let hash = Sha512::new()
        .chain_update(point.compress().as_bytes())
        .chain_update(bytes)
        .chain_update(&input)
        .finalize();
    let k = Scalar::from_bytes_mod_order_wide(&hash.into());
    let s = r + k * secret;
    let signature = [point.compress().to_bytes(), s.to_bytes()].concat();
    let text = format!("{input}.{}", BASE64URL_NOPAD.encode(&signature));
    Twisted {
        jws: Jws::parse(&text).unwrap(),
        difference: B * s - point - key * k,
    }
}

/// Why there is no batch equation here: whether it is multiplied by the cofactor or not, it
/// accepts what strict verification refuses.
#[test]
fn a_batch_equation_accepts_what_is_refused_here() {
    let eight: Vec<Twisted> = (1..=8).map(twisted).collect();
    // cofactored: 8·Σ zᵢ(sᵢB - Rᵢ - kᵢAᵢ) = 0, whatever the coefficients zᵢ
    let coefficients = (1..=8_u64).map(|z| Scalar::from(0x9e37_79b9_7f4a_7c15 * u128::from(z)));
    let terms = eight.iter().zip(coefficients);
    let sum: EdwardsPoint = terms.map(|(one, z)| one.difference * z).sum();
    assert!(sum.mul_by_cofactor().is_identity());
    // without the cofactor: one by one none holds, yet together their errors cancel
    let sum: EdwardsPoint = eight.iter().map(|one| one.difference).sum();
    assert!(sum.is_identity());
    for one in &eight {
        assert!(!one.difference.is_identity());
        assert_eq!(code(one.jws.verify(&now())), "invalid_signature");
    }
    let many: Vec<Jws> = eight.into_iter().map(|one| one.jws).collect();
    for verdict in parallel::verify(&many, &now()) {
        assert_eq!(code(verdict), "invalid_signature");
    }
}
