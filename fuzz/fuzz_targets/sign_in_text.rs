//! Searches for an input that breaks a law of [`fuzz::sign_in_text`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::sign_in_text::laws(data);
});
