//! A program that signs: it reads a text and writes a signature.

use did_session::AuthError;
use did_session::cacao::MAX_SIGNATURE_LEN;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::program_error::ProgramError;

/// The largest number of bytes that a program's answer may have: `0x` and the hex of the longest
/// signature.
const MAX_ANSWER: u64 = 2 * MAX_SIGNATURE_LEN as u64 + 4;

/// A program, and its arguments.
#[derive(Debug)]
pub(crate) struct Program {
    name: String,
    arguments: Vec<String>,
}

impl Program {
    /// A program by its name, which may hold spaces when it is a file; else the arguments follow,
    /// white space between them. `None` if no program is named.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let split = |text: &str| text.split_ascii_whitespace().map(str::to_owned).collect();
        let mut words: Vec<String> = if Path::new(text).is_file() {
            vec![text.to_owned()]
        } else {
            split(text)
        };
        (!words.is_empty()).then(|| Self {
            name: words.remove(0),
            arguments: words,
        })
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Gives the text on standard input; the signature comes on standard output. An exit code
    /// other than 0 means that the user declined.
    pub(crate) fn sign(&self, text: &str, expected: Expected) -> Result<Vec<u8>, AuthError> {
        let program = || self.name.clone();
        let mut child = Command::new(&self.name)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|source| {
                AuthError::failed(ProgramError::Start {
                    program: program(),
                    source,
                })
            })?;
        let talk = |source| {
            AuthError::failed(ProgramError::Talk {
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
        let ended = child.wait().map_err(talk)?;
        match ended.code() {
            Some(0) => {}
            Some(_) => return Err(AuthError::Declined),
            // nobody declined: it crashed, or its answer was so long that nobody read on
            None => {
                return Err(AuthError::failed(ProgramError::Killed {
                    program: program(),
                    how: ended.to_string(),
                }));
            }
        }
        expected.read(&talked.map_err(talk)?).ok_or_else(|| {
            AuthError::failed(ProgramError::Answer {
                program: program(),
                expected: expected.words(),
            })
        })
    }
}

/// What a program is expected to answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    /// The signature of a key: 65 bytes, or the 64 of EIP-2098.
    Key,
    /// Whatever a contract may accept: bytes of any length, and `0x` in front.
    Hex,
}

impl Expected {
    const fn words(self) -> &'static str {
        match self {
            Self::Key => "0x and the 130 hex digits of a signature, or the 128 of EIP-2098",
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
            Self::Key => matches!(bytes.len(), 64 | 65),
            Self::Hex => bytes.len() <= (MAX_SIGNATURE_LEN - 2) / 2,
        };
        fits.then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_of_keys_are_64_or_65_bytes_of_hex() {
        let hex = "ab".repeat(65);
        for text in [
            hex.clone(),
            format!("0x{hex}\n"),
            format!("0x{}", hex.to_uppercase()),
        ] {
            let read = Expected::Key.read(text.as_bytes());
            assert_eq!(read, Some(vec![0xab; 65]), "{text}");
        }
        for text in ["", "0x", &hex[4..], "0xzz", &format!("{hex} {hex}")] {
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
        assert!(Program::parse(" ").is_none());
    }
}
