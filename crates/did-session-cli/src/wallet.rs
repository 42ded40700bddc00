//! Wallets: a secret key in a file, or a program that signs.

use async_trait::async_trait;
use did_session::cacao::{
    AccountId, Cacao, ChainId, Issuer, Signature, SignatureKind, eip191, solana, tezos,
};
use did_session::{
    AnyAccountAuth, AuthError, AuthMethod, Error, EthereumAuth, EthereumWallet, Pending,
    SessionStore, Sessions, Slot, SlotId, SolanaWallet, StacksWallet, TezosWallet,
};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::input::Input;
use crate::nodes::NodeArgs;
use crate::output;
use crate::program::{Expected, Program};
use crate::store::Store;
use crate::waiting::Waiting;

/// In front of a program's name.
const EXEC: &str = "exec:";

/// An account that can be asked to sign; remembers whether it was.
pub(crate) struct Wallet {
    auth: Box<dyn AuthMethod>,
    /// Whether what it signs may be for a contract, and nobody could ask it.
    is_without_node: bool,
    asked: AtomicBool,
    /// What is waited for until it is asked.
    waiting: Mutex<Waiting>,
}

impl Wallet {
    /// A wallet as the arguments name it: `FILE`, `-` or `exec:PROGRAM`. What a program signs may
    /// be for a contract if there are nodes through which it can be asked.
    pub(crate) fn open(
        wallet: &str,
        chain: Option<&ChainId>,
        account: Option<&AccountId>,
        nodes: &NodeArgs,
    ) -> Result<Self, Failure> {
        check_chain(chain, account)?;
        let is_without_node =
            wallet.starts_with(EXEC) && account.is_some_and(|account| !nodes.has_node_for(account));
        let auth = match wallet.strip_prefix(EXEC) {
            Some(program) => {
                let account = account.ok_or_else(|| {
                    Failure::usage(
                        "a program does not say whose wallet it is: name the account by --account",
                    )
                })?;
                let program = Program::parse(program).ok_or_else(|| {
                    Failure::usage("--wallet exec: is not followed by the name of a program")
                })?;
                remote(program, account, nodes)?
            }
            None => local(wallet, chain, account)?,
        };
        Ok(Self {
            auth,
            is_without_node,
            asked: AtomicBool::new(false),
            waiting: Mutex::default(),
        })
    }

    /// Does what may ask it to sign; until then, says what is waited for.
    pub(crate) fn after_waiting<T>(&self, what: &str, work: impl FnOnce() -> T) -> T {
        self.wait(Waiting::on(what));
        let done = work();
        self.wait(Waiting::default());
        done
    }

    fn wait(&self, waiting: Waiting) {
        // the lock is held for this line alone, in which nothing panics
        if let Ok(mut before) = self.waiting.lock() {
            *before = waiting;
        }
    }

    /// Refuses to ask it for an account whose stored session, which does not serve any more, was
    /// signed by its contract: nobody could say what the contract thinks of the next one.
    pub(crate) async fn check_node(&self, sessions: &Sessions<Store>) -> Result<(), Failure> {
        if !self.is_without_node || !is_of_contract(sessions, self.issuer()).await? {
            return Ok(());
        }
        let line = "the stored session was signed by the account's contract, which must be asked";
        Err(Failure::usage(line).followed_by(NAME_A_NODE))
    }

    /// What to do about a signature that is not the account's: it may be a contract.
    pub(crate) fn explain(&self, failure: Failure) -> Failure {
        match failure.code() {
            "signature_mismatch" | "chain_unavailable" if self.is_without_node => failure
                .followed_by("if the account is a contract, name a node of its chain by --rpc"),
            _ => failure,
        }
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
        self.wait(Waiting::default());
        self.auth.authorize(pending).await
    }
}

const NAME_A_NODE: &str = "name a node of its chain by --rpc";

/// Whether the stored session of an issuer was signed by a contract, as its record says.
async fn is_of_contract(sessions: &Sessions<Store>, issuer: &Issuer) -> Result<bool, Failure> {
    let slot = SlotId::new(issuer.clone()).with_profile(sessions.profile().clone());
    let stored = sessions.store().load(&slot).await.map_err(Error::from)?;
    let Slot::Record { record, .. } = stored else {
        return Ok(false);
    };
    let kind = record.capability().signature().map(Signature::kind);
    let is_labelled = |kind| [SignatureKind::EIP1271, SignatureKind::EIP6492].contains(kind);
    Ok(record.evidence().is_some() || kind.is_some_and(is_labelled))
}

/// An Ethereum account whose signer is a program: a key's, or a contract's if it can be asked.
fn remote(
    program: Program,
    account: &AccountId,
    nodes: &NodeArgs,
) -> Result<Box<dyn AuthMethod>, Failure> {
    let program = Arc::new(program);
    let sign = move |text: String, expected: Expected| {
        let program = Arc::clone(&program);
        output::note(format_args!("waiting for {} to sign", program.name()));
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
                let bytes = eip191::in_full(&signed.await?);
                bytes.ok_or_else(|| AuthError::failed("a signature of neither 65 nor 64 bytes"))
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
            let line = format!("--chain is {chain}, and --account is of another chain: {account}");
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
    let is_ethereum = chain.is_none_or(|chain| chain.namespace() == "eip155");
    // a new wallet would have another account than the one that is named
    let may_be_new = account.is_none() && is_ethereum && is_missing(file);
    let input = Input::read_secret(file, "secret key of the wallet").map_err(|failure| {
        if may_be_new {
            failure.followed_by(NEW_WALLET)
        } else {
            failure
        }
    })?;
    let malformed =
        |line: &'static str| Failure::input("malformed_wallet", line).about(input.name());
    let text = input
        .text()
        .ok_or_else(|| malformed("is not a valid secret key of a wallet: one line of text"))?;
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
                malformed(
                    "is not a valid secret key of an Ethereum wallet: 64 hex digits on one line, 0x \
                     in front or not",
                )
            })?;
            EthereumWallet::from_secret(&secret, &chain).map(boxed)
        }
    };
    let wallet = wallet
        .map_err(|error| Failure::input("malformed_wallet", input.name()).caused_by(&error))?;
    input.warn_if_exposed();
    check_account(wallet.issuer(), account)?;
    Ok(wallet)
}

const NEW_WALLET: &str =
    "`did-session did new --type secp256k1 --out FILE` makes a new wallet, for Ethereum";

fn is_missing(file: &str) -> bool {
    file != "-" && matches!(Path::new(file).try_exists(), Ok(false))
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
            "the wallet is that of {issuer}, and not of {named}, which was named"
        ))),
        None => Ok(()),
    }
}
