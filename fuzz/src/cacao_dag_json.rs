//! JSON: members in any order are read, one order is written.

use cacao::Cacao;

/// What is accepted comes back the same from what is written. Tells whether it was accepted.
pub fn laws(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    match Cacao::from_json(text) {
        Ok(cacao) => {
            crate::capability::laws(&cacao);
            true
        }
        Err(error) => crate::refused(&error, error.code()),
    }
}
