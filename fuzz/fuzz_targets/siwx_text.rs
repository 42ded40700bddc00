//! Searches for an input that breaks a law of [`fuzz::siwx_text`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::siwx_text::laws(data);
});
