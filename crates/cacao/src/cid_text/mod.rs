//! CIDs as text, in the two bases that they are written in: a reader of every base that there is
//! would bring each of them along.

mod any_base;

use alloc::string::String;
use base32ct::{Base32Unpadded, Encoding};
use cid::{Cid, Version};

/// The multibase letters of base32 in lower case, and of base58btc.
const BASE32: char = 'b';
const BASE58BTC: char = 'z';

/// More bytes than a CID has: four numbers of ten at most, and a hash of 64.
const MAX_LEN: usize = 104;

/// The text that a CID has: base32 in lower case, and base58btc for version 0 (CID specification,
/// section "Stringified Form").
#[must_use]
pub fn cid_text(cid: &Cid) -> String {
    match cid.version() {
        Version::V0 => bs58::encode(cid.hash().to_bytes()).into_string(),
        Version::V1 => {
            let mut text = String::from(BASE32);
            text.push_str(&Base32Unpadded::encode_string(&cid.to_bytes()));
            text
        }
    }
}

/// The CID whose text ([`cid_text`]) this is; none for any other spelling.
#[must_use]
pub fn read_cid(text: &str) -> Option<Cid> {
    match text.strip_prefix(BASE32) {
        Some(digits) => read_base32(digits),
        None => exact_cid(&read_v0(text)?).filter(|cid| cid_text(cid) == text),
    }
}

/// Without taking memory: a JWS names its capability so.
fn read_base32(digits: &str) -> Option<Cid> {
    let (mut bytes, mut text) = ([0; MAX_LEN], [0; MAX_LEN * 8 / 5 + 1]);
    let bytes = Base32Unpadded::decode(digits, &mut bytes).ok()?;
    let cid = exact_cid(bytes).filter(|cid| cid.version() == Version::V1)?;
    // no bits behind the bytes
    let is_exact = Base32Unpadded::encode(bytes, &mut text).is_ok_and(|text| text == digits);
    is_exact.then_some(cid)
}

/// The CID that is spelled by exactly these bytes: nothing stands behind it, its numbers are in
/// their shortest form and fit 64 bits (CID specification, section "`CIDv1`"). A lenient reader
/// drops the bits that do not fit, and two texts would name one block.
#[must_use]
pub fn exact_cid(bytes: &[u8]) -> Option<Cid> {
    let cid = Cid::try_from(bytes).ok()?;
    let mut written = [0; MAX_LEN];
    let len = cid.write_bytes(&mut written[..]).ok()?;
    (written.get(..len) == Some(bytes)).then_some(cid)
}

/// The bytes of a CID of version 0: 46 letters, the first two always the same.
fn read_v0(text: &str) -> Option<alloc::vec::Vec<u8>> {
    let is_v0 = text.len() == 46 && text.starts_with("Qm");
    is_v0.then(|| bs58::decode(text).into_vec().ok())?
}

/// A CID in base58btc, as proofs of a `ReCap` are written.
pub(crate) fn base58btc(cid: &Cid) -> String {
    match cid.version() {
        Version::V0 => cid_text(cid),
        Version::V1 => {
            let mut text = String::from(BASE58BTC);
            text.push_str(&bs58::encode(cid.to_bytes()).into_string());
            text
        }
    }
}

/// A CID in any base: what is usual is tried first.
pub(crate) fn read_any(text: &str) -> Option<Cid> {
    read_base58btc(text)
        .or_else(|| read_cid(text))
        .or_else(|| any_base::read(text))
}

fn read_base58btc(text: &str) -> Option<Cid> {
    let bytes = match text.strip_prefix(BASE58BTC) {
        Some(digits) => bs58::decode(digits).into_vec().ok()?,
        None => read_v0(text)?,
    };
    Cid::try_from(&*bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec::Vec;
    use cid::multibase::Base;
    use multihash::Multihash;
    use proptest::prelude::*;

    fn cids() -> impl Strategy<Value = Cid> {
        let parts = (any::<u64>(), any::<u64>(), any::<Vec<u8>>());
        let one = parts.prop_filter_map("a short hash", |(codec, code, digest)| {
            let digest = digest.get(..digest.len().min(64)).unwrap();
            Some(Cid::new_v1(codec, Multihash::wrap(code, digest).ok()?))
        });
        let zero = any::<[u8; 32]>()
            .prop_map(|digest| Cid::new_v0(Multihash::wrap(0x12, &digest).unwrap()).unwrap());
        prop_oneof![one, zero]
    }

    /// What the reader of every base says of a text.
    fn by_any_base(text: &str) -> Option<Cid> {
        Cid::try_from(text)
            .ok()
            .filter(|cid| cid.to_string() == text)
    }

    proptest! {
        #[test]
        fn they_are_written_as_the_reference_does(cid in cids()) {
            prop_assert_eq!(cid_text(&cid), cid.to_string());
            prop_assert_eq!(base58btc(&cid), cid.to_string_of_base(Base::Base58Btc).unwrap());
            prop_assert_eq!(read_cid(&cid_text(&cid)), Some(cid));
            prop_assert_eq!(read_base58btc(&base58btc(&cid)), Some(cid));
            for base in [Base::Base64Url, Base::Base36Upper, Base::Base256Emoji] {
                if let Ok(text) = cid.to_string_of_base(base) {
                    prop_assert_eq!(read_any(&text), Some(cid));
                }
            }
        }

        /// One letter more, less or another: both say the same.
        #[test]
        fn spoiled_ones_are_read_as_the_reference_does(
            cid in cids(),
            at in any::<prop::sample::Index>(),
            letter in "[a-zA-Z0-9=/+é]?",
            cut in 0_usize..2,
        ) {
            for text in [cid_text(&cid), base58btc(&cid)] {
                let at = at.index(text.len());
                let mut spoiled = text[..at].to_string() + &letter + &text[at + cut..];
                prop_assert_eq!(read_cid(&spoiled), by_any_base(&spoiled), "{}", spoiled);
                prop_assert_eq!(read_any(&spoiled), Cid::try_from(&*spoiled).ok(), "{}", spoiled);
                spoiled.insert_str(0, "/ipfs/");
                prop_assert_eq!(read_cid(&spoiled), None);
            }
        }
    }

    /// The tenth byte of a number has room for one bit: what stands in the others is refused.
    #[test]
    fn bits_that_fit_no_number_are_not_dropped() {
        let codec = 1 << 63;
        let cid = Cid::new_v1(codec, Multihash::wrap(0x12, &[7; 32]).unwrap());
        let bytes = cid.to_bytes();
        assert_eq!(exact_cid(&bytes), Some(cid));
        assert_eq!(exact_cid(&[&bytes[..], &[0]].concat()), None);
        let mut spoiled = bytes.clone();
        assert_eq!(spoiled[10], 1);
        spoiled[10] = 3;
        assert_eq!(exact_cid(&spoiled), None);
        let text = String::from(BASE32) + &Base32Unpadded::encode_string(&spoiled);
        assert_eq!(read_cid(&text), None);
        assert_eq!(read_cid(&cid_text(&cid)), Some(cid));
    }

    #[test]
    fn another_spelling_is_not_read() {
        let cid = crate::car::dag_cbor_cid(b"\xa0");
        let text = cid_text(&cid);
        let upper = text.to_ascii_uppercase();
        let base64 = cid.to_string_of_base(Base::Base64Url).unwrap();
        let more = cid_text(&cid) + "aa";
        for other in ["", "b", "z", &*upper, &*base64, &*base58btc(&cid), &*more] {
            assert_eq!(read_cid(other), None, "{other}");
        }
        // the last letter has two bits that say nothing
        let trailing = text.get(..text.len() - 1).unwrap().to_string() + "z";
        assert_eq!(read_cid(&trailing), by_any_base(&trailing));
    }
}
