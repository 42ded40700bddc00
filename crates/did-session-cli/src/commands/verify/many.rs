//! `verify --many`: one input a line, judged across the cores, one by one, in bounded memory.

use did_session::cacao::Cacao;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde::Serialize;
use std::io::Read;
use std::time::Duration;

use super::args::Verify;
use super::judge::Judging;
use super::verdict::Verdict;
use crate::args::Globals;
use crate::document::Document;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, Blocks};
use crate::output::{self, BAD, json_line};

/// What became of the lines.
#[derive(Debug, Default)]
struct Tally {
    accepted: u64,
    refused: u64,
    unreadable: u64,
}

/// What is printed of a line with `--json`.
#[derive(Serialize)]
struct Report<'a> {
    line: u64,
    #[serde(flatten)]
    verdict: &'a Verdict,
}

/// Judges every line of a file, or of standard input; prints as it goes. Ends as the worst line
/// does: unreadable, refused, accepted.
pub(super) fn run(
    verify: &Verify,
    argument: &str,
    capability: Option<&Cacao>,
    globals: &Globals,
) -> Result<Exit, Failure> {
    let (reader, name, len): (Box<dyn Read>, _, _) = if argument == "-" {
        input::tell_what_is_read("lines that are to be verified");
        (Box::new(std::io::stdin().lock()), "standard input", None)
    } else {
        let file = input::open(argument)?;
        let len = file.metadata().ok().filter(std::fs::Metadata::is_file);
        (Box::new(file), argument, len.map(|metadata| metadata.len()))
    };
    let json = globals.json;
    let judging = Judging::of_many(verify, globals)?;
    let progress = progress(len);
    let (mut tally, mut blocks) = (Tally::default(), Blocks::new(reader, name));
    while let Some(block) = blocks.next_lines()? {
        let judged: Vec<_> = block
            .par_split(|byte| *byte == b'\n')
            .map(|line| judge(verify, &judging, line, capability))
            .collect();
        let mut text = String::new();
        // what stands behind the last line end of a block is no line
        let lines = judged.len() - usize::from(block.ends_with(b"\n"));
        for (exit, verdict) in judged.iter().take(lines) {
            let line = tally.count(*exit);
            if json {
                text.push_str(&json_line(&Report { line, verdict }));
                text.push('\n');
            } else if *exit != Exit::Yes {
                text.push_str(&complaint(line, *exit, verdict));
            }
        }
        if !text.is_empty() {
            progress.suspend(|| output::print(&text))?;
        }
        progress.inc(block.len() as u64);
        progress.set_message(format!("{} lines", tally.lines()));
    }
    progress.finish_and_clear();
    if tally.lines() == 0 {
        return Err(Failure::input("nothing_to_verify", "holds no line").about(name));
    }
    if !json {
        output::print(&tally.summary())?;
    }
    if tally.unreadable > 0 {
        let line = format!(
            "{} of {} lines cannot be read",
            tally.unreadable,
            tally.lines()
        );
        output::complain(&Failure::input("unreadable_lines", line).about(name));
    }
    Ok(tally.exit())
}

/// One line; it may hold a secret, so that nothing of it is repeated.
fn judge(
    verify: &Verify,
    judging: &Judging,
    line: &[u8],
    capability: Option<&Cacao>,
) -> (Exit, Verdict) {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let judged = std::str::from_utf8(line)
        .map_err(|_| Failure::input("not_text", "is not a valid UTF-8 text"))
        .and_then(|text| Document::from_text(text, &verify.signature_of))
        .and_then(|document| verify.judge_by(judging, &document, capability));
    match judged {
        Ok(verdict) if verdict.valid => (Exit::Yes, verdict),
        Ok(verdict) => (Exit::No, verdict),
        Err(failure) => (failure.exit(), Verdict::refused(&failure)),
    }
}

fn complaint(line: u64, exit: Exit, verdict: &Verdict) -> String {
    let what = if exit == Exit::No {
        "refused"
    } else {
        "unreadable"
    };
    let (code, detail) = (verdict.code, &verdict.detail);
    format!("line {line}: {BAD}{what}{BAD:#} ({code}): {detail}\n")
}

impl Tally {
    /// Counts a line, and answers its number.
    fn count(&mut self, exit: Exit) -> u64 {
        match exit {
            Exit::Yes => self.accepted += 1,
            Exit::No => self.refused += 1,
            Exit::Input | Exit::Store => self.unreadable += 1,
        }
        self.lines()
    }

    const fn lines(&self) -> u64 {
        self.accepted + self.refused + self.unreadable
    }

    fn summary(&self) -> String {
        let Self {
            accepted,
            refused,
            unreadable,
        } = self;
        format!(
            "{} lines: {accepted} accepted, {refused} refused, {unreadable} unreadable",
            self.lines()
        )
    }

    const fn exit(&self) -> Exit {
        match (self.unreadable, self.refused) {
            (0, 0) => Exit::Yes,
            (0, _) => Exit::No,
            _ => Exit::Input,
        }
    }
}

/// A bar on a terminal, if the length is known; otherwise nothing.
fn progress(len: Option<u64>) -> ProgressBar {
    let (bar, template) = match len {
        Some(len) => (
            ProgressBar::new(len),
            "{bar:30} {percent} % · {msg} · {eta}",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {bytes} · {msg}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
