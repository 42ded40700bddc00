//! The terminal: how wide it is, and how lines are laid out to fit it. What is written elsewhere,
//! to a file or another program, is never cut or wrapped.

use std::io::IsTerminal as _;
use terminal_size::{Width, terminal_size_of};
use textwrap::{Options, WordSplitter};

/// Fewer columns than this are no use to anybody: lines are laid out for as many.
const LEAST: usize = 40;

/// The columns of standard output, if it is a terminal.
pub(crate) fn columns() -> Option<usize> {
    columns_of(std::io::stdout())
}

/// The columns of standard error, if it is a terminal.
pub(crate) fn columns_on_stderr() -> Option<usize> {
    columns_of(std::io::stderr())
}

#[cfg(unix)]
fn columns_of(stream: impl std::os::fd::AsFd) -> Option<usize> {
    terminal_size_of(stream).map(usable)
}

#[cfg(windows)]
fn columns_of(stream: impl std::os::windows::io::AsHandle) -> Option<usize> {
    terminal_size_of(stream).map(usable)
}

fn usable((Width(columns), _): (Width, terminal_size::Height)) -> usize {
    usize::from(columns).max(LEAST)
}

/// Whether somebody types what standard input reads.
pub(crate) fn is_typed() -> bool {
    std::io::stdin().is_terminal()
}

/// Whether somebody reads what is said on standard error while a command runs.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// How an input that is typed is ended.
pub(crate) const END_OF_INPUT: &str = if cfg!(windows) {
    "Ctrl-Z and Enter"
} else {
    "Ctrl-D"
};

/// Breaks a line between words, so that it fits so many columns. The first line goes on behind so
/// many that are taken, the others begin behind a margin. Words are never broken: they may be what
/// somebody copies.
pub(crate) fn wrap(text: &str, columns: Option<usize>, taken: usize, margin: usize) -> String {
    let Some(columns) = columns else {
        return text.to_owned();
    };
    let (taken, margin) = (" ".repeat(taken), " ".repeat(margin));
    let options = Options::new(columns)
        .initial_indent(&taken)
        .subsequent_indent(&margin)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    let lines = textwrap::wrap(text, options).join("\n");
    lines.strip_prefix(&taken).unwrap_or(&lines).to_owned()
}

/// Lines that are laid out already: those that are too long are broken between words.
pub(crate) fn wrap_lines(text: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns else {
        return text.to_owned();
    };
    let options = Options::new(columns)
        .subsequent_indent("  ")
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    let mut wrapped = String::with_capacity(text.len());
    for line in text.lines() {
        if width(line) <= columns {
            wrapped.push_str(line);
        } else {
            wrapped.push_str(&textwrap::wrap(line, &options).join("\n"));
        }
        wrapped.push('\n');
    }
    wrapped
}

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    textwrap::core::display_width(text)
}

/// Shortens a text in its middle to so many columns: an account or a key is recognised by its two
/// ends.
pub(crate) fn shorten(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let kept = columns.saturating_sub(1).max(2);
    let take = |characters: &mut dyn Iterator<Item = char>, columns: usize| {
        let mut taken = String::new();
        for character in characters {
            taken.push(character);
            if width(&taken) > columns {
                taken.pop();
                break;
            }
        }
        taken
    };
    // what a text begins with says of what kind it is, and needs the longer part
    let tail = take(&mut text.chars().rev(), kept * 2 / 5);
    let tail: String = tail.chars().rev().collect();
    let head = take(&mut text.chars(), kept - width(&tail));
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_never_within_one() {
        let text = "one two three-four 0123456789012345678901234567890123456789 five";
        let wrapped = wrap(text, Some(20), 6, 4);
        assert_eq!(
            wrapped,
            "one two\n    three-four\n    0123456789012345678901234567890123456789\n    five"
        );
        assert_eq!(wrap(text, None, 6, 4), text);
        assert_eq!(wrap("", Some(20), 6, 4), "");
    }

    #[test]
    fn lines_that_fit_stay_as_they_are() {
        let text = "\u{1b}[1m0123456789 0123456789 0123456789\u{1b}[0m 0123456789\n\n  one   two\n";
        let wrapped = wrap_lines(text, Some(40));
        assert_eq!(
            wrapped,
            "\u{1b}[1m0123456789 0123456789 0123456789\u{1b}[0m\n  0123456789\n\n  one   two\n"
        );
        assert_eq!(wrap_lines(text, None), text);
    }

    #[test]
    fn the_middle_is_left_out() {
        let account = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";
        assert_eq!(shorten(account, 80), account);
        let short = shorten(account, 22);
        assert_eq!(short, "eip155:1:0x97…6b15dc44");
        assert_eq!(width(&short), 22);
        for columns in 3..60 {
            assert!(width(&shorten(account, columns)) <= columns, "{columns}");
            assert!(
                width(&shorten(&"表".repeat(40), columns)) <= columns,
                "{columns}"
            );
        }
        assert_eq!(shorten("abc", 3), "abc");
        assert_eq!(shorten("abcd", 3), "ab…");
    }
}
