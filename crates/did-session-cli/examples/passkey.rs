//! A session of a passkey that lies in software, as tests use it: `PasskeyAuth` with a P-256 key
//! from a file, at a page of its own domain. Prints the session string.
//!
//! `passkey SECRET-FILE DOMAIN LIFETIME RESOURCE…`, the secret being 64 hex digits, the lifetime
//! such as 7d or 90m.

use did_session::cacao::{Provers, webauthn::WebAuthn};
use did_session::didkey::P256SigningKey;
use did_session::{AuthError, Context, DidSession, PasskeyAssertion, PasskeyAuth, Request};
use p256::ecdsa::Signature;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::error::Error;
use std::future::ready;
use std::io::Write;
use std::time::Duration;

/// A user was present, and verified.
const FLAGS: u8 = 0b101;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or(format!("{what} is missing"));
    let secret = std::fs::read_to_string(next("the file with the secret")?)?;
    let (domain, lifetime) = (next("the domain")?, lifetime(&next("the lifetime")?)?);
    let request = Request::new(&domain, arguments).with_lifetime(lifetime);

    let bytes = data_encoding::HEXLOWER.decode(secret.trim_end().as_bytes())?;
    let bytes: [u8; 32] = bytes
        .try_into()
        .map_err(|_| "the secret has not 32 bytes")?;
    let key = P256SigningKey::from_seed(&bytes)?;
    let auth = PasskeyAuth::new(key.did_key().clone(), |challenge: Vec<u8>| {
        ready(assert_at(&domain, &key, &challenge).map_err(AuthError::failed))
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let context = Context::with_system_clock(Provers::none().with(WebAuthn)?);
    let session = runtime.block_on(DidSession::authorize(&context, &auth, &request))?;
    writeln!(std::io::stdout(), "{}", *session.serialize())?;
    Ok(())
}

/// What an authenticator and a browser say and sign at a page of this domain.
fn assert_at(
    domain: &str,
    key: &P256SigningKey,
    challenge: &[u8],
) -> Result<PasskeyAssertion, Box<dyn Error + Send + Sync>> {
    let client_data_json = json!({
        "type": "webauthn.get",
        "challenge": data_encoding::BASE64URL_NOPAD.encode(challenge),
        "origin": format!("https://{domain}"),
        "crossOrigin": false,
    })
    .to_string()
    .into_bytes();
    let mut authenticator_data = Sha256::digest(domain).to_vec();
    authenticator_data.push(FLAGS);
    authenticator_data.extend([0; 4]);
    let signed = [&authenticator_data[..], &Sha256::digest(&client_data_json)].concat();
    let signature = Signature::from_slice(key.sign(&signed).as_ref())?.to_der();
    Ok(PasskeyAssertion {
        authenticator_data,
        client_data_json,
        signature: signature.as_bytes().to_vec(),
    })
}

fn lifetime(text: &str) -> Result<Duration, Box<dyn Error>> {
    let (number, unit) = text.split_at(text.len().saturating_sub(1));
    let seconds = match unit {
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err("a lifetime is such as 7d, 12h or 90m".into()),
    };
    Ok(Duration::from_secs(number.parse::<u64>()? * seconds))
}
