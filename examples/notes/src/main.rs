//! A notes service: people log in by their wallet, and every request of their browser proves the
//! session that the wallet granted. See the README beside this package.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a program says where it listens")]

mod app;
mod events;
mod notes;
mod page;
#[cfg(feature = "postgres")]
mod shared_postgres;
#[cfg(feature = "redis")]
mod shared_redis;
mod sign_in;
#[cfg(test)]
mod tests;

use anyhow::{Context as _, Result};
use cacao::Provers;
use cacao::eip191::Eip191;
use cacao::solana::SolanaEd25519;
use clap::Parser;
use session_core::{Clock, Context, SystemClock};
use session_http::{Secret, Server, State};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::TcpListener;

use crate::app::App;
use crate::notes::{MemoryNotes, SharedNotes};

/// A notes service whose every request proves a session.
#[derive(Debug, Parser)]
#[command(name = "notes", version)]
struct Args {
    /// Where to listen. Given twice, two instances run in this process over the same memory
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: Vec<SocketAddr>,
    /// What browsers call this service; `http://localhost` and the port when left out
    #[arg(long, value_name = "URL")]
    origin: Vec<String>,
    /// For which domain people sign in; that of the first origin when left out
    #[arg(long)]
    domain: Option<String>,
    /// How long a session lasts, in minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=10_080))]
    lifetime: u32,
    /// A file with 64 hexadecimal digits that only the instances of this service know
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
    /// The Redis or Valkey in which all instances keep what they share
    #[cfg(feature = "redis")]
    #[arg(long, value_name = "URL", requires = "secret")]
    redis: Option<String>,
    /// The PostgreSQL in which all instances keep what they share
    #[cfg(feature = "postgres")]
    #[arg(long, value_name = "URL", requires = "secret")]
    #[cfg_attr(feature = "redis", arg(conflicts_with = "redis"))]
    postgres: Option<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let mut listeners = Vec::new();
    for address in &args.listen {
        let listener = TcpListener::bind(address).await;
        listeners.push(listener.with_context(|| format!("cannot listen on {address}"))?);
    }
    let origins = origins(&args, &listeners)?;
    let domain = match &args.domain {
        Some(domain) => domain.clone(),
        None => authority(origins.first().map(String::as_str)).to_owned(),
    };
    let secret = secret(args.secret.as_deref())?;
    let (state, notes) = shared(&args).await?;
    let mut instances = Vec::new();
    for (listener, place) in listeners.into_iter().zip(&origins) {
        // a process of its own would have all of this for itself, but for the state and the secret
        let server = server(&domain, &origins, secret.clone(), state.clone())?;
        let lifetime = Duration::from_secs(u64::from(args.lifetime) * 60);
        let app = App::new(server, notes.clone(), &origins, lifetime);
        println!("Notes at {place}");
        instances.push(tokio::spawn(async move {
            axum::serve(listener, app::router(&app)).await
        }));
    }
    for instance in instances {
        instance.await??;
    }
    Ok(())
}

/// What all instances share. In memory these are the instances of this process.
#[cfg_attr(
    not(any(feature = "postgres", feature = "redis")),
    expect(unused_variables, reason = "no store is built in")
)]
async fn shared(args: &Args) -> Result<(State, SharedNotes)> {
    #[cfg(feature = "redis")]
    if let Some(url) = &args.redis {
        return shared_redis::open(url).await;
    }
    #[cfg(feature = "postgres")]
    if let Some(url) = &args.postgres {
        return shared_postgres::open(url).await;
    }
    let state = State::in_memory(SystemClock.now())?;
    Ok((state, SharedNotes::new(MemoryNotes::default())))
}

fn server(domain: &str, origins: &[String], secret: Secret, state: State) -> Result<Server> {
    // who may log in: accounts of Ethereum, by any wallet, and of Solana, for the demo wallet
    let provers = Provers::none().with(Eip191)?.with(SolanaEd25519)?;
    let context = Context::with_system_clock(provers.with_memory(10_000));
    let mut builder = Server::builder(domain, &context, state).with_secret(secret);
    for origin in origins {
        builder = builder.with_origin(origin)?;
    }
    Ok(builder.build()?)
}

fn origins(args: &Args, listeners: &[TcpListener]) -> Result<Vec<String>> {
    if !args.origin.is_empty() {
        return Ok(args.origin.clone());
    }
    let of = |listener: &TcpListener| -> Result<String> {
        Ok(format!(
            "http://localhost:{}",
            listener.local_addr()?.port()
        ))
    };
    listeners.iter().map(of).collect()
}

/// Host and port of an origin.
fn authority(origin: Option<&str>) -> &str {
    let origin = origin.unwrap_or_default();
    origin.split_once("://").map_or(origin, |(_, rest)| rest)
}

/// The secret under which challenges and nonces are issued.
fn secret(file: Option<&Path>) -> Result<Secret> {
    let mut bytes = [0; 32];
    match file {
        None => getrandom::fill(&mut bytes)?,
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            let read = data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes())?;
            let read: Result<[u8; 32], _> = read.try_into();
            bytes = read.ok().context("a secret has 64 hexadecimal digits")?;
        }
    }
    Ok(Secret::new(bytes))
}
