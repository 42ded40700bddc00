//! Searches for an input that breaks a law of [`fuzz::did_url`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::did_url::laws(data);
});
