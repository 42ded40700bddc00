//! Searches for an input that breaks a law of [`fuzz::jws`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::jws::laws(data);
});
