//! Searches for an input that breaks a law of [`fuzz::base58check`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::base58check::laws(data);
});
