//! DAG-CBOR: one capability has one block.

use cacao::Cacao;

/// What is accepted is written back to the same bytes, and is what the general decoder reads.
/// Tells whether it was accepted.
pub fn laws(data: &[u8]) -> bool {
    let read = Cacao::from_dag_cbor(data);
    crate::capability::reference::hold(data, &read);
    match read {
        Ok(cacao) => {
            crate::capability::laws(&cacao);
            true
        }
        Err(error) => crate::refused(&error, error.code()),
    }
}
