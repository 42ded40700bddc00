//! Why a token did not do what it was asked.

use cryptoki::error::{Error as Cryptoki, RvError};
use didkey::DidKey;
use session_core::{SigningError, StoreError};
use std::error::Error as StdError;
use std::path::PathBuf;

/// Why a token did not do what it was asked. It never says the PIN.
///
/// It is the source of the errors of [`Pkcs11Store`](crate::Pkcs11Store) and of a key that does not
/// sign, where [`of`](Self::of) finds it again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Pkcs11Error {
    /// The PKCS#11 module cannot be loaded.
    #[error("the PKCS#11 module {} cannot be used", module.display())]
    Module {
        /// Its file.
        module: PathBuf,
        /// What the loader or the module said.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The module has no initialized token of this label.
    #[error("there is no token with the label {label:?}")]
    NoToken {
        /// The label that was asked for.
        label: String,
    },
    /// The module has several tokens of this label.
    #[error(
        "there are several tokens with the label {label:?}: give each token a label of its own"
    )]
    SeveralTokens {
        /// The label that was asked for.
        label: String,
    },
    /// The token does not accept the PIN.
    #[error("the token does not accept this PIN")]
    WrongPin,
    /// The token accepts no PIN any more, since too many were wrong, or the PIN expired.
    #[error("the PIN of the token is locked or expired")]
    PinLocked,
    /// The token was removed, logged out or reset. What was in it may still be there when it is
    /// connected again, by [`Pkcs11Token::reconnect`](crate::Pkcs11Token::reconnect).
    #[error("cannot {action}: the token is gone, or logged out")]
    TokenLost {
        /// What was tried.
        action: &'static str,
        /// What the module said, the first time.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// The key is not in the token any more: its record was removed or replaced.
    #[error("the key {did} is not in the token any more")]
    KeyGone {
        /// The key's `did:key`.
        did: DidKey,
    },
    /// The key lies in another token than the store's.
    #[error("the key {did} is in another token")]
    OtherToken {
        /// The key's `did:key`.
        did: DidKey,
    },
    /// Somebody asked for the secret, which never leaves the token.
    #[error("the key {did} cannot leave its token")]
    NotExportable {
        /// The key's `did:key`.
        did: DidKey,
    },
    /// A key could leave the token. One that was made just now, although another one was asked for,
    /// was destroyed.
    #[error("the key could leave the token, so it is refused")]
    CouldLeave,
    /// The token has no wrapping key of this label.
    #[error("there is no AES key with the label {label:?} in the token: create it first")]
    NoKey {
        /// The label that was asked for.
        label: String,
    },
    /// The token has several wrapping keys of this label.
    #[error(
        "there are several AES keys with the label {label:?} in the token: give each key a label of its own"
    )]
    SeveralKeys {
        /// The label that was asked for.
        label: String,
    },
    /// The token has a wrapping key of this label already.
    #[error("there is already an AES key with the label {label:?} in the token: open it instead")]
    KeyExists {
        /// The label that was asked for.
        label: String,
    },
    /// The token cannot do this at all.
    #[error("the token cannot {action}")]
    Unsupported {
        /// What was tried.
        action: &'static str,
        /// What the module said.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The token answered something that is not valid.
    #[error("the token answered {what} that is not valid")]
    Malformed {
        /// What it was asked for.
        what: &'static str,
    },
    /// It is not known which keys some records name, so no key was destroyed.
    #[error("a record cannot be read, so that it is not known which keys belong to no record")]
    UnknownRecord,
    /// Anything else.
    #[error("cannot {action}")]
    Failed {
        /// What was tried.
        action: &'static str,
        /// What the module said.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl Pkcs11Error {
    /// The error of a token that an error of a store or of a key comes from.
    #[must_use]
    pub fn of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }

    /// What the module said when this was tried.
    pub(crate) fn said(action: &'static str, source: Cryptoki) -> Self {
        let Cryptoki::Pkcs11(code, _) = &source else {
            let source = source.into();
            return Self::Failed { action, source };
        };
        match code {
            RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange => Self::WrongPin,
            RvError::PinLocked | RvError::PinExpired => Self::PinLocked,
            RvError::CryptokiNotInitialized
            | RvError::DeviceError
            | RvError::DeviceRemoved
            | RvError::SessionClosed
            | RvError::SessionHandleInvalid
            | RvError::SlotIdInvalid
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::UserNotLoggedIn => Self::TokenLost {
                action,
                source: Some(source.into()),
            },
            RvError::ActionProhibited
            | RvError::CurveNotSupported
            | RvError::DomainParamsInvalid
            | RvError::FunctionNotSupported
            | RvError::MechanismInvalid
            | RvError::MechanismParamInvalid
            | RvError::SessionReadOnly
            | RvError::TemplateInconsistent
            | RvError::TokenWriteProtected => Self::Unsupported {
                action,
                source: source.into(),
            },
            _ => Self::Failed {
                action,
                source: source.into(),
            },
        }
    }

    pub(crate) fn signing(self, did: &DidKey) -> SigningError {
        SigningError::custodian(did, self)
    }
}

impl From<Pkcs11Error> for StoreError {
    fn from(error: Pkcs11Error) -> Self {
        Self::medium("the token of the session keys failed", error)
    }
}
