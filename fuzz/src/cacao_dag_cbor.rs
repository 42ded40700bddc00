//! DAG-CBOR: one capability has one block.

use cacao::Cacao;

/// What is accepted is written back to the same bytes. Tells whether it was accepted.
pub fn laws(data: &[u8]) -> bool {
    match Cacao::from_dag_cbor(data) {
        Ok(cacao) => {
            assert_eq!(cacao.to_dag_cbor(), data);
            crate::capability::laws(&cacao);
            true
        }
        Err(error) => crate::refused(&error, error.code()),
    }
}
