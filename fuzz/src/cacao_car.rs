//! CAR: every block has the hash that its CID names, and one file has one spelling.

use cacao::Cacao;
use cacao::car::{Car, has_cid};

/// Reads the bytes as a CAR, and as the base64url form of one. Tells whether it was accepted.
pub fn laws(data: &[u8]) -> bool {
    let file = match Car::from_bytes(data) {
        Ok(car) => {
            assert_eq!(car.to_bytes(), data);
            assert!(car.blocks().all(|(cid, block)| has_cid(block, cid)));
            let text = car.to_base64url();
            if car.roots().len() == 1 {
                for text in [&text, &format!("u{text}")] {
                    assert_eq!(Car::from_base64url(text).ok().as_ref(), Some(&car));
                }
            }
            capability(&text)
        }
        Err(error) => crate::refused(&error, error.code()),
    };
    file || std::str::from_utf8(data).is_ok_and(capability)
}

fn capability(text: &str) -> bool {
    match Car::from_base64url(text).and_then(|car| Cacao::from_car(&car)) {
        Ok(cacao) => {
            crate::capability::laws(&cacao);
            true
        }
        Err(error) => crate::refused(&error, error.code()),
    }
}
