//! `completions`: the script that teaches a shell the arguments.

use clap::{Args, Command};
use clap_complete::Shell;
use serde::Serialize;
use std::fmt;

use crate::args::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Answer;

/// Print the completion script of a shell.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session completions bash > ~/.local/share/bash-completion/completions/did-session
  did-session completions fish > ~/.config/fish/completions/did-session.fish")]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

#[derive(Serialize)]
struct Script {
    shell: String,
    script: String,
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.script)
    }
}

impl Completions {
    pub(crate) fn run(&self, mut cli: Command, globals: &Globals) -> Result<Answer, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut cli, "did-session", &mut script);
        let script = Script {
            shell: self.shell.to_string(),
            script: String::from_utf8_lossy(&script).into_owned(),
        };
        Ok(Answer::new(Exit::Yes, globals.json, &script))
    }
}
