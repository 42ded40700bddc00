//! Which signature of a JWS that has several is meant.

use clap::Args;
use did_session::didkey::DidKey;
use did_session::jws::{DagJws, GeneralJws, Jws};

use crate::failure::Failure;
use crate::value::Unquoted;

/// The argument `--signature-of`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SignatureArg {
    /// Use this signature of a JWS that has several: name its key by DID or kid, or give the number
    /// of the signature, 1 for the first.
    #[arg(long = "signature-of", value_name = "DID|NUMBER", value_parser = SIGNATURE)]
    picked: Option<Picked>,
}

/// The signature that was picked.
#[derive(Clone, Debug)]
enum Picked {
    /// By its place, counted from 0.
    Place(usize),
    /// By the key that made it: `kid` to the letter.
    KeyId(String),
}

/// Reads a place or a key.
const SIGNATURE: Unquoted<Picked> = Unquoted(|text| {
    if let Ok(number) = text.parse::<usize>() {
        let place = number.checked_sub(1).map(Picked::Place);
        return place.ok_or_else(|| "is not the number of a signature: the first is 1".to_owned());
    }
    if text.contains('#') {
        return Ok(Picked::KeyId(text.to_owned()));
    }
    match text.parse::<DidKey>() {
        Ok(key) => Ok(Picked::KeyId(key.key_id())),
        Err(_) => Err("is not the DID of a key (did:key), a kid or a number".to_owned()),
    }
});

impl SignatureArg {
    /// A JWS in a JSON form: its one signature, or that which was picked.
    pub(crate) fn jws(&self, json: &str) -> Result<Jws, Failure> {
        match self.pick(json)? {
            Some(jws) => Ok(jws),
            None => Ok(Jws::parse(json)?),
        }
    }

    /// The one that was picked, if one was; of several one must be.
    fn pick(&self, json: &str) -> Result<Option<Jws>, Failure> {
        let general = GeneralJws::parse(json)?;
        match &self.picked {
            Some(Picked::Place(place)) => Ok(Some(general.signature(*place)?)),
            Some(Picked::KeyId(key_id)) => Ok(Some(general.signature_of(key_id)?)),
            None if general.signature_count() > 1 => {
                let count = general.signature_count();
                let line = format!("has {count} signatures: pick one by --signature-of");
                Err(Failure::input("several_signatures", line))
            }
            None => Ok(None),
        }
    }

    /// The same of a DagJWS: what it links stands beside the signatures.
    pub(crate) fn dag_jws(&self, json: &str) -> Result<DagJws, Failure> {
        let Some(jws) = self.pick(json)? else {
            return Ok(DagJws::parse(json)?);
        };
        let malformed = |error: serde_json::Error| {
            Failure::input("malformed_json", "is not valid JSON of a DagJWS").caused_by(&error)
        };
        let mut whole: serde_json::Value = serde_json::from_str(json).map_err(malformed)?;
        let picked = serde_json::from_str(&jws.to_general()).map_err(malformed)?;
        if let (Some(whole), serde_json::Value::Object(picked)) = (whole.as_object_mut(), picked) {
            for flattened in ["protected", "header", "signature"] {
                whole.remove(flattened);
            }
            whole.extend(picked);
        }
        Ok(DagJws::parse(&whole.to_string())?)
    }

    /// There is one signature, and nothing to pick.
    pub(crate) fn check_not_given(&self, name: &str) -> Result<(), Failure> {
        match &self.picked {
            None => Ok(()),
            Some(_) => {
                let line =
                    format!("--signature-of is for a JWS in a JSON form, and this is {name}");
                Err(Failure::usage(line))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_or_a_number() {
        let did = "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn";
        let kid = format!("{did}#{}", &did[8..]);
        for text in [did, &*kid] {
            assert!(matches!((SIGNATURE.0)(text), Ok(Picked::KeyId(id)) if id == kid));
        }
        assert!(matches!((SIGNATURE.0)("2"), Ok(Picked::Place(1))));
        for bad in ["0", "-1", "", "did:key:z6Mk", "did:web:a.example", "x"] {
            assert!((SIGNATURE.0)(bad).is_err(), "{bad}");
        }
    }
}
