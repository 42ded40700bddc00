//! What the authenticator said (WebAuthn, section 6.1).

use crate::error::Error;

/// Hash of the RP id (32 bytes), flags (1), signature counter (4), extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AuthenticatorData {
    pub(super) rp_id_hash: [u8; 32],
    flags: u8,
}

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const ATTESTED_CREDENTIAL: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;
const COUNTER_LEN: usize = 4;

impl AuthenticatorData {
    /// Reads the data of an assertion: no credential stands in it, and something follows the
    /// counter only where the flags announce extensions, whose content is not looked at.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let malformed = Error::MalformedSignature;
        let (rp_id_hash, rest) = bytes
            .split_first_chunk::<32>()
            .ok_or(malformed("the authenticator data is cut off"))?;
        let (&[flags], rest) = rest
            .split_first_chunk::<1>()
            .ok_or(malformed("the authenticator data is cut off"))?;
        let (_, extensions) = rest
            .split_first_chunk::<COUNTER_LEN>()
            .ok_or(malformed("the authenticator data is cut off"))?;
        if flags & ATTESTED_CREDENTIAL != 0 {
            return Err(malformed(
                "the authenticator data is that of a registration",
            ));
        }
        if (flags & EXTENSIONS != 0) == extensions.is_empty() {
            return Err(malformed(
                "the flags and the length of the authenticator data differ on extensions",
            ));
        }
        if flags & BACKED_UP != 0 && flags & BACKUP_ELIGIBLE == 0 {
            return Err(malformed(
                "the authenticator data says backed up, but not eligible for backup",
            ));
        }
        Ok(Self {
            rp_id_hash: *rp_id_hash,
            flags,
        })
    }

    pub(super) const fn user_present(&self) -> bool {
        self.flags & USER_PRESENT != 0
    }

    pub(super) const fn user_verified(&self) -> bool {
        self.flags & USER_VERIFIED != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn read(flags: u8, extensions: &[u8]) -> Result<AuthenticatorData, Error> {
        let mut bytes = Vec::from([7; 32]);
        bytes.push(flags);
        bytes.extend([0, 0, 0, 9]);
        bytes.extend(extensions);
        AuthenticatorData::from_bytes(&bytes)
    }

    #[test]
    fn flags() {
        let present = |flags| read(flags, &[]).unwrap().user_present();
        let verified = |flags| read(flags, &[]).unwrap().user_verified();
        assert!(present(1) && present(5) && !present(0) && !present(4));
        assert!(verified(4) && verified(5) && !verified(1));
        assert_eq!(read(1, &[]).unwrap().rp_id_hash, [7; 32]);
    }

    #[test]
    fn what_is_refused() {
        let whole = [7; 37];
        for len in 0..37 {
            assert!(
                AuthenticatorData::from_bytes(&whole[..len]).is_err(),
                "{len}"
            );
        }
        assert!(read(0b0100_0001, &[]).is_err(), "a registration");
        assert!(read(0b0100_0001, &[1; 60]).is_err(), "a registration");
        assert!(read(1, &[0xa0]).is_err(), "more than announced");
        assert!(read(0b1000_0001, &[]).is_err(), "less than announced");
        assert!(read(0b1000_0001, &[0xa0]).is_ok());
        assert!(read(0b0001_0001, &[]).is_err(), "backed up, not eligible");
        assert!(read(0b0001_1001, &[]).is_ok());
    }
}
