//! Sentence 12: what lies beside a record.

use crate::fixtures::TestIssuer;
use crate::witness::expect_record;
use session_core::{Evidence, ExpectedSlot, SessionStore};

/// Sentence 12: evidence that was saved with a record is loaded with it, unchanged; a save
/// without evidence leaves none. It is not part of the tag.
///
/// # Panics
/// When evidence is lost, changed, left behind, or counts as another record.
pub async fn contract_12_evidence_comes_back<S: SessionStore>(store: S) {
    let evidence = |json: &str| Evidence::from_json(json).expect("a JSON object");
    let longest = format!("{{\"a\":\"{}\"}}", "x".repeat(Evidence::MAX_LEN - 8));
    for issuer in TestIssuer::each() {
        for slot in [issuer.slot().clone(), issuer.slot_in("work")] {
            let bare = issuer.record(&store, "nonce001").await;
            let mut expected = ExpectedSlot::Absent;
            for found in [
                Some(evidence(
                    r#"{ "block": 1e2, "\u0061": ["é", "\n"], "a": {} }"#,
                )),
                Some(evidence(&longest)),
                None,
                Some(evidence("{}")),
                None,
            ] {
                let record = bare.clone().with_evidence(found);
                assert_eq!(
                    record.tag(),
                    bare.tag(),
                    "evidence is not a part of the tag"
                );
                let tag = match store.save(&slot, &record, expected).await {
                    Ok(tag) => tag,
                    Err(error) => panic!("save with other evidence failed: {error}"),
                };
                let when = "after evidence was changed";
                let loaded = expect_record(&store, &slot, &record, when).await;
                assert_eq!((tag, loaded), (bare.tag(), bare.tag()), "{when}: the tag");
                expected = ExpectedSlot::Tag(tag);
            }
        }
    }
}
