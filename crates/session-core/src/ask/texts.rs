//! Makes sure that a wallet is asked only for texts that keep to the grammar and cannot be misread.

use super::Request;
use super::request::invalid;
use crate::error::Error;
use cacao::siwx::grammar::{self, GrammarError};
use cacao::siwx::{self, TextWarning};
use cacao::{Field, Issuer};
use std::fmt;

/// A text of a request that is outside of the grammar of EIP-4361, but for which a wallet may
/// still be asked.
///
/// Wallets that keep to the grammar refuse to sign it, or warn their user; verifiers that keep to
/// it refuse it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestWarning {
    option: &'static str,
    text: String,
    problem: GrammarError,
}

impl RequestWarning {
    /// The option, `domain` or `resources`.
    #[must_use]
    pub const fn option(&self) -> &'static str {
        self.option
    }

    /// The text, as it is asked for.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How it leaves the grammar.
    #[must_use]
    pub const fn problem(&self) -> &GrammarError {
        &self.problem
    }
}

impl fmt::Display for RequestWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            option,
            text,
            problem,
        } = self;
        write!(
            f,
            "the option {option} is outside of the grammar of EIP-4361, which wallets may refuse: \
             {text:?} {problem}"
        )
    }
}

impl Request {
    /// The texts that are outside of the grammar of EIP-4361, but for which a wallet may still
    /// be asked: a domain that is a name and not a host, and resources that are not URIs.
    #[must_use]
    pub fn warnings(&self) -> Vec<RequestWarning> {
        let warn = |option, text: &String, found: Result<(), GrammarError>| {
            found.err().map(|problem| RequestWarning {
                option,
                text: text.clone(),
                problem,
            })
        };
        let domain = warn("domain", &self.domain, grammar::domain(&self.domain));
        let resources = self.resources.iter();
        let resources = resources.filter_map(|text| warn("resources", text, grammar::uri(text)));
        domain.into_iter().chain(resources).collect()
    }

    /// Refuses texts that leave the grammar where nobody can mean that, and such in which a user
    /// would read something else than what stands there.
    pub(super) fn check_texts(&self, issuer: Option<&Issuer>) -> Result<(), Error> {
        let optional = [
            ("statement", Field::Statement, &self.statement),
            ("nonce", Field::Nonce, &self.nonce),
            ("request_id", Field::RequestId, &self.request_id),
        ];
        let optional = optional
            .into_iter()
            .filter_map(|(option, field, text)| Some((option, field, text.as_ref()?)));
        let resources = self.resources.iter();
        let resources = resources.map(|text| ("resources", Field::Resources, text));
        let domains = std::iter::once(("domain", Field::Domain, &self.domain));
        let accepted = self.accepted_domains.iter();
        let accepted = accepted.map(|text| ("accepted_domain", Field::Domain, text));
        for (option, field, text) in domains.chain(accepted).chain(optional).chain(resources) {
            let mut found = siwx::peculiar(field, text).into_iter();
            if let Some(warning) = found.find(|warning| warning.kind().misleads()) {
                return Err(misleading(option, &warning));
            }
        }
        let in_grammar = |option, found: Result<(), GrammarError>| {
            found.map_err(|problem| invalid(option, problem.to_string()))
        };
        if let Some(text) = &self.statement {
            in_grammar("statement", self.statement_in_grammar(text, issuer))?;
        }
        if let Some(text) = &self.nonce {
            in_grammar("nonce", grammar::nonce(text))?;
        }
        if let Some(text) = &self.request_id {
            in_grammar("request_id", grammar::request_id(text))?;
        }
        if self.strict_grammar
            && let Some(warning) = self.warnings().first()
        {
            return Err(invalid(warning.option, warning.problem.to_string()));
        }
        Ok(())
    }

    /// The grammar is one of ASCII. Where the wallets of a chain sign UTF-8, letters beyond ASCII
    /// may stand there too, unless the grammar is to be kept to the letter; the issuer may not be
    /// known yet, and is asked again when it is.
    fn statement_in_grammar(
        &self,
        text: &str,
        issuer: Option<&Issuer>,
    ) -> Result<(), GrammarError> {
        let is_ascii_only = issuer.is_some_and(|issuer| siwx::is_ascii_only(issuer.namespace()));
        match grammar::statement(text) {
            Err(GrammarError::Character { character, .. })
                if !character.is_ascii() && !is_ascii_only && !self.strict_grammar =>
            {
                // a stand-in of the same length, so that places stay what they are
                let rest: String = text
                    .chars()
                    .map(|c| {
                        if c.is_ascii() || c.is_control() {
                            c
                        } else {
                            'x'
                        }
                    })
                    .collect();
                grammar::statement(&rest)
            }
            found => found,
        }
    }
}

fn misleading(option: &'static str, warning: &TextWarning) -> Error {
    invalid(option, warning.clause().to_string())
}
