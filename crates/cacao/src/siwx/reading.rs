//! What makes a person misread a text: characters that are invisible or move others, and domains
//! that look like another one.
//!
//! The characters are few and named by the Unicode standard, so that they stand here as ranges.
//! Which letters look alike is a large table that grows; here a label of a domain is of one
//! script, or it is named. What is not known to be a letter is named, too.

use super::grammar::{self, GrammarError};
use crate::error::{Field, Peculiarity, TextWarning};
use crate::model::{Cacao, Payload, split_scheme};
use alloc::string::String;
use alloc::vec::Vec;

impl Payload {
    /// What is peculiar about the texts, the first of each kind in each member. A verdict does not
    /// depend on it unless the policy is
    /// [strict](crate::Policy::with_strict_text).
    #[must_use]
    pub fn text_warnings(&self) -> Vec<TextWarning> {
        let mut all = Vec::new();
        let mut look = |field, text: &str| push_new(&mut all, peculiar(field, text));
        look(Field::Domain, self.domain());
        look(Field::Audience, self.audience());
        look(Field::Nonce, self.nonce());
        if let Some(text) = self.statement() {
            look(Field::Statement, text);
        }
        if let Some(text) = self.request_id() {
            look(Field::RequestId, text);
        }
        for text in self.resources() {
            look(Field::Resources, text);
        }
        all
    }
}

impl Cacao {
    /// As [`Payload::text_warnings`]; for a sign-in text, also what is peculiar about the name of
    /// the network.
    pub(crate) fn text_warnings(&self) -> Vec<TextWarning> {
        let mut all = self.payload().text_warnings();
        if let Some(shown) = self.shown() {
            push_new(&mut all, peculiar(Field::Network, &shown.network));
        }
        all
    }
}

/// The first of each kind in each member, so that a hostile text cannot make a long list.
fn push_new(all: &mut Vec<TextWarning>, more: Vec<TextWarning>) {
    for warning in more {
        let known = |w: &TextWarning| w.field() == warning.field() && w.kind() == warning.kind();
        if !all.iter().any(known) {
            all.push(warning);
        }
    }
}

/// What is peculiar about one text of this member, the first of each kind. A
/// [domain](Field::Domain) is read as a host, perhaps with a scheme in front, by the grammar to which
/// a writer is [held](grammar::domain). The words of a [network](Field::Network) are read as the
/// labels of a host, for look-alikes. In the others only characters count.
///
/// ```
/// use cacao::{Field, siwx};
///
/// let found = siwx::peculiar(Field::Domain, "bank.example@evil.example");
/// assert_eq!(found[0].kind(), siwx::Peculiarity::UserInfo);
/// assert_eq!(found[0].to_string(), "p.domain holds `@` as character 13: the end of a user name, and the host only comes behind it");
/// ```
#[must_use]
pub fn peculiar(field: Field, text: &str) -> Vec<TextWarning> {
    let mut all = Vec::new();
    let is_domain = field == Field::Domain;
    if text.is_ascii() && !is_domain {
        return all;
    }
    let mut add = |kind: Option<Peculiarity>, (place, character): Placed| {
        let warning = kind.map(|kind| TextWarning::new(field, kind, (place, character)));
        push_new(&mut all, warning.into_iter().collect());
    };
    let characters = || (1..).zip(text.chars());
    characters().for_each(|at| add(peculiar_character(at.1), at));
    if is_domain || field == Field::Network {
        let sentence = is_domain && is_sentence(text);
        let mut label = None;
        for at in characters().filter(|at| peculiar_character(at.1).is_none()) {
            match at.1 {
                '@' if is_domain => add(Some(Peculiarity::UserInfo), at),
                ' ' if sentence => add(Some(Peculiarity::Sentence), at),
                ' ' if is_domain => add(Some(Peculiarity::Space), at),
                _ => {}
            }
            let (kind, at) = in_host(at, &mut label);
            add(kind, at);
        }
    }
    if let Some(at) = no_host(text).filter(|_| is_domain) {
        add(Some(Peculiarity::NotAHost), at);
    }
    all
}

/// The first character of ASCII that does not stand in an authority, apart from a space and an `@`,
/// which have names of their own.
fn no_host(domain: &str) -> Option<Placed> {
    let (before, authority) = match split_scheme(domain) {
        Some((scheme, authority)) => (scheme.chars().count() + "://".len(), authority),
        None => (0, domain),
    };
    // what has a name of its own is no other fault
    let plain = |c: char| if c.is_ascii() && c != ' ' { c } else { 'x' };
    let plain: String = authority.chars().map(plain).collect();
    let place = match grammar::domain(&plain).err()? {
        GrammarError::Character { place, .. } => place,
        GrammarError::Port => return None,
        // an address between brackets
        _ => authority.chars().position(|c| c == '[')? + 1,
    };
    // what stood there, not what it was taken for: that has a name of its own
    let character = authority.chars().nth(place.checked_sub(1)?)?;
    let is_own = character.is_ascii() && !matches!(character, ' ' | '@');
    is_own.then_some((before + place, character))
}

/// A character, behind its place.
type Placed = (usize, char);

/// What is peculiar about a character wherever it stands.
#[must_use]
pub const fn peculiar_character(c: char) -> Option<Peculiarity> {
    Some(match c {
        '\0'..='\u{ac}' => return None,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' => Peculiarity::Bidi,
        '\u{2066}'..='\u{2069}' => Peculiarity::Bidi,
        '\u{2028}' | '\u{2029}' => Peculiarity::LineSeparator,
        '\u{e0000}'..='\u{e007f}' => Peculiarity::Tag,
        '\u{fdd0}'..='\u{fdef}' => Peculiarity::Noncharacter,
        c if c as u32 & 0xfffe == 0xfffe => Peculiarity::Noncharacter,
        // Default_Ignorable_Code_Point, but for U+FE0E and U+FE0F, which choose how an emoji looks
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0d}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0080}'..='\u{e0fff}' => Peculiarity::Invisible,
        // the brackets of annotations, which are not seen either
        '\u{fff9}'..='\u{fffb}' => Peculiarity::Invisible,
        _ => return None,
    })
}

/// Scripts that domains are written in. Chinese, Japanese and Korean count as one, and may stand
/// beside Latin, as the highly restrictive level of UTS 39 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Latin,
    EastAsian,
    Greek,
    Cyrillic,
    Armenian,
    Hebrew,
    Arabic,
    Devanagari,
    Thai,
    Georgian,
}

/// Composed letters only, none that stands for other letters (NFKC).
const SCRIPTS: &[(char, char, Script)] = &[
    ('\u{c0}', '\u{d6}', Script::Latin),
    ('\u{d8}', '\u{f6}', Script::Latin),
    ('\u{f8}', '\u{131}', Script::Latin),
    ('\u{134}', '\u{13e}', Script::Latin),
    ('\u{141}', '\u{148}', Script::Latin),
    ('\u{14a}', '\u{17e}', Script::Latin),
    ('\u{218}', '\u{21b}', Script::Latin),
    ('\u{386}', '\u{386}', Script::Greek),
    ('\u{388}', '\u{3ce}', Script::Greek),
    ('\u{400}', '\u{481}', Script::Cyrillic),
    ('\u{48a}', '\u{52f}', Script::Cyrillic),
    ('\u{531}', '\u{556}', Script::Armenian),
    ('\u{561}', '\u{586}', Script::Armenian),
    ('\u{5d0}', '\u{5ea}', Script::Hebrew),
    ('\u{620}', '\u{63f}', Script::Arabic),
    ('\u{641}', '\u{64a}', Script::Arabic),
    ('\u{66e}', '\u{674}', Script::Arabic),
    ('\u{679}', '\u{6d3}', Script::Arabic),
    ('\u{900}', '\u{939}', Script::Devanagari),
    ('\u{93e}', '\u{94d}', Script::Devanagari),
    ('\u{e01}', '\u{e3a}', Script::Thai),
    ('\u{e40}', '\u{e4e}', Script::Thai),
    ('\u{10d0}', '\u{10fa}', Script::Georgian),
    ('\u{1ea0}', '\u{1ef9}', Script::Latin),
    ('\u{3005}', '\u{3005}', Script::EastAsian),
    ('\u{3041}', '\u{3096}', Script::EastAsian),
    ('\u{30a1}', '\u{30fa}', Script::EastAsian),
    ('\u{30fc}', '\u{30fc}', Script::EastAsian),
    ('\u{3400}', '\u{4dbf}', Script::EastAsian),
    ('\u{4e00}', '\u{9fff}', Script::EastAsian),
    ('\u{ac00}', '\u{d7a3}', Script::EastAsian),
    ('\u{20000}', '\u{2ebef}', Script::EastAsian),
    ('\u{30000}', '\u{323af}', Script::EastAsian),
];

/// What is known of a label so far: its script, and its first letter beyond ASCII.
type Label = Option<(Script, Option<Placed>)>;

/// Judges a character of a host, and answers which one is to be named.
fn in_host(at: Placed, label: &mut Label) -> (Option<Peculiarity>, Placed) {
    let c = at.1;
    let script = match c {
        'a'..='z' | 'A'..='Z' => Script::Latin,
        '0'..='9' | '-' | '_' => return (None, at),
        '\0'..='\u{7f}' => {
            // a label ends here, or a word
            *label = None;
            return (None, at);
        }
        '\u{300}'..='\u{36f}' | '\u{3099}' | '\u{309a}' | '\u{1100}'..='\u{11ff}' => {
            return (Some(Peculiarity::Decomposed), at);
        }
        '\u{ff01}'..='\u{ffee}' => return (Some(Peculiarity::FullWidth), at),
        c => {
            let mut scripts = SCRIPTS.iter();
            match scripts.find(|(first, last, _)| (*first..=*last).contains(&c)) {
                Some((_, _, script)) => *script,
                None => return (Some(Peculiarity::Sign), at),
            }
        }
    };
    let beyond = (!c.is_ascii()).then_some(at);
    let (before, named) = label.unwrap_or((script, None));
    let (fits, now) = match (before, script) {
        (Script::EastAsian, Script::Latin) | (Script::Latin, Script::EastAsian) => {
            (true, Script::EastAsian)
        }
        (before, script) => (before == script, before),
    };
    *label = Some((now, named.or(beyond)));
    if fits {
        return (beyond.map(|_| Peculiarity::BeyondAscii), at);
    }
    (
        Some(Peculiarity::MixedScript),
        beyond.or(named).unwrap_or(at),
    )
}

/// Whether words name a host, or read as if they belonged to the sign-in text.
fn is_sentence(text: &str) -> bool {
    let names_host = |word: &str| {
        word.split_once('.').is_some_and(|(before, after)| {
            before.ends_with(char::is_alphanumeric) && after.starts_with(char::is_alphabetic)
        })
    };
    text.contains(' ')
        && (text.contains("wants you to sign in")
            || text.contains(": ")
            || text.ends_with(':')
            || text.contains("://")
            || text.split(' ').any(names_host))
}

#[cfg(test)]
mod tests;
