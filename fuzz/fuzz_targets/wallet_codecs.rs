//! Searches for an input that breaks a law of [`fuzz::wallet_codecs`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::wallet_codecs::laws(data);
});
