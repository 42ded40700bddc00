//! From text to payload.

use super::StatementForm;
use super::network::{may_name, namespace_of, namespace_of_form};
use super::{
    ACCOUNT, ASKS, AddressCase, ChainForm, Dialect, EmptyId, EmptyList, Envelope, FieldOrder, Gap,
    NETWORKS, NetworkName, Writer, is_legacy,
};
use crate::error::{Error, Field, shortened};
use crate::limits::{MAX_ENCODED_LEN, MAX_RESOURCES};
use crate::model::{Payload, next_line};
use crate::time::Timestamp;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Reads a text in any dialect: the payload, and the dialect that renders it to this very text.
///
/// The domain is everything before ` wants you to sign in with your `, whether or not it is a host.
/// Only [`SignedText::parse`](crate::SignedText::parse) reads a text that calls the network by
/// another name than that of its namespace, since a payload does not hold that name.
///
/// # Errors
/// [`Error::Text`] that names the line where the text leaves the grammar, [`Error::Field`] when
/// a value is not allowed, [`Error::TooLarge`].
pub fn parse(text: &str) -> Result<(Payload, Dialect), Error> {
    let Reading {
        payload, dialect, ..
    } = read(text)?;
    if dialect.network == NetworkName::Other {
        return Err(Error::Text {
            line: 1,
            detail: "the network by the name of its namespace",
            found: None,
        });
    }
    Ok((payload, dialect))
}

/// What stands in a text.
pub(crate) struct Reading<'a> {
    pub(crate) payload: Payload,
    pub(crate) dialect: Dialect,
    /// How it calls the network.
    pub(crate) network: &'a str,
}

/// As [`parse`], under whatever name of the network.
pub(crate) fn read(text: &str) -> Result<Reading<'_>, Error> {
    if text.len() > MAX_ENCODED_LEN {
        return Err(Error::TooLarge {
            what: "sign-in text",
            limit: MAX_ENCODED_LEN,
        });
    }
    let mut lines = Lines::new(text);
    let (domain, network) = lines.first()?;
    let address = lines.next("an address")?;
    lines.blank("a blank line after the address")?;
    let (statement, gap) = lines.statement()?;
    let audience = lines.field("URI: ", "`URI: `")?;
    if lines.field("Version: ", "`Version: `")? != Payload::VERSION {
        return Err(lines.error("`Version: 1`"));
    }
    let chain = lines.optional("Chain ID: ");
    // where it should stand, and what stands there, if it is missing
    let (chain_line, instead) = match chain {
        Some(_) => (lines.number, None),
        None => (lines.number + 1, lines.peek()),
    };
    let nonce = lines.field("Nonce: ", "`Nonce: `")?;
    let issued_at = lines.field("Issued At: ", "`Issued At: `")?;
    let expires_at = lines.optional("Expiration Time: ");
    let not_before = lines.optional("Not Before: ");
    let request_id = lines.optional("Request ID: ");
    let is_last = chain.is_none();
    let chain = match chain {
        Some(chain) => chain,
        None => match lines.optional("Chain ID: ") {
            Some(chain) => chain,
            None => return Err(at(chain_line, CHAIN_FIRST, instead)),
        },
    };
    let resources = lines.resources()?;

    let (namespace, reference, chain) = account_of(network, chain, address)?;
    let account = format!("{namespace}:{reference}:{address}");
    let account: crate::AccountId = account.parse().map_err(|error| {
        // with another chain it may be an account
        let other: Result<crate::AccountId, _> = format!("{namespace}:1:{address}").parse();
        let field = other.map_or(Field::Issuer, |_| Field::ChainId);
        rename(error, field)
    })?;
    let issuer = account.into();
    let issued_at = date(Field::IssuedAt, issued_at)?;
    let order = match is_last {
        false => FieldOrder::Current,
        true if is_legacy(&issuer, &issued_at) => FieldOrder::Legacy,
        true => FieldOrder::Caip122,
    };
    let mut builder = Payload::builder(domain, issuer, audience, nonce, issued_at);
    if let Some(text) = expires_at {
        builder = builder.with_expires_at(date(Field::ExpiresAt, text)?);
    }
    if let Some(text) = not_before {
        builder = builder.with_not_before(date(Field::NotBefore, text)?);
    }
    if let Some(text) = statement {
        builder = builder.with_statement(text);
    }
    // one that is empty says as much as none
    if let Some(text) = request_id.filter(|text| !text.is_empty()) {
        builder = builder.with_request_id(text);
    }
    let heading = resources.as_ref().is_some_and(Vec::is_empty) && order != FieldOrder::Legacy;
    if let Some(list) = resources {
        builder = builder.with_resources(list);
    }
    let payload = builder.build()?;
    let dialect = Dialect {
        address: AddressCase::Checksum,
        order,
        gap,
        // a text says all that it says
        statement: StatementForm::AsGiven,
        empty_list: if heading {
            EmptyList::Heading
        } else {
            EmptyList::Nothing
        },
        empty_id: if request_id.is_some_and(str::is_empty) {
            EmptyId::Line
        } else {
            EmptyId::Nothing
        },
        chain,
        network: match namespace_of(network) {
            Some(_) => NetworkName::Namespace,
            None => NetworkName::Other,
        },
        // a text is read without what its signer put around it
        envelope: Envelope::Bare,
    };
    let dialect = recognise(text, &payload, dialect, network)?;
    Ok(Reading {
        payload,
        dialect,
        network,
    })
}

/// Whose account it is: namespace, reference, and how the text writes the two. The name of the
/// network, the chain and the form of the address must not contradict one another.
fn account_of<'a>(
    network: &str,
    chain: &'a str,
    address: &str,
) -> Result<(&'a str, &'a str, ChainForm), Error> {
    const NAME: &str = "a name of the network that the chain and the address do not contradict";
    let contradiction = at(1, NAME, Some(network));
    let named = namespace_of(network);
    let (found, reference, form) = match chain.split_once(':') {
        Some((namespace, reference)) => (Some(namespace), reference, ChainForm::Whole),
        None => (None, chain, ChainForm::Reference),
    };
    let namespace = match (named, found) {
        (Some(named), None) => named,
        (Some(named), Some(found)) if named == found => named,
        (Some(_), Some(_)) => return Err(contradiction),
        (None, Some(found)) => found,
        (None, None) => {
            const KNOWN: &str = "an address of a chain that is known";
            namespace_of_form(address).ok_or_else(|| at(2, KNOWN, Some(address)))?
        }
    };
    if named.is_none()
        && (namespace_of_form(address) != Some(namespace)
            || !may_name(network, namespace, reference))
    {
        return Err(contradiction);
    }
    Ok((namespace, reference, form))
}

/// Finds the spelling of the address; what no dialect renders to this text is refused.
fn recognise(
    text: &str,
    payload: &Payload,
    dialect: Dialect,
    network: &str,
) -> Result<Dialect, Error> {
    let writer = Writer::new(payload)?.with_network(network);
    let dialect = Dialect {
        address: writer.address_case().unwrap_or_default(),
        ..dialect
    };
    let mut rendered = String::with_capacity(text.len());
    writer.write(dialect, &mut rendered);
    if rendered == text {
        Ok(dialect)
    } else {
        Err(Error::Text {
            line: 2,
            detail: "a text that its own payload renders to",
            found: None,
        })
    }
}

/// Where `Chain ID` stands.
const CHAIN_FIRST: &str =
    "`Chain ID: ` in front of `Nonce: `, or behind all fields but `Resources:` (CAIP-122)";

/// Something else than what was expected stands in this line.
fn at(line: usize, detail: &'static str, found: Option<&str>) -> Error {
    Error::Text {
        line,
        detail,
        found: Some(shortened(found)),
    }
}

fn date(field: Field, text: &str) -> Result<Timestamp, Error> {
    text.parse().map_err(|error| rename(error, field))
}

fn rename(error: Error, field: Field) -> Error {
    match error {
        Error::Value { problem, .. } => Error::Field { field, problem },
        other => other,
    }
}

/// What [`ASKS`] begins with after its space: two of them may share that space.
const ASKS_END: &str = " wants you to sign in with your";

/// Whether what stands in front of the last [`ASKS`] does not say it once more.
pub(super) fn is_said_once(domain: &str) -> bool {
    !domain.contains(ASKS) && !domain.ends_with(ASKS_END)
}

/// Whether a wallet may call a network like this.
fn is_name(network: &str) -> bool {
    (1..=64).contains(&network.len())
        && network.trim() == network
        && !network.contains(|c: char| c.is_control() || c == ':')
}

/// A cursor over the lines.
#[derive(Clone, Copy)]
struct Lines<'a> {
    /// The line that was taken last.
    taken: Option<&'a str>,
    /// The next line, where there is one.
    line: Option<&'a str>,
    /// What stands behind it.
    rest: Option<&'a str>,
    number: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let mut lines = Self {
            taken: None,
            line: None,
            rest: Some(text),
            number: 0,
        };
        lines.look();
        lines
    }

    /// Takes the next line out of the rest.
    fn look(&mut self) {
        (self.line, self.rest) = match self.rest {
            None => (None, None),
            Some(rest) => match next_line(rest) {
                Some((line, rest)) => (Some(line), Some(rest)),
                None => (Some(rest), None),
            },
        };
    }

    fn error(&self, detail: &'static str) -> Error {
        let ends_in_cr = self.taken.is_some_and(|line| line.ends_with('\r'));
        let detail = if ends_in_cr {
            "a line that ends in LF, without a CR in front of it"
        } else {
            detail
        };
        at(self.number, detail, self.taken)
    }

    const fn peek(&self) -> Option<&'a str> {
        self.line
    }

    fn advance(&mut self) {
        self.taken = self.line;
        self.look();
        self.number += 1;
    }

    fn next(&mut self, expected: &'static str) -> Result<&'a str, Error> {
        let line = self.peek();
        self.advance();
        match line {
            Some(line) => Ok(line),
            None => Err(self.error(expected)),
        }
    }

    /// `<domain> wants you to sign in with your <network> account:`
    fn first(&mut self) -> Result<(&'a str, &'a str), Error> {
        const EXPECTED: &str = "<domain> wants you to sign in with your <network> account:";
        let line = self.next(EXPECTED)?;
        let before = line.strip_suffix(ACCOUNT);
        // in front of a name that is known stands the last of the phrases, if any does
        let known = before.and_then(|before| {
            NETWORKS.into_iter().find_map(|(_, network)| {
                let domain = before.strip_suffix(network)?.strip_suffix(ASKS)?;
                Some((domain, network))
            })
        });
        let found = known.or_else(|| {
            before
                .and_then(|before| before.rsplit_once(ASKS))
                // another name is the wallet's: with the phrase in it, or in front of it once
                // more, the line could be split in two ways
                .filter(|(domain, network)| is_name(network) && is_said_once(domain))
        });
        match found {
            Some(found) => Ok(found),
            None => Err(self.error(EXPECTED)),
        }
    }

    fn blank(&mut self, expected: &'static str) -> Result<(), Error> {
        if self.next(expected)?.is_empty() {
            Ok(())
        } else {
            Err(self.error(expected))
        }
    }

    /// A statement is a line that a blank line follows; none leaves one blank line or two, and an
    /// empty one three.
    fn statement(&mut self) -> Result<(Option<&'a str>, Gap), Error> {
        if self.peek() == Some("") {
            self.advance();
            if self.peek() != Some("") {
                return Ok((None, Gap::TwoLines));
            }
            self.advance();
            return Ok((None, Gap::ThreeLines));
        }
        let mut ahead = *self;
        let line = ahead.next("a statement or `URI: `")?;
        if ahead.peek() != Some("") {
            return Ok((None, Gap::OneLine));
        }
        ahead.advance();
        *self = ahead;
        Ok((Some(line), Gap::OneLine))
    }

    fn field(&mut self, label: &str, expected: &'static str) -> Result<&'a str, Error> {
        let line = self.next(expected)?;
        match line.strip_prefix(label) {
            Some(value) => Ok(value),
            None => Err(self.error(expected)),
        }
    }

    fn optional(&mut self, label: &str) -> Option<&'a str> {
        let value = self.peek()?.strip_prefix(label)?;
        self.advance();
        Some(value)
    }

    /// Nothing, or `Resources:` and its lines until the end.
    fn resources(&mut self) -> Result<Option<Vec<&'a str>>, Error> {
        if self.line.is_none() {
            return Ok(None);
        }
        if self.next("Resources:")? != "Resources:" {
            return Err(self.error("`Resources:` or the end of the text"));
        }
        let mut list = Vec::new();
        while self.line.is_some() {
            if list.len() == MAX_RESOURCES {
                return Err(self.error("no more than 4096 resources"));
            }
            list.push(self.field("- ", "`- ` and a resource")?);
        }
        Ok(Some(list))
    }
}

#[cfg(test)]
#[cfg(feature = "solana")]
mod tests {
    use super::*;
    use alloc::string::ToString;

    const TEXT: &str = "app.example wants you to sign in with your Solana account:\n\
                        6BcW5WQdw2PkjMDfqLVRX8q2dNQWNdYgeW7VZv1iMBxP\n\nURI: did:key:z\nVersion: 1\n\
                        Chain ID: main\nNonce: n\nIssued At: 2023-04-06T16:15:19.058Z";

    #[test]
    fn the_largest_text_is_read_and_a_larger_one_is_not() {
        let mut text = String::from(TEXT) + "\nResources:";
        while text.len() < MAX_ENCODED_LEN {
            let room = MAX_ENCODED_LEN - text.len() - 3;
            // what is left must have room for a whole line
            let len = if room > 60_100 { 60_000 } else { room };
            text.push_str("\n- ");
            text.push_str(&"r".repeat(len));
        }
        assert!(parse(&text).is_ok(), "{:?}", parse(&text).err());
        text.push('r');
        assert_eq!(parse(&text).unwrap_err().code(), "too_large");
    }

    #[test]
    fn an_error_names_its_line() {
        let text = TEXT;
        assert!(parse(text).is_ok(), "{:?}", parse(text));
        let lines: Vec<&str> = text.lines().collect();
        for number in [1, 3, 4, 6, 7, 8] {
            let mut spoiled = lines.clone();
            spoiled[number - 1] = "something else";
            match parse(&spoiled.join("\n")) {
                Err(Error::Text { line, .. }) => {
                    // where line 3 should be blank, a statement may stand, and line 4 is blank
                    assert!(line == number || number == 3, "{line} for {number}");
                    let shown = parse(&spoiled.join("\n")).unwrap_err().to_string();
                    let line = format!("line {line}: expected ");
                    assert!(shown.contains(&line), "{shown}");
                }
                other => panic!("line {number}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_error_says_what_was_expected_and_what_was_found() {
        let said = |text: &str| parse(text).unwrap_err().to_string();
        let prefix = "not a valid sign-in text: ";
        let chain = "`Chain ID: ` in front of `Nonce: `, or behind all fields but `Resources:` \
                     (CAIP-122), found `Nonce: n`";
        let missing = TEXT.replace("Chain ID: main\n", "");
        assert_eq!(said(&missing), format!("{prefix}line 6: expected {chain}"));
        // it has one place at the end, and stands in one of the two
        let late = missing.replace("Issued", "Chain ID: main\nIssued");
        assert!(said(&late).starts_with(&format!("{prefix}line 7: ")));
        let twice = format!("{TEXT}\nChain ID: main");
        assert!(said(&twice).starts_with(&format!("{prefix}line 9: ")));
        let early = format!("{missing}\nChain ID: main\nRequest ID: 7");
        assert!(said(&early).starts_with(&format!("{prefix}line 9: ")));
        let no_nonce = TEXT.replace("Nonce: n\n", "");
        assert_eq!(
            said(&no_nonce),
            format!(
                "{prefix}line 7: expected `Nonce: `, found `Issued At: 2023-04-06T16:15:19.058Z`"
            )
        );
        let short = TEXT.split("\nIssued").next().unwrap();
        assert_eq!(
            said(short),
            format!("{prefix}line 8: expected `Issued At: `, found the end of the text")
        );
        let crlf = said(&TEXT.replace('\n', "\r\n"));
        let expected = format!("{prefix}line 1: expected a line that ends in LF, without a CR");
        assert!(crlf.starts_with(&expected), "{crlf}");
        let long = TEXT.replace(
            "Version: 1",
            &format!("Version: \u{202e}{}", "9".repeat(90)),
        );
        let long = said(&long);
        assert!(long.len() < 150 && long.contains("\\u{202e}99"), "{long}");
        assert!(said(&TEXT.replace("main", "a:b:c")).contains("contradict"));
        let chain = said(&TEXT.replace("main", "a b"));
        assert!(chain.starts_with("Chain ID is not"), "{chain}");
    }
}
