//! The page "Write a chain": accounts whose address is their Ed25519 key in hex.

// ANCHOR: imports
use data_encoding::HEXLOWER;
use did_session::cacao::{
    Claim, Error, Facts, HeaderType, Issuer, Kind, Payload, Prover, Provers, Signature,
    SignatureKind, SignatureValue, siwx,
};
use did_session::didkey::{Algorithm, Ed25519SigningKey, KeyType, PublicKey};
use did_session::wallets::{Scheme, Signer};
use did_session::{AuthError, Request, Sessions, store::MemoryStore};
use std::sync::Arc;
// ANCHOR_END: imports

// ANCHOR: prover
/// Proves that the issuer signed, and judges nothing else: no time, no domain, no policy.
#[derive(Debug)]
pub struct ExampleEd25519;

impl Prover for ExampleEd25519 {
    /// Exactly what it can prove: a header, a kind of signature, a namespace of accounts.
    fn kinds(&self) -> &[Kind] {
        const { &[Kind::new(HeaderType::Caip122, "example:ed25519", "example")] }
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, Error> {
        // a signature has one spelling
        let SignatureValue::Text(hex) = claim.signature().value() else {
            return Err(Error::MalformedSignature("it is not a text"));
        };
        let signature = HEXLOWER
            .decode(hex.as_bytes())
            .map_err(|_| Error::MalformedSignature("it is not valid lower-case hex"))?;
        // the key is the account's own
        let account = claim.payload().issuer().account();
        let key = account
            .and_then(|account| HEXLOWER.decode(account.address().as_bytes()).ok())
            .and_then(|bytes| PublicKey::from_bytes(KeyType::Ed25519, &bytes).ok())
            .ok_or(Error::Refused(
                "the address is not a valid Ed25519 key in hex",
            ))?;
        // every member of the payload stands in the text that was signed
        let text = siwx::render_as("Example", claim.payload())?;
        key.verify(Algorithm::EdDsa, text.as_bytes(), &signature)
            .map_err(|_| Error::SignatureMismatch)?;
        Ok(Facts::of_text(siwx::Dialect::default()))
    }
}
// ANCHOR_END: prover

// ANCHOR: scheme
/// How a wallet of this chain signs, for `Signer` (a closure) to call.
#[derive(Debug, Default)]
pub struct Example;

impl Scheme for Example {
    type Message = String;
    type Answer = [u8; 64];
    const NAMESPACE: &'static str = "example";

    /// What the wallet shows and signs.
    fn message(&self, payload: &Payload) -> Result<String, AuthError> {
        siwx::render_as("Example", payload).map_err(AuthError::failed)
    }

    /// How its answer is written into the capability.
    fn signature(&self, answer: [u8; 64]) -> Result<Signature, AuthError> {
        let kind = SignatureKind::new("example:ed25519").map_err(AuthError::failed)?;
        let value = SignatureValue::Text(HEXLOWER.encode(&answer).into());
        Signature::new(kind, value, None).map_err(AuthError::failed)
    }
}
// ANCHOR_END: scheme

// ANCHOR: use
/// Gets a session for a fresh account of this chain, and keeps it in the store.
pub async fn log_in(store: &MemoryStore) -> Result<Issuer, Box<dyn std::error::Error>> {
    let key = Arc::new(Ed25519SigningKey::generate()?);
    let address = HEXLOWER.encode(key.did_key().public_key().as_bytes());
    let account = format!("example:main:{address}").parse()?;
    let auth = Signer::<Example, _>::new(&account, move |text: String| {
        let key = Arc::clone(&key);
        async move { Ok(key.sign(text.as_bytes()).to_bytes()) }
    })?;

    let provers = Provers::none().with(ExampleEd25519)?;
    let sessions = Sessions::new(store.clone(), provers);
    let request = Request::new("app.example", ["app://notes"]);
    let session = sessions.get(&auth, &request).await?;
    Ok(session.issuer().clone())
}
// ANCHOR_END: use

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[tokio::test]
    async fn accounts_of_the_chain_get_sessions() {
        let store = MemoryStore::new();
        let issuer = log_in(&store).await.unwrap();
        assert!(issuer.did().starts_with("did:pkh:example:main:"));

        let provers = Provers::none().with(ExampleEd25519).unwrap();
        let known = Sessions::new(store.clone(), provers);
        assert!(known.load(&issuer).await.is_ok());
        // who does not name the prover does not accept them
        let nobody = Sessions::new(store, Provers::none());
        assert!(nobody.load(&issuer).await.is_err());
    }
}
