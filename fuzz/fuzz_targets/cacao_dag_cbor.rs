//! Searches for an input that breaks a law of [`fuzz::cacao_dag_cbor`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::cacao_dag_cbor::laws(data);
});
