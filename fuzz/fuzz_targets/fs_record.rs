//! Searches for an input that breaks a law of [`fuzz::fs_record`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::fs_record::laws(data);
});
