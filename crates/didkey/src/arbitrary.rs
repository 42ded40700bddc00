//! `arbitrary::Arbitrary`, for users' fuzz targets: always valid keys.

use arbitrary::{Arbitrary, Result, Unstructured};

use crate::{DidKey, KeyType, PublicKey, samples};

impl<'a> Arbitrary<'a> for KeyType {
    /// A key type that is compiled in.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let key_type = *u.choose(&Self::ALL)?;
        Ok(if key_type.is_supported() {
            key_type
        } else {
            Self::Ed25519
        })
    }
}

impl<'a> Arbitrary<'a> for PublicKey {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let (key_type, seed) = (u.arbitrary()?, u.arbitrary()?);
        samples::public_key(key_type, &seed).map_err(|_| arbitrary::Error::IncorrectFormat)
    }
}

impl<'a> Arbitrary<'a> for DidKey {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(PublicKey::arbitrary(u)?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_supported_type_comes_up() {
        let mut seen = alloc::collections::BTreeSet::new();
        for byte in 0..=255 {
            let data = [byte; 80];
            let did = DidKey::arbitrary(&mut Unstructured::new(&data)).unwrap();
            assert_eq!(did.as_str().parse(), Ok(did.clone()));
            seen.insert(did.key_type());
        }
        let supported = KeyType::ALL
            .into_iter()
            .filter(|key_type| key_type.is_supported());
        assert!(seen.into_iter().eq(supported));
    }
}
