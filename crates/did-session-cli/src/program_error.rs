//! Why a program did not sign: below both the program and what a failure ends with.

/// Why a program did not sign, though nobody declined.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProgramError {
    /// It cannot be started.
    #[error("the program {program} cannot be started")]
    Start {
        program: String,
        source: std::io::Error,
    },
    /// It cannot be talked to.
    #[error("the text cannot be sent to the program {program}, or its answer cannot be read")]
    Talk {
        program: String,
        source: std::io::Error,
    },
    /// It answers something else than a signature. The answer is not quoted: it may be a secret.
    #[error("the program {program} did not answer with {expected}")]
    Answer {
        program: String,
        expected: &'static str,
    },
    /// It was ended by a signal, so that its exit code says nothing.
    #[error("the program {program} was ended before it answered ({how})")]
    Killed { program: String, how: String },
}
