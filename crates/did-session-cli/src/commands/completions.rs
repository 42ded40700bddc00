//! `completions`: the script by which a shell completes arguments.

use clap::Args;
use clap_complete::Shell;
use serde::Serialize;
use std::fmt;
use std::path::Path;

use crate::args::Globals;
use crate::complete;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Answer;

/// What shells know the program by.
const NAME: &str = "did-session";

/// Print the script by which a shell completes arguments.
///
/// Commands, options and files are completed, and what is stored: accounts, profiles, resources and
/// domains (of a sealed store only accounts and profiles). The script calls did-session, so that it
/// stays right when sessions come and go. Load it whenever a shell starts.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  echo 'source <(did-session completions bash)' >> ~/.bashrc
  echo 'source <(did-session completions zsh)' >> ~/.zshrc
  did-session completions fish \\
      > ~/.config/fish/completions/did-session.fish")]
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
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let shell = self.shell.to_string();
        let script = complete::script(&shell, NAME, &program())
            .map_err(|error| Failure::io("the script cannot be made").caused_by(&error))?;
        let script = Script {
            shell,
            script: String::from_utf8_lossy(&script).into_owned(),
        };
        Ok(Answer::new(Exit::Yes, globals.json, &script))
    }
}

/// The program that is called: the one that is found by its name, or this one, if it was started by
/// a path.
fn program() -> String {
    let started = std::env::args_os().next().unwrap_or_default();
    let started = Path::new(&started);
    if started.components().count() < 2 {
        return NAME.to_owned();
    }
    let whole = std::path::absolute(started).unwrap_or_else(|_| started.to_owned());
    whole.display().to_string()
}
