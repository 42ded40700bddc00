//! Payloads for tests, in every spelling that texts depend on.

use crate::model::Payload;

/// Every way in which a payload of this issuer can be spelled, as far as its texts depend on it.
pub(crate) fn spellings(issuer: &str) -> impl Iterator<Item = Payload> + use<'_> {
    let dates = ["2022-09-20T00:00:00Z", "2023-04-06T16:15:19.058Z"];
    // the words of the last one may have been put behind the statement
    let recap: &[&str] =
        &["urn:recap:eyJhdHQiOnsiaHR0cHM6Ly94LmV4YW1wbGUiOnsiY3J1ZC9yZWFkIjpbe31dfX0sInByZiI6W119"];
    let lists = [None, Some(&[][..]), Some(&["ceramic://*"][..]), Some(recap)];
    let statements = [None, Some("Hello"), Some("Hello 東京")];
    let all = dates.into_iter().flat_map(move |date| {
        lists
            .into_iter()
            .flat_map(move |list| statements.map(move |statement| (date, list, statement)))
    });
    all.map(move |(date, list, statement)| {
        let (issuer, at) = (issuer.parse().unwrap(), date.parse().unwrap());
        let mut builder = Payload::builder("app.example", issuer, "did:key:z", "n", at);
        if let Some(statement) = statement {
            builder = builder.with_statement(statement);
        }
        if let Some(list) = list {
            builder = builder.with_resources(list.iter().copied());
        }
        builder.build().unwrap()
    })
}
