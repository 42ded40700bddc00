//! The statement as text: read strictly, written in one spelling.

use super::error::RevocationError;
use super::{MAX_REVOCATION_LEN, MAX_REVOKED, REVOCATION_TYPE};
use crate::revocations::read_identity;
use cacao::Issuer;
use cacao::car::cid_text;
use dag_jws::{Cid, Jws};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// The last second of the year 9999, after which nothing is dated.
pub(crate) const MAX_TIME: u64 = 253_402_300_799;

/// A statement that was read, or is to be signed: nothing about it is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) issuer: Issuer,
    pub(crate) domain: String,
    /// In seconds since the epoch.
    pub(crate) iat: u64,
    pub(crate) scope: Scope,
}

/// What a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// These identities, sorted by their text, none twice.
    Identities(Vec<Cid>),
    /// All with an `iat` until this time, in seconds since the epoch.
    AllBefore(u64),
}

/// The payload; its members stand in the order of RFC 8785.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    all_before: Option<u64>,
    #[serde(borrow)]
    domain: Cow<'a, str>,
    iat: u64,
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoke: Option<Vec<String>>,
}

impl Claims {
    /// Reads a statement: its JWS, and what it says.
    pub(super) fn read(text: &str) -> Result<(Jws, Self), RevocationError> {
        if text.len() > MAX_REVOCATION_LEN {
            return Err(RevocationError::TooLarge);
        }
        if text.starts_with('{') {
            return Err(malformed("it is not in compact form"));
        }
        let jws = Jws::parse(text).map_err(RevocationError::Jws)?;
        check_header(&jws)?;
        let claims = Self::from_payload(&jws.payload_bytes()).map_err(malformed)?;
        Ok((jws, claims))
    }

    fn from_payload(payload: &[u8]) -> Result<Self, String> {
        let wire: Wire<'_> =
            serde_json::from_slice(payload).map_err(|error| format!("its payload: {error}"))?;
        let issuer: Issuer = wire
            .iss
            .parse()
            .map_err(|error| format!("iss is not a DID of an issuer: {error}"))?;
        if issuer.normalized().did() != wire.iss {
            return Err("iss is not in its canonical spelling".to_owned());
        }
        let scope = match (&wire.revoke, wire.all_before) {
            (Some(identities), None) => Scope::Identities(read_identities(identities)?),
            (None, Some(time)) => Scope::AllBefore(time),
            _ => return Err("it does not have exactly one of revoke and all_before".to_owned()),
        };
        if wire.iat > MAX_TIME || wire.all_before.is_some_and(|time| time > MAX_TIME) {
            return Err("a time is after the year 9999".to_owned());
        }
        let claims = Self {
            issuer,
            domain: wire.domain.into_owned(),
            iat: wire.iat,
            scope,
        };
        if claims.to_payload().as_bytes() != payload {
            return Err("its payload is not in canonical form".to_owned());
        }
        Ok(claims)
    }

    /// The payload, in the one form that is read.
    pub(crate) fn to_payload(&self) -> String {
        let wire = Wire {
            all_before: match self.scope {
                Scope::AllBefore(time) => Some(time),
                Scope::Identities(_) => None,
            },
            domain: Cow::Borrowed(&self.domain),
            iat: self.iat,
            iss: self.issuer.normalized().did().into(),
            revoke: match &self.scope {
                Scope::AllBefore(_) => None,
                Scope::Identities(identities) => Some(identities.iter().map(cid_text).collect()),
            },
        };
        // texts and whole numbers are written like that in RFC 8785, too
        serde_json::to_string(&wire).unwrap_or_default()
    }
}

/// Exactly the members that a statement has: no other one could have a meaning that we miss.
fn check_header(jws: &Jws) -> Result<(), RevocationError> {
    let header = jws.header();
    let typ = header.member("typ");
    if typ.and_then(Value::as_str) != Some(REVOCATION_TYPE) {
        return Err(RevocationError::OtherType {
            found: typ.map_or_else(|| "absent".to_owned(), ToString::to_string),
        });
    }
    if header.capability().is_none() {
        return Err(malformed("its header names no capability"));
    }
    match header.members().find(|(name, _)| *name != "typ") {
        Some((name, _)) => Err(malformed(format!("unknown header member {name:?}"))),
        None => Ok(()),
    }
}

fn read_identities(texts: &[String]) -> Result<Vec<Cid>, String> {
    if texts.is_empty() || texts.len() > MAX_REVOKED {
        return Err(format!(
            "revoke does not have 1 to {MAX_REVOKED} identities"
        ));
    }
    if !texts.is_sorted_by(|a, b| a < b) {
        return Err("revoke is not sorted, or names an identity twice".to_owned());
    }
    let identities = texts.iter().map(|text| read_identity(text));
    identities
        .collect::<Option<_>>()
        .ok_or_else(|| "revoke has a text that is not an identity".to_owned())
}

fn malformed(problem: impl Into<String>) -> RevocationError {
    RevocationError::Malformed {
        problem: problem.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONE: &str = "bafyreigxtx4kzvrrxmxym2gzmtzxiujieatzqiyzqhcwysf6bo2f4pdsja";

    fn read(payload: &str) -> Result<Claims, String> {
        Claims::from_payload(payload.as_bytes())
    }

    #[test]
    fn what_is_read_is_written_again() {
        let payload = format!(
            r#"{{"domain":"app.example","iat":1680797719,"iss":"did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44","revoke":["{ONE}"]}}"#
        );
        let claims = read(&payload).unwrap();
        assert_eq!(claims.scope, Scope::Identities(vec![ONE.parse().unwrap()]));
        assert_eq!(claims.to_payload(), payload);
    }

    #[test]
    fn what_is_not_a_payload() {
        let iss = r#""iss":"did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44""#;
        let good = format!(r#"{{"all_before":1,"domain":"a","iat":2,{iss}}}"#);
        assert!(read(&good).is_ok());
        let checksum =
            r#""iss":"did:pkh:eip155:1:0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44""#.to_owned();
        let other = "bafyreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        let raw = ONE.replacen("bafyrei", "bafkrei", 1);
        let many = (0..=MAX_REVOKED)
            .map(|_| format!("{ONE:?}"))
            .collect::<Vec<_>>();
        for bad in [
            String::new(),
            "null".to_owned(),
            format!(r#"[1,"a",2,{iss}]"#),
            r#"[1,"a",2,"did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",null]"#
                .to_owned(),
            // another spelling of the same
            format!(" {good}"),
            format!("{good}\n"),
            good.replace(":1,", ": 1,"),
            good.replace(":1,", ":1.0,"),
            good.replace(":1,", ":1e0,"),
            good.replace("\"a\"", r#""\u0061""#),
            format!(r#"{{"domain":"a","all_before":1,"iat":2,{iss}}}"#),
            good.replace(iss, &checksum),
            good.replace("did:pkh:", ""),
            // members twice, unknown, missing, of another kind
            format!(r#"{{"all_before":1,"all_before":0,"domain":"a","iat":2,{iss}}}"#),
            format!(r#"{{"all_before":1,"domain":"a","domain":"b","iat":2,{iss}}}"#),
            good.replace("}", r#","x":1}"#),
            format!(r#"{{"domain":"a","iat":2,{iss}}}"#),
            format!(r#"{{"all_before":1,"iat":2,{iss}}}"#),
            format!(r#"{{"all_before":1,"domain":"a",{iss}}}"#),
            r#"{"all_before":1,"domain":"a","iat":2}"#.to_owned(),
            good.replace(":1,", ":-1,"),
            good.replace(":1,", ":null,"),
            good.replace(":1,", r#":"1","#),
            good.replace(":2,", ":253402300800,"),
            // both, or none, or what is not an identity
            good.replace("}", &format!(r#","revoke":["{ONE}"]}}"#)),
            format!(r#"{{"domain":"a","iat":2,{iss},"revoke":[]}}"#),
            format!(r#"{{"domain":"a","iat":2,{iss},"revoke":null}}"#),
            format!(r#"{{"domain":"a","iat":2,{iss},"revoke":"{ONE}"}}"#),
            format!(r#"{{"domain":"a","iat":2,{iss},"revoke":["{ONE}","{ONE}"]}}"#),
            format!(r#"{{"domain":"a","iat":2,{iss},"revoke":["{ONE}","{other}"]}}"#),
            format!(r#"{{"domain":"a","iat":2,{iss},"revoke":["{raw}"]}}"#),
            format!(
                r#"{{"domain":"a","iat":2,{iss},"revoke":["{}"]}}"#,
                ONE.to_uppercase()
            ),
            format!(r#"{{"domain":"a","iat":2,{iss},"revoke":["ipfs://{ONE}"]}}"#),
            format!(
                r#"{{"domain":"a","iat":2,{iss},"revoke":["QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"]}}"#
            ),
            format!(
                r#"{{"domain":"a","iat":2,{iss},"revoke":[{}]}}"#,
                many.join(",")
            ),
        ] {
            assert!(read(&bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn the_payload_is_that_of_rfc_8785(
            domain in "\\PC{1,20}",
            iat in 0..=MAX_TIME,
            all_before in 0..=MAX_TIME,
        ) {
            let issuer = "did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";
            let issuer: Issuer = issuer.parse().unwrap();
            let claims = Claims { issuer, domain, iat, scope: Scope::AllBefore(all_before) };
            let payload = claims.to_payload();
            prop_assert_eq!(Claims::from_payload(payload.as_bytes()), Ok(claims));
            // the writer of `dag-jws` sorts and escapes by itself
            let value: Value = serde_json::from_str(&payload).unwrap();
            let key = didkey::Ed25519SigningKey::from_seed(&[7; 32]);
            let unsigned = dag_jws::UnsignedJws::object(&value).unwrap();
            let input = unsigned.prepare(key.did_key()).unwrap();
            let jws = input.clone().finish(key.sign(input.as_bytes()).as_bytes()).unwrap();
            prop_assert_eq!(jws.payload_bytes(), payload.as_bytes());
        }
    }
}
