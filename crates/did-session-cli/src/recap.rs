//! ReCaps (ERC-5573) at the command line: how they are given, and how they are shown.

use clap::{Args, ValueHint};
use did_session::Request;
use did_session::cacao::recap::{Abilities, Recap, Rendering, Restriction, SignedRecap, is_recap};
use did_session::cacao::{Payload, Requirement, VerifiedCacao};
use serde::Serialize;
use serde_json::Value;

use crate::input::Input;
use crate::output::Lines;
use crate::value::Unquoted;

/// The abilities that a capability must grant.
#[derive(Args, Debug, Default)]
pub(crate) struct RecapArg {
    /// Refuse it unless it grants the abilities of this ReCap (ERC-5573): a file, or the text
    /// itself, as JSON {"att":{TARGET:{"NAMESPACE/ABILITY":[{}]}}} or as a urn:recap: resource.
    #[arg(long, value_name = "FILE", value_parser = RECAP, value_hint = ValueHint::FilePath)]
    recap: Option<Recap>,
}

/// Reads a ReCap.
pub(crate) const RECAP: Unquoted<Recap> = Unquoted(|argument| {
    if argument.is_empty() {
        return Err("is empty: name a file, or - for standard input".to_owned());
    }
    let input = Input::read_or_inline(argument, "ReCap").map_err(|failure| failure.to_string())?;
    let text = input
        .require_text()
        .map_err(|failure| failure.to_string())?;
    let read = if is_recap(text) {
        text.parse()
    } else {
        Recap::from_json(text)
    };
    read.map_err(|error| format!("{}: {error}", input.name()))
});

impl RecapArg {
    pub(crate) fn require(&self, requirement: Requirement) -> Requirement {
        match &self.recap {
            Some(recap) => requirement.with_recap(recap.clone()),
            None => requirement,
        }
    }
}

/// Asks for what a capability grants, again: its ReCap as one, so that another statement says it,
/// too.
pub(crate) fn same_request(verified: &VerifiedCacao, statement: Option<&str>) -> Request {
    let payload = verified.payload();
    let mut resources: Vec<_> = payload.resources().collect();
    let mut own = payload.statement();
    // one that we would not write is asked for as it stands
    let recap = verified
        .recap()
        .and_then(|signed| Some((signed, signed.to_recap().ok()?)));
    if let Some((signed, _)) = &recap {
        resources.pop();
        let split = own.and_then(|own| signed.split_statement(own));
        own = split.map_or(own, |split| split.own);
    }
    let request = Request::new(payload.domain(), resources);
    let request = match statement.or(own) {
        Some(statement) => request.with_statement(statement),
        None => request.without_statement(),
    };
    match recap {
        Some((_, recap)) => request.with_recap(recap),
        None => request,
    }
}

/// What is shown of a ReCap.
#[derive(Debug, Serialize)]
pub(crate) struct ShownRecap {
    abilities: Vec<ShownAbility>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    proofs: Vec<String>,
    /// What it grants in words.
    translation: String,
    /// Whether the statement ends with these words, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_statement: Option<bool>,
    /// What would not be written in this way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ShownAbility {
    target: String,
    ability: String,
    restrictions: Vec<Value>,
}

impl ShownRecap {
    pub(crate) fn of(recap: &SignedRecap) -> Self {
        Self {
            abilities: shown(recap.abilities()),
            proofs: recap.proofs().iter().map(ToString::to_string).collect(),
            translation: recap.translation(Rendering::Erc5573),
            in_statement: None,
            notes: recap.notes().iter().map(ToString::to_string).collect(),
        }
    }

    /// The ReCap among the resources of a payload that nobody verified, if it can be read.
    pub(crate) fn of_payload(payload: &Payload) -> Option<Self> {
        let last = payload.resources().last().filter(|last| is_recap(last))?;
        let recap: SignedRecap = last.parse().ok()?;
        Some(Self::in_payload(&recap, payload.statement()))
    }

    /// The ReCap whose abilities count.
    pub(crate) fn of_verified(verified: &VerifiedCacao) -> Option<Self> {
        let recap = verified.recap()?;
        Some(Self::in_payload(
            recap,
            verified.signed_statement().as_deref(),
        ))
    }

    fn in_payload(recap: &SignedRecap, statement: Option<&str>) -> Self {
        let split = statement.and_then(|statement| recap.split_statement(statement));
        let mut shown = Self::of(recap);
        shown.in_statement = Some(split.is_some());
        if let Some(split) = split {
            split.translation.clone_into(&mut shown.translation);
        }
        shown
    }

    /// One line for each ability, and what is to be said beside.
    pub(crate) fn lines(&self, lines: &mut Lines) {
        lines.list("grants", self.abilities.iter().map(ShownAbility::line));
        lines.list("proofs", &self.proofs);
        if self.in_statement.is_none() {
            lines.add("in words", Some(&self.translation));
        }
        let unsaid = (self.in_statement == Some(false))
            .then(|| "the statement does not say what this ReCap grants".to_owned());
        lines.list("note", unsaid.iter().chain(&self.notes));
    }
}

impl ShownAbility {
    fn line(&self) -> String {
        let Self {
            target,
            ability,
            restrictions,
        } = self;
        let free = |value: &Value| value.as_object().is_some_and(serde_json::Map::is_empty);
        if restrictions.is_empty() {
            format!("{ability} on {target}, though never (no restriction is listed)")
        } else if restrictions.iter().any(free) {
            format!("{ability} on {target}")
        } else {
            let ways: Vec<_> = restrictions.iter().map(Value::to_string).collect();
            format!("{ability} on {target}, restricted to {}", ways.join(" or "))
        }
    }
}

fn shown(abilities: &Abilities) -> Vec<ShownAbility> {
    let shown = abilities.iter();
    shown
        .map(|(target, ability, restrictions)| ShownAbility {
            target: target.to_owned(),
            ability: ability.to_string(),
            restrictions: restrictions.iter().map(Restriction::to_value).collect(),
        })
        .collect()
}
