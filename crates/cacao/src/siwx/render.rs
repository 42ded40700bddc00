//! From payload to text.

use super::{
    ACCOUNT, ASKS, AddressCase, ChainForm, Dialect, EmptyId, EmptyList, FieldOrder, Gap, NETWORKS,
    NetworkName, StatementForm, is_legacy,
};
use crate::caip::{AccountId, EIP155};
use crate::dialect::Variations;
use crate::error::{Error, Field, Problem};
use crate::model::Payload;
use crate::recap::composed_statement;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::OnceCell;

/// Renders the text that a wallet signs: lines end in LF, the last one does not.
///
/// ```
/// # #[cfg(feature = "ethereum")]
/// # {
/// use cacao::{Payload, siwx};
///
/// let payload = Payload::builder(
///     "app.example",
///     "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44".parse()?,
///     "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
///     "HPiCXGTXHI",
///     "2023-04-06T16:15:19.058Z".parse()?,
/// )
/// .build()?;
/// let text = siwx::render(&payload, siwx::Dialect::default())?;
/// assert!(text.starts_with("app.example wants you to sign in with your Ethereum account:\n0x974E944B"));
/// # }
/// # Ok::<_, cacao::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoText`] for issuers that sign something else than a text (passkeys) and for
/// namespaces without a text (`eip155` is one unless the feature `ethereum` is compiled in);
/// [`Error::Field`] for the legacy order of a later capability, and for the order of CAIP-122 of one
/// that has the legacy order; [`Error::Value`] for another name of the network, which the payload
/// does not hold.
pub fn render(payload: &Payload, dialect: Dialect) -> Result<String, Error> {
    if dialect.network == NetworkName::Other {
        return Err(Error::Value {
            what: "network",
            problem: Problem::Form("a payload does not hold another name for it"),
        });
    }
    let writer = Writer::new(payload)?;
    let is_legacy = is_legacy(payload.issuer(), payload.issued_at());
    let problem = match dialect.order {
        FieldOrder::Legacy if !is_legacy => "the legacy text is for eip155 and ends on 2022-09-20",
        // one order by two names would be two dialects for one text
        FieldOrder::Caip122 if is_legacy => "that order is the legacy one, until 2022-09-20",
        _ => "",
    };
    if !problem.is_empty() {
        return Err(Error::field(Field::IssuedAt, Problem::Form(problem)));
    }
    let mut text = String::with_capacity(1024);
    writer.write(dialect, &mut text);
    Ok(text)
}

/// The texts that the issuer of a payload may have signed, each with its dialect, the likeliest
/// first. There are at most eight, and they follow from the payload's own spelling.
///
/// # Errors
/// [`Error::NoText`], as for [`render`].
pub fn candidates(payload: &Payload) -> Result<Vec<(Dialect, String)>, Error> {
    let writer = Writer::new(payload)?;
    let text = |dialect| {
        let mut text = String::with_capacity(1024);
        writer.write(dialect, &mut text);
        (dialect, text)
    };
    Ok(writer.candidates().map(text).collect())
}

/// Renders the text for the accounts of a namespace that has none of its own here, for provers
/// and auth methods of other chains. `network` is the name of the chain in the text, for example
/// `Solana`; the layout is that of [`Dialect::default`], and the address is written as it was read.
///
/// # Errors
/// [`Error::NoText`] when the issuer is a passkey or its namespace has a text of its own;
/// [`Error::Value`] when `network` is empty or holds a control character.
pub fn render_as(network: &str, payload: &Payload) -> Result<String, Error> {
    let issuer = payload.issuer();
    let account = issuer
        .account()
        .filter(|account| NETWORKS.iter().all(|(own, _)| *own != account.namespace()))
        .ok_or_else(|| Error::NoText {
            namespace: issuer.namespace().to_string(),
        })?;
    let problem = match network.chars().find(|c| c.is_control()) {
        Some(c) => Some(Problem::ControlCharacter(c)),
        None => network.is_empty().then_some(Problem::Empty),
    };
    if let Some(problem) = problem {
        return Err(Error::Value {
            what: "network",
            problem,
        });
    }
    let writer = Writer {
        payload,
        account,
        network,
        address: None,
        spelling: Variations::NONE,
        composed: OnceCell::new(),
    };
    let mut text = String::with_capacity(1024);
    writer.write(Dialect::default(), &mut text);
    Ok(text)
}

/// Renders one payload in several dialects without looking anything up twice.
pub(crate) struct Writer<'a> {
    payload: &'a Payload,
    account: &'a AccountId,
    network: &'a str,
    /// An `eip155` address in checksum case.
    address: Option<String>,
    /// How the capability is spelled, as far as that is known.
    spelling: Variations,
    /// The statement that a wallet may have made of the payload's: looked for only by who asks.
    composed: OnceCell<Option<String>>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(payload: &'a Payload) -> Result<Self, Error> {
        let issuer = payload.issuer();
        let no_text = || Error::NoText {
            namespace: issuer.namespace().to_string(),
        };
        let account = issuer.account().ok_or_else(no_text)?;
        let (namespace, network) = NETWORKS
            .into_iter()
            .find(|(namespace, _)| *namespace == account.namespace())
            .ok_or_else(no_text)?;
        let address = if namespace == EIP155 {
            Some(checksum_case(account).ok_or_else(no_text)?)
        } else {
            None
        };
        Ok(Self {
            payload,
            account,
            network,
            address,
            spelling: Variations::NONE,
            composed: OnceCell::new(),
        })
    }

    /// The texts that may have been signed, the likeliest first; never more than eight.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = Dialect> {
        let (address, is_composed) = (self.address_case(), self.composed().is_some());
        super::candidates::candidates(self.payload, self.spelling, address, is_composed)
    }

    /// Knows how the capability spells what it leaves out: some print a member that holds nothing.
    pub(crate) const fn with_spelling(mut self, spelling: Variations) -> Self {
        self.spelling = spelling;
        self
    }

    fn composed(&self) -> Option<&str> {
        let composed = self
            .composed
            .get_or_init(|| composed_statement(self.payload));
        composed.as_deref()
    }

    /// How the issuer spells an address whose letter case does not count.
    pub(crate) fn address_case(&self) -> Option<AddressCase> {
        let (checksum, issued) = (self.address.as_deref()?, self.account.address());
        Some(if issued == checksum {
            AddressCase::Checksum
        } else if issued.bytes().any(|byte| byte.is_ascii_uppercase()) {
            AddressCase::AsIssued
        } else {
            AddressCase::Lower
        })
    }

    /// Calls the network by another name.
    pub(crate) fn with_network(self, network: &'a str) -> Self {
        Self { network, ..self }
    }

    pub(crate) fn write(&self, dialect: Dialect, out: &mut String) {
        let p = self.payload;
        let issued = dialect.address == AddressCase::AsIssued;
        let address = self.address.as_deref().filter(|_| !issued);
        let address = address.unwrap_or_else(|| self.account.address());
        let is_last = dialect.order != FieldOrder::Current;
        push(
            out,
            &[p.domain(), ASKS, self.network, ACCOUNT, "\n", address],
        );
        if self.address.is_some() && dialect.address == AddressCase::Lower {
            let start = out.len() - address.len();
            if let Some(address) = out.get_mut(start..) {
                address.make_ascii_lowercase();
            }
        }
        out.push('\n');
        let statement = match dialect.statement {
            StatementForm::AsGiven => p.statement(),
            StatementForm::Composed => self.composed().or_else(|| p.statement()),
        };
        match (statement, dialect.gap) {
            (Some(statement), _) => push(out, &["\n", statement, "\n\n"]),
            (None, Gap::OneLine) => push(out, &["\n"]),
            (None, Gap::TwoLines) => push(out, &["\n\n"]),
            (None, Gap::ThreeLines) => push(out, &["\n\n\n"]),
        }
        push(out, &["URI: ", p.audience(), "\nVersion: ", p.version()]);
        let account = self.account;
        let chain = |out: &mut String| match dialect.chain {
            ChainForm::Reference => push(out, &["\nChain ID: ", account.reference()]),
            ChainForm::Whole => push(
                out,
                &[
                    "\nChain ID: ",
                    account.namespace(),
                    ":",
                    account.reference(),
                ],
            ),
        };
        if !is_last {
            chain(out);
        }
        push(
            out,
            &[
                "\nNonce: ",
                p.nonce(),
                "\nIssued At: ",
                p.issued_at().as_str(),
            ],
        );
        if let Some(exp) = p.expires_at() {
            push(out, &["\nExpiration Time: ", exp.as_str()]);
        }
        if let Some(nbf) = p.not_before() {
            push(out, &["\nNot Before: ", nbf.as_str()]);
        }
        match (p.request_id(), dialect.empty_id) {
            (Some(request_id), _) => push(out, &["\nRequest ID: ", request_id]),
            (None, EmptyId::Line) => push(out, &["\nRequest ID: "]),
            (None, EmptyId::Nothing) => {}
        }
        if is_last {
            chain(out);
        }
        let mut resources = p.resources();
        let heading =
            dialect.order == FieldOrder::Legacy || dialect.empty_list == EmptyList::Heading;
        if resources.len() > 0 || (heading && p.has_resource_list()) {
            out.push_str("\nResources:");
            resources
                .by_ref()
                .for_each(|resource| push(out, &["\n- ", resource]));
        }
    }
}

#[cfg(feature = "ethereum")]
fn checksum_case(account: &AccountId) -> Option<String> {
    let address = crate::caip::eip55::parse_address(account.address())?;
    let mut checksum = String::with_capacity(42);
    crate::caip::eip55::push_checksum_case(&mut checksum, &address);
    Some(checksum)
}

#[cfg(not(feature = "ethereum"))]
const fn checksum_case(_: &AccountId) -> Option<String> {
    None
}

fn push(out: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| out.push_str(part));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(issuer: &str) -> Payload {
        let issued_at = "2023-04-06T16:15:19.058Z".parse().unwrap();
        Payload::builder(
            "app.example",
            issuer.parse().unwrap(),
            "did:key:z",
            "n",
            issued_at,
        )
        .build()
        .unwrap()
    }

    #[test]
    fn other_networks_have_the_same_layout() {
        let text = render_as("Example", &payload("example:main:aB.c")).unwrap();
        assert_eq!(
            text,
            "app.example wants you to sign in with your Example account:\naB.c\n\n\
             URI: did:key:z\nVersion: 1\nChain ID: main\nNonce: n\n\
             Issued At: 2023-04-06T16:15:19.058Z"
        );
    }

    /// A second name for a network would be a second text for one payload.
    #[test]
    fn what_has_a_text_of_its_own_gets_no_other() {
        let solana = "solana:main:6BcW5WQdw2PkjMDfqLVRX8q2dNQWNdYgeW7VZv1iMBxP";
        let passkey = "did:key:zDnaeQtZGYMpNdZhzoqXYCaj7wmJMqi9USVDmtRhfP6QiWmpY";
        for issuer in [solana, passkey] {
            assert_eq!(
                render_as("Example", &payload(issuer)).unwrap_err().code(),
                "no_text"
            );
        }
        for network in ["", "A\nB"] {
            let error = render_as(network, &payload("example:main:a")).unwrap_err();
            assert_eq!(error.code(), "invalid_value");
        }
    }
}
