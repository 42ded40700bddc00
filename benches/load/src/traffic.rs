//! Requests as bytes, made before they are sent.

use anyhow::{Context as _, Result};
use cacao::Provers;
use cacao::eip191::Eip191;
use didkey::Ed25519SigningKey;
use http::Request;
use httpsig::prelude::message_component::{HttpMessageComponent, HttpMessageComponentId};
use httpsig::prelude::{AlgorithmName, HttpSignatureBase, HttpSignatureParams, SecretKey};
use session_core::{Context, DidSession};
use session_http::client::{Content, ProofSigner};
use session_wallets::EthereumWallet;

pub(crate) const DOMAIN: &str = "localhost";
pub(crate) const ORIGIN: &str = "http://localhost";
pub(crate) const PATH: &str = "/api/notes/of/mine";
/// The same with what processes share in Redis: asked for many at once, and for each alone.
pub(crate) const BATCHED: &str = "/batch/notes/of/me";
pub(crate) const ALONE: &str = "/alone/notes/of/me";

const SEED: [u8; 32] = [7; 32];

/// The key that makes the proofs, and signs everything else that is signed.
fn key() -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed(&SEED)
}

pub(crate) fn public_key() -> [u8; 32] {
    let key = key();
    let mut bytes = [0; 32];
    bytes.copy_from_slice(key.did_key().public_key().as_bytes());
    bytes
}

/// A request without content; one line a field.
pub(crate) fn plain(path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut text = format!("GET {path} HTTP/1.1\r\nhost: {DOMAIN}\r\n");
    for (name, value) in fields {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.into_bytes()
}

/// Makes proofs of one session, and sessions.
pub(crate) struct Sessions {
    context: Context,
    wallet: EthereumWallet,
    known: ProofSigner<Ed25519SigningKey>,
}

impl Sessions {
    pub(crate) async fn new() -> Result<Self> {
        let context = Context::with_system_clock(Provers::none().with(Eip191)?);
        let wallet = EthereumWallet::generate(&"eip155:1".parse()?)?;
        let known = session(&context, &wallet, key()).await?;
        Ok(Self {
            context,
            wallet,
            known,
        })
    }

    /// A request that brings its capability along: the first one of the session that is known
    /// from then on.
    pub(crate) async fn introduction(&self) -> Result<Vec<u8>> {
        with_capability(&self.known).await
    }

    /// Requests of the session that is known, to this path: each with a proof of its own. The path
    /// has the length of all others.
    pub(crate) async fn proven(&self, path: &str, count: usize) -> Result<Vec<Vec<u8>>> {
        let mut requests = Vec::with_capacity(count);
        for _ in 0..count {
            let proof = proof(&self.known, path).await?;
            requests.push(plain(path, &[("authorization", &proof)]));
        }
        Ok(requests)
    }

    /// Requests of sessions that nobody knows, each with its capability.
    pub(crate) async fn first_ones(&self, count: usize) -> Result<Vec<Vec<u8>>> {
        let mut requests = Vec::with_capacity(count);
        for _ in 0..count {
            let key = Ed25519SigningKey::generate()?;
            let signer = session(&self.context, &self.wallet, key).await?;
            requests.push(with_capability(&signer).await?);
        }
        Ok(requests)
    }
}

async fn session(
    context: &Context,
    wallet: &EthereumWallet,
    key: Ed25519SigningKey,
) -> Result<ProofSigner<Ed25519SigningKey>> {
    let request = session_core::Request::new(DOMAIN, ["app://notes/read", "app://notes/write"]);
    let session = DidSession::authorize_key(context, key, wallet, &request).await?;
    Ok(ProofSigner::new(session))
}

async fn proof(signer: &ProofSigner<Ed25519SigningKey>, path: &str) -> Result<String> {
    let mut request = Request::get(format!("{ORIGIN}{path}")).body(())?;
    signer.prove(&mut request, Content::Nothing).await?;
    let value = request.headers().get("authorization");
    Ok(value.context("no proof")?.to_str()?.to_owned())
}

async fn with_capability(signer: &ProofSigner<Ed25519SigningKey>) -> Result<Vec<u8>> {
    let proof = proof(signer, PATH).await?;
    let capability = signer.session().cacao().to_car_base64url();
    let fields = [
        ("authorization", proof.as_str()),
        ("did-session-capability", capability.as_str()),
    ];
    Ok(plain(PATH, &fields))
}

/// Requests that are signed as RFC 9421 has it.
pub(crate) fn httpsig(count: usize) -> Result<Vec<Vec<u8>>> {
    let key = SecretKey::from_bytes(&AlgorithmName::Ed25519, &SEED)?;
    let values = [
        ("\"@method\"", "GET".to_owned()),
        ("\"@target-uri\"", format!("{ORIGIN}/httpsig")),
    ];
    let (mut ids, mut components) = (Vec::new(), Vec::new());
    for (name, value) in values {
        let id = HttpMessageComponentId::try_from(name)?;
        components.push(HttpMessageComponent::try_from((&id, &[value][..]))?);
        ids.push(id);
    }
    let mut requests = Vec::with_capacity(count);
    for _ in 0..count {
        let mut params = HttpSignatureParams::try_new(&ids)?;
        params.set_key_info(&key);
        params.set_random_nonce();
        let base = HttpSignatureBase::try_new(&components, &params)?;
        let signed = base.build_signature_headers(&key, Some("sig"))?;
        let (signature, input) = (
            signed.signature_header_value(),
            signed.signature_input_header_value(),
        );
        let fields = [
            ("signature", signature.as_str()),
            ("signature-input", input.as_str()),
        ];
        requests.push(plain("/httpsig", &fields));
    }
    Ok(requests)
}
