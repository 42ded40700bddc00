//! Searches for an input that breaks a law of [`fuzz::webauthn`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::webauthn::laws(data);
});
