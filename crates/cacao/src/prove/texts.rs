//! The texts that an account may have signed, and which of them it did.

use super::Claim;
use crate::error::Error;
use crate::siwx::{Dialect, Writer};
use alloc::string::String;

/// Calls `is_signed` with each text that may have been signed, the likeliest first: where a text
/// was read, that one alone.
pub(super) fn find(
    claim: &Claim<'_>,
    mut is_signed: impl FnMut(&str) -> bool,
) -> Result<Dialect, Error> {
    each(claim, |text, dialect| is_signed(text).then_some(dialect))?.ok_or(Error::SignatureMismatch)
}

/// As [`find`], for who wants something else of a text than to know whether it was signed.
pub(super) fn each<T>(
    claim: &Claim<'_>,
    mut call: impl FnMut(&str, Dialect) -> Option<T>,
) -> Result<Option<T>, Error> {
    if let Some(shown) = claim.cacao().shown() {
        return Ok(call(&shown.text, shown.dialect));
    }
    let writer = Writer::new(claim.payload())?;
    let mut text = String::with_capacity(1024);
    Ok(writer.candidates().find_map(|dialect| {
        text.clear();
        writer.write(dialect, &mut text);
        call(&text, dialect)
    }))
}

#[cfg(test)]
#[cfg(all(feature = "ethereum", feature = "tezos"))]
mod tests {
    use super::*;
    use crate::model::{Cacao, HeaderType, Payload, Signature};
    use crate::siwx::{AddressCase, NetworkName};
    use alloc::collections::BTreeSet;
    use alloc::vec::Vec;

    const LOWER: &str = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";
    const CHECKSUM: &str = "eip155:1:0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44";
    const MIXED: &str = "eip155:1:0x974E944BE93674bd5fa8ee45fa0c9fdc6b15dc44";
    const TEZOS: &str = "tezos:NetXdQprcVkpaWU:tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb";

    /// Every way in which a payload can be spelled, as far as its texts depend on it.
    fn spellings() -> impl Iterator<Item = Payload> {
        let issuers = [LOWER, CHECKSUM, MIXED, TEZOS];
        let dates = ["2022-09-20T00:00:00Z", "2023-04-06T16:15:19.058Z"];
        let lists = [None, Some(&[][..]), Some(&["ceramic://*"][..])];
        let all = issuers.into_iter().flat_map(move |issuer| {
            dates.into_iter().flat_map(move |date| {
                lists.into_iter().flat_map(move |list| {
                    [None, Some("Hello 東京")].map(move |statement| (issuer, date, list, statement))
                })
            })
        });
        all.map(|(issuer, date, list, statement)| {
            let (issuer, at) = (issuer.parse().unwrap(), date.parse().unwrap());
            let mut builder = Payload::builder("app.example", issuer, "did:key:z", "n", at);
            if let Some(statement) = statement {
                builder = builder.statement(statement);
            }
            if let Some(list) = list {
                builder = builder.resources(list.iter().copied());
            }
            builder.build().unwrap()
        })
    }

    fn tried(payload: &Payload) -> (Vec<Dialect>, BTreeSet<String>) {
        let signature = Some(Signature::eip191(&[7; 65]));
        let cacao = Cacao::new(HeaderType::Caip122, payload.clone(), signature);
        let (mut dialects, mut texts) = (Vec::new(), BTreeSet::new());
        let none: Option<()> = each(&Claim::new(&cacao).unwrap(), |text, dialect| {
            dialects.push(dialect);
            texts.insert(text.into());
            None
        })
        .unwrap();
        assert_eq!(none, None);
        (dialects, texts)
    }

    /// What a refusal costs: a recovery, or a verification, for each text.
    #[test]
    fn a_refusal_costs_at_most_eight_recoveries() {
        let mut most = 0;
        for payload in spellings() {
            let (dialects, texts) = tried(&payload);
            assert!(dialects.len() <= 8, "{payload:?}: {dialects:?}");
            assert_eq!(texts.len(), dialects.len(), "no text twice: {payload:?}");
            // the text of a Tezos account may be hashed with either of two lengths
            if payload.issuer().namespace() == "tezos" {
                assert!(2 * dialects.len() <= 8, "{payload:?}: {dialects:?}");
            }
            let free = |dialect: &Dialect| dialect.network == NetworkName::Other;
            assert!(!dialects.iter().any(free));
            most = most.max(dialects.len());
        }
        assert_eq!(most, 8);
    }

    /// The peer spells issuers in lower case, or as the wallet gives them, in checksum case.
    #[test]
    fn what_the_peer_writes_is_the_first_text() {
        for payload in spellings() {
            let (dialects, _) = tried(&payload);
            let mixed = payload.issuer().did().ends_with(&MIXED[9..]);
            let first = Dialect {
                address: if mixed {
                    AddressCase::AsIssued
                } else {
                    AddressCase::Checksum
                },
                ..Dialect::default()
            };
            assert_eq!(dialects[0], first, "{payload:?}");
        }
    }
}
