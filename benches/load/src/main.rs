//! `load`: what it costs a server that every request proves a session, beside the same server
//! without a proof, beside the raw signature check, and beside others. Everything is on loopback,
//! and bounded by a number of requests. `cargo xtask load` builds and runs it.
#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

mod bench;
mod client;
mod process;
mod rows;
mod scaling;
mod serve;
mod shared;
mod show;
mod soak;
mod traffic;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Parser)]
#[command(version, about)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves every kind of request, until it is ended
    Serve {
        /// Runs on this core and no other
        #[arg(long)]
        core: usize,
        /// The Redis in which cookie sessions are kept
        #[arg(long)]
        redis: Option<u16>,
    },
    /// Measures all rows, in turn, several times
    Bench {
        /// How often; the round of which a tenth took less CPU counts
        #[arg(long, default_value_t = 400)]
        rounds: usize,
        /// Requests of one kind in one round
        #[arg(long, default_value_t = 400)]
        requests: usize,
        /// This kind of request alone, such as `proof`; may be given more than once
        #[arg(long)]
        only: Vec<String>,
        /// Measured elsewhere: `H6=479`
        #[arg(long)]
        known: Vec<String>,
        /// Where the result goes, as JSON
        #[arg(long)]
        json: PathBuf,
    },
    /// Half of the peak for some minutes: memory stays flat, nothing fails
    Soak {
        #[arg(long, default_value_t = 10.0)]
        minutes: f64,
    },
}

fn main() -> Result<()> {
    match Args::parse().command {
        Command::Serve { core, redis } => {
            process::pin(core)?;
            process::run(serve::serve(redis))
        }
        Command::Bench {
            rounds,
            requests,
            only,
            known,
            json,
        } => {
            process::pin(process::CLIENT)?;
            let effort = bench::Effort {
                rounds,
                requests,
                only,
            };
            process::run(bench::bench(effort, &known, &json))
        }
        Command::Soak { minutes } => {
            process::pin(process::CLIENT)?;
            process::run(soak::soak(Duration::from_secs_f64(minutes * 60.0)))
        }
    }
}
