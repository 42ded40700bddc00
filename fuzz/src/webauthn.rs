//! Passkeys: what an authenticator and a browser say, under a signature that is right, so that the
//! readers behind it are reached; and signatures of any form.

use std::sync::LazyLock;

use cacao::{
    Cacao, Error, HeaderType, Issuer, Payload, Policy, Provers, Requirement, Signature,
    SignatureKind, SignatureValue, webauthn,
};
use data_encoding::BASE64URL_NOPAD;
use didkey::{Algorithm, P256SigningKey};
use ipld_core::ipld::Ipld;
use p256::ecdsa::Signature as Ecdsa;
use sha2::{Digest, Sha256};

const DOMAIN: &str = "app.example";
const AUTHENTICATOR_DATA_LEN: usize = 37;

/// The first byte says what the others are: the whole metadata; authenticator data and client
/// data, the former's length in front; or a signature. Tells whether the capability was accepted.
pub fn laws(data: &[u8]) -> bool {
    let Some((kind, rest)) = data.split_first() else {
        return false;
    };
    match kind % 3 {
        0 => metadata(rest),
        1 => rest
            .split_first()
            .and_then(|(len, rest)| rest.split_at_checked(usize::from(*len)))
            .is_some_and(|(authenticator_data, client_data)| said(authenticator_data, client_data)),
        _ => signature(rest),
    }
}

static KEY: LazyLock<P256SigningKey> =
    LazyLock::new(|| P256SigningKey::from_seed(&[7; 32]).expect("a scalar of the curve"));

static PAYLOAD: LazyLock<Payload> = LazyLock::new(|| {
    let issuer = Issuer::from(KEY.did_key().clone());
    let issued_at = "2023-04-06T16:15:19.058Z".parse().expect("a date");
    let audience = "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn";
    Payload::builder(DOMAIN, issuer, audience, "HPiCXGTXHI", issued_at)
        .build()
        .expect("a payload")
});

/// What a judge says of a signature; its words are asked for either way.
fn judge(signature: &Signature) -> Result<(), Error> {
    let payload = PAYLOAD.clone();
    let at = payload.issued_at().unix_time();
    let capability = Cacao::new(HeaderType::Caip122, payload, Some(signature.clone()));
    let block = capability.to_dag_cbor();
    assert_eq!(
        Cacao::from_dag_cbor(&block).ok().as_ref(),
        Some(&capability)
    );
    let (policy, requirement) = (Policy::default(), Requirement::any_domain());
    let judged = capability.verify(&Provers::all_compiled_in(), &policy, &requirement, at);
    let judged = judged.map(|verified| assert_eq!(verified.issuer(), PAYLOAD.issuer()));
    if let Err(error) = &judged {
        crate::refused(error, error.code());
    }
    judged
}

fn signed_bytes(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    [authenticator_data, &Sha256::digest(client_data)].concat()
}

/// Metadata is accepted in one encoding only.
fn metadata(aad: &[u8]) -> bool {
    let read: Option<Ipld> = serde_ipld_dagcbor::from_slice(aad).ok();
    let member = |name: &str| match read.as_ref().map(|read| read.get(name)) {
        Some(Ok(Some(Ipld::Bytes(bytes)))) => bytes.clone(),
        _ => Vec::new(),
    };
    let (authenticator_data, client_data) = (member("authData"), member("clientDataJSON"));
    let signed = KEY.sign(&signed_bytes(&authenticator_data, &client_data));
    let text = BASE64URL_NOPAD.encode(signed.as_ref());
    let made = Signature::new(
        SignatureKind::WEBAUTHN_P256,
        SignatureValue::Text(text.into()),
        Some(aad.into()),
    );
    let made = made.expect("it is short");
    let accepted = judge(&made).is_ok();
    if accepted {
        let again = serde_ipld_dagcbor::to_vec(&read).expect("what was read is written");
        assert_eq!(again, aad);
        assert_eq!(
            webauthn::signature(&authenticator_data, &client_data, signed.as_ref()).ok(),
            Some(made)
        );
        is_an_assertion(&authenticator_data, &client_data);
    }
    accepted
}

/// Authenticator data and client data under a signature that is theirs.
fn said(authenticator_data: &[u8], client_data: &[u8]) -> bool {
    let signed = KEY.sign(&signed_bytes(authenticator_data, client_data));
    let made = webauthn::signature(authenticator_data, client_data, signed.as_ref());
    let accepted = judge(&made.expect("it is short")).is_ok();
    if accepted {
        is_an_assertion(authenticator_data, client_data);
    }
    accepted
}

/// What was accepted says what an assertion for this payload must say (WebAuthn, section 7.2).
fn is_an_assertion(authenticator_data: &[u8], client_data: &[u8]) {
    let said: serde_json::Value = serde_json::from_slice(client_data).expect("it is JSON");
    assert_eq!(said["type"], "webauthn.get");
    assert_eq!(
        said["challenge"],
        BASE64URL_NOPAD.encode(&webauthn::challenge(&PAYLOAD))
    );
    let origin = said["origin"].as_str().expect("an origin");
    assert!(origin.starts_with(&format!("https://{DOMAIN}")));
    assert_ne!(said["crossOrigin"], true);
    assert!(authenticator_data.starts_with(&Sha256::digest(DOMAIN)));
    assert!(authenticator_data.len() >= AUTHENTICATOR_DATA_LEN);
    assert_eq!(authenticator_data[32] & 0x41, 1, "present, no registration");
}

/// Only the passkey's signature is accepted, with either s, in DER or as r and s.
fn signature(bytes: &[u8]) -> bool {
    let (own, (authenticator_data, client_data)) = own();
    let made = webauthn::signature(&authenticator_data, &client_data, bytes);
    let made = made.expect("it is short");
    let accepted = judge(&made).is_ok();
    possible_keys(&authenticator_data, &client_data, bytes);

    let other_s = Ecdsa::from_scalars(own.r().to_bytes(), (-*own.s()).to_bytes());
    let is_own = [own, other_s.expect("a scalar but zero")]
        .iter()
        .any(|own| bytes == own.to_bytes().as_slice() || bytes == own.to_der().as_bytes());
    assert_eq!(
        accepted, is_own,
        "the passkey's own signatures, and no other"
    );
    accepted
}

/// Each passkey that can have made a signature did make it, as far as anybody can tell.
fn possible_keys(authenticator_data: &[u8], client_data: &[u8], der: &[u8]) {
    match webauthn::possible_keys(authenticator_data, client_data, der) {
        Ok(keys) => {
            let signature = Ecdsa::from_der(der).expect("it was read").to_bytes();
            let message = signed_bytes(authenticator_data, client_data);
            for key in keys {
                let verified = key
                    .public_key()
                    .verify(Algorithm::Es256, &message, &signature);
                assert_eq!(verified, Ok(()));
            }
        }
        Err(error) => {
            crate::refused(&error, error.code());
        }
    }
}

/// A plain assertion, and its signature.
fn own() -> (Ecdsa, (Vec<u8>, Vec<u8>)) {
    let challenge = BASE64URL_NOPAD.encode(&webauthn::challenge(&PAYLOAD));
    let client_data = format!(
        r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://{DOMAIN}"}}"#
    );
    let rp_id_hash = Sha256::digest(DOMAIN);
    let authenticator_data = [rp_id_hash.as_slice(), &[1, 0, 0, 0, 0]].concat();
    let own = KEY.sign(&signed_bytes(&authenticator_data, client_data.as_bytes()));
    let own = Ecdsa::from_slice(own.as_ref()).expect("it is a signature");
    (own, (authenticator_data, client_data.into_bytes()))
}
