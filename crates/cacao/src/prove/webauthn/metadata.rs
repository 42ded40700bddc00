//! `s.m.aad` of a passkey's signature: what the authenticator and the browser said.

use crate::error::Error;
use alloc::vec::Vec;
use serde::ser::{Serialize, SerializeMap, Serializer};
use sha2::{Digest, Sha256};

/// DAG-CBOR `{authData, clientDataJSON}`, both byte strings.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata<'a> {
    #[serde(rename = "authData")]
    pub(super) authenticator_data: &'a [u8],
    #[serde(rename = "clientDataJSON")]
    pub(super) client_data_json: &'a [u8],
}

impl<'a> Metadata<'a> {
    /// Reads exactly what [`to_dag_cbor`](Self::to_dag_cbor) writes: an encoding is not signed, so
    /// there must be one only.
    pub(super) fn from_dag_cbor(bytes: &'a [u8]) -> Result<Self, Error> {
        let malformed = || {
            Error::MalformedSignature(
                "s.m.aad is not canonical CBOR of authData and clientDataJSON",
            )
        };
        let read: Self = serde_ipld_dagcbor::from_slice(bytes).map_err(|_| malformed())?;
        if read.to_dag_cbor() == bytes {
            Ok(read)
        } else {
            Err(malformed())
        }
    }

    pub(super) fn to_dag_cbor(&self) -> Vec<u8> {
        // two byte strings: the encoder has nothing here that it could refuse
        serde_ipld_dagcbor::to_vec(self).unwrap_or_default()
    }

    /// What the passkey signed.
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        let hash = Sha256::digest(self.client_data_json);
        [self.authenticator_data, &hash].concat()
    }
}

impl Serialize for Metadata<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("authData", &ByteString(self.authenticator_data))?;
        map.serialize_entry("clientDataJSON", &ByteString(self.client_data_json))?;
        map.end()
    }
}

struct ByteString<'a>(&'a [u8]);

impl Serialize for ByteString<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_encoding() {
        let metadata = Metadata {
            authenticator_data: b"a",
            client_data_json: b"{}",
        };
        let bytes = metadata.to_dag_cbor();
        assert_eq!(bytes, b"\xa2\x68authData\x41a\x6eclientDataJSON\x42{}");
        let read = Metadata::from_dag_cbor(&bytes).unwrap();
        assert_eq!(
            (read.authenticator_data, read.client_data_json),
            (&b"a"[..], &b"{}"[..])
        );
        for other in [
            // the other order, a text for bytes, a longer length, an unknown member, twice, more
            &b"\xa2\x6eclientDataJSON\x42{}\x68authData\x41a"[..],
            b"\xa2\x68authData\x61a\x6eclientDataJSON\x42{}",
            b"\xa2\x68authData\x58\x01a\x6eclientDataJSON\x42{}",
            b"\xbf\x68authData\x41a\x6eclientDataJSON\x42{}\xff",
            b"\xa3\x61x\x01\x68authData\x41a\x6eclientDataJSON\x42{}",
            b"\xa3\x68authData\x41a\x68authData\x41a\x6eclientDataJSON\x42{}",
            b"\xa2\x68authData\x41a\x6eclientDataJSON\x42{}\x00",
            b"\xa1\x68authData\x41a",
            b"{}",
            b"",
        ] {
            assert!(Metadata::from_dag_cbor(other).is_err(), "{other:?}");
        }
    }
}
