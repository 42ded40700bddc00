//! What the session key signs for one HTTP request (`docs/http.md`, section 2).

use crate::host::option;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cacao::car::cid_text;
use didkey::Algorithm;
use session_core::server::PROOF_TYPE;
use session_core::{DidSession, Error, SessionKey};

/// Header and claims, a point between them. All that stands in them is without quotes and escapes.
pub(crate) fn signing_input<K: SessionKey + ?Sized>(
    session: &DidSession<K>,
    htd: &str,
    nonce: Option<&str>,
) -> Result<String, Error> {
    let key = session.key_did();
    let alg = match key.key_type().algorithm() {
        Some(Algorithm::EdDsa) => "EdDSA",
        Some(Algorithm::Es256) => "ES256",
        _ => return Err(option("session", "has a key that makes no proofs")),
    };
    if !is_token(htd, 43..=43) {
        return Err(option("htd", "must be a SHA-256 in base64url"));
    }
    let nonce = match nonce {
        None => String::new(),
        Some(nonce) if is_token(nonce, 1..=64) => format!(r#","nonce":"{nonce}""#),
        Some(_) => return Err(option("nonce", "must be 1 to 64 characters of base64url")),
    };
    let mut random = [0; 12];
    getrandom::fill(&mut random).map_err(|error| Error::Randomness {
        reason: error.to_string(),
    })?;
    let jti = URL_SAFE_NO_PAD.encode(random);
    let iat = session.context().clock().now().as_secs();
    let cap = cid_text(&session.cacao().cid());
    let header = format!(r#"{{"alg":"{alg}","cap":"{cap}","kid":"{key}","typ":"{PROOF_TYPE}"}}"#);
    let claims = format!(r#"{{"htd":"{htd}","iat":{iat},"jti":"{jti}"{nonce}}}"#);
    let mut input = URL_SAFE_NO_PAD.encode(header);
    input.push('.');
    input.push_str(&URL_SAFE_NO_PAD.encode(claims));
    Ok(input)
}

/// Puts the signature behind what was signed.
pub(crate) fn finish(mut input: String, signature: &[u8]) -> String {
    input.push('.');
    input.push_str(&URL_SAFE_NO_PAD.encode(signature));
    input
}

fn is_token(text: &str, len: std::ops::RangeInclusive<usize>) -> bool {
    let is_one = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    len.contains(&text.len()) && text.bytes().all(is_one)
}
