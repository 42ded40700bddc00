//! JSON: DAG-JSON with sorted members, and the member order of session strings.

mod read;
mod write;

pub use write::MemberOrder;

use super::loose;
use super::wire::Wire;
use crate::error::Error;
use crate::limits::MAX_ENCODED_LEN;
use crate::model::Cacao;
use alloc::string::{String, ToString};
use serde::Deserialize;
use write::Ordered;

impl Cacao {
    /// Reads a capability from JSON. Members may be in any order. Bytes are in the form of
    /// DAG-JSON; signatures and the `aad` of a passkey may also be in the two forms in which
    /// JavaScript's `JSON.stringify` writes a byte array. [`variations`](Self::variations) names
    /// the members that honest software spells differently from how they are written here.
    ///
    /// # Errors
    /// [`Error::Json`] when it is not valid JSON of this shape, [`Error::Field`] when a member has a
    /// value that is not allowed, [`Error::TooLarge`].
    pub fn from_json(json: &str) -> Result<Self, Error> {
        if json.len() > MAX_ENCODED_LEN {
            return Err(Error::TooLarge {
                what: "JSON",
                limit: MAX_ENCODED_LEN,
            });
        }
        let malformed = |error: serde_json::Error| Error::Json {
            detail: error.to_string(),
        };
        let strict = || {
            let mut deserializer = serde_json::Deserializer::from_str(json);
            let wire = Wire::deserialize(&mut deserializer).map_err(malformed)?;
            deserializer.end().map_err(malformed)?;
            wire.check()
        };
        match strict() {
            Ok((header, payload, signature)) => Ok(Self::new(header, payload, signature)),
            Err(refusal) => {
                let (parts, variations, block) = loose::from_json(json, refusal)?;
                Ok(Self::of_block(parts, variations, block, None))
            }
        }
    }

    /// Writes the capability as JSON, in one line without spaces. One that was read in another
    /// spelling ([`variations`](Self::variations)) keeps it, with every member, so that its CID
    /// stays; its members are sorted either way.
    #[must_use]
    pub fn to_json(&self, order: MemberOrder) -> String {
        if !self.spelling().is_empty() {
            return loose::to_json(&self.block());
        }
        // texts and maps with text keys: serde_json has nothing here that it could refuse
        serde_json::to_string(&Ordered { cacao: self, order }).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = concat!(
        r#"{"h":{"t":"eip4361"},"p":{"domain":"a","iat":"2023-04-06T16:15:19.058Z","#,
        r#""iss":"did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44","aud":"b","#,
        r#""version":"1","nonce":"n"},"s":{"t":"x","s":"y"}}"#
    );

    #[test]
    fn members_are_named_never_listed() {
        let cacao = Cacao::from_json(JSON).unwrap();
        assert_eq!(cacao.to_json(MemberOrder::Session), JSON);
        for (from, to) in [
            (r#"{"t":"eip4361"}"#, r#"["eip4361"]"#),
            (r#"{"t":"x","s":"y"}"#, r#"["x","y"]"#),
            (r#""s":"y"}"#, r#""s":"y","m":[{"0":1}]}"#),
        ] {
            let listed = JSON.replacen(from, to, 1);
            assert!(
                listed != JSON && Cacao::from_json(&listed).is_err(),
                "{listed}"
            );
        }
        let start = JSON.find(r#""p":"#).unwrap();
        let whole = alloc::format!(
            r#"[{{"t":"eip4361"}},{}]"#,
            &JSON[start + 4..JSON.len() - 1]
        );
        assert!(Cacao::from_json(&whole).is_err());
    }

    #[test]
    fn bytes_are_named_never_listed() {
        for (value, read) in [(r#"{"bytes":"Bwg"}"#, true), (r#"["Bwg"]"#, false)] {
            let json = JSON.replacen(r#""s":"y""#, &alloc::format!(r#""s":{{"/":{value}}}"#), 1);
            assert_eq!(Cacao::from_json(&json).is_ok(), read, "{json}");
        }
    }

    #[test]
    fn nothing_stands_behind_it() {
        assert!(Cacao::from_json(&alloc::format!("{JSON} ")).is_ok());
        assert!(Cacao::from_json(&alloc::format!("{JSON}x")).is_err());
        assert!(Cacao::from_json(&alloc::format!("{JSON}{JSON}")).is_err());
    }

    /// A member that is not known is no fault here, so that one which comes twice is told as that.
    #[test]
    fn a_name_that_comes_twice_is_named_first() {
        let with = |members: &str| {
            let json = JSON.replacen(r#""p":{"#, &alloc::format!("\"p\":{{{members},"), 1);
            match Cacao::from_json(&json) {
                Err(Error::Json { detail }) => detail,
                read => alloc::format!("{read:?}"),
            }
        };
        assert!(with(r#""x":1"#).starts_with("Ok"), "{}", with(r#""x":1"#));
        for (members, twice) in [
            (r#""x":1,"x":1"#, "x"),
            (r#""x":1,"y":2,"\u0079":2"#, "y"),
            (r#""x":{"a":1,"a":2}"#, "a"),
            (r#""nonce":"n""#, "nonce"),
            (r#""x":1,"nonce":"n""#, "nonce"),
        ] {
            let detail = with(members);
            let expected = alloc::format!("duplicate field `{twice}`");
            assert!(detail.starts_with(&expected), "{members}: {detail}");
        }
    }

    /// One list of bytes has one spelling in each of the forms.
    #[test]
    fn keys_of_bytes_have_one_spelling() {
        let read = |aad: &str| {
            let m = alloc::format!(r#""s":"y","m":{{"aad":{aad}}}}}"#);
            Cacao::from_json(&JSON.replacen(r#""s":"y"}"#, &m, 1))
                .map(|cacao| cacao.signature().and_then(|s| s.aad().map(<[u8]>::to_vec)))
        };
        for aad in [
            r#"{"0":7,"1":8}"#,
            r#"{"type":"Buffer","data":[7,8]}"#,
            r#"{"/":{"bytes":"Bwg"}}"#,
        ] {
            assert_eq!(read(aad).unwrap().unwrap(), [7, 8], "{aad}");
        }
        for aad in [
            r#"{"00":7,"1":8}"#,
            r#"{"0":7,"01":8}"#,
            r#"{"0":7,"+1":8}"#,
            r#"{"0":7,"1.0":8}"#,
            r#"{"0":7," 1":8}"#,
            r#"{"0":7,"1":8,"1":8}"#,
            r#"{"0":7,"0":8}"#,
            r#"{"1":8,"0":7}"#,
            r#"{"0":7,"2":8}"#,
            r#"{"0":7,"-1":8}"#,
            r#"{"0":7.0,"1":8}"#,
            r#"{"0":7,"1":8,"length":2}"#,
            r#"{"data":[7,8],"type":"Buffer"}"#,
            r#"{"type":"Buffer","data":[7,8],"data":[7]}"#,
            r#"{"type":"Buffer","type":"Buffer","data":[7,8]}"#,
            r#"{"type":"buffer","data":[7,8]}"#,
            r#"{"/":{"bytes":"Bwg="}}"#,
            r#"{"/":["Bwg"]}"#,
            r#"{"/":{"bytes":"Bwg","bytes":"Bwg"}}"#,
        ] {
            assert!(read(aad).is_err(), "{aad}");
        }
    }
}
