//! The address of a node, and what of it must not be shown.

use cacao::{Error, Problem};
use std::sync::Arc;
use ureq::http::Uri;

/// The shortest part of an address that is kept from view: shorter ones are words such as `v2`.
const MIN_SECRET_LEN: usize = 4;

/// A node by its address, which is never shown.
#[derive(Clone)]
pub(super) struct Node {
    url: Arc<str>,
    secrets: Arc<[String]>,
}

impl Node {
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        let uri: Uri = url.parse().map_err(|_| malformed("it is not an address"))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") if cfg!(feature = "https") => {}
            Some("https") => return Err(malformed("https needs the feature `https`")),
            _ => return Err(malformed("it does not start with http:// or https://")),
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err(malformed("it does not name a host"));
        }
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
        let parts = [user, uri.path(), uri.query().unwrap_or("")];
        let mut secrets: Vec<_> = parts
            .iter()
            .flat_map(|part| part.split(['/', ':', '&', '=']))
            .filter(|part| part.len() >= MIN_SECRET_LEN)
            .map(str::to_owned)
            .collect();
        // the longest first, since one may be a part of another
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Ok(Self {
            url: url.into(),
            secrets: secrets.into(),
        })
    }

    /// The whole address, for the client alone.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A text that came from the node or the client, without what the address holds beside its
    /// host, and without the beginning of such a part where the text was cut off.
    pub(super) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &*self.secrets {
            text = text.replace(secret, "…");
            let begun = (MIN_SECRET_LEN..secret.len())
                .rev()
                .filter_map(|len| secret.get(..len))
                .find_map(|begun| text.strip_suffix(begun));
            if let Some(kept) = begun {
                text = format!("{kept}…");
            }
        }
        text
    }
}

pub(super) fn malformed(detail: &'static str) -> Error {
    Error::Value {
        what: "node of a chain",
        problem: Problem::Form(detail),
    }
}
