//! The store that the commands work on, and the runtime that its calls need.

use did_session::cacao::{Policy, Provers};
use did_session::didkey::Ed25519SigningKey;
use did_session::store::{FsRevocations, FsStore};
use did_session::{Context, SessionStore, Sessions};
use std::sync::Arc;
use std::time::Duration;

use crate::args::{Globals, ProfileArg};
use crate::failure::Failure;
use crate::output;
use crate::place;
pub(crate) use crate::runtime::block_on;
use crate::seal;

/// A directory, sealed or not.
pub(crate) type Store = Arc<dyn SessionStore<Key = Ed25519SigningKey>>;

/// Opens a profile of the store that the arguments name, or of the user's own.
pub(crate) fn open_profile(
    globals: &Globals,
    argument: &ProfileArg,
) -> Result<Sessions<Store>, Failure> {
    open_observed(globals, argument, |context| context)
}

/// As [`open_profile`], by a context that tells somebody what happens.
pub(crate) fn open_observed(
    globals: &Globals,
    argument: &ProfileArg,
    observe: impl FnOnce(Context) -> Context,
) -> Result<Sessions<Store>, Failure> {
    let sessions = open_with(globals, observe)?;
    Ok(match &argument.profile {
        Some(profile) => sessions.with_profile(profile.clone()),
        None => sessions,
    })
}

/// Opens the store that the arguments name, or the user's own; a sealed one by the key that they
/// name, or by a passphrase that is asked for.
pub(crate) fn open(globals: &Globals) -> Result<Sessions<Store>, Failure> {
    open_with(globals, |context| context)
}

/// Opens the store for commands that list or remove sessions and read none: a sealed one
/// without its key, unless one is named.
pub(crate) fn open_unread(globals: &Globals) -> Result<Sessions<Store>, Failure> {
    if globals.seal.is_given() {
        return open(globals);
    }
    let files = files(globals)?;
    let context = context(globals)?.with_revocations(FsRevocations::open(files.directory()));
    let store: Store = Arc::new(files);
    Ok(Sessions::with_context(store, context))
}

/// Opens the store to list what lies in it, entry by entry, also if its seal cannot be read: that is
/// said, and what is sealed counts as unreadable. If nothing can be listed either, the failure is
/// told once.
pub(crate) fn open_to_list(globals: &Globals) -> Result<Sessions<Store>, Failure> {
    match open(globals) {
        Err(failure) if !globals.seal.is_given() && seal::is_unreadable(&files(globals)?) => {
            let unread = open_unread(globals)?;
            if block_on(async { Ok(unread.list().await?) }).is_err() {
                return Err(failure);
            }
            output::complain(&failure);
            Ok(unread)
        }
        opened => opened,
    }
}

fn open_with(
    globals: &Globals,
    observe: impl FnOnce(Context) -> Context,
) -> Result<Sessions<Store>, Failure> {
    let files = files(globals)?;
    let context = context(globals)?.with_revocations(FsRevocations::open(files.directory()));
    let context = observe(context);
    let store: Store = match seal::open(&files, &globals.seal)? {
        Some(sealed) => Arc::new(sealed),
        None => Arc::new(files),
    };
    Ok(Sessions::with_context(store, context))
}

/// Carries out what may ask the contract of an issuer through a node; says so if that takes
/// long.
pub(crate) fn run<T>(
    globals: &Globals,
    command: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let _waiting = globals.nodes.waiting();
    block_on(command)
}

/// The directory that the arguments name, or the user's own.
pub(crate) fn files(globals: &Globals) -> Result<FsStore, Failure> {
    place::files(globals.store.as_deref())
}

/// By what sessions are judged: by every prover that is compiled in, since the user's own wallets
/// may be of any chain.
pub(crate) fn context(globals: &Globals) -> Result<Context, Failure> {
    let provers = Provers::all_compiled_in().with_contracts(globals.nodes.contracts())?;
    let context = Context::with_system_clock(provers).with_own_store();
    Ok(match globals.nodes.rpc()? {
        None => context,
        // a user who names a node wants to know what the contract says now
        Some(rpc) => context
            .with_policy(Policy::default().with_max_contract_age(Duration::ZERO))
            .with_rpc(rpc),
    })
}
