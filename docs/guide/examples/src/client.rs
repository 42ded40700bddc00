//! The whole client of the page "On a server".

// ANCHOR: program
use did_session::cacao::{Provers, eip191::Eip191};
use did_session::{EthereumWallet, Request, Sessions, store::MemoryStore};
use reqwest::redirect::Policy;
use session_http::client::ProofSigner;
use std::error::Error;

/// Writes a note to the server on port 3000 of this machine.
#[tokio::main]
pub async fn main() -> Result<(), Box<dyn Error>> {
    println!(
        "{}",
        call("http://localhost:3000", &["app://notes/write"]).await?
    );
    Ok(())
}

/// Gets a session for these resources, and writes a note with it.
pub async fn call(origin: &str, resources: &[&str]) -> Result<String, Box<dyn Error>> {
    // a throw-away wallet; `EthereumAuth` takes any other signer
    let wallet = EthereumWallet::generate(&"eip155:1".parse()?)?;
    let sessions = Sessions::new(MemoryStore::new(), Provers::none().with(Eip191)?);
    // the domain is the server's, to the letter
    let request = Request::new("localhost", resources.iter().copied());
    let session = sessions.get(&wallet, &request).await?; // the wallet signs here, once

    // each proof is for one URL, so that no redirect may be followed
    let http = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()?;
    let signer = ProofSigner::new(session);
    let note = http::Request::post(format!("{origin}/notes"))
        .header("content-type", "text/plain; charset=utf-8")
        .body(b"hello".to_vec())?;
    // proves the request and sends it; registers the capability when the server asks for it
    let response = signer.send(&http, note).await?;
    let (status, text) = (response.status(), String::from_utf8(response.into_body())?);
    if !status.is_success() {
        return Err(format!("{status}: {text}").into());
    }
    Ok(text)
}
// ANCHOR_END: program
