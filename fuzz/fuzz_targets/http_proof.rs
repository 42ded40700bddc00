//! Searches for an input that breaks a law of [`fuzz::http_proof`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::http_proof::laws(data);
});
