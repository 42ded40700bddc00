//! File names: an injective, reversible function of the slot that no file system folds.

use crate::place;
use cacao::Issuer;
use data_encoding::HEXLOWER;
use session_core::{Profile, SlotId};
use sha2::{Digest, Sha256};
use std::fmt;

/// The suffix of a file that holds a session string.
pub(crate) const PLAIN: &str = ".session";
/// The suffix of a file that holds a sealed session string.
pub(crate) const SEALED: &str = ".sealed";
/// In front of the name of a record that is being written.
pub(crate) const STAGED: &str = ".staged-";
/// The directory of locks.
pub(crate) const LOCKS: &str = ".locks";
/// The file that says how records are sealed.
pub(crate) const SEAL: &str = ".seal";
/// The file of what was revoked.
pub(crate) const REVOCATIONS: &str = ".revocations";

/// The largest number of bytes of a record's file name: with [`STAGED`] in front it still has less
/// than the 255 that file systems allow.
const MAX_NAME_LEN: usize = 240;
const HASHED: &str = "h=";
/// Between an issuer and a profile that is not the default one. No DID has it, so that programs
/// that know no profiles take such a name for nobody's.
const PROFILE: char = '@';

/// The file name of a slot, without its suffix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stem(String);

impl Stem {
    /// `:` becomes `+`, an upper-case letter `=` and the lower-case one, and the rest of what a
    /// DID can have stays. Where the name would be too long, the DID's hash stands for it. A
    /// profile follows as it is.
    pub(crate) fn of(slot: &SlotId) -> Self {
        let did = slot.issuer().did();
        let mut name = String::with_capacity(did.len() + did.len() / 2);
        for c in did.chars() {
            match c {
                ':' => name.push('+'),
                'A'..='Z' => name.extend(['=', c.to_ascii_lowercase()]),
                _ => name.push(c),
            }
        }
        let profile = slot.profile().name();
        let profile = profile.map_or_else(String::new, |profile| format!("{PROFILE}{profile}"));
        if name.len() + profile.len() + PLAIN.len() > MAX_NAME_LEN {
            name = format!("{HASHED}{}", HEXLOWER.encode(&Sha256::digest(did)));
        }
        Self(name + &profile)
    }

    /// The name under which the seal's own writers exclude each other; no issuer has it.
    pub(crate) fn of_seal() -> Self {
        Self(SEAL.to_owned())
    }

    /// The name under which writers of revocations exclude each other; no issuer has it.
    pub(crate) fn of_revocations() -> Self {
        Self(REVOCATIONS.to_owned())
    }
}

/// The name of the issuer, and the profile, if there can be such a one.
fn parts(stem: &str) -> Option<(&str, Profile)> {
    match stem.rsplit_once(PROFILE) {
        None => Some((stem, Profile::default())),
        Some((issuer, text)) => {
            let profile: Profile = text.parse().ok()?;
            // each profile has one name; that of the default one is none
            (profile.name() == Some(text)).then_some((issuer, profile))
        }
    }
}

/// The slot whose name this is, unless its issuer is a hash.
fn slot_of(stem: &str) -> Option<SlotId> {
    let (name, profile) = parts(stem)?;
    let mut did = String::with_capacity(name.len());
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        did.push(match c {
            '+' => ':',
            '=' => chars
                .next()
                .filter(char::is_ascii_lowercase)?
                .to_ascii_uppercase(),
            ':' | 'A'..='Z' => return None,
            _ => c,
        });
    }
    let issuer: Issuer = did.parse().ok()?;
    let slot = SlotId::new(issuer).with_profile(profile);
    // one slot has one name: what was read above has one spelling, so that it is this one where the
    // DID is in its own and the name is no longer than names may be
    let is_its_name = slot.issuer().did() == did && stem.len() + PLAIN.len() <= MAX_NAME_LEN;
    is_its_name.then_some(slot)
}

/// The profile, if the issuer is a hash.
fn hashed(stem: &str) -> Option<Profile> {
    if !stem.starts_with(HASHED) {
        return None;
    }
    let (name, profile) = parts(stem)?;
    let hex = name.strip_prefix(HASHED)?;
    let is_hash = hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_hash.then_some(profile)
}

impl fmt::Display for Stem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a name in the directory says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// A record of this slot.
    Slot(SlotId),
    /// A record whose issuer its content tells.
    Hashed {
        /// The name without suffix.
        stem: Stem,
        /// In which profile of its issuer it is.
        profile: Profile,
        /// Whether it is a sealed record.
        sealed: bool,
    },
    /// A file of the store's own that is not a record.
    Ours,
    /// A directory of the store's own.
    OurFolder,
    /// Something that the store does not know.
    Foreign,
}

impl Named {
    pub(crate) fn of(name: &str) -> Self {
        if matches!(name, SEAL | REVOCATIONS) || name.starts_with(STAGED) {
            return Self::Ours;
        }
        if name.starts_with(LOCKS) && place::names(LOCKS).any(|locks| locks == name) {
            return Self::OurFolder;
        }
        let Some((stem, sealed)) = without_suffix(name) else {
            return Self::Foreign;
        };
        if let Some(profile) = hashed(stem) {
            return Self::Hashed {
                stem: Stem(stem.to_owned()),
                profile,
                sealed,
            };
        }
        slot_of(stem).map_or(Self::Foreign, Self::Slot)
    }
}

/// The profile of this issuer whose record has this name, or a writer of that record before it
/// was done.
pub(crate) fn profile_in(name: &str, issuer: &Issuer) -> Option<Profile> {
    let name = match name.strip_prefix(STAGED) {
        // under one of the names that a writer tries
        Some(staged) => staged.rsplit_once('~').map_or(staged, |(name, _)| name),
        None => name,
    };
    let (stem, _) = without_suffix(name)?;
    let (_, profile) = parts(stem)?;
    let slot = SlotId::from(issuer).with_profile(profile.clone());
    (Stem::of(&slot).0 == stem).then_some(profile)
}

/// The name of a record without its suffix, and whether it is a sealed one.
fn without_suffix(name: &str) -> Option<(&str, bool)> {
    match (name.strip_suffix(PLAIN), name.strip_suffix(SEALED)) {
        (Some(stem), _) => Some((stem, false)),
        (_, Some(stem)) => Some((stem, true)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use store_testkit::fixtures::TestIssuer;

    fn slot(did: &str) -> SlotId {
        SlotId::new(did.parse::<Issuer>().unwrap())
    }

    fn work(did: &str) -> SlotId {
        slot(did).with_profile("work".parse().unwrap())
    }

    #[test]
    fn names() {
        for (did, name) in [
            (
                "eip155:1:0x974E944Be93674Bd5fa8EE45fa0C9fdc6B15DC44",
                "did+pkh+eip155+1+0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
            ),
            (
                "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:6BcW5WQdw2PkjMDf",
                "did+pkh+solana+5eykt4=us=fv8=p8=n=jd=t=r=ep=y1vzq=kq=z=kvdp+6=bc=w5=w=qdw2=pkj=m=df",
            ),
            ("abc:_a-b:x.y%2F", "did+pkh+abc+_a-b+x.y%2=f"),
        ] {
            for (slot, name) in [
                (slot(did), name.to_owned()),
                (work(did), format!("{name}@work")),
            ] {
                assert_eq!(Stem::of(&slot).to_string(), name);
                for suffix in [".session", ".sealed"] {
                    let named = Named::of(&format!("{name}{suffix}"));
                    assert_eq!(named, Named::Slot(slot.clone()));
                }
            }
        }
        for each in TestIssuer::each() {
            for slot in [each.slot().clone(), each.slot_in("x.session")] {
                let name = format!("{}.session", Stem::of(&slot));
                assert_eq!(
                    profile_in(&name, each.issuer()).as_ref(),
                    Some(slot.profile())
                );
                assert_eq!(Named::of(&name), Named::Slot(slot));
            }
        }
    }

    #[test]
    fn only_the_one_name_of_a_slot_is_ours() {
        for foreign in [
            "",
            ".session",
            "session",
            "notes.txt",
            "did+pkh+eip155+1+0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
            "did+pkh+eip155+1+0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44.session.bak",
            "did+pkh+eip155+1+0x974E944Be93674Bd5fa8EE45fa0C9fdc6B15DC44.session",
            "did+pkh+eip155+1+0x974=e944be93674bd5fa8ee45fa0c9fdc6b15dc44.session",
            "did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44.session",
            "eip155+1+0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44.session",
            "did+pkh+abc+1+x=.session",
            "did+pkh+abc+1+x=1.session",
            "did+pkh+abc+1+x==.session",
            "did+web+example.com.session",
            "did+pkh+abc+1+x@default.session",
            "did+pkh+abc+1+x@.session",
            "did+pkh+abc+1+x@Work.session",
            "did+pkh+abc+1+x@work@work.session",
            "@work.session",
            "h=00.session",
            "h=E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855.session",
        ] {
            assert_eq!(Named::of(foreign), Named::Foreign, "{foreign:?}");
        }
        for ours in [".seal", ".staged-did+pkh+abc+1+x.session", ".staged-.seal"] {
            assert_eq!(Named::of(ours), Named::Ours, "{ours:?}");
        }
        for ours in [".locks", ".locks~1"] {
            assert_eq!(Named::of(ours), Named::OurFolder, "{ours:?}");
        }
    }

    /// Programs that know no profiles decode the whole name into an issuer.
    #[test]
    fn a_profile_is_in_no_issuers_name() {
        for did in [
            "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44",
            "abc:1:x",
        ] {
            let name = Stem::of(&work(did)).to_string();
            assert!(name.replace('+', ":").parse::<Issuer>().is_err(), "{name}");
        }
        for issuer in TestIssuer::each() {
            let named = Stem::of(&issuer.slot_in("work")).to_string();
            let name = Stem::of(issuer.slot()).to_string();
            assert!(!name.contains(PROFILE) && named == format!("{name}@work"));
            // and a record of one slot is not swept away with another's
            for name in [
                format!("{named}.session"),
                format!(".staged-{named}.sealed"),
            ] {
                let profile = profile_in(&name, issuer.issuer());
                assert_eq!(profile.unwrap().name(), Some("work"), "{name}");
                assert_eq!(
                    profile_in(&name, TestIssuer::each()[0].issuer()).is_some(),
                    issuer.issuer() == TestIssuer::each()[0].issuer()
                );
            }
        }
    }

    #[test]
    fn long_names_are_hashes() {
        let long = slot(&format!("abc:1:{}", "X".repeat(128)));
        let sha256 = HEXLOWER.encode(&Sha256::digest(long.issuer().did()));
        for (profile, name) in [("default", ""), ("work", "@work")] {
            let profile: Profile = profile.parse().unwrap();
            let stem = Stem::of(&long.clone().with_profile(profile.clone()));
            assert_eq!(stem.to_string(), format!("h={sha256}{name}"));
            let name = format!("{stem}.sealed");
            assert_eq!(profile_in(&name, long.issuer()).as_ref(), Some(&profile));
            let sealed = true;
            let hashed = Named::Hashed {
                stem,
                profile,
                sealed,
            };
            assert_eq!(Named::of(&name), hashed);
        }
        // with the suffix exactly 240 bytes, and one more
        for (letters, hashed) in [("aa", false), ("aaa", true)] {
            for profile in ["default", "x".repeat(64).as_str()] {
                let profile: Profile = profile.parse().unwrap();
                let room = profile.name().map_or(0, |name| name.len() + 1);
                let upper = "X".repeat(108 - room.div_ceil(2));
                let address = format!("{upper}{}{letters}", "x".repeat(room % 2));
                let slot = slot(&format!("abc:1:{address}")).with_profile(profile);
                let stem = Stem::of(&slot);
                let name = stem.to_string();
                assert_eq!(super::hashed(&stem.0).is_some(), hashed, "{name}");
                assert!(hashed || name.len() + PLAIN.len() == MAX_NAME_LEN, "{name}");
            }
        }
    }

    proptest! {
        #[test]
        fn reversible_case_safe_and_injective(
            chain in "[-a-z0-9]{3,8}",
            reference in "[-_a-zA-Z0-9]{1,32}",
            a in "[-.%a-zA-Z0-9]{1,80}",
            b in "[-.%a-zA-Z0-9]{1,80}",
            profiles in ["default|[a-z0-9][-_.a-z0-9]{0,62}[a-z0-9]", "default|[a-z0-9]"],
        ) {
            prop_assume!(chain != "eip155");
            let slots = [(&a, &profiles[0]), (&b, &profiles[0]), (&a, &profiles[1])];
            let slots = slots.map(|(address, profile)| {
                let slot = slot(&format!("{chain}:{reference}:{address}"));
                slot.with_profile(profile.parse().unwrap())
            });
            let stem = Stem::of(&slots[0]);
            prop_assert_eq!(stem.0.to_ascii_lowercase(), stem.0.clone());
            for other in &slots {
                prop_assert_eq!(stem == Stem::of(other), slots[0] == *other);
            }
            prop_assert!(stem.0.len() + PLAIN.len() <= MAX_NAME_LEN);
            let name = format!("{stem}.session");
            let profile = profile_in(&name, slots[0].issuer());
            prop_assert_eq!(profile.as_ref(), Some(slots[0].profile()));
            if hashed(&stem.0).is_none() {
                prop_assert_eq!(Named::of(&name), Named::Slot(slots[0].clone()));
            }
        }

        #[test]
        fn any_name_is_something(name in ".{0,300}") {
            let _ = Named::of(&name);
        }

        #[test]
        fn any_record_name_is_its_slots(stem in "did\\+pkh\\+[-a-z0-9+=._%A-Z]{0,60}(@[-._a-zA-Z]{0,9})?") {
            if let Named::Slot(slot) = Named::of(&format!("{stem}.session")) {
                prop_assert_eq!(Stem::of(&slot).to_string(), stem);
            }
        }
    }
}
