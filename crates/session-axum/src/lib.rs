//! For servers to which every request proves its DID session: a layer for `tower`, and for `axum`
//! the extractor [`Caller`], requirements of routes, and the routes that manage sessions.
//!
#![cfg_attr(feature = "axum", doc = "```")]
#![cfg_attr(not(feature = "axum"), doc = "```ignore")]
//! use axum::Router;
//! use axum::routing::{get, post};
//! use session_axum::{Caller, SessionLayer, require, routes};
//! use session_http::Server;
//!
//! async fn whoami(caller: Caller) -> String {
//!     caller.issuer().did()
//! }
//!
//! async fn write(caller: Caller, content: String) -> String {
//!     format!("{} wrote {content}", caller.issuer())
//! }
//!
//! fn app(server: &Server) -> Router {
//!     Router::new()
//!         .route("/whoami", get(whoami))
//!         .route("/notes/{id}", post(write).layer(require("app://notes/{id}/write")))
//!         .layer(SessionLayer::new(server.clone()))
//!         .nest("/session", routes(server))
//! }
//! ```
//!
//! The layer reads the content of a request, and compares it with what was signed before the
//! handler sees any of it. It must see each request as the client sent it: put it outside of layers
//! that decompress content or rewrite paths. It may be inside of `nest` of `axum`.
//!
//! # What operators see
//! Handlers run in a span `session` of `tracing`, with the fields `issuer` (a DID) and `identity`
//! (the CID by which the session is revoked). Logins and registrations are events with the same
//! fields. Refusals and acceptances are events of the level `DEBUG`, with their `code`. A store that
//! fails is an event of the level `ERROR`. With the feature `metrics` the counter `did_session_requests_total` counts
//! by `code`: the codes of `docs/http.md`, `accepted` (by the layer) and `managed` (by the routes
//! that manage sessions). No event and no counter shows a proof, a nonce or a capability.
//!
//! Without the feature `axum` there is only [`SessionLayer`], for any service of `tower`; handlers
//! find a [`session_http::Caller`] among the extensions of the request.
#![forbid(unsafe_code)]

mod content;
#[cfg(feature = "axum")]
mod extract;
mod layer;
mod require;
mod response;
#[cfg(feature = "axum")]
mod routes;

pub use content::ProvenBody;
#[cfg(feature = "axum")]
pub use extract::{Caller, Refused};
pub use layer::{SessionLayer, SessionService};
#[cfg(feature = "axum")]
pub use require::require;
pub use require::{RequireLayer, RequireService};
#[cfg(feature = "axum")]
pub use routes::routes;
pub use session_http;

use std::future::Future;
use std::pin::Pin;

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The examples of the README are compiled, too.
#[cfg(all(doctest, feature = "axum", feature = "memory"))]
#[doc = include_str!("../README.md")]
struct Readme;
