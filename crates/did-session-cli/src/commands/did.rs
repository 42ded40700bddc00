//! `did resolve` and `did new`.

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use did_session::didkey::{
    DidDocument, DidKey, Ed25519SigningKey, P256SigningKey, Profile, Secp256k1SigningKey,
};
use serde::Serialize;
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

use crate::args::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Answer;
use crate::value::WORD;

/// Make a did:key, or print its DID document.
#[derive(Debug, Subcommand)]
pub(crate) enum Did {
    Resolve(Resolve),
    New(New),
}

impl Did {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        match self {
            Self::Resolve(command) => command.run(globals),
            Self::New(command) => command.run(globals),
        }
    }
}

/// Print the DID document of a did:key.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session did resolve \\
      did:key:z6MksFbF9EwLtgULXutkTTihLF2kSbWpQQzJziffm2bJKYc3
  did-session did resolve --profile peer \\
      did:key:z6MksFbF9EwLtgULXutkTTihLF2kSbWpQQzJziffm2bJKYc3")]
pub(crate) struct Resolve {
    /// A did:key, or a DID URL of one.
    #[arg(value_parser = WORD)]
    did: String,
    /// The form of the document.
    #[arg(long, value_enum, default_value_t = ProfileName::Multikey)]
    profile: ProfileName,
}

/// The forms in use.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProfileName {
    /// As the JavaScript resolver writes it: the suites of 2018 and 2019, and `JsonWebKey2020`.
    Peer,
    /// As the current specification has it: `Multikey`.
    Multikey,
}

impl Resolve {
    fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let profile = match self.profile {
            ProfileName::Peer => Profile::Peer,
            ProfileName::Multikey => Profile::Multikey,
        };
        let document = DidDocument::resolve(&self.did, profile).map_err(|error| {
            let failure = Failure::from(error);
            // what is not a DID is not repeated: it may be a secret, given by mistake
            if self.did.starts_with("did:") {
                failure.about(&self.did)
            } else {
                failure
            }
        })?;
        let rendered = if globals.json {
            serde_json::to_string(&document)
        } else {
            serde_json::to_string_pretty(&document)
        };
        let text = rendered.map_err(|error| {
            Failure::io("the document cannot be written as JSON").caused_by(&error)
        })?;
        Ok(Answer::text(Exit::Yes, Zeroizing::new(text)))
    }
}

/// Make a new did:key.
///
/// Its secret key is thrown away unless --out names a file for it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session did new
  did-session did new --type p256 --out key.hex")]
pub(crate) struct New {
    /// The kind of key.
    #[arg(long = "type", value_enum, default_value_t = KeyKind::Ed25519)]
    kind: KeyKind,
    /// Write the secret key, 64 hex digits, to a new file that only its owner can read.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
}

/// The kinds of key that sign.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum KeyKind {
    /// Ed25519, the kind of session keys.
    Ed25519,
    /// NIST P-256.
    P256,
    /// The curve of Ethereum.
    Secp256k1,
}

#[derive(Serialize)]
struct Made {
    did: DidKey,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.did.fmt(f)
    }
}

impl New {
    fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let (did, seed) = self
            .generate()
            .map_err(|error| Failure::io("no key could be made").caused_by(&error))?;
        if let Some(path) = &self.out {
            write_secret(path, &seed)?;
        }
        let made = Made {
            kind: did.key_type().name(),
            did,
            file: self.out.as_ref().map(|path| path.display().to_string()),
        };
        Ok(Answer::new(Exit::Yes, globals.json, &made))
    }

    fn generate(&self) -> Result<(DidKey, Zeroizing<[u8; 32]>), did_session::didkey::Error> {
        Ok(match self.kind {
            KeyKind::Ed25519 => {
                let key = Ed25519SigningKey::generate()?;
                (key.did_key().clone(), key.to_seed())
            }
            KeyKind::P256 => {
                let key = P256SigningKey::generate()?;
                (key.did_key().clone(), key.to_seed())
            }
            KeyKind::Secp256k1 => {
                let key = Secp256k1SigningKey::generate()?;
                (key.did_key().clone(), key.to_seed())
            }
        })
    }
}

/// Writes a seed to a file that must not exist yet, readable by its owner only.
fn write_secret(path: &Path, seed: &[u8; 32]) -> Result<(), Failure> {
    let mut text = Zeroizing::new(String::with_capacity(65));
    data_encoding::HEXLOWER.encode_append(seed, &mut text);
    text.push('\n');
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| Failure::cannot_write(path, &error))
}
