//! The whole server of the page "On a server".

include!(concat!(env!("OUT_DIR"), "/server-1.rs"));

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
