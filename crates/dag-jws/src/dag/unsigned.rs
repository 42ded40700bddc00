//! Making a DagJWS in two steps, like a JWS.

use super::dag_jws::DagJws;
use super::signed::SignedDagJws;
use super::writer::BlockWriter;
use super::{block, json};
use crate::error::Error;
use crate::template::HeaderTemplate;
use crate::unsigned::{SigningInput, UnsignedJws};
use alloc::string::String;
use alloc::vec::Vec;
use cacao::Cacao;
use cid::Cid;
use didkey::DidKey;
use ipld_core::ipld::Ipld;
use serde_json::Value;

/// A value of the IPLD data model that waits for a key: its block is linked, the link is signed.
///
/// ```
/// use dag_jws::{UnsignedDagJws, Verification};
/// use cacao::{Requirement, UnixTime};
/// use didkey::Ed25519SigningKey;
///
/// let key = Ed25519SigningKey::from_seed(&[7; 32]);
/// let input = UnsignedDagJws::from_dag_json(r#"{"hello":"world"}"#)?.prepare(key.did_key())?;
/// let signature = key.sign(input.as_bytes());
/// let signed = input.finish(signature.as_ref())?;
/// assert_eq!(signed.linked_block(), b"\xa1\x65hello\x65world");
///
/// let at = UnixTime::from_secs(0);
/// let verified = signed.verify(&Verification::new(at, Requirement::any_domain()))?;
/// assert_eq!(verified.key(), key.did_key());
/// # Ok::<_, dag_jws::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct UnsignedDagJws {
    jws: UnsignedJws,
    link: Cid,
    linked_block: Vec<u8>,
    capability_block: Option<Vec<u8>>,
}

impl UnsignedDagJws {
    /// A value, exactly as it is: an `Ipld::Float` stays a float.
    ///
    /// # Errors
    /// [`Error::Value`] for what the data model forbids: NaN, infinities, integers beyond 64
    /// bits. [`Error::TooDeep`], [`Error::TooLarge`].
    pub fn new(value: &Ipld) -> Result<Self, Error> {
        Self::of_block(block::encode(value)?)
    }

    /// A value that was told piece by piece: its block, and nothing of the value beside it.
    ///
    /// # Errors
    /// As [`BlockWriter::finish`].
    pub fn written(value: BlockWriter) -> Result<Self, Error> {
        Self::of_block(value.finish()?)
    }

    fn of_block(linked_block: Vec<u8>) -> Result<Self, Error> {
        let link = cacao::car::dag_cbor_cid(&linked_block);
        Ok(Self {
            jws: UnsignedJws::bytes(&link.to_bytes())?,
            link,
            linked_block,
            capability_block: None,
        })
    }

    /// A value in DAG-JSON, with numbers as [`dag_json::parse`](crate::dag_json::parse) reads
    /// them: the block is the one that a JavaScript program makes from the same text.
    ///
    /// # Errors
    /// As [`dag_json::parse`](crate::dag_json::parse) and [`new`](Self::new).
    pub fn from_dag_json(text: &str) -> Result<Self, Error> {
        Self::new(&json::parse(text)?)
    }

    /// The CID of the linked block, which is signed.
    #[must_use]
    pub const fn link(&self) -> &Cid {
        &self.link
    }

    /// Adds a member to the protected header; see [`UnsignedJws::with_header_member`].
    pub fn with_header_member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.jws = self.jws.with_header_member(name, value);
        self
    }

    /// Writes `alg` with this name; see [`UnsignedJws::with_algorithm_name`].
    pub fn with_algorithm_name(mut self, name: impl Into<String>) -> Self {
        self.jws = self.jws.with_algorithm_name(name);
        self
    }

    /// Signs under this capability, without judging it: the verifier does that.
    pub fn with_capability(mut self, capability: &Cacao) -> Self {
        let block = capability.to_dag_cbor();
        self.jws = self.jws.with_capability(&cacao::car::dag_cbor_cid(&block));
        self.capability_block = Some(block);
        self
    }

    /// The bytes that the key must sign.
    ///
    /// # Errors
    /// As [`UnsignedJws::prepare`].
    pub fn prepare(self, key: &DidKey) -> Result<DagSigningInput, Error> {
        self.prepare_with(&HeaderTemplate::new(key)?)
    }

    /// As [`prepare`](Self::prepare), with a header that was computed before.
    ///
    /// # Errors
    /// As [`UnsignedJws::prepare`].
    pub fn prepare_with(self, template: &HeaderTemplate) -> Result<DagSigningInput, Error> {
        let capability_block = self
            .capability_block
            .or_else(|| template.capability_block().map(<[u8]>::to_vec));
        Ok(DagSigningInput {
            input: self.jws.prepare_with(template)?,
            link: self.link,
            linked_block: self.linked_block,
            capability_block,
        })
    }
}

/// What must be signed, and the blocks that go with it.
#[derive(Clone, Debug)]
pub struct DagSigningInput {
    input: SigningInput,
    link: Cid,
    linked_block: Vec<u8>,
    capability_block: Option<Vec<u8>>,
}

impl DagSigningInput {
    /// The bytes that the key must sign, with the algorithm that the header names.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.input.as_bytes()
    }

    /// The DagJWS with this signature, and its blocks.
    ///
    /// # Errors
    /// [`Error::Signature`] when it does not have the exact length of the algorithm.
    pub fn finish(self, signature: &[u8]) -> Result<SignedDagJws, Error> {
        let jws = self.input.finish(signature)?;
        Ok(SignedDagJws::new(
            DagJws::new(jws, self.link),
            self.linked_block,
            self.capability_block,
        ))
    }
}
