//! A DagJWS with its blocks: the linked one, and that of the capability.

use super::block;
use super::dag_jws::DagJws;
use super::jose::{DAG_JOSE, dag_jose_cid};
use super::verified::VerifiedDagJws;
use crate::error::Error;
use crate::verify::{Verification, judge};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use cacao::car::{Car, cid_text, dag_cbor_cid, has_cid};

/// A DagJWS with the block that it links and, if it was signed under a capability, the capability's
/// block. It is not verified until [`verify`](Self::verify) accepts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedDagJws {
    jws: DagJws,
    linked_block: Vec<u8>,
    cacao_block: Option<Vec<u8>>,
}

impl SignedDagJws {
    /// From its parts, as they were received.
    #[must_use]
    pub const fn new(jws: DagJws, linked_block: Vec<u8>, cacao_block: Option<Vec<u8>>) -> Self {
        Self {
            jws,
            linked_block,
            cacao_block,
        }
    }

    /// The DagJWS.
    #[must_use]
    pub const fn jws(&self) -> &DagJws {
        &self.jws
    }

    /// The block that is linked.
    #[must_use]
    pub fn linked_block(&self) -> &[u8] {
        &self.linked_block
    }

    /// The DAG-CBOR block of the capability.
    #[must_use]
    pub fn cacao_block(&self) -> Option<&[u8]> {
        self.cacao_block.as_deref()
    }

    /// Its parts: the DagJWS, the linked block, the block of the capability.
    #[must_use]
    pub fn into_parts(self) -> (DagJws, Vec<u8>, Option<Vec<u8>>) {
        (self.jws, self.linked_block, self.cacao_block)
    }

    /// Reads a CAR whose one root is the dag-jose block; the linked block and the block of the
    /// capability are found by the CIDs that are signed, among however many blocks.
    ///
    /// # Errors
    /// [`Error::Car`] when the root is not a dag-jose block, [`Error::BlockMissing`] when the linked block is not
    /// there; otherwise as [`DagJws::from_dag_jose`].
    pub fn from_car(car: &Car) -> Result<Self, Error> {
        let [root] = car.roots() else {
            return Err(malformed("it does not have exactly one root"));
        };
        if root.codec() != DAG_JOSE {
            return Err(malformed("its root is not a dag-jose block"));
        }
        let block = car
            .block(root)
            .ok_or(malformed("the block of its root is missing"))?;
        let jws = DagJws::from_dag_jose(block)?;
        let linked_block = car.block(jws.link()).ok_or_else(|| Error::BlockMissing {
            link: cid_text(jws.link()),
        })?;
        let cacao_block = jws
            .jws()
            .header()
            .capability()
            .and_then(|cid| car.block(cid));
        Ok(Self {
            linked_block: linked_block.to_vec(),
            cacao_block: cacao_block.map(<[u8]>::to_vec),
            jws,
        })
    }

    /// Reads a CAR in base64url, with or without the multibase letter `u`.
    ///
    /// # Errors
    /// [`Error::Archive`] when it is not a valid CAR; otherwise as [`from_car`](Self::from_car).
    pub fn from_car_base64url(text: &str) -> Result<Self, Error> {
        Self::from_car(&Car::from_base64url(text).map_err(Error::Archive)?)
    }

    /// The CAR: the dag-jose block as root, the linked block, the block of the capability. The
    /// linked block has the stated link as its CID.
    #[must_use]
    pub fn to_car(&self) -> Car {
        let root_block = self.jws.to_dag_jose();
        let root = dag_jose_cid(&root_block);
        let mut blocks = Vec::from([
            (root, root_block),
            (*self.jws.link(), self.linked_block.clone()),
        ]);
        if let Some(block) = &self.cacao_block {
            blocks.push((dag_cbor_cid(block), block.clone()));
        }
        Car::new(root, blocks)
    }

    /// The CAR in base64url, without padding and without the multibase letter.
    #[must_use]
    pub fn to_car_base64url(&self) -> String {
        self.to_car().to_base64url()
    }

    /// Judges everything that [`DagJws::verify`] judges, and the block of the capability. If the
    /// header names a capability, its block must be here, unless the caller supplied the
    /// capability. If there is such a block, it must be the one that is named, and is judged.
    ///
    /// # Errors
    /// The reason of the refusal; [`Error::code`] names it for machines.
    pub fn verify(&self, verification: &Verification) -> Result<VerifiedDagJws, Error> {
        let verification = self.with_capability(verification)?;
        self.jws.verify(&self.linked_block, &verification)
    }

    fn with_capability<'a>(
        &self,
        verification: &'a Verification,
    ) -> Result<Cow<'a, Verification>, Error> {
        let named = self.jws.jws().header().capability();
        let supplied = verification.supplied();
        let Some(block) = &self.cacao_block else {
            return match named {
                Some(cid) if supplied.is_none() => Err(Error::CapabilityMissing {
                    cid: Some(cid_text(cid)),
                }),
                _ => Ok(Cow::Borrowed(verification)),
            };
        };
        if let Some(cid) = named.filter(|cid| !has_cid(block, cid)) {
            return Err(Error::CapabilityMismatch {
                expected: cid_text(cid),
                found: cid_text(&dag_cbor_cid(block)),
            });
        }
        match supplied {
            None => {
                let capability = verification.read_capability(block)?;
                Ok(Cow::Owned(
                    verification.clone().with_capability(&capability),
                ))
            }
            Some(supplied) if supplied.cid() != dag_cbor_cid(block) => {
                Err(Error::CapabilityMismatch {
                    expected: cid_text(&dag_cbor_cid(block)),
                    found: cid_text(&supplied.cid()),
                })
            }
            Some(_) => Ok(Cow::Borrowed(verification)),
        }
    }
}

impl DagJws {
    /// Judges the DagJWS with the block that it links: the link must be the CID that is signed,
    /// the block must have its hash (sha2-256 only), and [`Jws::verify`](crate::Jws::verify) must
    /// accept the JWS.
    ///
    /// # Errors
    /// The reason of the refusal; [`Error::code`] names it for machines.
    pub fn verify(
        &self,
        linked_block: &[u8],
        verification: &Verification,
    ) -> Result<VerifiedDagJws, Error> {
        block::check_len("linked block", linked_block)?;
        let link = self.signed_link()?;
        if link != *self.link() {
            return Err(Error::LinkMismatch {
                link: cid_text(self.link()),
                payload: cid_text(&link),
            });
        }
        if !has_cid(linked_block, &link) {
            return Err(Error::BlockMismatch {
                link: cid_text(&link),
            });
        }
        let jws = judge(self.jws(), verification)?;
        Ok(VerifiedDagJws::new(jws, link, linked_block.to_vec()))
    }
}

const fn malformed(detail: &'static str) -> Error {
    Error::Car { detail }
}
