//! The header of a session, computed once, so that further signatures cost no more than the
//! payload.

use crate::error::Error;
use crate::header::ProtectedHeader;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cacao::Cacao;
use cacao::car::cid_text;
use cid::Cid;
use didkey::DidKey;
use serde_json::{Map, Value};

/// A protected header that is ready to be signed, for one key and one capability. Cheap to clone.
///
/// ```
/// use dag_jws::{HeaderTemplate, UnsignedJws};
/// use didkey::Ed25519SigningKey;
///
/// let key = Ed25519SigningKey::from_seed(&[7; 32]);
/// let header = HeaderTemplate::new(key.did_key())?;
/// for n in 0..3 {
///     let input = UnsignedJws::object(&serde_json::json!({ "n": n }))?.prepare_with(&header)?;
///     let signature = key.sign(input.as_bytes());
///     let jws = input.finish(signature.as_ref())?;
///     assert_eq!(jws.header().key()?, *key.did_key());
/// }
/// # Ok::<_, dag_jws::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HeaderTemplate(Arc<Ready>);

#[derive(Debug)]
struct Ready {
    key: DidKey,
    header: ProtectedHeader,
    base64url: String,
    capability_block: Option<Arc<[u8]>>,
}

impl HeaderTemplate {
    /// The header of a key that signs for itself.
    ///
    /// # Errors
    /// [`Error::CannotSign`] for keys of a type that does not sign.
    pub fn new(key: &DidKey) -> Result<Self, Error> {
        Self::build(key, None, None, None, None)
    }

    /// The header of a key that signs under a capability. The capability is not judged here: the
    /// verifier does that.
    ///
    /// # Errors
    /// [`Error::CannotSign`].
    pub fn with_capability(key: &DidKey, capability: &Cacao) -> Result<Self, Error> {
        let block = capability.to_dag_cbor();
        let cid = cacao::car::dag_cbor_cid(&block);
        Self::build(key, None, Some(cid), Some(block.into()), None)
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &ProtectedHeader {
        &self.0.header
    }

    /// The key that must sign.
    #[must_use]
    pub fn key(&self) -> &DidKey {
        &self.0.key
    }

    /// The DAG-CBOR block of the capability, if the template was made from one.
    #[must_use]
    pub fn capability_block(&self) -> Option<&[u8]> {
        self.0.capability_block.as_deref()
    }

    pub(crate) fn base64url(&self) -> &str {
        &self.0.base64url
    }

    /// This header with more members, with this name of its algorithm, and with a capability if
    /// it has none.
    pub(crate) fn extended(
        &self,
        algorithm_name: Option<&str>,
        capability: Option<Cid>,
        members: Option<Box<Map<String, Value>>>,
    ) -> Result<Self, Error> {
        let own = self.header().capability().copied();
        if let (Some(own), Some(other)) = (own, capability)
            && own != other
        {
            return Err(Error::CapabilityMismatch {
                expected: cid_text(&own),
                found: cid_text(&other),
            });
        }
        let is_same = algorithm_name.is_none() && (own.is_some() || capability.is_none());
        if members.is_none() && is_same {
            return Ok(self.clone());
        }
        let block = self.0.capability_block.clone();
        let capability = own.or(capability);
        Self::build(&self.0.key, algorithm_name, capability, block, members)
    }

    fn build(
        key: &DidKey,
        algorithm_name: Option<&str>,
        capability: Option<Cid>,
        capability_block: Option<Arc<[u8]>>,
        members: Option<Box<Map<String, Value>>>,
    ) -> Result<Self, Error> {
        let header = ProtectedHeader::new(key, algorithm_name, capability, members)?;
        let base64url = URL_SAFE_NO_PAD.encode(header.to_json()?);
        Ok(Self(Arc::new(Ready {
            key: key.clone(),
            header,
            base64url,
            capability_block,
        })))
    }
}
