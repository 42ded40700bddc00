//! Searches for an input that breaks a law of [`fuzz::caip10`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::caip10::laws(data);
});
