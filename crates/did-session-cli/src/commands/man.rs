//! `man`: the manual pages.

use clap::{Args, Command, ValueHint};
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, roman};
use serde::Serialize;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::args::Globals;
use crate::escape::printable;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, GOOD};

/// Write the manual pages, one for each command.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session man ~/.local/share/man/man1
  man did-session-login")]
pub(crate) struct Man {
    /// The directory; it is made if it is not there.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    directory: PathBuf,
}

#[derive(Serialize)]
struct Written {
    directory: String,
    pages: Vec<String>,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, directory) = (self.pages.len(), printable(&self.directory));
        writeln!(f, "{GOOD}written{GOOD:#}: {count} pages in {directory}")
    }
}

impl Man {
    pub(crate) fn run(&self, mut cli: Command, globals: &Globals) -> Result<Answer, Failure> {
        cli.build();
        let mut pages = Vec::new();
        std::fs::create_dir_all(&self.directory)
            .and_then(|()| write(&cli, &self.directory, &mut pages))
            .map_err(|error| match self.directory.metadata() {
                Ok(found) if !found.is_dir() => {
                    let line = "is not a directory: name one for the pages";
                    Failure::input("cannot_write", line).about(self.directory.display())
                }
                _ => Failure::cannot_write(&self.directory, &error),
            })?;
        pages.sort();
        let written = Written {
            directory: self.directory.display().to_string(),
            pages,
        };
        Ok(Answer::new(Exit::Yes, globals.json, &written))
    }
}

/// The page of a command, and those of the commands below it.
fn write(command: &Command, directory: &Path, pages: &mut Vec<String>) -> io::Result<()> {
    for below in command.get_subcommands() {
        write(below, directory, pages)?;
    }
    let page = Page::new(command.clone()).manual("DID sessions");
    let name = page.get_filename();
    let mut text = Vec::new();
    render(&page, command, &mut text)?;
    std::fs::write(directory.join(&name), text)?;
    pages.push(name);
    Ok(())
}

fn render(page: &Page, command: &Command, text: &mut Vec<u8>) -> io::Result<()> {
    page.render_title(text)?;
    page.render_name_section(text)?;
    synopsis(command).to_writer(text)?;
    page.render_description_section(text)?;
    page.render_options_section(text)?;
    if command.has_subcommands() {
        page.render_subcommands_section(text)?;
    }
    // lines of a shell, and lists, keep their line ends
    let help = command.get_after_help().map(ToString::to_string);
    let mut roff = Roff::new();
    for section in help.iter().flat_map(|help| help.split("\n\n")) {
        let (heading, lines) = section.split_once('\n').unwrap_or(("", section));
        let heading = heading.trim_end_matches(':').to_uppercase();
        roff.control("SH", [heading.as_str()]);
        roff.control("nf", []);
        for line in lines.lines() {
            roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        }
        roff.control("fi", []);
    }
    roff.to_writer(text)
}

/// The usage, as help has it: a list of every option would be read by nobody.
fn synopsis(command: &Command) -> Roff {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    roff.text([roman(usage)]);
    roff
}
