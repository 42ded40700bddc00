//! CAR version 1 (content-addressable archive), with the hash of every block checked, and the
//! base64url form in which CAIP-74 transports a capability.

use super::cbor::Writer;
pub use crate::cid_text::{cid_text, exact_cid, read_cid};
use crate::error::Error;
use crate::limits::{MAX_CAR_BLOCKS, MAX_ENCODED_LEN};
use crate::model::{BlockDigest, Cacao};
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cid::Cid;
use multihash::Multihash;
use sha2::{Digest, Sha256};

/// Multicodec of dag-cbor.
const DAG_CBOR: u64 = 0x71;
/// Multicodec of sha2-256.
const SHA2_256: u64 = 0x12;
/// The multibase letter of the transport form, base64url.
const BASE64URL: char = 'u';

/// The CID of a DAG-CBOR block: version 1, dag-cbor, sha2-256.
#[must_use]
pub fn dag_cbor_cid(block: &[u8]) -> Cid {
    Cid::new_v1(DAG_CBOR, sha2_256(block))
}

/// The CID of the DAG-CBOR block with this SHA-256.
pub(super) fn cid_of_digest(digest: &[u8; 32]) -> Cid {
    Cid::new_v1(DAG_CBOR, wrap(digest))
}

/// Whether a block has the hash that its CID names; only sha2-256 of full length is known.
#[must_use]
pub fn has_cid(block: &[u8], cid: &Cid) -> bool {
    *cid.hash() == sha2_256(block)
}

fn sha2_256(block: &[u8]) -> Multihash<64> {
    wrap(&Sha256::digest(block).into())
}

fn wrap(digest: &[u8; 32]) -> Multihash<64> {
    // 32 bytes always fit 64; the default is a hash that equals no other
    Multihash::wrap(SHA2_256, digest).unwrap_or_default()
}

/// A CAR that was read: its roots, and its blocks, each with the hash that its CID names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Car {
    roots: Vec<Cid>,
    blocks: Vec<(Cid, Vec<u8>)>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    roots: Vec<Cid>,
    version: u64,
}

impl Car {
    /// A CAR of one root and its blocks, written in this order.
    #[must_use]
    pub fn new(root: Cid, blocks: Vec<(Cid, Vec<u8>)>) -> Self {
        Self {
            roots: Vec::from([root]),
            blocks,
        }
    }

    /// The roots that the header names.
    #[must_use]
    pub fn roots(&self) -> &[Cid] {
        &self.roots
    }

    /// The block with this CID, if it is there.
    #[must_use]
    pub fn block(&self, cid: &Cid) -> Option<&[u8]> {
        self.blocks
            .iter()
            .find(|(c, _)| c == cid)
            .map(|(_, block)| &**block)
    }

    /// Every block with its CID, in file order.
    pub fn blocks(&self) -> impl Iterator<Item = (&Cid, &[u8])> {
        self.blocks.iter().map(|(cid, block)| (cid, &**block))
    }

    /// Reads the bytes of a CAR and checks the hash of every block.
    ///
    /// # Errors
    /// [`Error::Car`] when it is no CAR of version 1, [`Error::BlockHash`] when a block is not
    /// the one that its CID names, [`Error::TooLarge`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_ENCODED_LEN {
            return Err(Error::TooLarge {
                what: "CAR",
                limit: MAX_ENCODED_LEN,
            });
        }
        let (section, mut rest) = section(bytes)?;
        let header: Header = serde_ipld_dagcbor::from_slice(section)
            .map_err(|_| malformed("the header is not valid DAG-CBOR of roots and version"))?;
        if header.version != 1 {
            return Err(malformed("only version 1 is known"));
        }
        if header_of(&header.roots) != section {
            return Err(malformed("the header is not canonical"));
        }
        let mut blocks = Vec::new();
        while !rest.is_empty() {
            if blocks.len() == MAX_CAR_BLOCKS {
                return Err(malformed("it has more than 64 blocks"));
            }
            let (block, after) = self::section(rest)?;
            rest = after;
            let mut data = block;
            let cid = Cid::read_bytes(&mut data).map_err(|_| malformed("a block has no CID"))?;
            if !has_cid(data, &cid) {
                return Err(Error::BlockHash {
                    cid: cid_text(&cid),
                });
            }
            // a CID has one spelling only, else equal blocks could look different
            if block.strip_suffix(data) != Some(&*cid.to_bytes()) {
                return Err(malformed("a CID is not in its shortest form"));
            }
            blocks.push((cid, data.to_vec()));
        }
        Ok(Self {
            roots: header.roots,
            blocks,
        })
    }

    /// Writes the bytes of the CAR.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        push_section(&mut out, &[&header_of(&self.roots)]);
        for (cid, block) in &self.blocks {
            push_section(&mut out, &[&cid.to_bytes(), block]);
        }
        out
    }

    /// Reads the base64url form, with or without the multibase letter `u`, without padding.
    ///
    /// # Errors
    /// As [`Car::from_bytes`].
    pub fn from_base64url(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_ENCODED_LEN * 4 / 3 + 4 {
            return Err(Error::TooLarge {
                what: "CAR",
                limit: MAX_ENCODED_LEN,
            });
        }
        // a CAR of one root starts with its header's length, below 128, so never with a `u`
        let text = text.strip_prefix(BASE64URL).unwrap_or(text);
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| malformed("it is not unpadded base64url"))?;
        Self::from_bytes(&bytes)
    }

    /// Writes the base64url form, without padding and without the multibase letter.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.to_bytes())
    }
}

impl Cacao {
    /// Takes the capability out of a CAR (CAIP-74, section on transport): it is the one root.
    /// Other blocks may lie beside it.
    ///
    /// ```
    /// use cacao::{Cacao, car::Car};
    ///
    /// fn read(text: &str) -> Result<Cacao, cacao::Error> {
    ///     Cacao::from_car(&Car::from_base64url(text)?)
    /// }
    /// # assert_eq!(read("uAAAA").unwrap_err().code(), "malformed_car");
    /// ```
    ///
    /// # Errors
    /// [`Error::Car`] when the root is not one block of DAG-CBOR that is there,
    /// [`Error::BlockHash`] when that block does not have the hash of its CID; otherwise as
    /// [`Cacao::from_dag_cbor`].
    pub fn from_car(car: &Car) -> Result<Self, Error> {
        let [root] = car.roots() else {
            return Err(malformed("it does not have exactly one root"));
        };
        if root.codec() != DAG_CBOR {
            return Err(malformed("its root is not a dag-cbor block"));
        }
        let block = car
            .block(root)
            .ok_or(malformed("the block of its root is missing"))?;
        let named = BlockDigest::of(block);
        // one that was read has it; one that was put together may have anything
        if *root.hash() != wrap(&named.digest) {
            return Err(Error::BlockHash {
                cid: cid_text(root),
            });
        }
        Self::from_dag_cbor_named(block, Some(named))
    }

    /// Writes the transport form: one root, one block, base64url without padding.
    #[must_use]
    pub fn to_car_base64url(&self) -> String {
        let cid = self.cid();
        Car::new(cid, Vec::from([(cid, self.to_dag_cbor())])).to_base64url()
    }
}

/// The header of a CAR with these roots, in its one spelling.
fn header_of(roots: &[Cid]) -> Vec<u8> {
    let mut writer = Writer::with_capacity(64);
    writer.map(2);
    writer.text("roots");
    writer.list(roots.len());
    for root in roots {
        writer.link(&root.to_bytes());
    }
    writer.text("version");
    writer.byte(1);
    writer.finish()
}

const fn malformed(detail: &'static str) -> Error {
    Error::Car { detail }
}

/// A length as unsigned varint, and that many bytes.
fn section(bytes: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let bad_length = || malformed("a section has no length in the shortest form");
    let (len, rest) = unsigned_varint::decode::usize(bytes).map_err(|_| bad_length())?;
    // the decoder drops bits beyond the 64th: the length must be the one that would be written
    let mut buffer = unsigned_varint::encode::usize_buffer();
    if bytes.strip_suffix(rest) != Some(unsigned_varint::encode::usize(len, &mut buffer)) {
        return Err(bad_length());
    }
    if len == 0 {
        return Err(malformed("a section is empty"));
    }
    rest.split_at_checked(len)
        .ok_or(malformed("a section is cut off"))
}

fn push_section(out: &mut Vec<u8>, parts: &[&[u8]]) {
    let len = parts.iter().map(|part| part.len()).sum();
    out.extend_from_slice(unsigned_varint::encode::usize(
        len,
        &mut unsigned_varint::encode::usize_buffer(),
    ));
    for part in parts {
        out.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn car() -> (Cid, Vec<u8>) {
        let block = b"\xa1\x61a\x01".to_vec();
        let cid = dag_cbor_cid(&block);
        (cid, Car::new(cid, Vec::from([(cid, block)])).to_bytes())
    }

    #[test]
    fn reads_what_it_writes() {
        let (cid, bytes) = car();
        let read = Car::from_bytes(&bytes).unwrap();
        assert_eq!(read.roots(), [cid]);
        assert_eq!(read.block(&cid), Some(&b"\xa1\x61a\x01"[..]));
        assert_eq!(read.to_bytes(), bytes);
    }

    #[test]
    fn a_block_must_have_the_hash_of_its_cid() {
        let (_, mut bytes) = car();
        *bytes.last_mut().unwrap() ^= 1;
        assert_eq!(
            Car::from_bytes(&bytes).unwrap_err().code(),
            "block_hash_mismatch"
        );
    }

    #[test]
    fn lengths_and_cids_have_one_spelling() {
        let (_, bytes) = car();
        assert!(bytes[0] < 0x80);
        // the same length in two bytes, and with bits that do not fit 64
        let longer = [&[bytes[0] | 0x80, 0], &bytes[1..]].concat();
        assert!(Car::from_bytes(&longer).is_err());
        let mut dropped = Vec::from([bytes[0] | 0x80]);
        dropped.extend([0x80; 8]);
        dropped.push(0x02);
        dropped.extend(&bytes[1..]);
        assert!(Car::from_bytes(&dropped).is_err());
    }

    #[test]
    fn cut_off_anywhere_it_is_refused() {
        let (_, bytes) = car();
        let header_end = usize::from(bytes[0]) + 1;
        for end in (0..bytes.len()).filter(|end| *end != header_end) {
            assert!(Car::from_bytes(&bytes[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn a_capability_is_the_one_root_and_its_block_is_there() {
        let (cid, bytes) = car();
        let block = Car::from_bytes(&bytes)
            .unwrap()
            .block(&cid)
            .unwrap()
            .to_vec();
        let code = |car: &Car| {
            let read = Car::from_base64url(&car.to_base64url()).unwrap();
            Cacao::from_car(&read).unwrap_err().code()
        };
        let two_roots = Car {
            roots: Vec::from([cid, cid]),
            blocks: Vec::from([(cid, block)]),
        };
        assert_eq!(code(&two_roots), "malformed_car");
        let no_block = Car {
            roots: Vec::from([cid]),
            blocks: Vec::new(),
        };
        assert_eq!(code(&no_block), "malformed_car");
        let other = Car::new(cid, Vec::from([(cid, b"\xa0".to_vec())]));
        let error = Cacao::from_car(&other).unwrap_err();
        assert_eq!(error.code(), "block_hash_mismatch");
    }
}
