//! Reads what an argument names: a file, `-` for standard input, or a text given in place.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::terminal;

/// The largest number of bytes that are read of anything: a JWS of the largest payload fits.
const LIMIT: usize = 1 << 25;

/// Bytes that were read, and the name of where they came from. They may hold a secret, so they
/// are wiped.
pub(crate) struct Input {
    name: String,
    bytes: Zeroizing<Vec<u8>>,
    exposed: bool,
}

impl Input {
    /// Reads standard input if the argument is `-`, otherwise a file; one that is empty is refused.
    /// Somebody who types is told what is read.
    pub(crate) fn read(argument: &str, what: &str) -> Result<Self, Failure> {
        let input = Self::read_or_nothing(argument, what)?;
        if input.bytes.is_empty() {
            let line = format!("{} is empty; a {what} is needed", input.name);
            return Err(Failure::input("empty_input", line));
        }
        Ok(input)
    }

    /// As [`read`](Self::read), but an empty input is accepted, too.
    pub(crate) fn read_or_nothing(argument: &str, what: &str) -> Result<Self, Failure> {
        if argument == "-" {
            tell_what_is_read(what);
            let bytes = read_all(std::io::stdin().lock(), STDIN)?;
            return Ok(Self::new(STDIN, bytes));
        }
        let file = open(argument)?;
        let exposed = is_exposed(&file);
        Ok(Self {
            exposed,
            ..Self::new(argument, read_all(file, argument)?)
        })
    }

    /// As [`read`](Self::read), for one line that holds a secret: the terminal does not show what
    /// is typed.
    pub(crate) fn read_secret(argument: &str, what: &str) -> Result<Self, Failure> {
        if argument == "-" && terminal::is_typed() {
            let typed = rpassword::prompt_password(format!("Type or paste the {what}: "));
            let typed = typed
                .map_err(|error| Failure::io(format!("cannot read {STDIN}")).caused_by(&error))?;
            return Ok(Self::new(STDIN, Zeroizing::new(typed.into_bytes())));
        }
        Self::read(argument, what)
    }

    /// As [`read`](Self::read); an argument that names no file and looks like one of the texts
    /// that the commands take is that text.
    pub(crate) fn read_or_inline(argument: &str, what: &str) -> Result<Self, Failure> {
        if argument != "-" && is_inline(argument) && !Path::new(argument).exists() {
            let bytes = Zeroizing::new(argument.as_bytes().to_vec());
            return Ok(Self::new("the argument", bytes));
        }
        Self::read(argument, what)
    }

    fn new(name: &str, bytes: Zeroizing<Vec<u8>>) -> Self {
        Self {
            name: name.to_owned(),
            bytes,
            exposed: false,
        }
    }

    /// Warns when it is a file that holds a secret and that others can read.
    pub(crate) fn warn_if_exposed(&self) {
        if self.exposed {
            crate::output::warn(format_args!(
                "{} holds a secret, and other users can read it: make it private by `chmod 600`",
                self.name
            ));
        }
    }

    /// Where it came from, for messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Every byte.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text, if it is one, without one line feed (or carriage return and line feed) at its
    /// end: editors and `echo` leave one there.
    pub(crate) fn text(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        let bare = text.strip_suffix('\n').unwrap_or(text);
        Some(if bare.len() < text.len() {
            bare.strip_suffix('\r').unwrap_or(bare)
        } else {
            text
        })
    }

    /// As [`text`](Self::text); what is not a text is a failure.
    pub(crate) fn require_text(&self) -> Result<&str, Failure> {
        self.text().ok_or_else(|| {
            Failure::input("not_text", "is not a valid UTF-8 text").about(&self.name)
        })
    }
}

/// What it is called in messages.
const STDIN: &str = "standard input";

/// Nobody guesses that a command waits for what they type.
pub(crate) fn tell_what_is_read(what: &str) {
    if terminal::is_typed() {
        crate::output::note(format_args!(
            "type or paste the {what}, then press Enter and {}",
            terminal::END_OF_INPUT
        ));
    }
}

/// How the texts begin that are taken in place of a file's name: a DID, JSON, a session string or
/// a JWS (base64url of `{"`), a ReCap, a CAR (base64url of its header, perhaps after the letter `u`).
fn is_inline(argument: &str) -> bool {
    let base64url = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    let car = argument.strip_prefix('u').unwrap_or(argument);
    argument.starts_with("did:")
        || argument.starts_with("urn:recap:")
        || argument.starts_with('{')
        || (argument.starts_with("eyJ") && base64url(argument))
        || (car.starts_with("OqJlcm9vdHO") && base64url(argument))
}

pub(crate) fn open(argument: &str) -> Result<File, Failure> {
    // a text in the place of a name is not repeated: it may be a session string, a secret
    let name = if is_inline(argument) {
        "the argument as a file"
    } else {
        argument
    };
    let file = File::open(argument).and_then(|file| {
        if file.metadata()?.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        Ok(file)
    });
    file.map_err(|error| {
        Failure::input("cannot_read", format!("cannot read {name}")).caused_by(&error)
    })
}

/// Whether others than the owner can read a file.
#[cfg(unix)]
fn is_exposed(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.mode() & 0o044 != 0)
}

#[cfg(not(unix))]
const fn is_exposed(_: &File) -> bool {
    false
}

fn read_all(reader: impl Read, name: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    // grown by hand, so that no copy is left behind in memory that was given back
    let mut bytes = Zeroizing::new(Vec::new());
    let mut reader = reader.take(LIMIT as u64 + 1);
    let mut chunk = Zeroizing::new([0_u8; 1 << 14]);
    loop {
        let count = match reader.read(chunk.as_mut_slice()) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(Failure::io(format!("cannot read {name}")).caused_by(&error));
            }
        };
        if bytes.capacity() < bytes.len() + count {
            let mut larger = Zeroizing::new(Vec::with_capacity((bytes.len() + count) * 2));
            larger.extend_from_slice(&bytes);
            bytes = larger;
        }
        bytes.extend_from_slice(chunk.get(..count).unwrap_or_default());
    }
    if bytes.len() > LIMIT {
        let line = format!("{name} is larger than {LIMIT} bytes");
        return Err(Failure::input("too_large", line));
    }
    Ok(bytes)
}

/// Reads whole lines, as many at a time as have come and as fit a block: the memory is that of a
/// block, or of the longest line. Lines may hold secrets, so the memory is wiped.
pub(crate) struct Blocks<'a> {
    reader: Box<dyn Read>,
    name: &'a str,
    bytes: Zeroizing<Vec<u8>>,
    /// How much of it was read, and how much of that was handed out.
    filled: usize,
    used: usize,
    ended: bool,
}

impl<'a> Blocks<'a> {
    /// The bytes of a block.
    const SIZE: usize = 1 << 20;

    pub(crate) fn new(reader: Box<dyn Read>, name: &'a str) -> Self {
        Self {
            reader,
            name,
            bytes: Zeroizing::new(vec![0; Self::SIZE]),
            filled: 0,
            used: 0,
            ended: false,
        }
    }

    /// The next lines with their ends; the last one may have none. `None` when all were read.
    pub(crate) fn next_lines(&mut self) -> Result<Option<&[u8]>, Failure> {
        self.bytes.copy_within(self.used..self.filled, 0);
        self.filled -= self.used;
        self.used = 0;
        while !self.ended {
            if self.filled == self.bytes.len() {
                self.grow()?;
            }
            let start = self.filled;
            self.read()?;
            let read = self.bytes.get(start..self.filled).unwrap_or_default();
            if let Some(end) = read.iter().rposition(|byte| *byte == b'\n') {
                self.used = start + end + 1;
                return Ok(self.bytes.get(..self.used));
            }
        }
        self.used = self.filled;
        let rest = self.bytes.get(..self.filled);
        Ok(rest.filter(|rest| !rest.is_empty()))
    }

    /// Reads what there is.
    fn read(&mut self) -> Result<(), Failure> {
        let space = self.bytes.get_mut(self.filled..).unwrap_or_default();
        loop {
            match self.reader.read(space) {
                Ok(count) => {
                    self.filled += count;
                    self.ended = count == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    let line = format!("cannot read {}", self.name);
                    return Err(Failure::io(line).caused_by(&error));
                }
            }
        }
    }

    /// Makes room for a longer line.
    fn grow(&mut self) -> Result<(), Failure> {
        if self.bytes.len() >= LIMIT {
            let line = format!("{} has a line of more than {LIMIT} bytes", self.name);
            return Err(Failure::input("too_large", line));
        }
        let mut larger = Zeroizing::new(vec![0; self.bytes.len() * 2]);
        larger
            .get_mut(..self.filled)
            .unwrap_or_default()
            .copy_from_slice(self.bytes.get(..self.filled).unwrap_or_default());
        self.bytes = larger;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out so many bytes at a time.
    struct Drops(Vec<u8>, usize);

    impl Read for Drops {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(into.len()).min(self.0.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0.drain(..count);
            Ok(count)
        }
    }

    #[test]
    fn blocks_hold_whole_lines_however_they_come() {
        let long = "x".repeat(Blocks::SIZE + 5);
        for text in ["", "a", "a\n", "a\nbb\n\nccc", &format!("a\n{long}\nb\n")] {
            for size in [1, 3, 1 << 22] {
                if size < 4 && text.len() > 100 {
                    continue;
                }
                let reader = Box::new(Drops(text.as_bytes().to_vec(), size));
                let (mut blocks, mut whole) = (Blocks::new(reader, "x"), Vec::new());
                let mut ended = true;
                while let Some(block) = blocks.next_lines().unwrap() {
                    assert!(ended, "only the last block may end within a line");
                    ended = block.ends_with(b"\n");
                    whole.extend_from_slice(block);
                }
                assert_eq!(whole, text.as_bytes());
            }
        }
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut blocks = Blocks::new(Box::new(std::io::repeat(b'x')), "x");
        assert_eq!(blocks.next_lines().unwrap_err().code(), "too_large");
    }

    fn text_of(bytes: &[u8]) -> Option<String> {
        let input = Input::new("x", Zeroizing::new(bytes.to_vec()));
        input.text().map(str::to_owned)
    }

    #[test]
    fn drops_exactly_one_line_end() {
        for (bytes, text) in [
            (&b"a"[..], Some("a")),
            (b"a\n", Some("a")),
            (b"a\r\n", Some("a")),
            (b"a\n\n", Some("a\n")),
            (b"a\r", Some("a\r")),
            (b" a \n", Some(" a ")),
            (b"\n", Some("")),
            (b"", Some("")),
            (b"\xa2\n", None),
        ] {
            assert_eq!(text_of(bytes).as_deref(), text, "{bytes:?}");
        }
    }

    #[test]
    fn names_of_files_are_not_texts() {
        for argument in ["session.txt", "-", "eyJ.txt/x", "u", "x/did:key", ""] {
            assert!(!is_inline(argument), "{argument}");
        }
        for argument in ["did:key:z6Mk", "{}", "eyJhbGciOiJ9.e30.AA", "uOqJlcm9vdHOB"] {
            assert!(is_inline(argument), "{argument}");
        }
    }

    #[test]
    fn reading_stops_at_the_bound() {
        let failure = read_all(std::io::repeat(b'x'), "endless").unwrap_err();
        assert_eq!(failure.code(), "too_large");
        let whole = read_all(&vec![7_u8; 100_000][..], "x").unwrap();
        assert_eq!((whole.len(), whole.last()), (100_000, Some(&7)));
    }
}
