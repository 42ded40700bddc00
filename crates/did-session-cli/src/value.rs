//! How values of arguments are read: what is refused is never repeated.

use clap::Arg;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use did_session::cacao::{self, Issuer};
use did_session::didkey::DidKey;
use std::ffi::OsStr;

use crate::escape::printable;
use crate::failure::has_no_subject;

/// Above the arguments that every command takes.
pub(crate) const COMMON: &str = "Common options";

/// Reads an issuer. What is not one may be a session string, a secret, that was given by mistake.
pub(crate) const ISSUER: Unquoted<Issuer> = Unquoted(|text| {
    text.parse().map_err(|error: cacao::Error| {
        if is_address(text) {
            // it is of all chains, while an issuer is of one
            "is an address without its chain: write eip155:1: in front for the main chain of \
             Ethereum"
                .to_owned()
        } else {
            error.to_string()
        }
    })
});

/// Reads a text that is not empty. An empty one is a variable of the shell that is not set.
pub(crate) const WORD: Unquoted<String> = Unquoted(|text| match text {
    "" => Err("is empty".to_owned()),
    text => Ok(text.to_owned()),
});

/// Reads what a capability delegates to: a DID, or, for a sign-in text, another URI.
pub(crate) const AUDIENCE: Unquoted<String> = Unquoted(|text| {
    if text.starts_with("did:key:") {
        let key: Result<DidKey, _> = text.parse();
        return key
            .map(|_| text.to_owned())
            .map_err(|error| error.to_string());
    }
    if has_scheme(text) {
        return Ok(text.to_owned());
    }
    Err("is not a DID, such as did:key:z6Mk…, nor another URI".to_owned())
});

/// Reads the origin of a page or of an application: no browser names another.
pub(crate) const ORIGIN: Unquoted<String> = Unquoted(|text| {
    let is_origin = has_scheme(text)
        && match text.split_once("://") {
            Some((_, host)) => !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']),
            // android:apk-key-hash:…
            None => true,
        };
    if is_origin {
        return Ok(text.to_owned());
    }
    Err(
        "is not an origin: write a scheme and a host, and no slash behind it, such as \
         https://app.example"
            .to_owned(),
    )
});

/// Whether it is a URI by its beginning, and goes on behind its scheme.
fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
            && rest.contains(|c| c != ':' && c != '/')
    })
}

/// Whether a text may be an address: those of the chains have 26 to 62 letters and digits.
pub(crate) fn is_address(text: &str) -> bool {
    (26..=62).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The shortest name by which every command knows an issuer: the account, or the DID of a key.
pub(crate) fn name(issuer: &Issuer) -> String {
    let account = issuer.account();
    account.map_or_else(|| issuer.did(), ToString::to_string)
}

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
            let why = printable(&why);
            let line = if has_no_subject(&why) {
                format!("the value for '{argument}' {why}")
            } else {
                format!("invalid value for '{argument}': {why}")
            };
            command.clone().error(ErrorKind::ValueValidation, line)
        })
    }
}
