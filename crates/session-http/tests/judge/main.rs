//! What a server says of requests, logins and logouts: rules that no vector can show. The tests of
//! `session-axum` send the same as attacks over HTTP.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod kept;
mod life;
mod rules;
mod world;
