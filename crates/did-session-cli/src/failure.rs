//! Failures: why a command gave up, in one line.

use did_session::jws;
use did_session::store::sealed;
use did_session::{AuthError, NotUsable, StoreError, cacao, didkey};
use std::error::Error as StdError;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::escape::printable;
use crate::exit::Exit;
use crate::program_error::ProgramError;

/// Why a command gave up: one line for people, a code for machines, an exit code for the shell.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    exit: Exit,
    code: &'static str,
    line: String,
}

impl Failure {
    fn new(exit: Exit, code: &'static str, line: impl Into<String>) -> Self {
        Self {
            exit,
            code,
            line: line.into(),
        }
    }

    /// The answer is no.
    pub(crate) fn no(code: &'static str, line: impl Into<String>) -> Self {
        Self::new(Exit::No, code, line)
    }

    /// The input cannot be worked with.
    pub(crate) fn input(code: &'static str, line: impl Into<String>) -> Self {
        Self::new(Exit::Input, code, line)
    }

    /// The arguments do not fit together.
    pub(crate) fn usage(line: impl Into<String>) -> Self {
        Self::new(Exit::Input, "usage", line)
    }

    /// The store failed, or input and output did.
    pub(crate) fn io(line: impl Into<String>) -> Self {
        Self::new(Exit::Store, "io", line)
    }

    /// A file that is named cannot be made (another name is needed), or not be written (the disk is
    /// full, for example).
    pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Self {
        const CODE: &str = "cannot_write";
        let shown = path.display();
        match error.kind() {
            ErrorKind::AlreadyExists => Self::input(
                CODE,
                format!(
                    "{shown} exists already, and nothing is overwritten: name another file, or \
                     remove this one first"
                ),
            ),
            ErrorKind::NotFound => Self::input(
                CODE,
                format!("cannot write {shown}: its directory does not exist"),
            ),
            ErrorKind::PermissionDenied
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::ReadOnlyFilesystem => {
                Self::input(CODE, format!("cannot write {shown}")).caused_by(error)
            }
            _ => Self::io(format!("cannot write {shown}")).caused_by(error),
        }
    }

    /// Adds an error and its sources.
    pub(crate) fn caused_by(self, error: &(dyn StdError + 'static)) -> Self {
        Self {
            line: format!("{}: {}", self.line, one_line(error)),
            ..self
        }
    }

    /// Says what was worked on: a file, an argument, an issuer. It is the subject of a line that
    /// has none.
    pub(crate) fn about(self, what: impl fmt::Display) -> Self {
        let between = if has_no_subject(&self.line) {
            " "
        } else {
            ": "
        };
        Self {
            line: format!("{what}{between}{}", self.line),
            ..self
        }
    }

    /// Says what to do about it.
    pub(crate) fn followed_by(self, what: &str) -> Self {
        Self {
            line: format!("{}; {what}", self.line),
            ..self
        }
    }

    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// A stable name of the reason in snake case.
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }
}

/// Whether a line goes on behind the name of what it is about: `is not valid`.
pub(crate) fn has_no_subject(line: &str) -> bool {
    ["is ", "has ", "holds "]
        .iter()
        .any(|verb| line.starts_with(verb))
}

/// The whole reason, in one line.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.line))
    }
}

/// An error and its sources, in one line, and what to do if that is known.
fn one_line(error: &(dyn StdError + 'static)) -> String {
    let mut line = error.to_string();
    let mut hint = hint(error);
    let mut source = error.source();
    while let Some(error) = source {
        line.push_str(": ");
        line.push_str(&error.to_string());
        hint = hint.or_else(|| self::hint(error));
        source = error.source();
    }
    if let Some(hint) = hint {
        line.push_str("; ");
        line.push_str(hint);
    }
    line
}

/// The signatures of contracts cannot be verified without a node.
fn hint(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    match error.downcast_ref()? {
        cacao::Error::UnsupportedKind { signature, .. }
            if matches!(signature.as_str(), "eip1271" | "eip6492") =>
        {
            Some("a contract is asked through a node of its chain: name one by --rpc")
        }
        _ => None,
    }
}

macro_rules! from {
    ($($error:ty => $exit:expr),+ $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                let exit: fn(&$error) -> Exit = $exit;
                Self::new(exit(&error), error.code(), one_line(&error))
            }
        }
    )+};
}

from!(
    cacao::Error => exit_of_capability,
    didkey::Error => |_| Exit::Input,
    jws::Error => exit_of_jws,
    NotUsable => exit_of_unusable,
    StoreError => exit_of_store,
    sealed::Error => exit_of_seal,
);

/// Options are named as they are given here.
impl From<did_session::Error> for Failure {
    fn from(error: did_session::Error) -> Self {
        // why it is not usable says that it is not
        if let did_session::Error::NotUsable(reason) = error {
            return Self::from(*reason);
        }
        let line = match &error {
            did_session::Error::InvalidOption {
                option: name,
                problem,
            } => format!("{} {problem}", option(name)),
            error => one_line(error),
        };
        Self::new(exit_of(&error), error.code(), line)
    }
}

/// The option of the command line by which an option of a request is given.
pub(crate) fn option(name: &str) -> String {
    match name {
        "resources" => "--resource".to_owned(),
        "lifetime" => "--expires-in".to_owned(),
        "issuer" => "--account".to_owned(),
        name => format!("--{}", name.replace('_', "-")),
    }
}

/// Refused, or not readable at all.
const fn judged(is_refusal: bool) -> Exit {
    if is_refusal { Exit::No } else { Exit::Input }
}

fn exit_of_capability(error: &cacao::Error) -> Exit {
    match error {
        // the node of a chain did not answer: nothing is known
        cacao::Error::Chain(_) => Exit::Store,
        error => judged(error.is_refusal()),
    }
}

fn exit_of_jws(error: &jws::Error) -> Exit {
    match error {
        jws::Error::Capability(error) => exit_of_capability(error),
        jws::Error::MustAsk(_) => Exit::Store,
        error => judged(error.is_refusal()),
    }
}

fn exit_of(error: &did_session::Error) -> Exit {
    use did_session::Error;
    match error {
        Error::Capability(error) => exit_of_capability(error),
        Error::Jws(error) => exit_of_jws(error),
        Error::Answer(_) | Error::Expired { .. } | Error::KeyMismatch { .. } => Exit::No,
        Error::NotUsable(reason) => exit_of_unusable(reason),
        Error::Auth(error) => exit_of_auth(error),
        Error::Store(error) => exit_of_store(error),
        Error::Randomness { .. } | Error::Signing(_) => Exit::Store,
        _ => Exit::Input,
    }
}

fn exit_of_unusable(reason: &NotUsable) -> Exit {
    match reason {
        NotUsable::Unreadable(_) => Exit::Store,
        NotUsable::Refused(error) => exit_of(error),
        _ => Exit::No,
    }
}

fn exit_of_auth(error: &AuthError) -> Exit {
    match error {
        AuthError::Failed(reason) => match reason.downcast_ref() {
            Some(ProgramError::Start { .. } | ProgramError::Answer { .. }) => Exit::Input,
            Some(ProgramError::Talk { .. } | ProgramError::Killed { .. }) | None => Exit::Store,
        },
        _ => Exit::No,
    }
}

const fn exit_of_store(error: &StoreError) -> Exit {
    match error {
        // logged out, or logged in by others, while the wallet was open: there is no session
        StoreError::Conflict { .. } => Exit::No,
        _ => Exit::Store,
    }
}

const fn exit_of_seal(error: &sealed::Error) -> Exit {
    use sealed::Error;
    match error {
        Error::NotSealed
        | Error::AlreadySealed
        | Error::WrongKey
        | Error::OtherKind { .. }
        | Error::OtherId { .. }
        | Error::EmptyPassphrase
        | Error::Io { .. }
        | Error::File { .. } => Exit::Input,
        _ => Exit::Store,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_named_as_they_are_given() {
        for (name, given) in [
            ("resources", "--resource"),
            ("request_id", "--request-id"),
            ("lifetime", "--expires-in"),
            ("domain", "--domain"),
        ] {
            let error = did_session::Error::InvalidOption {
                option: name,
                problem: "is empty".to_owned(),
            };
            let failure = Failure::from(error);
            assert_eq!(failure.to_string(), format!("{given} is empty"));
            assert_eq!(failure.code(), "invalid_option");
        }
    }

    #[test]
    fn a_line_without_a_subject_gets_one() {
        let about = |line: &str| Failure::usage(line).about("a.json").to_string();
        assert_eq!(about("is not JSON"), "a.json is not JSON");
        assert_eq!(about("the key is gone"), "a.json: the key is gone");
        assert_eq!(about("issuers differ"), "a.json: issuers differ");
    }

    #[test]
    fn sources_follow_in_one_line() {
        let error = StoreError::medium("cannot write /s/x", io::Error::other("disk\nfull"));
        let failure = Failure::from(did_session::Error::from(error)).about("login");
        assert_eq!(
            failure.to_string(),
            "login: the store failed: cannot write /s/x: disk\\nfull"
        );
        assert_eq!(
            (failure.exit(), failure.code()),
            (Exit::Store, "store_failed")
        );
    }
}
