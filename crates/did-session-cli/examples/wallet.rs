//! A wallet for `login --wallet exec:wallet`, as the tests use it: signs what comes on standard
//! input with the secret in a file, and answers on standard output.
//!
//! `wallet SECRET-FILE [--log FILE] [--until FILE] [--decline]`: `--log` adds a line to a file
//! when it is asked, `--until` waits until a file is there, `--decline` says no.

use did_session::EthereumWallet;
use std::error::Error;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let secret = arguments
        .next()
        .ok_or("the file with the secret is missing")?;
    let (mut log, mut until, mut decline) = (None, None, false);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--log" => log = arguments.next().map(PathBuf::from),
            "--until" => until = arguments.next().map(PathBuf::from),
            "--decline" => decline = true,
            other => return Err(format!("unknown argument {other}").into()),
        }
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    if let Some(log) = log {
        let mut log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)?;
        log.write_all(b"asked\n")?;
    }
    if let Some(until) = until {
        // a minute, in case nobody ever says so
        for _ in 0..3000 {
            if until.exists() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    if decline {
        return Ok(ExitCode::FAILURE);
    }
    let hex = std::fs::read_to_string(secret)?;
    let bytes = data_encoding::HEXLOWER.decode(hex.trim_end().as_bytes())?;
    let bytes: [u8; 32] = bytes
        .try_into()
        .map_err(|_| "the secret has not 32 bytes")?;
    let wallet = EthereumWallet::from_secret(&bytes, &"eip155:1".parse()?)?;
    let signature = data_encoding::HEXLOWER.encode(&wallet.personal_sign(text.as_bytes()));
    writeln!(std::io::stdout(), "0x{signature}")?;
    Ok(ExitCode::SUCCESS)
}
