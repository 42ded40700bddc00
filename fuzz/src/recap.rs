//! ReCaps: read strictly in every spelling, written in one, and put in words that are recognised.

use cacao::recap::{Recap, RecapError, RecapResources, Rendering, SignedRecap, SplitStatement};
use cacao::{Error, ResourceMatcher};

/// Reads the bytes as a resource, and as the JSON that stands in one. Tells whether one of the two
/// was accepted.
pub fn laws(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let urn = resource(text);
    let json = match Recap::from_json(text) {
        Ok(recap) => {
            written(&recap);
            true
        }
        Err(error) => refused(error),
    };
    urn || json
}

fn resource(text: &str) -> bool {
    let recap: SignedRecap = match text.parse() {
        Ok(recap) => recap,
        Err(error) => return refused(error),
    };
    // what was signed is kept, and reads the same again
    assert_eq!(recap.as_str(), text);
    let again: SignedRecap = recap.as_str().parse().expect("it was read before");
    assert_eq!(format!("{again:?}"), format!("{recap:?}"));
    for rendering in [Rendering::Erc5573, Rendering::Connector] {
        let translation = recap.translation(rendering);
        for own in [None, Some("Sign in."), Some(&*translation)] {
            let statement =
                own.map_or_else(|| translation.clone(), |own| format!("{own} {translation}"));
            let Some(split) = split(&recap, &statement) else {
                continue;
            };
            assert_eq!(split.own, own);
            // words that are cut off, or go on, say something else
            assert_eq!(recap.split_statement(&format!("{statement}.")), None);
            assert_eq!(
                recap.split_statement(statement.split_at(statement.len() - 1).0),
                None
            );
        }
    }
    match recap.to_recap() {
        Ok(wanted) => {
            assert!(recap.grants(&wanted));
            assert!(RecapResources.covers(text, &wanted.to_urn()));
            written(&wanted);
        }
        Err(error) => drop(refused(error)),
    }
    true
}

/// What a statement that ends with the words says. Words that could be those of another ReCap, since a
/// target holds an apostrophe behind which they could seem to end, are nobody's.
fn split<'a>(recap: &SignedRecap, statement: &'a str) -> Option<SplitStatement<'a>> {
    let split = recap.split_statement(statement);
    let is_clear = !format!("{recap:?}").contains('\'');
    assert!(split.is_some() || !is_clear, "it ends with the words");
    split
}

fn written(recap: &Recap) {
    let urn = recap.to_urn();
    match urn.parse::<SignedRecap>() {
        Ok(signed) => {
            assert!(signed.notes().is_empty());
            let again = signed.to_recap().expect("what is written can be written");
            assert_eq!(again.to_urn(), urn);
            assert_eq!(&again, recap);
            let statement = recap.statement(Some("Sign in."));
            if let Some(split) = split(&signed, &statement) {
                assert_eq!(
                    (split.own, split.rendering),
                    (Some("Sign in."), Rendering::Erc5573)
                );
            }
        }
        // base64 is longer than its JSON
        Err(error) => assert!(matches!(error, RecapError::TooLong { .. }), "{error}"),
    }
    assert_eq!(&recap.merge(recap), recap);
    assert!(recap.is_subset_of(recap));
}

fn refused(error: RecapError) -> bool {
    let error = Error::Recap(error);
    crate::refused(&error, error.code())
}
