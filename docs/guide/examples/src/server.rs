//! The whole server of the page "On a server".

// ANCHOR: program
use axum::Router;
use axum::routing::{get, post};
use did_session::cacao::{Provers, eip191::Eip191};
use did_session::{Clock, Context, SystemClock};
use session_axum::{Caller, SessionLayer, require, routes};
use session_http::{Server, State};
use std::error::Error;

/// Listens on port 3000 of this machine.
#[tokio::main]
pub async fn main() -> Result<(), Box<dyn Error>> {
    let server = server("http://localhost:3000")?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app(&server)).await?;
    Ok(())
}

/// Whom the server trusts, for which site, and where it keeps what it must remember.
fn server(origin: &str) -> Result<Server, Box<dyn Error>> {
    // the signatures of Ethereum accounts count, and no others
    let provers = Provers::none().with(Eip191)?.with_memory(10_000);
    let context = Context::with_system_clock(provers);
    // in the memory of this process; "Operate" says how several processes share it
    let state = State::in_memory(SystemClock.now())?;
    // sessions must be signed for the domain `localhost`, requests must be for this origin
    let builder = Server::builder("localhost", &context, state);
    Ok(builder.with_origin(origin)?.build()?)
}

/// Every route but those of `/session` takes requests that prove their session.
fn app(server: &Server) -> Router {
    Router::new()
        .route("/whoami", get(whoami))
        .route("/notes", post(write).layer(require("app://notes/write")))
        .layer(SessionLayer::new(server.clone()))
        .nest("/session", routes(server))
}

async fn whoami(caller: Caller) -> String {
    caller.issuer().did()
}

async fn write(caller: Caller, note: String) -> String {
    format!("{} wrote {note:?}", caller.issuer().did())
}
// ANCHOR_END: program

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::client;

    /// Serves on a free port; answers the origin.
    async fn serve() -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let app = app(&server(&origin).unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        origin
    }

    #[tokio::test]
    async fn a_request_with_a_proof_is_served_and_one_without_is_refused() {
        let origin = serve().await;
        let answer = client::call(&origin, &["app://notes/write"]).await.unwrap();
        assert!(answer.starts_with("did:pkh:eip155:1:0x"), "{answer}");
        assert!(answer.ends_with("wrote \"hello\""), "{answer}");

        let refused = client::call(&origin, &["app://notes/read"]).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("insufficient_scope"), "{refused}");

        let bare = reqwest::get(format!("{origin}/whoami")).await.unwrap();
        assert_eq!(bare.status(), 401);
        let field = bare.headers()["www-authenticate"].to_str().unwrap();
        assert_eq!(field, "DIDSession algs=\"EdDSA ES256\"");
    }
}
