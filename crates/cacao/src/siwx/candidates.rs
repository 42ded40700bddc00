//! The texts that may have been signed for one payload.

use crate::caip::EIP155;
use crate::dialect::{
    AddressCase, ChainForm, Dialect, EmptyList, Envelope, FieldOrder, Gap, NetworkName,
    StatementForm,
};
use crate::model::Payload;
use crate::time::UnixTime;

/// 2022-09-20T00:00:00Z: until then, issuing software wrote the legacy order.
pub(crate) const LEGACY_UNTIL: UnixTime = UnixTime::from_secs(1_663_632_000);

/// One layout; which spelling of the address goes with it is another question.
const fn layout(gap: Gap, empty_list: EmptyList, chain: ChainForm) -> Dialect {
    Dialect {
        address: AddressCase::Checksum,
        order: FieldOrder::Current,
        gap,
        statement: StatementForm::AsGiven,
        empty_list,
        chain,
        network: NetworkName::Namespace,
        envelope: Envelope::Bare,
    }
}

/// Most messages that a signature is tried on before it is refused, whatever its chain: what a
/// refusal costs.
pub(crate) const MOST_TRIED: usize = 8;

/// The texts that the issuer of a payload may have signed, the likeliest first: they follow from the
/// payload's own spelling, and there are never more than [`MOST_TRIED`]. `address` is how the issuer
/// spells an address whose letter case does not count.
/// `is_composed` says whether a wallet may have made the statement longer.
pub(super) fn candidates(
    payload: &Payload,
    address: Option<AddressCase>,
    is_composed: bool,
) -> impl Iterator<Item = Dialect> {
    let spellings: &[AddressCase] = match address {
        None => &[AddressCase::Checksum],
        // no writer here makes an issuer like this: who did has signed it like this
        Some(AddressCase::AsIssued) => &[
            AddressCase::AsIssued,
            AddressCase::Checksum,
            AddressCase::Lower,
        ],
        Some(_) => &[AddressCase::Checksum, AddressCase::Lower],
    };
    let all = layouts(payload, is_composed).flat_map(move |(layout, most)| {
        // of layouts that are rare together, the rarer spellings of the address are left out
        let most = if spellings.len() == 3 {
            most
        } else {
            spellings.len()
        };
        spellings.iter().take(most).map(move |address| Dialect {
            address: *address,
            ..layout
        })
    });
    all.take(MOST_TRIED)
}

/// The layouts in which a payload may have been signed, each with how many of three spellings of
/// the address are tried in it.
fn layouts(payload: &Payload, is_composed: bool) -> impl Iterator<Item = (Dialect, usize)> {
    use ChainForm::{Reference, Whole};
    use EmptyList::{Heading, Nothing};
    use Gap::{OneLine, TwoLines};

    let bare = payload.statement().is_none();
    let empty = payload.has_resource_list() && payload.resources().len() == 0;
    let legacy =
        payload.issued_at().unix_time() <= LEGACY_UNTIL && payload.issuer().namespace() == EIP155;
    let legacy_order = Dialect {
        order: FieldOrder::Legacy,
        ..layout(OneLine, Nothing, Reference)
    };
    // who prints the heading of an empty list prints two blank lines for a missing statement
    let heading = layout(if bare { TwoLines } else { OneLine }, Heading, Reference);
    let composed = Dialect {
        statement: StatementForm::Composed,
        ..layout(OneLine, Nothing, Reference)
    };
    let all = [
        // without the words of its grants a text is refused in the end
        (composed, 2, is_composed),
        (
            layout(OneLine, Nothing, Reference),
            if is_composed { 1 } else { 3 },
            true,
        ),
        (legacy_order, 2, legacy && !is_composed),
        (
            layout(TwoLines, Nothing, Reference),
            if empty { 1 } else { 2 },
            bare,
        ),
        (heading, if legacy { 1 } else { 2 }, empty),
        // whole ids came after the legacy order
        (layout(OneLine, Nothing, Whole), 1, !legacy),
    ];
    all.into_iter()
        .filter(|(.., possible)| *possible)
        .map(|(dialect, most, _)| (dialect, most))
}

#[cfg(test)]
#[cfg(feature = "ethereum")]
mod tests {
    use super::super::samples::spellings;
    use super::*;
    use alloc::collections::BTreeSet;
    use alloc::string::String;
    use alloc::vec::Vec;

    const ISSUERS: [&str; 4] = [
        "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
        "eip155:1:0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44",
        MIXED,
        "tezos:NetXdQprcVkpaWU:tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb",
    ];
    const MIXED: &str = "eip155:1:0x974E944BE93674bd5fa8ee45fa0c9fdc6b15dc44";

    fn tried(payload: &Payload) -> (Vec<Dialect>, BTreeSet<String>) {
        super::super::candidates(payload)
            .unwrap()
            .into_iter()
            .unzip()
    }

    /// The bound of a refusal leaves out none of them.
    #[test]
    fn there_are_at_most_eight_texts() {
        let mut most = 0;
        for payload in ISSUERS.into_iter().flat_map(spellings) {
            let (dialects, texts) = tried(&payload);
            let is_composed = dialects[0].statement == StatementForm::Composed;
            let (last, _) = layouts(&payload, is_composed).last().unwrap();
            assert!(dialects.len() <= 8, "{payload:?}: {dialects:?}");
            assert!(dialects.iter().any(|dialect| Dialect {
                address: last.address,
                ..*dialect
            } == last));
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
        for payload in ISSUERS.into_iter().flat_map(spellings) {
            let (dialects, _) = tried(&payload);
            let mixed = payload.issuer().did().ends_with(&MIXED[9..]);
            let first = Dialect {
                address: if mixed {
                    AddressCase::AsIssued
                } else {
                    AddressCase::Checksum
                },
                statement: if payload
                    .resources()
                    .any(|resource| resource.starts_with("urn:recap:"))
                {
                    StatementForm::Composed
                } else {
                    StatementForm::AsGiven
                },
                ..Dialect::default()
            };
            assert_eq!(dialects[0], first, "{payload:?}");
        }
    }
}
