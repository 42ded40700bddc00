//! Wallets: a secret key in a file, or a program that signs.

use async_trait::async_trait;
use did_session::cacao::{AccountId, Cacao, ChainId, Issuer, MAX_SIGNATURE_LEN, solana, tezos};
use did_session::{
    AnyAccountAuth, AuthError, AuthMethod, EthereumAuth, EthereumWallet, Pending, SolanaWallet,
    StacksWallet, TezosWallet,
};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};
use crate::input::Input;
use crate::nodes::NodeArgs;

/// In front of a program's name.
const EXEC: &str = "exec:";
/// Most bytes that a program's answer may have: `0x` and the hex of the longest signature.
const MAX_ANSWER: u64 = 2 * MAX_SIGNATURE_LEN as u64 + 4;

/// An account that can be asked to sign; remembers whether it was.
pub(crate) struct Wallet {
    auth: Box<dyn AuthMethod>,
    asked: AtomicBool,
}

/// A program, and its arguments.
#[derive(Debug)]
struct Program {
    name: String,
    arguments: Vec<String>,
}

/// Why a program did not sign, though nobody declined.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WalletError {
    /// It cannot be started.
    #[error("cannot start {program}")]
    Start {
        program: String,
        source: std::io::Error,
    },
    /// It cannot be talked to.
    #[error("cannot talk to {program}")]
    Talk {
        program: String,
        source: std::io::Error,
    },
    /// It answers something else than a signature. The answer is not quoted: it may be a secret.
    #[error("{program} did not answer with {expected}")]
    Answer {
        program: String,
        expected: &'static str,
    },
}

impl WalletError {
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Start { .. } => Exit::Input,
            Self::Talk { .. } => Exit::Store,
            Self::Answer { .. } => Exit::No,
        }
    }
}

impl Wallet {
    /// A wallet as the arguments name it: `FILE`, `-` or `exec:PROGRAM`. What a program signs may
    /// be for a contract where there are nodes to ask it through.
    pub(crate) fn open(
        wallet: &str,
        chain: Option<&ChainId>,
        account: Option<&AccountId>,
        nodes: &NodeArgs,
    ) -> Result<Self, Failure> {
        check_chain(chain, account)?;
        let auth = match wallet.strip_prefix(EXEC) {
            Some(program) => {
                let account = account.ok_or_else(|| {
                    Failure::usage("--account is required where the wallet is a program")
                })?;
                remote(Program::parse(program)?, account, nodes)?
            }
            None => local(wallet, chain, account)?,
        };
        Ok(Self {
            auth,
            asked: AtomicBool::new(false),
        })
    }

    /// Whether it was asked to sign.
    pub(crate) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl AuthMethod for Wallet {
    fn issuer(&self) -> &Issuer {
        self.auth.issuer()
    }

    async fn authorize(&self, pending: &Pending) -> Result<Cacao, AuthError> {
        self.asked.store(true, Ordering::Relaxed);
        self.auth.authorize(pending).await
    }
}

/// An Ethereum account whose signer is a program: a key's, or a contract's where it can be asked.
fn remote(
    program: Program,
    account: &AccountId,
    nodes: &NodeArgs,
) -> Result<Box<dyn AuthMethod>, Failure> {
    let program = Arc::new(program);
    let sign = move |text: String, expected: Expected| {
        let program = Arc::clone(&program);
        async move {
            let signed = tokio::task::spawn_blocking(move || program.sign(&text, expected)).await;
            signed.map_err(AuthError::failed)?
        }
    };
    let auth: Result<Box<dyn AuthMethod>, AuthError> = if nodes.has_node_for(account) {
        AnyAccountAuth::new(account, move |text| sign(text, Expected::Hex)).map(boxed)
    } else {
        EthereumAuth::new(account, move |text| {
            let signed = sign(text, Expected::Key);
            async move {
                let length = "a signature of 65 bytes";
                let bytes = <[u8; 65]>::try_from(signed.await?);
                bytes.map_err(|_| AuthError::failed(length))
            }
        })
        .map(boxed)
    };
    auth.map_err(|error| Failure::usage("--account").caused_by(&error))
}

/// The chain stands in the account, too.
fn check_chain(chain: Option<&ChainId>, account: Option<&AccountId>) -> Result<(), Failure> {
    match (chain, account) {
        (Some(chain), Some(account))
            if (chain.namespace(), chain.reference())
                != (account.namespace(), account.reference()) =>
        {
            let line = format!("--chain {chain} is not the chain of --account {account}");
            Err(Failure::usage(line))
        }
        _ => Ok(()),
    }
}

/// The wallet of the secret key in a file, on the chain that was named; unless one was, that of
/// the account, or the main chain of those that have such files.
fn local(
    file: &str,
    chain: Option<&ChainId>,
    account: Option<&AccountId>,
) -> Result<Box<dyn AuthMethod>, Failure> {
    let input = Input::read(file)?;
    input.warn_if_exposed();
    let malformed =
        |line: &'static str| Failure::input("malformed_wallet", line).about(input.name());
    let text = input
        .text()
        .ok_or_else(|| malformed("a wallet file holds one line of text"))?;
    let chain = match (chain, account) {
        (Some(chain), _) => chain.clone(),
        (None, Some(account)) => {
            format!("{}:{}", account.namespace(), account.reference()).parse()?
        }
        (None, None) => main_chain(text).parse()?,
    };
    let wallet: Result<Box<dyn AuthMethod>, AuthError> = match chain.namespace() {
        "solana" => SolanaWallet::from_keypair_file(text, &chain).map(boxed),
        "tezos" => TezosWallet::from_edsk(text, &chain).map(boxed),
        "stacks" => StacksWallet::from_private_key(text, &chain).map(boxed),
        _ => {
            let secret = hex_secret(text).ok_or_else(|| {
                malformed("a wallet file holds 64 hex digits on one line, 0x in front or not")
            })?;
            EthereumWallet::from_secret(&secret, &chain).map(boxed)
        }
    };
    let wallet = wallet
        .map_err(|error| Failure::input("malformed_wallet", input.name()).caused_by(&error))?;
    check_account(wallet.issuer(), account)?;
    Ok(wallet)
}

fn boxed(wallet: impl AuthMethod + 'static) -> Box<dyn AuthMethod> {
    Box::new(wallet)
}

/// The chain of a key that says by its form what it is for.
fn main_chain(key: &str) -> &'static str {
    if key.starts_with('[') {
        solana::MAINNET
    } else if key.starts_with("edsk") {
        tezos::MAINNET
    } else {
        "eip155:1"
    }
}

/// 32 bytes of hex, `0x` in front or not.
fn hex_secret(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let hex = text.strip_prefix("0x").unwrap_or(text);
    let mut secret = Zeroizing::new([0_u8; 32]);
    if hex.len() != 64 {
        return None;
    }
    data_encoding::HEXLOWER_PERMISSIVE
        .decode_mut(hex.as_bytes(), secret.as_mut_slice())
        .ok()?;
    Some(secret)
}

/// The account of a wallet must be the one that was named, if one was.
fn check_account(issuer: &Issuer, named: Option<&AccountId>) -> Result<(), Failure> {
    match named.filter(|named| issuer.account() != Some(*named)) {
        Some(named) => Err(Failure::usage(format!(
            "the wallet's account is {issuer}, not {named}"
        ))),
        None => Ok(()),
    }
}

impl Program {
    /// A program by its name, which may hold spaces when it is a file; else the arguments follow,
    /// white space between them.
    fn parse(text: &str) -> Result<Self, Failure> {
        let split = |text: &str| text.split_ascii_whitespace().map(str::to_owned).collect();
        let mut words: Vec<String> = if Path::new(text).is_file() {
            vec![text.to_owned()]
        } else {
            split(text)
        };
        if words.is_empty() {
            return Err(Failure::usage("--wallet exec: names no program"));
        }
        Ok(Self {
            name: words.remove(0),
            arguments: words,
        })
    }

    /// Gives the text on standard input; the signature comes on standard output. An exit code
    /// other than 0 means that the user declined.
    fn sign(&self, text: &str, expected: Expected) -> Result<Vec<u8>, AuthError> {
        let program = || self.name.clone();
        let mut child = Command::new(&self.name)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|source| {
                AuthError::failed(WalletError::Start {
                    program: program(),
                    source,
                })
            })?;
        let talk = |source| {
            AuthError::failed(WalletError::Talk {
                program: program(),
                source,
            })
        };
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let talked = std::thread::scope(|scope| {
            // it may answer before it has read everything
            let writer = scope.spawn(|| stdin.map(|mut stdin| stdin.write_all(text.as_bytes())));
            let mut answer = Vec::new();
            if let Some(stdout) = stdout {
                stdout.take(MAX_ANSWER).read_to_end(&mut answer)?;
            }
            match writer.join() {
                // it does not have to read the text
                Ok(Some(Err(error))) if error.kind() != ErrorKind::BrokenPipe => Err(error),
                _ => Ok(answer),
            }
        });
        let ended = child.wait();
        if !ended.map_err(talk)?.success() {
            return Err(AuthError::Declined);
        }
        expected.read(&talked.map_err(talk)?).ok_or_else(|| {
            AuthError::failed(WalletError::Answer {
                program: program(),
                expected: expected.words(),
            })
        })
    }
}

/// What a program is expected to answer.
#[derive(Clone, Copy, Debug)]
enum Expected {
    /// The signature of a key: 65 bytes.
    Key,
    /// Whatever a contract may accept: bytes of any length, and `0x` in front.
    Hex,
}

impl Expected {
    const fn words(self) -> &'static str {
        match self {
            Self::Key => "0x and the 130 hex digits of a signature",
            Self::Hex => "0x and the hex digits of a signature",
        }
    }

    fn read(self, answer: &[u8]) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(answer).ok()?.trim_ascii_end();
        let hex = match (text.strip_prefix("0x"), self) {
            (Some(hex), _) => hex,
            (None, Self::Key) => text,
            (None, Self::Hex) => return None,
        };
        let bytes = data_encoding::HEXLOWER_PERMISSIVE
            .decode(hex.as_bytes())
            .ok()?;
        let fits = match self {
            Self::Key => bytes.len() == 65,
            Self::Hex => bytes.len() <= (MAX_SIGNATURE_LEN - 2) / 2,
        };
        fits.then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_of_keys_are_65_bytes_of_hex() {
        let hex = "ab".repeat(65);
        for text in [
            hex.clone(),
            format!("0x{hex}\n"),
            format!("0x{}", hex.to_uppercase()),
        ] {
            let read = Expected::Key.read(text.as_bytes());
            assert_eq!(read, Some(vec![0xab; 65]), "{text}");
        }
        for text in ["", "0x", &hex[2..], "0xzz", &format!("{hex} {hex}")] {
            assert_eq!(Expected::Key.read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn signatures_for_contracts_are_hex_after_0x() {
        assert_eq!(Expected::Hex.read(b"0x\n"), Some(Vec::new()));
        assert_eq!(Expected::Hex.read(b"0xABcd"), Some(vec![0xab, 0xcd]));
        for text in ["", "abcd", "0xabc", "0xzz"] {
            assert_eq!(Expected::Hex.read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn arguments_follow_a_program() {
        let program = Program::parse("wallet --key  k.hex").unwrap();
        assert_eq!(program.name, "wallet");
        assert_eq!(program.arguments, ["--key", "k.hex"]);
        assert!(Program::parse(" ").is_err());
    }
}
