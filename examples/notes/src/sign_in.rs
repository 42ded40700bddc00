//! The sign-in text, composed here so that the page need not know how one is written, and the
//! capability that it becomes once the wallet has signed. Nothing is kept and nothing is decided
//! in this file: the login at `/session/login` judges what comes of it.

use axum::extract::{Json, State};
use axum::http::StatusCode;
use cacao::car::Car;
use cacao::{Issuer, SignedText};
use didkey::DidKey;
use serde::{Deserialize, Serialize};
use session_core::{Clock, Request, SystemClock};

use crate::app::{App, RESOURCES};

type Refused = (StatusCode, String);

#[derive(Deserialize)]
pub(crate) struct Asked {
    /// The session key that the browser made.
    key: String,
    /// The account that the wallet names, by CAIP-10: `eip155:1:0x…`.
    account: String,
}

#[derive(Serialize)]
pub(crate) struct Composed {
    text: String,
    domain: String,
}

/// What the wallet shows and signs: these resources, for this key, until then; the nonce is a
/// challenge of ours.
pub(crate) async fn compose(
    State(app): State<App>,
    Json(asked): Json<Asked>,
) -> Result<Json<Composed>, Refused> {
    let refused = |what: &str| (StatusCode::BAD_REQUEST, format!("the {what} is not valid"));
    let issuer: Issuer = asked.account.parse().map_err(|_| refused("account"))?;
    let key: DidKey = asked.key.parse().map_err(|_| refused("key"))?;
    let challenge = app.server.challenge(&asked.key);
    let challenge = challenge.map_err(|refusal| (refusal.status(), refusal.to_string()))?;
    let request = Request::new(app.server.domain(), RESOURCES)
        .with_statement("Read and write your notes with this browser.")
        .with_nonce(challenge.challenge)
        .with_lifetime(app.lifetime);
    let pending = request.pending(Some(&issuer), &key, SystemClock.now());
    let text = pending.and_then(|pending| pending.text_for(&issuer));
    let text = text.map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    Ok(Json(Composed {
        text,
        domain: challenge.domain,
    }))
}

#[derive(Deserialize)]
pub(crate) struct Signed {
    text: String,
    /// As the wallet gave it.
    signature: String,
}

#[derive(Serialize)]
pub(crate) struct Capability {
    cid: String,
    /// A CAR in base64: the content of the login.
    car: String,
}

/// The signed text in the form of a capability (CACAO, CAIP-74). Nothing is verified yet.
pub(crate) async fn capability(Json(signed): Json<Signed>) -> Result<Json<Capability>, Refused> {
    let capability = SignedText::parse(&signed.text)
        .and_then(|text| text.with_signature_text(&signed.signature))
        .and_then(|signed| signed.to_cacao());
    let capability = capability.map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    let cid = capability.cid();
    let car = Car::new(cid, vec![(cid, capability.to_dag_cbor())]);
    Ok(Json(Capability {
        cid: cid.to_string(),
        car: data_encoding::BASE64.encode(&car.to_bytes()),
    }))
}
