//! File names: an injective, reversible function of the issuer that no file system folds.

use cacao::Issuer;
use data_encoding::HEXLOWER;
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

/// Most bytes of a record's file name: with [`STAGED`] in front it still has less than the 255
/// that file systems allow.
const MAX_NAME_LEN: usize = 240;
const HASHED: &str = "h=";

/// The file name of an issuer, without its suffix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stem(String);

impl Stem {
    /// `:` becomes `+`, an upper-case letter `=` and the lower-case one, and the rest of what a
    /// DID can have stays. What would be too long becomes its hash.
    pub(crate) fn of(issuer: &Issuer) -> Self {
        let did = issuer.normalized().did();
        let mut name = String::with_capacity(did.len() + did.len() / 2);
        for c in did.chars() {
            match c {
                ':' => name.push('+'),
                'A'..='Z' => name.extend(['=', c.to_ascii_lowercase()]),
                _ => name.push(c),
            }
        }
        if name.len() + PLAIN.len() > MAX_NAME_LEN {
            name = format!("{HASHED}{}", HEXLOWER.encode(&Sha256::digest(did)));
        }
        Self(name)
    }

    /// The name under which the seal's own writers exclude each other; no issuer has it.
    #[cfg(feature = "sealed")]
    pub(crate) fn of_seal() -> Self {
        Self(SEAL.to_owned())
    }

    /// The name under which writers of revocations exclude each other; no issuer has it.
    pub(crate) fn of_revocations() -> Self {
        Self(REVOCATIONS.to_owned())
    }

    /// The issuer whose name this is, unless it is a hash.
    fn issuer(&self) -> Option<Issuer> {
        let mut did = String::with_capacity(self.0.len());
        let mut chars = self.0.chars();
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
        // one issuer has one name: whatever else decodes to it is not ours
        did.parse().ok().filter(|issuer| Self::of(issuer) == *self)
    }

    fn is_hash(&self) -> bool {
        let hex = self.0.strip_prefix(HASHED).unwrap_or_default();
        hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    }
}

impl fmt::Display for Stem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a name in the directory says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// A record of this issuer.
    Issuer(Issuer),
    /// A record whose issuer its content tells; if it is a sealed one.
    Hashed {
        /// The name without suffix.
        stem: Stem,
        /// Whether it is a sealed record.
        sealed: bool,
    },
    /// Something of the store's own that is no record.
    Ours,
    /// Something that the store does not know.
    Foreign,
}

impl Named {
    pub(crate) fn of(name: &str) -> Self {
        if matches!(name, LOCKS | SEAL | REVOCATIONS) || name.starts_with(STAGED) {
            return Self::Ours;
        }
        let (stem, sealed) = match (name.strip_suffix(PLAIN), name.strip_suffix(SEALED)) {
            (Some(stem), _) => (stem, false),
            (_, Some(stem)) => (stem, true),
            _ => return Self::Foreign,
        };
        let stem = Stem(stem.to_owned());
        if stem.is_hash() {
            return Self::Hashed { stem, sealed };
        }
        stem.issuer().map_or(Self::Foreign, Self::Issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use store_testkit::fixtures::TestIssuer;

    fn issuer(text: &str) -> Issuer {
        text.parse().unwrap()
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
            assert_eq!(Stem::of(&issuer(did)).to_string(), name);
            assert_eq!(
                Named::of(&format!("{name}.session")),
                Named::Issuer(issuer(did))
            );
            assert_eq!(
                Named::of(&format!("{name}.sealed")),
                Named::Issuer(issuer(did))
            );
        }
        for each in TestIssuer::each() {
            let name = format!("{}.session", Stem::of(each.issuer()));
            assert_eq!(Named::of(&name), Named::Issuer(each.issuer().clone()));
        }
    }

    #[test]
    fn only_the_one_name_of_an_issuer_is_ours() {
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
            "h=00.session",
            "h=E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855.session",
        ] {
            assert_eq!(Named::of(foreign), Named::Foreign, "{foreign:?}");
        }
        for ours in [
            ".locks",
            ".seal",
            ".staged-did+pkh+abc+1+x.session",
            ".staged-.seal",
        ] {
            assert_eq!(Named::of(ours), Named::Ours, "{ours:?}");
        }
    }

    #[test]
    fn long_names_are_hashes() {
        let long = issuer(&format!("abc:1:{}", "X".repeat(128)));
        let stem = Stem::of(&long);
        let sha256 = HEXLOWER.encode(&Sha256::digest(long.did()));
        assert_eq!(stem.to_string(), format!("h={sha256}"));
        let named = Named::of(&format!("{stem}.sealed"));
        assert_eq!(named, Named::Hashed { stem, sealed: true });
        // with the suffix exactly 240 bytes, and one more
        for (letters, hashed) in [("aa", false), ("aaa", true)] {
            let address = format!("{}{letters}", "X".repeat(108));
            let stem = Stem::of(&issuer(&format!("abc:1:{address}")));
            assert_eq!(stem.is_hash(), hashed, "{stem}");
            assert!(hashed || stem.to_string().len() + PLAIN.len() == MAX_NAME_LEN);
        }
    }

    proptest! {
        #[test]
        fn reversible_case_safe_and_injective(
            chain in "[-a-z0-9]{3,8}",
            reference in "[-_a-zA-Z0-9]{1,32}",
            a in "[-.%a-zA-Z0-9]{1,80}",
            b in "[-.%a-zA-Z0-9]{1,80}",
        ) {
            prop_assume!(chain != "eip155");
            let a = issuer(&format!("{chain}:{reference}:{a}"));
            let b = issuer(&format!("{chain}:{reference}:{b}"));
            let (one, other) = (Stem::of(&a).to_string(), Stem::of(&b).to_string());
            prop_assert_eq!(one.to_ascii_lowercase(), one.clone());
            prop_assert_eq!(one == other, a == b);
            if !one.starts_with(HASHED) {
                prop_assert_eq!(Named::of(&format!("{one}.session")), Named::Issuer(a));
            }
        }

        #[test]
        fn any_name_is_something(name in ".{0,300}") {
            let _ = Named::of(&name);
        }

        #[test]
        fn any_record_name_is_its_issuers(stem in "did\\+pkh\\+[-a-z0-9+=._%A-Z]{0,60}") {
            if let Named::Issuer(issuer) = Named::of(&format!("{stem}.session")) {
                prop_assert_eq!(Stem::of(&issuer).to_string(), stem);
            }
        }
    }
}
