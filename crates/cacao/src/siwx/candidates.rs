//! The texts that may have been signed for one payload.

use crate::caip::{EIP155, Issuer};
use crate::dialect::{
    AddressCase, ChainForm, Dialect, EmptyId, EmptyList, Envelope, FieldOrder, Gap, NetworkName,
    StatementForm, Variations,
};
use crate::model::Payload;
use crate::time::{Timestamp, UnixTime};

/// 2022-09-20T00:00:00Z: until then, issuing software wrote the legacy order.
const LEGACY_UNTIL: UnixTime = UnixTime::from_secs(1_663_632_000);

/// Whether `Chain ID` at the end of such a text is the legacy order.
pub(super) fn is_legacy(issuer: &Issuer, issued_at: &Timestamp) -> bool {
    issuer.namespace() == EIP155 && issued_at.unix_time() <= LEGACY_UNTIL
}

/// One layout; which spelling of the address goes with it is another question.
const fn layout(gap: Gap, empty_list: EmptyList, chain: ChainForm) -> Dialect {
    Dialect {
        address: AddressCase::Checksum,
        order: FieldOrder::Current,
        gap,
        statement: StatementForm::AsGiven,
        empty_list,
        empty_id: EmptyId::Nothing,
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
/// `spelling` says which members hold nothing, `is_composed` whether a wallet may have made the
/// statement longer.
pub(super) fn candidates(
    payload: &Payload,
    spelling: Variations,
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
    let all = layouts(payload, spelling, is_composed).flat_map(move |(layout, most)| {
        // of layouts that are rare together, the rarer spellings of the address are left out
        let most = match most {
            Most::OfThree(most) if spellings.len() == 3 => most,
            Most::OfThree(_) => spellings.len(),
            Most::One => 1,
        };
        spellings.iter().take(most).map(move |address| Dialect {
            address: *address,
            ..layout
        })
    });
    all.take(MOST_TRIED)
}

/// How many spellings of the address are tried in one layout.
#[derive(Clone, Copy)]
enum Most {
    /// So many where there are three, else all.
    OfThree(usize),
    /// The likeliest alone.
    One,
}

/// The layouts in which a payload may have been signed, each with how many spellings of the address
/// are tried in it.
fn layouts(
    payload: &Payload,
    spelling: Variations,
    is_composed: bool,
) -> impl Iterator<Item = (Dialect, Most)> {
    use ChainForm::{Reference, Whole};
    use EmptyList::{Heading, Nothing};
    use Gap::{OneLine, ThreeLines, TwoLines};
    use Most::{OfThree, One};

    let bare = payload.statement().is_none();
    let empty = payload.has_resource_list() && payload.resources().len() == 0;
    let legacy = is_legacy(payload.issuer(), payload.issued_at());
    let legacy_order = Dialect {
        order: FieldOrder::Legacy,
        ..layout(OneLine, Nothing, Reference)
    };
    // who prints the heading of an empty list prints two blank lines for a missing statement
    let grammar_gap = if bare { TwoLines } else { OneLine };
    let heading = layout(grammar_gap, Heading, Reference);
    let of_ethereum = payload.issuer().namespace() == EIP155;
    // who prints a statement that holds nothing prints such a list, too, and leaves out such an id
    let empty_statement = of_ethereum && bare && spelling.has_empty_statement();
    let list = if empty { Heading } else { Nothing };
    let three_lines = layout(ThreeLines, list, Reference);
    // who prints such an id prints such a statement, and no such list
    let empty_id = of_ethereum && payload.request_id().is_none() && spelling.has_empty_request_id();
    let bare_id = Dialect {
        empty_id: EmptyId::Line,
        ..layout(
            if empty_statement {
                ThreeLines
            } else {
                grammar_gap
            },
            Nothing,
            Reference,
        )
    };
    // EIP-4361 has an order of its own; of payloads that have many texts, and of those messages in
    // envelopes, this one is left out
    let caip122 = !of_ethereum && !bare && !empty && !is_composed;
    let caip122_order = Dialect {
        order: FieldOrder::Caip122,
        ..layout(OneLine, Nothing, Reference)
    };
    let composed = Dialect {
        statement: StatementForm::Composed,
        ..layout(OneLine, Nothing, Reference)
    };
    let all = [
        // without the words of its grants a text is refused in the end
        (composed, OfThree(2), is_composed),
        (
            layout(OneLine, Nothing, Reference),
            OfThree(if is_composed { 1 } else { 3 }),
            true,
        ),
        (legacy_order, OfThree(2), legacy && !is_composed),
        (
            layout(TwoLines, Nothing, Reference),
            OfThree(if empty { 1 } else { 2 }),
            bare,
        ),
        (heading, OfThree(if legacy { 1 } else { 2 }), empty),
        // whole ids came after the legacy order
        (layout(OneLine, Nothing, Whole), OfThree(1), !legacy),
        (caip122_order, One, caip122),
        (three_lines, One, empty_statement),
        (bare_id, One, empty_id),
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
        let spelling = Variations::NONE;
        for payload in ISSUERS.into_iter().flat_map(spellings) {
            let (dialects, texts) = tried(&payload);
            let is_composed = dialects[0].statement == StatementForm::Composed;
            let (last, _) = layouts(&payload, spelling, is_composed).last().unwrap();
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
