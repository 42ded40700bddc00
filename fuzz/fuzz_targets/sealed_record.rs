//! Searches for an input that breaks a law of [`fuzz::sealed_record`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::sealed_record::laws(data);
});
