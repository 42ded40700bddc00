//! Searches for an input that breaks a law of [`fuzz::recap`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::recap::laws(data);
});
