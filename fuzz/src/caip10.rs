//! CAIP-2 and CAIP-10: chains, accounts and issuers, and which spellings name the same one.

use std::collections::BTreeSet;

use cacao::{AccountId, ChainId, Issuer};

/// Reads each line of the bytes as a chain, an account and an issuer. Tells whether one of the
/// readers accepted one of the lines.
pub fn laws(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let mut issuers = Vec::new();
    let mut accepted = false;
    for line in text.split('\n').take(4) {
        accepted |= chain(line);
        accepted |= account(line);
        if let Some(issuer) = issuer(line) {
            issuers.push(issuer);
            accepted = true;
        }
    }
    for (index, one) in issuers.iter().enumerate() {
        issuers
            .iter()
            .skip(index)
            .for_each(|other| compare(one, other));
    }
    accepted
}

fn chain(text: &str) -> bool {
    match text.parse::<ChainId>() {
        Ok(chain) => {
            assert_eq!(chain.as_str(), text);
            assert_eq!(format!("{}:{}", chain.namespace(), chain.reference()), text);
            true
        }
        Err(error) => crate::refused(&error, error.code()),
    }
}

fn account(text: &str) -> bool {
    let account: AccountId = match text.parse() {
        Ok(account) => account,
        Err(error) => return crate::refused(&error, error.code()),
    };
    assert_eq!(account.as_str(), text);
    let chain = format!("{}:{}", account.namespace(), account.reference());
    assert!(chain.parse::<ChainId>().is_ok(), "its chain is a chain");
    assert_eq!(format!("{chain}:{}", account.address()), text);
    let issuer: Issuer = text.parse().expect("an account is an issuer");
    assert_eq!(issuer.account(), Some(&account));
    assert_eq!(issuer.did(), format!("did:pkh:{text}"));
    true
}

fn issuer(text: &str) -> Option<Issuer> {
    let issuer: Issuer = match text.parse() {
        Ok(issuer) => issuer,
        Err(error) => {
            crate::refused(&error, error.code());
            return None;
        }
    };
    let did = issuer.did();
    assert_eq!(did.strip_prefix("did:pkh:").unwrap_or(&did), {
        text.strip_prefix("did:pkh:").unwrap_or(text)
    });
    let again: Issuer = did.parse().expect("a DID that was written is read");
    assert_eq!(again.did(), did);
    compare(&again, &issuer);

    let one = issuer.normalized();
    assert_eq!(one, issuer);
    assert_eq!(one.normalized().did(), one.did());
    assert_eq!(one.namespace(), issuer.namespace());
    let again: Issuer = one.did().parse().expect("its canonical spelling is read");
    assert_eq!(again, issuer);
    Some(issuer)
}

/// Equality, order and hash agree: two issuers are equal exactly if their canonical spellings are.
fn compare(one: &Issuer, other: &Issuer) {
    let equal = one.normalized().did() == other.normalized().did();
    assert_eq!(one == other, equal);
    assert_eq!(one.cmp(other).is_eq(), equal);
    assert_eq!(one.cmp(other), other.cmp(one).reverse());
    assert_eq!(BTreeSet::from([one, other]).len() == 1, equal);
    let set = std::collections::HashSet::from([one, other]);
    assert_eq!(set.len() == 1, equal);
}
