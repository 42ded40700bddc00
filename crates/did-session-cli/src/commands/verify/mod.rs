//! `verify`: does a session string, a capability, a sign-in text or a JWS hold?

mod args;
mod judge;
mod many;
#[cfg(test)]
mod vectors;
mod verdict;

pub(crate) use args::Verify;

use crate::args::Globals;
use crate::document::Document;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Answer;
use verdict::Verdict;

impl Verify {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        if let Some(many) = &self.many {
            return self.run_many(many, globals);
        }
        if self.file == "-" && self.capability.as_deref() == Some("-") {
            let line = "standard input cannot be both the JWS and its capability";
            return Err(Failure::usage(line));
        }
        let document = match Document::read(
            &self.file,
            "text that is to be verified",
            &self.signature_of,
        ) {
            Ok(document) => document,
            // read, and refused for what it says: an algorithm that is not known, for example
            Err(failure) if failure.exit() == Exit::No => {
                return Ok(Answer::new(
                    Exit::No,
                    globals.json,
                    &Verdict::refused(&failure),
                ));
            }
            Err(failure) => return Err(failure),
        };
        let capability = match &self.capability {
            Some(argument) => Some(Document::read_capability(argument)?),
            None => None,
        };
        let waiting = globals.nodes.waiting();
        let verdict = self.judge(globals, &document, capability.as_ref())?;
        drop(waiting);
        let exit = if verdict.valid { Exit::Yes } else { Exit::No };
        Ok(Answer::new(exit, globals.json, &verdict))
    }

    /// The lines are printed when they were judged; nothing is left to say.
    fn run_many(&self, many: &str, globals: &Globals) -> Result<Answer, Failure> {
        if many == "-" && self.capability.as_deref() == Some("-") {
            let line = "standard input cannot be both the lines and their capability";
            return Err(Failure::usage(line));
        }
        let capability = match &self.capability {
            Some(argument) => Some(Document::read_capability(argument)?),
            None => None,
        };
        let exit = many::run(self, many, capability.as_ref(), globals)?;
        Ok(Answer::silent(exit))
    }
}
