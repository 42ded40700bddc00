//! Laws that hold for every input, one module for each format that comes from outside. A law is an
//! assertion: libFuzzer searches for an input that breaks it, and the tests replay the seeds.
#![forbid(unsafe_code)]

mod capability;
mod disk;
pub mod replay;
mod slot;

pub mod backends;
pub mod base58check;
pub mod c32check;
pub mod cacao_car;
pub mod cacao_dag_cbor;
pub mod cacao_dag_json;
pub mod caip10;
pub mod did_key;
pub mod did_url;
pub mod fs_record;
pub mod http_proof;
pub mod json_rpc_answer;
pub mod jws;
pub mod recap;
pub mod revocation;
pub mod sealed_record;
pub mod session_string;
pub mod sign_in_text;
pub mod siwx_text;
pub mod verify;
pub mod wallet_codecs;
pub mod webauthn;

/// A refusal tells itself in words and by a code, whatever was refused.
fn refused(words: &dyn std::fmt::Display, code: &str) -> bool {
    let snake_case = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    assert!(!words.to_string().is_empty());
    assert!(!code.is_empty() && code.bytes().all(snake_case));
    false
}
