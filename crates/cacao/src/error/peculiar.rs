//! Why a person may misread a text.

use super::field::Field;
use core::fmt;

/// What is peculiar about a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Peculiarity {
    /// A control of the direction in which text runs (UAX 9): others are shown elsewhere.
    Bidi,
    /// A character that is not seen: zero-width, soft hyphen, byte order mark, filler (Unicode,
    /// `Default_Ignorable_Code_Point`).
    Invisible,
    /// A tag character, U+E0000 to U+E007F, which is not seen.
    Tag,
    /// A line or paragraph separator: what follows looks like another line.
    LineSeparator,
    /// A code point that is no character, and never will be.
    Noncharacter,
    /// In a domain or the name of a network: the wide form of a letter or sign of ASCII.
    FullWidth,
    /// In a domain: a letter and its mark as two characters (not in normalization form C).
    Decomposed,
    /// In a domain or the name of a network: letters of several scripts in one label, some of which look alike.
    MixedScript,
    /// In a domain: a character beyond ASCII that is not known to be a letter, such as a sign that
    /// looks like a dot or a slash.
    Sign,
    /// In a domain: `@`. The part before it is not the host.
    UserInfo,
    /// In a domain: words that name a host or read as part of the sign-in text.
    Sentence,
    /// In a domain: a space. It is a name, and not a host.
    Space,
    /// In a domain: letters beyond ASCII, of one script. A browser names such a host in ASCII.
    BeyondAscii,
    /// In a domain: a character of ASCII that cannot be part of a host and its port (RFC 3986,
    /// section 3.2), such as the slash of a path.
    NotAHost,
}

impl Peculiarity {
    /// A stable name in snake case, for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bidi => "bidi",
            Self::Invisible => "invisible",
            Self::Tag => "tag",
            Self::LineSeparator => "line_separator",
            Self::Noncharacter => "noncharacter",
            Self::FullWidth => "full_width",
            Self::Decomposed => "decomposed",
            Self::MixedScript => "mixed_script",
            Self::Sign => "sign",
            Self::UserInfo => "user_info",
            Self::Sentence => "sentence",
            Self::Space => "space",
            Self::BeyondAscii => "beyond_ascii",
            Self::NotAHost => "not_a_host",
        }
    }

    /// Whether a person may misread the text, so that no wallet is asked to sign it. The others are
    /// only unusual.
    #[must_use]
    pub const fn misleads(self) -> bool {
        !matches!(self, Self::Space | Self::BeyondAscii | Self::NotAHost)
    }

    const fn meaning(self, field: Field) -> &'static str {
        match self {
            Self::BeyondAscii if matches!(field, Field::Network) => "a letter beyond ASCII",
            Self::Bidi => "a control of the direction of text",
            Self::Invisible => "a character that is not seen",
            Self::Tag => "a tag character that is not seen",
            Self::LineSeparator => "a line or paragraph separator",
            Self::Noncharacter => "a code point that is not a character",
            Self::FullWidth => "the wide form of an ASCII character",
            Self::Decomposed => "a mark apart from its letter",
            Self::MixedScript => "a letter of another script than its neighbours",
            Self::Sign => "a sign that is not known to be a letter",
            Self::UserInfo => "the end of a user name, and the host only comes behind it",
            Self::Sentence => "part of a sentence, not of a host",
            Self::Space | Self::NotAHost => "not part of a host",
            Self::BeyondAscii => "not how a browser names a host",
        }
    }
}

/// Something peculiar in a text of a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextWarning {
    field: Field,
    kind: Peculiarity,
    character: char,
    place: usize,
}

impl TextWarning {
    /// This character at this place of a member.
    pub(crate) const fn new(
        field: Field,
        kind: Peculiarity,
        (place, character): (usize, char),
    ) -> Self {
        Self {
            field,
            kind,
            character,
            place,
        }
    }

    /// The member that has it.
    #[must_use]
    pub const fn field(&self) -> Field {
        self.field
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> Peculiarity {
        self.kind
    }

    /// The first such character.
    #[must_use]
    pub const fn character(&self) -> char {
        self.character
    }

    /// Its place, counted in characters from 1; in a list, within the entry.
    #[must_use]
    pub const fn place(&self) -> usize {
        self.place
    }
}

impl fmt::Display for TextWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, Clause(self))
    }
}

impl TextWarning {
    /// What is said behind the name of the member: `holds U+202E as character 1: …`.
    #[must_use]
    pub const fn clause(&self) -> impl fmt::Display {
        Clause(self)
    }
}

struct Clause<'a>(&'a TextWarning);

impl fmt::Display for Clause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TextWarning {
            field,
            kind,
            character,
            place,
        } = self.0;
        let meaning = kind.meaning(*field);
        let character = Shown(*character);
        write!(f, "holds {character} as character {place}: {meaning}")
    }
}

/// A character for people: as it is where it is plain, by its number where it is not.
pub(crate) struct Shown(pub(crate) char);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            c @ '!'..='~' => write!(f, "`{c}`"),
            ' ' => f.write_str("a space"),
            c => write!(f, "U+{:04X}", u32::from(c)),
        }
    }
}
