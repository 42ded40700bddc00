//! DAG-CBOR, the encoding that the CID is computed from, and the two names of a capability: the
//! CID of its block, and its identity.

use super::{block, car, loose};
use crate::dialect::Variations;
use crate::error::Error;
use crate::limits::MAX_ENCODED_LEN;
use crate::model::{BlockDigest, Cacao};
use alloc::sync::Arc;
use alloc::vec::Vec;
use cid::Cid;
use sha2::{Digest, Sha256};

impl Cacao {
    /// Reads the block of a capability: strict DAG-CBOR, so that the CID of the bytes is the
    /// capability's. The capability keeps the block. [`variations`](Self::variations) names the
    /// members that honest software spells differently from how they are written here.
    ///
    /// # Errors
    /// [`Error::Cbor`] when it is not valid DAG-CBOR of this shape, [`Error::NotCanonical`] when it is
    /// another encoding of the same, [`Error::Field`] when a member has a value that is not
    /// allowed, or contradicts another one, [`Error::TooLarge`].
    pub fn from_dag_cbor(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_dag_cbor_named(bytes, None)
    }

    /// As [`from_dag_cbor`](Self::from_dag_cbor), where the block may have been hashed before.
    pub(crate) fn from_dag_cbor_named(
        bytes: &[u8],
        digest: Option<BlockDigest>,
    ) -> Result<Self, Error> {
        if bytes.len() > MAX_ENCODED_LEN {
            return Err(Error::TooLarge {
                what: "DAG-CBOR block",
                limit: MAX_ENCODED_LEN,
            });
        }
        let strict = block::read(bytes).and_then(|(wire, canonical)| {
            let parts = wire.check()?;
            canonical.then_some(parts).ok_or(Error::NotCanonical)
        });
        let (parts, variations) = match strict {
            Ok(parts) => (parts, Variations::NONE),
            Err(refusal) => loose::from_block(bytes, refusal)?,
        };
        Ok(Self::of_block(parts, variations, bytes.into(), digest))
    }

    /// The block of the capability: the one that it was read from, or else the one that is written
    /// for its parts.
    #[must_use]
    pub fn to_dag_cbor(&self) -> Vec<u8> {
        self.block().to_vec()
    }

    /// The CID of the block: version 1, dag-cbor, sha2-256.
    ///
    /// It names these bytes, so it changes with everything in them, signed or not. The name of what
    /// was signed is [`identity`](Self::identity).
    #[must_use]
    pub fn cid(&self) -> Cid {
        car::cid_of_digest(&self.block_digest().digest)
    }

    /// The name of what was signed: the CID (version 1, dag-cbor, sha2-256) of the payload alone,
    /// in one spelling.
    ///
    /// One signature in all its spellings has one identity, and changing any member of the payload
    /// gives another identity. Count, revoke and log by the identity; caches of whole capabilities
    /// go by [`cid`](Self::cid).
    ///
    /// It is the hash of the DAG-CBOR of one map (shortest lengths, shorter names first) with the
    /// members of `p`, each a text under its name on the wire:
    ///
    /// - `aud`, `iat`, `iss`, `nonce`, `domain` and `version`, always;
    /// - `exp`, `nbf`, `requestId` and `statement`, if the payload has them;
    /// - `resources`, a list of texts in their order, unless there are none: an empty list is the
    ///   same as no list.
    ///
    /// `iss` is in its canonical spelling ([`Issuer::normalized`](crate::Issuer::normalized): an
    /// `eip155` account in lower case). Everything else is exactly as it was signed, dates, too.
    /// `version` is the text `1`. A member that is empty or null is left out. Header and signature
    /// (`h`, `s`), and everything else that was not signed, are not part of it.
    ///
    /// A passkey does not sign the issuer, and a text does not say what kind of signature it has;
    /// the issuer is part of the identity all the same.
    ///
    /// ```
    /// use cacao::{Cacao, HeaderType, Payload, Signature};
    ///
    /// let payload = |account: &str| {
    ///     Payload::builder(
    ///         "app.example",
    ///         account.parse()?,
    ///         "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
    ///         "HPiCXGTXHI",
    ///         "2023-04-06T16:15:19.058Z".parse()?,
    ///     )
    ///     .build()
    /// };
    /// let one = payload("eip155:1:0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44")?;
    /// let one = Cacao::new(HeaderType::Eip4361, one, None);
    /// let other = payload("eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44")?;
    /// let other = Cacao::new(HeaderType::Caip122, other, Some(Signature::eip191(&[7; 65])));
    /// assert_eq!(one.identity(), other.identity());
    /// assert_ne!(one.cid(), other.cid());
    /// # Ok::<_, cacao::Error>(())
    /// ```
    #[must_use]
    pub fn identity(&self) -> Cid {
        let make = || Sha256::digest(block::of_identity(self.payload())).into();
        car::cid_of_digest(&self.memory().identity.get_or_make(make))
    }

    pub(crate) fn block(&self) -> Arc<[u8]> {
        let make = || block::of_capability(self.header(), self.payload(), self.signature()).into();
        self.memory().block.get_or_make(make)
    }

    pub(crate) fn block_digest(&self) -> BlockDigest {
        let make = || BlockDigest::of(&self.block());
        self.memory().block_digest.get_or_make(make)
    }
}

/// The bytes of the CID that stands for a payload without its issuer, under header `caip122`.
#[cfg(feature = "webauthn")]
pub(crate) fn cid_without_issuer(payload: &crate::Payload) -> Vec<u8> {
    let block = block::without_issuer(crate::HeaderType::Caip122, payload);
    car::dag_cbor_cid(&block).to_bytes()
}

/// As [`cid_without_issuer`], in the spelling that was read, where that is another one.
#[cfg(feature = "webauthn")]
pub(crate) fn spelled_cid_without_issuer(cacao: &Cacao) -> Option<Vec<u8>> {
    if cacao.spelling().is_empty() {
        return None;
    }
    let block = loose::without_issuer(&cacao.block())?;
    Some(car::dag_cbor_cid(&block).to_bytes())
}
