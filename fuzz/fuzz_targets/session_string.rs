//! Searches for an input that breaks a law of [`fuzz::session_string`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::session_string::laws(data);
});
