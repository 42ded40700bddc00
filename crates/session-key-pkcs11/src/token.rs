//! An open token: one session with it, which does one thing after the other.

use crate::error::Pkcs11Error;
use crate::objects::{self, KeyId, Pair, Pkcs11Algorithm};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11};
use cryptoki::error::{Error as Cryptoki, RvError};
use cryptoki::session::{Session, SessionState, UserType};
use cryptoki::types::AuthPin;
use didkey::DidKey;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What unlocks a token. It is wiped when it is dropped, and shown nowhere.
pub struct Pin(AuthPin);

impl Pin {
    /// Takes a PIN as the token's own tools take it: UTF-8.
    #[must_use]
    pub fn new(pin: impl Into<Box<str>>) -> Self {
        Self(AuthPin::new(pin.into()))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}

/// A token that is open and logged in to. Clones share it; with the last of them, and of its keys,
/// the session ends.
///
/// Everything is done in one session of the token, one after the other, on threads that may wait
/// (those of the crate `blocking`), so that no executor does. The PIN is not kept.
#[derive(Clone)]
pub struct Pkcs11Token(Arc<Shared>);

struct Shared {
    module: PathBuf,
    context: Pkcs11,
    token: String,
    key_label: String,
    state: Mutex<State>,
    /// What was dropped; it is destroyed when the session is free.
    dropped: Mutex<Vec<Dropped>>,
    /// Keys that are in the token already, or soon, and whose record is being saved. Never held while
    /// the token does something: an executor takes it.
    being_saved: Mutex<Vec<KeyId>>,
}

enum Dropped {
    /// A key that nobody kept.
    Made(u64, Pair),
    /// One use of a key in the token.
    Loaded(KeyId),
}

/// The keys in the token that somebody in the program uses.
#[derive(Default)]
struct Uses {
    /// How often each was loaded.
    loaded: HashMap<KeyId, usize>,
    /// Those whose record was replaced: they are destroyed after their last use.
    replaced: HashSet<KeyId>,
}

struct State {
    /// `None` once the token was lost.
    session: Option<Session>,
    /// How often the token was connected. The handles of one connection mean nothing in another.
    era: u64,
    /// Which token it is.
    serial: String,
    /// Keys of the token whose records are gone, and that could not be destroyed then.
    unnamed: Vec<KeyId>,
    uses: Uses,
}

impl Pkcs11Token {
    /// The label of the objects that are made, unless [`open_labelled`](Self::open_labelled) says
    /// another one.
    pub const KEY_LABEL: &'static str = "did-session";

    /// Loads a module, `/usr/lib/softhsm/libsofthsm2.so` for example, finds its token of this label
    /// and logs in to it as its user. It waits for the token: call it before anything asynchronous
    /// begins, or on a thread that may wait.
    ///
    /// The module is trusted like the program itself: it is code that is loaded into it. It is
    /// never finalized, since others in the program may use it. A token that the program is logged
    /// in to already may not look at the PIN again.
    ///
    /// # Errors
    /// [`Pkcs11Error::Module`], [`NoToken`](Pkcs11Error::NoToken),
    /// [`SeveralTokens`](Pkcs11Error::SeveralTokens), [`WrongPin`](Pkcs11Error::WrongPin),
    /// [`PinLocked`](Pkcs11Error::PinLocked), or what else the module says.
    pub fn open(module: impl AsRef<Path>, token: &str, pin: &Pin) -> Result<Self, Pkcs11Error> {
        Self::open_labelled(module, token, pin, Self::KEY_LABEL)
    }

    /// As [`open`](Self::open), with another label of the objects that are made. Give each
    /// store that shares a token a label of its own, so that
    /// [`remove_unnamed_keys`](crate::Pkcs11Store::remove_unnamed_keys) of one store leaves the keys of
    /// the others alone.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_labelled(
        module: impl AsRef<Path>,
        token: &str,
        pin: &Pin,
        key_label: &str,
    ) -> Result<Self, Pkcs11Error> {
        let module = module.as_ref().to_owned();
        let failed = |source: Cryptoki| Pkcs11Error::Module {
            module: module.clone(),
            source: source.into(),
        };
        let context = Pkcs11::new(&module).map_err(failed)?;
        match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(())
            // somebody else in the program did
            | Err(Cryptoki::Pkcs11(RvError::CryptokiAlreadyInitialized, Function::Initialize)) => {}
            Err(said) => return Err(failed(said)),
        }
        let (session, serial) = connect(&context, token, pin)?;
        Ok(Self(Arc::new(Shared {
            module,
            context,
            token: token.to_owned(),
            key_label: key_label.to_owned(),
            state: Mutex::new(State {
                session: Some(session),
                era: 0,
                serial,
                unnamed: Vec::new(),
                uses: Uses::default(),
            }),
            dropped: Mutex::default(),
            being_saved: Mutex::default(),
        })))
    }

    /// Connects and logs in again, after [`Pkcs11Error::TokenLost`]. Keys that were saved sign
    /// again; keys that were not are gone. It waits for the token, as [`open`](Self::open) does.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn reconnect(&self, pin: &Pin) -> Result<(), Pkcs11Error> {
        let mut state = self.state();
        // the old session, if one is left, ends first
        state.session = None;
        let (session, serial) = connect(&self.0.context, &self.0.token, pin)?;
        state.session = Some(session);
        state.serial = serial;
        state.era += 1;
        Ok(())
    }

    /// Makes a key that ends with the session unless it is kept.
    pub(crate) fn generate(
        &self,
        algorithm: Pkcs11Algorithm,
    ) -> Result<(u64, Pair, DidKey), Pkcs11Error> {
        self.with("make a session key", |session, era, _| {
            let (pair, did) = objects::generate(session, algorithm, &self.0.key_label)?;
            Ok((era, pair, did))
        })
    }

    /// The key of this id, where it is in the token, and the era in which the handles hold.
    pub(crate) fn find(&self, id: &KeyId) -> Result<Option<(u64, Pair, DidKey)>, Pkcs11Error> {
        self.with("look for a session key", |session, era, _| {
            let found = objects::find(session, id, &self.0.key_label)?;
            Ok(found.map(|(pair, did)| (era, pair, did)))
        })
    }

    /// As [`find`](Self::find), for somebody who uses the key until it is [unused](Self::unused).
    pub(crate) fn load(&self, id: &KeyId) -> Result<Option<(u64, Pair, DidKey)>, Pkcs11Error> {
        self.with("look for a session key", |session, era, uses| {
            let Some((pair, did)) = objects::find(session, id, &self.0.key_label)? else {
                return Ok(None);
            };
            *uses.loaded.entry(*id).or_default() += 1;
            Ok(Some((era, pair, did)))
        })
    }

    /// Copies a pair into the token under this id. Until [`saved`](Self::saved) it is one whose
    /// record is being saved.
    pub(crate) fn keep(&self, era: u64, pair: Pair, id: &KeyId) -> Result<bool, Pkcs11Error> {
        // before it is there, so that nobody destroys it as one without a record
        lock(&self.0.being_saved).push(*id);
        let kept = self.with("keep a session key", |session, now, _| {
            if now != era {
                return Ok(false);
            }
            objects::keep(session, pair, id, &self.0.key_label)
        });
        if !matches!(kept, Ok(true)) {
            self.saved(id);
        }
        kept
    }

    /// Says that a record names the key of this id, or that none ever will.
    pub(crate) fn saved(&self, id: &KeyId) {
        lock(&self.0.being_saved).retain(|saving| saving != id);
    }

    pub(crate) fn sign(
        &self,
        algorithm: Pkcs11Algorithm,
        (era, pair): (u64, Pair),
        message: &[u8],
    ) -> Result<Option<Vec<u8>>, Pkcs11Error> {
        const ACTION: &str = "sign";
        self.with(ACTION, |session, now, _| {
            if now != era {
                return Ok(None);
            }
            match session.sign(&algorithm.signing(), pair.private, message) {
                Ok(signature) => Ok(Some(signature)),
                Err(Cryptoki::Pkcs11(
                    RvError::KeyHandleInvalid | RvError::ObjectHandleInvalid,
                    _,
                )) => Ok(None),
                Err(said) => Err(Pkcs11Error::said(ACTION, said)),
            }
        })
    }

    /// Destroys the key of this id; if that is not possible now, it is tried again later.
    pub(crate) fn destroy(&self, id: &KeyId) -> Result<(), Pkcs11Error> {
        const ACTION: &str = "destroy a session key";
        let destroyed = self.with(ACTION, |session, _, uses| {
            uses.replaced.remove(id);
            objects::destroy_by_id(session, id, &self.0.key_label)
                .map_err(|said| Pkcs11Error::said(ACTION, said))
        });
        if destroyed.is_err() {
            self.state().unnamed.push(*id);
        }
        destroyed
    }

    /// Destroys the key of this id, whose record was replaced: now, or when nobody in the program uses
    /// it any more.
    pub(crate) fn replaced(&self, id: &KeyId) -> Result<(), Pkcs11Error> {
        {
            let uses = &mut self.state().uses;
            if uses.loaded.contains_key(id) {
                uses.replaced.insert(*id);
                return Ok(());
            }
        }
        self.destroy(id)
    }

    /// Destroys the keys that are neither named nor being saved; returns how many.
    pub(crate) fn destroy_all_but(&self, named: &[KeyId]) -> Result<usize, Pkcs11Error> {
        const ACTION: &str = "destroy session keys without a record";
        self.with(ACTION, |session, _, uses| {
            let said = |said| Pkcs11Error::said(ACTION, said);
            let label = &self.0.key_label;
            let spared = lock(&self.0.being_saved).clone();
            let mut destroyed = 0;
            for id in objects::ids(session, label).map_err(said)? {
                if !named.contains(&id) && !spared.contains(&id) && !uses.replaced.contains(&id) {
                    objects::destroy_by_id(session, &id, label).map_err(said)?;
                    destroyed += 1;
                }
            }
            Ok(destroyed)
        })
    }

    /// Destroys a key that nobody kept: now if the session is free, or else with the next thing
    /// that is done.
    pub(crate) fn discard(&self, era: u64, pair: Pair) {
        self.drop_soon(Dropped::Made(era, pair));
    }

    /// Ends one use of a key that was [loaded](Self::load).
    pub(crate) fn unused(&self, id: KeyId) {
        self.drop_soon(Dropped::Loaded(id));
    }

    fn drop_soon(&self, dropped: Dropped) {
        lock(&self.0.dropped).push(dropped);
        if let Ok(mut state) = self.0.state.try_lock() {
            self.clean(&mut state);
        }
    }

    /// Does something in the session that has nothing to do with session keys.
    #[cfg(feature = "seal")]
    pub(crate) fn in_session<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Session) -> Result<T, Pkcs11Error>,
    ) -> Result<T, Pkcs11Error> {
        self.with(action, |session, _, _| work(session))
    }

    /// The label of the token.
    #[cfg(feature = "seal")]
    pub(crate) fn label(&self) -> &str {
        &self.0.token
    }

    /// Whether both are one token.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        if Arc::ptr_eq(&self.0, &other.0) {
            return true;
        }
        let serial = self.state().serial.clone();
        self.0.module == other.0.module
            && self.0.token == other.0.token
            && serial == other.state().serial
    }

    /// Does something in the session. Once the token is lost it stays so until it is connected
    /// again.
    fn with<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Session, u64, &mut Uses) -> Result<T, Pkcs11Error>,
    ) -> Result<T, Pkcs11Error> {
        let state = &mut *self.state();
        self.clean(state);
        let (era, uses) = (state.era, &mut state.uses);
        let lost = Pkcs11Error::TokenLost {
            action,
            source: None,
        };
        // a token that was logged out shows nothing, which does not mean that nothing is there
        let done = match &state.session {
            Some(session) => {
                check_logged_in(session, action).and_then(|()| work(session, era, uses))
            }
            None => Err(lost),
        };
        if matches!(done, Err(Pkcs11Error::TokenLost { .. })) {
            state.session = None;
        }
        done
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    /// Destroys what is to be destroyed, as far as that is possible now.
    fn clean(&self, state: &mut State) {
        let Some(session) = &state.session else {
            return;
        };
        let label = &self.0.key_label;
        for dropped in std::mem::take(&mut *lock(&self.0.dropped)) {
            match dropped {
                Dropped::Made(era, pair) if era == state.era => {
                    // the end of the session destroys what is left
                    let _ = objects::destroy(session, pair);
                }
                Dropped::Made(..) => {}
                Dropped::Loaded(id) => {
                    let uses = &mut state.uses;
                    if let Some(count) = uses.loaded.get_mut(&id) {
                        *count -= 1;
                        if *count == 0 {
                            uses.loaded.remove(&id);
                            if uses.replaced.remove(&id) {
                                state.unnamed.push(id);
                            }
                        }
                    }
                }
            }
        }
        state
            .unnamed
            .retain(|id| objects::destroy_by_id(session, id, label).is_err());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // nobody panics while holding it; and if somebody did, the session could still be used
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn check_logged_in(session: &Session, action: &'static str) -> Result<(), Pkcs11Error> {
    let info = session.get_session_info();
    let info = info.map_err(|said| Pkcs11Error::said(action, said))?;
    match info.session_state() {
        SessionState::RwUser => Ok(()),
        _ => Err(Pkcs11Error::TokenLost {
            action,
            source: None,
        }),
    }
}

fn connect(context: &Pkcs11, token: &str, pin: &Pin) -> Result<(Session, String), Pkcs11Error> {
    const ACTION: &str = "open the token";
    let said = |said| Pkcs11Error::said(ACTION, said);
    let mut found = None;
    for slot in context.get_slots_with_initialized_token().map_err(said)? {
        let info = context.get_token_info(slot).map_err(said)?;
        if info.label() != token {
            continue;
        }
        if found.is_some() {
            return Err(Pkcs11Error::SeveralTokens {
                label: token.to_owned(),
            });
        }
        found = Some((slot, info.serial_number().to_owned()));
    }
    let (slot, serial) = found.ok_or_else(|| Pkcs11Error::NoToken {
        label: token.to_owned(),
    })?;
    let session = context.open_rw_session(slot).map_err(said)?;
    match session.login(UserType::User, Some(&pin.0)) {
        Ok(()) | Err(Cryptoki::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok((session, serial)),
        Err(refused) => Err(said(refused)),
    }
}

impl fmt::Debug for Pkcs11Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pkcs11Token")
            .field("module", &self.0.module)
            .field("token", &self.0.token)
            .finish_non_exhaustive()
    }
}
