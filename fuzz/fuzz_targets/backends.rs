//! Searches for an input that breaks a law of [`fuzz::backends`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::backends::laws(data);
});
