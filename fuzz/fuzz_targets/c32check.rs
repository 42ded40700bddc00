//! Searches for an input that breaks a law of [`fuzz::c32check`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::c32check::laws(data);
});
