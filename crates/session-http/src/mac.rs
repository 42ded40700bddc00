//! What a server recognises as its own without keeping it: nonces and login challenges, by a MAC.

use crate::names::{CHALLENGE_LIFE, NONCE_SLOT, NONCE_SLOTS};
use cacao::UnixTime;
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use hmac::{Hmac, KeyInit, Mac};
use session_core::server::{ChallengeId, ReplayMemory};
use sha2::Sha256;
use std::fmt;
use std::time::Duration;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The secret under which a server issues nonces and challenges. Processes of one authority have
/// the same.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// These 32 bytes, which must be known to nobody else.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A random secret, for one process.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes)?;
        Ok(Self(bytes))
    }

    /// The first half of HMAC-SHA-256 over parts, none of which can run into the next one.
    fn mac(&self, label: &str, parts: &[&[u8]]) -> [u8; 16] {
        let mut half = [0; 16];
        // a key of any length will do
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*self.0) {
            mac.update(label.as_bytes());
            for part in parts {
                mac.update(&(part.len() as u64).to_be_bytes());
                mac.update(part);
            }
            let tag = mac.finalize().into_bytes();
            for (to, from) in half.iter_mut().zip(tag) {
                *to = from;
            }
        }
        half
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Issues nonces and recognises them.
pub(crate) struct Nonces<'a> {
    pub(crate) secret: &'a Secret,
    pub(crate) origin: &'a str,
    /// Where the replay window begins with its process: nonces from before are worth nothing.
    pub(crate) memory: Option<ReplayMemory>,
}

impl Nonces<'_> {
    /// The nonce of this time.
    pub(crate) fn issue(&self, now: UnixTime) -> String {
        BASE64URL_NOPAD.encode(&self.of(slot(now)))
    }

    /// Until when a nonce is accepted, and whether it is time for a new one; `None` where it is
    /// not accepted at this time.
    pub(crate) fn read(&self, nonce: &str, now: UnixTime) -> Option<(UnixTime, bool)> {
        let nonce: [u8; 16] = decode_16(nonce)?;
        let current = slot(now);
        let slots = (0..NONCE_SLOTS).map(|ago| current.wrapping_sub(ago));
        // each of them, whichever it is
        let found = slots.fold(None, |found, slot| {
            let is_it: bool = self.of(slot).ct_eq(&nonce).into();
            if is_it { Some(slot) } else { found }
        })?;
        let end = found
            .saturating_add(NONCE_SLOTS)
            .saturating_mul(NONCE_SLOT.as_secs());
        Some((UnixTime::EPOCH + Duration::from_secs(end), found != current))
    }

    fn of(&self, slot: u64) -> [u8; 16] {
        let memory = self.memory.map(|memory| memory.id);
        let memory = memory.as_ref().map_or(&[][..], |id| &id[..]);
        self.secret.mac(
            "nonce",
            &[self.origin.as_bytes(), memory, &slot.to_be_bytes()],
        )
    }
}

fn slot(now: UnixTime) -> u64 {
    seconds(now) / NONCE_SLOT.as_secs()
}

pub(crate) fn seconds(time: UnixTime) -> u64 {
    u64::try_from(time.as_nanos().div_euclid(1_000_000_000)).unwrap_or_default()
}

fn decode_16(text: &str) -> Option<[u8; 16]> {
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .ok()?
        .try_into()
        .ok()
}

/// Issues login challenges and recognises them: five bytes of time, fourteen random ones, a MAC of
/// sixteen, in the letters and digits that a sign-in text takes.
pub(crate) struct LoginChallenges<'a> {
    pub(crate) secret: &'a Secret,
    pub(crate) domain: &'a str,
    /// The `did:key` of the session key.
    pub(crate) key: &'a str,
}

impl LoginChallenges<'_> {
    pub(crate) fn issue(&self, now: UnixTime) -> Result<String, getrandom::Error> {
        let mut body = [0; 19];
        let (time, random) = body.split_at_mut(5);
        let [_, _, _, issued @ ..] = seconds(now).to_be_bytes();
        time.copy_from_slice(&issued);
        getrandom::fill(random)?;
        let text = BASE32_NOPAD.encode(&[&body[..], &self.mac(&body)].concat());
        Ok(text.to_ascii_lowercase())
    }

    /// What a challenge is remembered by once it is used, and until when it is accepted; `None`
    /// where it is not accepted.
    pub(crate) fn read(&self, challenge: &str, now: UnixTime) -> Option<(ChallengeId, UnixTime)> {
        if challenge.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let bytes = BASE32_NOPAD
            .decode(challenge.to_ascii_uppercase().as_bytes())
            .ok()?;
        let (body, mac) = bytes.split_at_checked(19)?;
        let is_ours: bool = self.mac(body).ct_eq(mac).into();
        let time = body.get(..5).filter(|_| is_ours)?;
        let issued = time
            .iter()
            .fold(0, |time, byte| time << 8 | u64::from(*byte));
        let until = UnixTime::EPOCH + (Duration::from_secs(issued) + CHALLENGE_LIFE);
        // another process may have a clock that is a little ahead
        let from = UnixTime::EPOCH + Duration::from_secs(issued.saturating_sub(60));
        if now < from || now >= until {
            return None;
        }
        Some((ChallengeId::new(mac.try_into().ok()?), until))
    }

    fn mac(&self, body: &[u8]) -> [u8; 16] {
        self.secret.mac(
            "challenge",
            &[self.domain.as_bytes(), self.key.as_bytes(), body],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> UnixTime {
        UnixTime::from_secs(seconds)
    }

    #[test]
    fn a_nonce_is_accepted_in_three_slots() {
        let secret = Secret::new([1; 32]);
        let nonces = |origin, memory| Nonces {
            secret: &secret,
            origin,
            memory,
        };
        let here = nonces("https://a.example", None);
        let nonce = here.issue(at(1_700_000_010));
        // 1,700,000,010 is the beginning of a slot
        let (until, is_old) = here.read(&nonce, at(1_700_000_010)).unwrap();
        assert_eq!((until, is_old), (at(1_700_000_100), false));
        assert_eq!(here.read(&nonce, at(1_700_000_099)), Some((until, true)));
        assert_eq!(here.read(&nonce, at(1_700_000_100)), None);
        assert_eq!(here.read(&nonce, at(1_700_000_009)), None);
        // of another origin, of another beginning, of another secret
        let memory = ReplayMemory {
            since: at(0),
            id: [3; 16],
        };
        for other in [
            nonces("https://b.example", None),
            nonces("https://a.example", Some(memory)),
        ] {
            assert_eq!(other.read(&nonce, at(1_700_000_010)), None);
        }
        let stranger = Secret::new([2; 32]);
        let other = Nonces {
            secret: &stranger,
            origin: "https://a.example",
            memory: None,
        };
        assert_eq!(other.read(&nonce, at(1_700_000_010)), None);
    }

    #[test]
    fn no_part_runs_into_the_next() {
        let secret = Secret::new([1; 32]);
        let tag = secret.mac("a", &[b"bc", b"d"]);
        assert_ne!(tag, secret.mac("a", &[b"b", b"cd"]));
        assert_ne!(tag, secret.mac("ab", &[b"c", b"d"]));
        assert_ne!(tag, secret.mac("a", &[b"bcd"]));
        assert_eq!(tag, secret.mac("a", &[b"bc", b"d"]));
        // not a MAC of something that everybody knows
        assert_ne!(tag, Secret::new([0; 32]).mac("a", &[b"bc", b"d"]));
        assert_ne!(tag, [0; 16]);
    }

    #[test]
    fn secrets_are_random_and_not_shown() {
        let [one, other] = [(); 2].map(|()| Secret::random().unwrap());
        assert_ne!(*one.0, *other.0);
        assert_eq!(format!("{one:?}"), "Secret");
    }

    #[test]
    fn a_time_before_the_epoch_is_no_slot() {
        assert_eq!(seconds(at(59)), 59);
        assert_eq!(seconds(UnixTime::from_nanos(59_999_999_999)), 59);
        assert_eq!(seconds(at(-1)), 0);
        assert_eq!([29, 30, 59, 60].map(|time| slot(at(time))), [0, 1, 1, 2]);
    }

    #[test]
    fn a_challenge_is_for_one_domain_and_one_key() {
        let secret = Secret::new([1; 32]);
        let of = |domain, key| LoginChallenges {
            secret: &secret,
            domain,
            key,
        };
        let here = of("a.example", "did:key:z6Mka");
        let text = here.issue(at(1_700_000_000)).unwrap();
        assert_eq!(text.len(), 56);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(text, here.issue(at(1_700_000_000)).unwrap());
        let (_, until) = here.read(&text, at(1_700_000_000)).unwrap();
        assert_eq!(until, at(1_700_000_600));
        assert!(here.read(&text, at(1_700_000_599)).is_some());
        assert!(here.read(&text, at(1_700_000_600)).is_none());
        // the clock of the other process may be a minute behind
        assert!(here.read(&text, at(1_699_999_940)).is_some());
        assert!(here.read(&text, at(1_699_999_939)).is_none());
        assert!(
            of("b.example", "did:key:z6Mka")
                .read(&text, at(1_700_000_000))
                .is_none()
        );
        assert!(
            of("a.example", "did:key:z6Mkb")
                .read(&text, at(1_700_000_000))
                .is_none()
        );
        assert!(
            here.read(&text.to_ascii_uppercase(), at(1_700_000_000))
                .is_none()
        );
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] = if bytes[place] == b'a' { b'b' } else { b'a' };
            let spoiled = String::from_utf8(bytes).unwrap();
            assert!(here.read(&spoiled, at(1_700_000_000)).is_none(), "{place}");
        }
    }
}
