//! What a command prints: one text for people or one JSON document for machines, on standard
//! output; failures on standard error.

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::{ErrorKind, Write};
use zeroize::Zeroizing;

use crate::escape::{escaped, is_not_seen, is_unprintable, json_escape, printable, text_escape};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal;

/// A heading.
pub(crate) const HEADING: Style = Style::new().bold();
// colours that are read on a dark background and on a light one: neither yellow nor cyan nor blue
/// What is said about a value, beside it.
pub(crate) const LABEL: Style = Style::new().dimmed();
/// Good news.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Bad news.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// News to look at.
pub(crate) const WARN: Style = AnsiColor::Magenta.on_default().bold();

/// What a command answers. It may hold a secret (`export`), so it is wiped.
pub(crate) struct Answer {
    exit: Exit,
    text: Zeroizing<String>,
    /// What is done once it is printed.
    then: Option<Then>,
}

type Then = Box<dyn FnOnce() -> Result<(), Failure>>;

impl Answer {
    /// An answer for people by its `Display`, for machines by its `Serialize`.
    pub(crate) fn new<T: Display + Serialize>(exit: Exit, json: bool, report: &T) -> Self {
        let text = Zeroizing::new(if json {
            json_line(report)
        } else {
            report.to_string()
        });
        if json {
            return Self::of(exit, text);
        }
        // the colours are control characters, and stay
        match escaped(&text, is_not_seen, text_escape) {
            Cow::Borrowed(_) => Self::of(exit, text),
            Cow::Owned(visible) => Self::of(exit, Zeroizing::new(visible)),
        }
    }

    /// An answer for machines: a JSON document, or a text of ASCII.
    pub(crate) fn text(exit: Exit, text: Zeroizing<String>) -> Self {
        match escaped(&text, |c| c != '\n' && is_unprintable(c), json_escape) {
            Cow::Borrowed(_) => Self::of(exit, text),
            Cow::Owned(visible) => Self::of(exit, Zeroizing::new(visible)),
        }
    }

    const fn of(exit: Exit, text: Zeroizing<String>) -> Self {
        Self {
            exit,
            text,
            then: None,
        }
    }

    /// What to do once it is printed, and to leave undone if it cannot be: nobody reads as long
    /// as the pipe is closed.
    pub(crate) fn then(mut self, then: impl FnOnce() -> Result<(), Failure> + 'static) -> Self {
        self.then = Some(Box::new(then));
        self
    }

    /// Everything was printed already.
    pub(crate) fn silent(exit: Exit) -> Self {
        Self::text(exit, Zeroizing::default())
    }

    /// Prints it, and answers how the process ends.
    pub(crate) fn print(self) -> Result<Exit, Failure> {
        if let Some(then) = self.then {
            write(&self.text).map_err(|error| unwritten(&error))?;
            then()?;
        } else if !self.text.is_empty() {
            print(&self.text)?;
        }
        Ok(self.exit)
    }
}

/// One JSON document in one line.
pub(crate) fn json_line<T: Serialize>(value: &T) -> String {
    // texts, numbers and maps with text keys: serde_json has nothing here that it could refuse
    let line = serde_json::to_string(value).unwrap_or_default();
    match escaped(&line, is_unprintable, json_escape) {
        Cow::Borrowed(_) => line,
        Cow::Owned(visible) => visible,
    }
}

/// Writes a text and a line feed to standard output; colours only where they are wanted.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match write(text) {
        // the reader has read enough, and closed the pipe
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| unwritten(&error)),
    }
}

fn unwritten(error: &std::io::Error) -> Failure {
    Failure::io("cannot write to standard output").caused_by(error)
}

fn write(text: &str) -> std::io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// Says on standard error what went wrong. When that cannot be written either, the exit code
/// still tells.
pub(crate) fn complain(failure: &Failure) {
    say("error", BAD, failure);
}

/// Says on standard error what should be looked at.
pub(crate) fn warn(what: impl Display) {
    say("warning", WARN, what);
}

/// Says on standard error what is waited for, if somebody reads it there.
pub(crate) fn note(what: impl Display) {
    if terminal::is_watched() {
        say("note", LABEL, what);
    }
}

/// Writes a text of several lines to standard error.
pub(crate) fn print_to_stderr(text: &str) {
    let mut err = anstream::stderr().lock();
    let _ = write!(err, "{}", escaped(text, is_not_seen, text_escape));
}

fn say(label: &str, style: Style, what: impl Display) {
    let what = what.to_string();
    let mut err = anstream::stderr().lock();
    let columns = terminal::columns_on_stderr();
    let line = sentence(label, style, ": ", &printable(&what), columns);
    let _ = writeln!(err, "{line}");
}

/// What is said behind a coloured label; on a terminal broken between words, and indented.
fn sentence(
    label: &str,
    style: Style,
    between: &str,
    what: &str,
    columns: Option<usize>,
) -> String {
    const MARGIN: usize = 2;
    let taken = terminal::width(label) + between.len();
    let what = terminal::wrap(what, columns, taken, MARGIN);
    format!("{style}{label}{style:#}{between}{what}")
}

/// A sentence for an answer: a coloured label, what is said behind it, and perhaps a code between
/// them.
#[derive(Debug)]
pub(crate) struct Sentence<'a> {
    pub(crate) label: &'a str,
    pub(crate) style: Style,
    pub(crate) code: Option<&'a str>,
    pub(crate) what: &'a str,
}

impl Display for Sentence<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let between = match self.code {
            Some(code) => format!(" ({code}): "),
            None => ": ".to_owned(),
        };
        let what = printable(self.what);
        let columns = terminal::columns();
        f.write_str(&sentence(self.label, self.style, &between, &what, columns))
    }
}

/// Whether standard error takes colours.
pub(crate) fn colours_on_stderr() -> bool {
    AutoStream::choice(&std::io::stderr()) != ColorChoice::Never
}

/// Lines of `label  value`, the values below one another.
#[derive(Debug, Default)]
pub(crate) struct Lines(Vec<Line>);

#[derive(Debug)]
struct Line {
    label: &'static str,
    value: String,
    /// Whether it is to be copied as it is, JSON for example.
    is_exact: bool,
}

impl Lines {
    /// Adds a line, if there is a value.
    pub(crate) fn add<T: Display>(&mut self, label: &'static str, value: Option<T>) {
        self.push(label, value, false);
    }

    /// As [`add`](Self::add), for a value that a line break would make another one.
    pub(crate) fn exact<T: Display>(&mut self, label: &'static str, value: Option<T>) {
        self.push(label, value, true);
    }

    /// Adds a list, one line each.
    pub(crate) fn list<T: Display>(
        &mut self,
        label: &'static str,
        values: impl IntoIterator<Item = T>,
    ) {
        let mut label = label;
        for value in values {
            self.add(label, Some(value));
            label = "";
        }
    }

    fn push<T: Display>(&mut self, label: &'static str, value: Option<T>, is_exact: bool) {
        self.0.extend(value.map(|value| Line {
            label,
            value: value.to_string(),
            is_exact,
        }));
    }

    fn lay_out(&self, columns: Option<usize>) -> String {
        let width = self.0.iter().map(|line| line.label.len()).max();
        let width = width.unwrap_or_default();
        let mut text = String::new();
        for line in &self.0 {
            let shown = printable(&line.value);
            let fits = |columns| width + 4 + terminal::width(&shown) <= columns;
            let value = match columns {
                // alone in its lines, it can be selected and copied as a whole
                Some(columns) if line.is_exact && !fits(columns) => format!("\n{shown}"),
                _ if line.is_exact => shown.into_owned(),
                // what goes on stands further in, so that it is not taken for a value of its own
                _ => terminal::wrap(&shown, columns, width + 4, width + 6),
            };
            let label = line.label;
            // a String takes whatever is written
            let _ = writeln!(text, "  {LABEL}{label:width$}{LABEL:#}  {value}");
        }
        text
    }
}

impl Display for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.lay_out(terminal::columns()))
    }
}

/// Rows below a heading, the columns below one another.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
    shortened: &'static [usize],
}

impl<const N: usize> Table<N> {
    /// A column is never shorter than this.
    const LEAST: usize = 12;
    const GAP: &str = "  ";

    pub(crate) fn new(heading: [&str; N]) -> Self {
        Self {
            rows: vec![heading.map(str::to_owned)],
            shortened: &[],
        }
    }

    /// The columns, counted from 0, whose cells are shortened in the middle where all together do
    /// not fit the terminal.
    pub(crate) const fn shortening(mut self, columns: &'static [usize]) -> Self {
        self.shortened = columns;
        self
    }

    pub(crate) fn row(&mut self, cells: [String; N]) {
        self.rows
            .push(cells.map(|cell| printable(&cell).into_owned()));
    }

    /// The lines, for a terminal of so many columns, or as wide as they are.
    pub(crate) fn fit(&self, columns: Option<usize>) -> String {
        let widths = self.widths(columns);
        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(widths) {
                let cell = terminal::shorten(cell, width);
                line.push_str(&cell);
                line.extend(std::iter::repeat_n(
                    ' ',
                    width.saturating_sub(terminal::width(&cell)),
                ));
                line.push_str(Self::GAP);
            }
            let line = line.trim_end();
            // a String takes whatever is written
            let _ = if index == 0 {
                writeln!(text, "{HEADING}{line}{HEADING:#}")
            } else {
                writeln!(text, "{line}")
            };
        }
        text
    }

    /// The widths of the columns: the widest of those that may be shortened gives way first.
    fn widths(&self, columns: Option<usize>) -> [usize; N] {
        let widest = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| terminal::width(cell)).max().unwrap_or(0)
        };
        let mut widths: [usize; N] = std::array::from_fn(widest);
        let gaps = Self::GAP.len() * N.saturating_sub(1);
        let Some(room) = columns.map(|columns| columns.saturating_sub(gaps)) else {
            return widths;
        };
        while widths.iter().sum::<usize>() > room {
            let enumerated = widths.iter_mut().enumerate();
            let widest = enumerated
                .filter(|(column, width)| self.shortened.contains(column) && **width > Self::LEAST)
                .max_by_key(|(_, width)| **width);
            let Some((_, width)) = widest else {
                break;
            };
            *width -= 1;
        }
        widths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In text and in JSON, which stays the same document.
    #[test]
    fn what_is_not_seen_is_escaped_everywhere() {
        #[derive(Serialize)]
        struct Report(&'static str);

        impl Display for Report {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{GOOD}{}{GOOD:#}", self.0)
            }
        }

        let strange = "a\u{202e}\u{200b}\u{2028}\u{e0041}\u{ad}\u{feff}\u{fffe}ü👍";
        let plain = "a\\u{202e}\\u{200b}\\u{2028}\\u{e0041}\\u{ad}\\u{feff}\\u{fffe}ü👍";
        assert_eq!(printable(strange), plain);
        let text = Answer::new(Exit::Yes, false, &Report(strange)).text;
        assert_eq!(*text, format!("{GOOD}{plain}{GOOD:#}"));
        let json = Answer::new(Exit::Yes, true, &Report(strange)).text;
        let wanted = "\"a\\u202e\\u200b\\u2028\\udb40\\udc41\\u00ad\\ufeff\\ufffeü👍\"";
        assert_eq!(*json, wanted);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), strange);
        let deleted = json_line(&"\u{7f}\u{9b}\n");
        assert_eq!(deleted, "\"\\u007f\\u009b\\n\"");
        let machine = Answer::text(Exit::Yes, Zeroizing::new(format!("\"{strange}\"\n")));
        assert_eq!(*machine.text, format!("{wanted}\n"));
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn columns_stand_below_one_another() {
        let mut table = Table::new(["A", "LONG"]);
        table.row(["xyz".to_owned(), "1".to_owned()]);
        assert_eq!(plain(&table.fit(None)), "A    LONG\nxyz  1\n");
    }

    #[test]
    fn a_table_fits_the_terminal_and_only_what_may_be_shortened_is() {
        let account = "eip155:137:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";
        let key = "did:key:z6MksFbF9EwLtgULXutkTTihLF2kSbWpQQzJziffm2bJKYc3";
        let mut table = Table::new(["ISSUER", "KEY", "STATE"]).shortening(&[0, 1]);
        table.row([account, key, "unreadable"].map(str::to_owned));
        for columns in [60, 80, 120] {
            let text = plain(&table.fit(Some(columns)));
            for line in text.lines() {
                assert!(terminal::width(line) <= columns, "{columns}: {line}");
            }
            assert!(text.contains("unreadable") && text.contains('…'), "{text}");
        }
        for whole in [table.fit(None), table.fit(Some(200))] {
            assert!(whole.contains(account) && whole.contains(key), "{whole}");
        }
    }

    #[test]
    fn a_value_that_goes_on_is_not_taken_for_another_and_json_is_not_broken() {
        let mut lines = Lines::default();
        let resource = "ceramic://one and a text that goes on in the next line";
        lines.list("resources", [resource, "ceramic://two"]);
        let json = r#"{"statement":"words that would be broken otherwise"}"#;
        lines.exact("payload", Some(json));
        assert_eq!(
            plain(&lines.lay_out(Some(40))),
            format!(
                "  resources  ceramic://one and a text\n{0}  that goes on in the next\n{0}  \
                 line\n{0}ceramic://two\n  payload    \n{json}\n",
                " ".repeat(13)
            )
        );
        for columns in [Some(200), None] {
            let wide = plain(&lines.lay_out(columns));
            assert!(wide.ends_with(&format!("  payload    {json}\n")), "{wide}");
        }
    }

    #[test]
    fn a_sentence_leaves_room_for_its_label() {
        let said = sentence("error", BAD, ": ", "one two three four", Some(40));
        assert_eq!(plain(&said), "error: one two three four");
        let long = "the wallet did not sign, and so there is no session";
        let said = plain(&sentence("error", BAD, ": ", long, Some(40)));
        assert_eq!(
            said,
            "error: the wallet did not sign, and so\n  there is no session"
        );
        let said = plain(&sentence("error", BAD, ": ", long, None));
        assert_eq!(said, format!("error: {long}"));
    }
}
