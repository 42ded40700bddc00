//! Searches for an input that breaks a law of [`fuzz::revocation`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::revocation::laws(data);
});
