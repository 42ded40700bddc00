//! Searches for an input that breaks a law of [`fuzz::verify`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::verify::laws(data);
});
