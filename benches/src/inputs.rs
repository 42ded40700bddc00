//! The inputs of the other programs, so that everybody does the same work.

use crate::fixtures::{block_on, eip191_bytes, passkey, session, solana, text_of};
use crate::rows::payload;
use cacao::MemberOrder;
use dag_jws::UnsignedJws;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

/// What the peer in Node reads.
#[must_use]
pub fn for_node() -> Value {
    let session = session();
    let jws = block_on(session.create_jws(&payload())).unwrap();
    let parse = |json: String| serde_json::from_str::<Value>(&json).unwrap();
    let key = passkey();
    let input = UnsignedJws::object(&payload())
        .unwrap()
        .prepare(key.did_key())
        .unwrap();
    let signature = key.sign(input.as_bytes());
    let plain = UnsignedJws::object(&payload())
        .unwrap()
        .prepare(session.key_did())
        .unwrap();
    let signed = session.key().sign(plain.as_bytes());
    json!({
        "now": crate::fixtures::NOW.as_millis(),
        "payload": payload(),
        "eip191": parse(session.cacao().to_json(MemberOrder::Session)),
        "solana": parse(solana().to_json(MemberOrder::Session)),
        "session": session.serialize().as_str(),
        "seed": HEXLOWER.encode(&*session.key().to_seed()),
        "issuer": session.issuer().did(),
        "did": session.key_did().as_str(),
        "jws": plain.finish(signed.as_ref()).unwrap().to_compact(),
        "jwsWithCapability": jws.to_compact(),
        "jwsEs256": input.finish(signature.as_ref()).unwrap().to_compact(),
    })
}

/// The text that was signed and its signature, for those who begin there.
#[must_use]
pub fn siwe() -> (String, [u8; 65]) {
    let session = session();
    (text_of(session.cacao()), eip191_bytes(session.cacao()))
}
