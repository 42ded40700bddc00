//! How values of arguments are read: what is refused is never repeated.

use clap::Arg;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use did_session::cacao::{self, Issuer};
use std::ffi::OsStr;

/// Above the arguments that every command takes.
pub(crate) const COMMON: &str = "Common options";

/// Reads an issuer. What is none may be a session string, a secret, that was given by mistake.
pub(crate) const ISSUER: Unquoted<Issuer> = Unquoted(|text| {
    text.parse()
        .map_err(|error: cacao::Error| error.to_string())
});

/// Reads a value by a function that says what is wrong with it. What is refused is not repeated,
/// as the usual messages do: it may be a secret, or hold one.
#[derive(Debug)]
pub(crate) struct Unquoted<T>(pub(crate) fn(&str) -> Result<T, String>);

impl<T> Clone for Unquoted<T> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Unquoted<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        (self.0)(&value.to_string_lossy()).map_err(|why| {
            let argument = argument.map_or_else(|| "<VALUE>".to_owned(), ToString::to_string);
            let line = format!("invalid value for '{argument}': {why}");
            command.clone().error(ErrorKind::ValueValidation, line)
        })
    }
}
