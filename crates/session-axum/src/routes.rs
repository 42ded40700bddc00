//! The routes that manage sessions: challenge, login, registration, devices, logout.

use crate::content::{Limits, read};
use crate::extract::Caller;
use crate::layer::{SessionLayer, refuse_with_nonce, target};
use crate::response::{count, expose, is_of_a_page, put_nonce};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use session_http::{
    ContentCheck, Expected, Logout, MAX_CAR_LEN, Refusal, Registered, Registering, Route, Server,
    UnixTime,
};

/// The routes that manage sessions; `nest` them at `/session`, where clients look for them.
///
/// | route | |
/// |---|---|
/// | `POST /challenge` | a challenge for a session key, `{"key": "did:key:…"}` |
/// | `POST /login` | the content is a capability (CAR) that answers a challenge |
/// | `POST /capability` | the content is a capability (CAR) that a session has |
/// | `GET /devices` | the sessions of the caller's issuer |
/// | `POST /logout` | ends the session of the caller |
/// | `POST /logout/others` | the content is a revocation statement that names sessions |
/// | `POST /logout/all` | the content is a revocation statement about all until a time |
///
/// The last four accept only proofs with a nonce.
pub fn routes<S: Clone + Send + Sync + 'static>(server: &Server) -> Router<S> {
    let managing = Router::new()
        .route("/devices", get(devices))
        .route("/logout", post(log_out))
        .route("/logout/others", post(log_out_others))
        .route("/logout/all", post(log_out_all))
        .layer(
            SessionLayer::new(server.clone())
                .with_nonce_required()
                .with_content_limit(MAX_STATEMENT_LEN),
        );
    Router::new()
        .route("/challenge", post(challenge))
        .route("/login", post(log_in))
        .route("/capability", post(register))
        .merge(managing)
        .with_state(server.clone())
}

const MAX_STATEMENT_LEN: usize = 16 << 10;

#[derive(Deserialize)]
struct Asked {
    key: String,
}

async fn challenge(State(server): State<Server>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let made = async {
        let check = ContentCheck::new(Expected::Anything);
        let content = read(body, check, Limits::with_bytes(1024)).await?;
        let asked: Asked = serde_json::from_slice(&content)
            .map_err(|_| Refusal::InvalidRequest("the content is not {\"key\": …}"))?;
        server.challenge(&asked.key)
    };
    let answer = made.await.map(|challenge| {
        json!({
            "challenge": challenge.challenge,
            "domain": challenge.domain,
            "expires_at": seconds(challenge.until),
        })
    });
    respond(&server, &parts, answer, None)
}

async fn log_in(State(server): State<Server>, request: Request) -> Response {
    registering(server, request, true).await
}

async fn register(State(server): State<Server>, request: Request) -> Response {
    registering(server, request, false).await
}

async fn registering(server: Server, request: Request, is_login: bool) -> Response {
    let (parts, body) = request.into_parts();
    let mut nonce = None;
    let answer = take(&server, &parts, body, is_login, &mut nonce).await;
    let answer = answer.map(|registered| {
        let payload = registered.capability().payload();
        json!({
            "issuer": payload.issuer().normalized().did(),
            "identity": registered.capability().cacao().identity().to_string(),
            "expires_at": payload.expires_at().map(|exp| seconds(exp.unix_time())),
        })
    });
    respond(&server, &parts, answer, nonce.as_deref())
}

async fn take(
    server: &Server,
    parts: &Parts,
    body: Body,
    is_login: bool,
    nonce: &mut Option<String>,
) -> Result<Registered, Refusal> {
    let from: Registering = server
        .judge_registration(parts, &target(parts), Route::new())
        .await?;
    *nonce = from.nonce().map(str::to_owned);
    let car = read(body, from.content_check(), Limits::with_bytes(MAX_CAR_LEN)).await?;
    let registered = match is_login {
        true => server.log_in(&from, &car).await?,
        false => server.register(&from, &car).await?,
    };
    let capability = registered.capability().cacao();
    tracing::info!(
        issuer = %capability.payload().issuer().normalized(),
        identity = %capability.identity(),
        "a session {}",
        if is_login { "logged in" } else { "was registered" }
    );
    Ok(registered)
}

async fn devices(State(server): State<Server>, caller: Caller, parts: Parts) -> Response {
    let answer = server.devices(&caller).await.map(|listed| {
        let devices = listed.iter().map(|listed| {
            let device = &listed.device;
            json!({
                "identity": device.identity().to_string(),
                "key": device.key(),
                "issued_at": seconds(device.issued_at()),
                "expires_at": device.expires_at().map(seconds),
                "logged_in_at": seconds(device.seen_at()),
                "is_current": listed.is_current,
            })
        });
        json!({ "devices": devices.collect::<Vec<_>>() })
    });
    respond(&server, &parts, answer, None)
}

async fn log_out(State(server): State<Server>, caller: Caller, parts: Parts) -> Response {
    let answer = server.log_out(&caller).await.map(|()| Value::Null);
    respond(&server, &parts, answer, None)
}

async fn log_out_others(server: State<Server>, caller: Caller, request: Request) -> Response {
    log_out_by(server, caller, request, Logout::Others).await
}

async fn log_out_all(server: State<Server>, caller: Caller, request: Request) -> Response {
    log_out_by(server, caller, request, Logout::All).await
}

async fn log_out_by(
    State(server): State<Server>,
    caller: Caller,
    request: Request,
    what: Logout,
) -> Response {
    let (parts, body) = request.into_parts();
    let ended = async {
        let check = ContentCheck::new(Expected::Anything);
        let content = read(body, check, Limits::with_bytes(MAX_STATEMENT_LEN)).await?;
        let statement = std::str::from_utf8(&content)
            .map_err(|_| Refusal::InvalidRequest("the content is not a statement"))?;
        server.log_out_by(&caller, statement, what).await
    };
    let answer = ended.await.map(|()| Value::Null);
    respond(&server, &parts, answer, None)
}

/// An answer as JSON, or nothing where there is nothing to say; a refusal as a problem.
fn respond(
    server: &Server,
    parts: &Parts,
    answer: Result<Value, Refusal>,
    nonce: Option<&str>,
) -> Response {
    let mut response = match answer {
        Ok(Value::Null) => StatusCode::NO_CONTENT.into_response(),
        Ok(value) => {
            let json = HeaderValue::from_static("application/json");
            ([(CONTENT_TYPE, json)], value.to_string()).into_response()
        }
        Err(refusal) => refuse_with_nonce(server, parts, &refusal).into_response(),
    };
    if response.status().is_success() {
        count("managed");
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    put_nonce(headers, nonce);
    if is_of_a_page(&parts.headers) {
        expose(headers);
    }
    response
}

/// Whole seconds since the epoch.
fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}
