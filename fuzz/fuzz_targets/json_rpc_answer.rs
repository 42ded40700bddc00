//! Searches for an input that breaks a law of [`fuzz::json_rpc_answer`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::json_rpc_answer::laws(data);
});
