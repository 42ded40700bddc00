//! Searches for an input that breaks a law of [`fuzz::cacao_car`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::cacao_car::laws(data);
});
