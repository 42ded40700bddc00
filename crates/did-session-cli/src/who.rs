//! Whose session is meant: an account or a DID, the bare address of an account that has a stored
//! session, or nobody in particular, if there is only one.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use did_session::cacao::Issuer;
use did_session::{Listed, NotUsable, Profile, Sessions, SlotId};
use std::collections::BTreeSet;

use crate::args::{Globals, ProfileArg};
use crate::complete;
use crate::failure::Failure;
use crate::store::{self, Store};
use crate::value::{Unquoted, is_address, name};

/// Somebody, as an argument names them.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    /// In full.
    Issuer(Issuer),
    /// By an address without its chain.
    Address(String),
}

const NAMED: Unquoted<Named> = Unquoted(named);

/// Reads an issuer, or what may be the address of one.
pub(crate) fn named(text: &str) -> Result<Named, String> {
    match text.parse::<Issuer>() {
        Ok(issuer) => Ok(Named::Issuer(issuer)),
        Err(_) if is_address(text) => Ok(Named::Address(text.to_owned())),
        Err(error) if text.contains(':') => Err(error.to_string()),
        Err(_) => Err(FORMS.to_owned()),
    }
}

const FORMS: &str = "is not an account such as eip155:1:0x…, the address of one, or a DID";

/// Whose session is meant, and which of them.
#[derive(Args, Debug, Default)]
pub(crate) struct WhoArgs {
    /// Whose session: an account (CAIP-10), its address, or a DID [default: the only stored
    /// session].
    #[arg(value_parser = NAMED, add = ArgValueCompleter::new(complete::issuers))]
    issuer: Option<Named>,
    #[command(flatten)]
    profile: ProfileArg,
}

impl WhoArgs {
    /// The profile that is named, if one is.
    pub(crate) const fn profile(&self) -> Option<&Profile> {
        self.profile.profile.as_ref()
    }

    /// Opens the store, in the profile that is meant, and finds who is meant.
    pub(crate) fn find(&self, globals: &Globals) -> Result<(Sessions<Store>, Issuer), Failure> {
        find(self.issuer.as_ref(), &self.profile, globals)
    }

    /// The same in a store that is open.
    pub(crate) fn find_in(
        &self,
        sessions: Sessions<Store>,
    ) -> Result<(Sessions<Store>, Issuer), Failure> {
        let sessions = match self.profile() {
            Some(profile) => sessions.with_profile(profile.clone()),
            None => sessions,
        };
        find_in(self.issuer.as_ref(), &self.profile, sessions)
    }
}

/// Opens the store, in the profile that is meant, and finds who is meant.
pub(crate) fn find(
    named: Option<&Named>,
    profile: &ProfileArg,
    globals: &Globals,
) -> Result<(Sessions<Store>, Issuer), Failure> {
    find_in(named, profile, store::open_profile(globals, profile)?)
}

fn find_in(
    named: Option<&Named>,
    profile: &ProfileArg,
    sessions: Sessions<Store>,
) -> Result<(Sessions<Store>, Issuer), Failure> {
    let address = match named {
        Some(Named::Issuer(issuer)) => return Ok((sessions, issuer.clone())),
        Some(Named::Address(address)) => Some(address),
        None => None,
    };
    let listed = store::block_on(async { Ok(sessions.list().await?) })?;
    let slots = listed.into_iter().filter_map(|entry| match entry {
        Listed::Slot(slot) => Some(slot),
        _ => None,
    });
    let wanted = profile.profile.as_ref();
    let (slots, others): (BTreeSet<_>, BTreeSet<_>) =
        slots.partition(|slot| wanted.is_none_or(|profile| profile == slot.profile()));
    match (address, wanted) {
        (Some(address), _) => Ok((sessions, of_address(&slots, address)?)),
        (None, Some(profile)) if slots.is_empty() && !others.is_empty() => Err(Failure::no(
            NotUsable::Absent.code(),
            format!(
                "there is no stored session in the profile {profile}: `did-session list` shows \
                 those that there are"
            ),
        )),
        (None, _) => {
            let slot = only(&slots)?;
            let sessions = sessions.with_profile(slot.profile().clone());
            Ok((sessions, slot.issuer().clone()))
        }
    }
}

/// The issuer with this address. The address is not repeated if nobody has it: it may be a
/// secret, given by mistake.
fn of_address(slots: &BTreeSet<SlotId>, address: &str) -> Result<Issuer, Failure> {
    let issuers: BTreeSet<_> = slots
        .iter()
        .map(SlotId::issuer)
        .filter(|issuer| has_address(issuer, address))
        .collect();
    let mut found = issuers.iter();
    match (found.next(), found.next()) {
        (None, _) => Err(Failure::no(
            NotUsable::Absent.code(),
            "there is no stored session of this address: `did-session list` shows those that \
             there are",
        )),
        (Some(issuer), None) => Ok((**issuer).clone()),
        (Some(_), Some(_)) => {
            let names: Vec<_> = issuers.iter().map(|issuer| name(issuer)).collect();
            Err(Failure::usage(format!(
                "several accounts with a stored session have this address: name one of {}",
                names.join(", ")
            )))
        }
    }
}

fn has_address(issuer: &Issuer, address: &str) -> bool {
    issuer.account().is_some_and(|account| {
        // a slot has its account in the canonical spelling, in which letter case does not count
        // if the address begins with 0x
        if address.starts_with("0x") {
            account.address().eq_ignore_ascii_case(address)
        } else {
            account.address() == address
        }
    })
}

/// The only slot.
fn only(slots: &BTreeSet<SlotId>) -> Result<&SlotId, Failure> {
    let mut found = slots.iter();
    match (found.next(), found.next()) {
        (None, _) => Err(Failure::no(
            NotUsable::Absent.code(),
            "there is no stored session: `did-session login` gets one",
        )),
        (Some(slot), None) => Ok(slot),
        (Some(first), Some(_)) => {
            let count = slots.len();
            let line = if slots.iter().all(|slot| slot.issuer() == first.issuer()) {
                let profiles: Vec<_> = slots
                    .iter()
                    .map(|slot| slot.profile().to_string())
                    .collect();
                format!(
                    "there are {count} stored sessions of {}: choose one with --profile, which can \
                     be {}",
                    name(first.issuer()),
                    profiles.join(", ")
                )
            } else {
                format!(
                    "there are {count} stored sessions: name the account of one, for example {}; \
                     `did-session list` shows all",
                    argument(first)
                )
            };
            Err(Failure::usage(line))
        }
    }
}

/// As an argument names this slot.
fn argument(slot: &SlotId) -> String {
    let issuer = name(slot.issuer());
    match slot.profile().name() {
        Some(profile) => format!("{issuer} --profile {profile}"),
        None => issuer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";

    fn slots(names: &[(&str, &str)]) -> BTreeSet<SlotId> {
        let slot = |(issuer, profile): &(&str, &str)| {
            let issuer: Issuer = issuer.parse().unwrap();
            SlotId::new(issuer).with_profile(profile.parse().unwrap())
        };
        names.iter().map(slot).collect()
    }

    #[test]
    fn an_address_is_that_of_the_only_account_that_has_it() {
        let mainnet = format!("eip155:1:{ADDRESS}");
        let polygon = format!("eip155:137:{ADDRESS}");
        let key = "did:key:z6MksFbF9EwLtgULXutkTTihLF2kSbWpQQzJziffm2bJKYc3";
        let one = slots(&[(&mainnet, "default"), (&mainnet, "work"), (key, "default")]);
        let upper = ADDRESS.to_uppercase().replacen("0X", "0x", 1);
        for address in [ADDRESS, &upper] {
            assert_eq!(of_address(&one, address).unwrap(), mainnet.parse().unwrap());
        }
        let other = "0x0000000000000000000000000000000000000001";
        let failure = of_address(&one, other).unwrap_err();
        assert_eq!(failure.code(), "no_session");
        assert!(!failure.to_string().contains(other), "it may be a secret");
        let two = slots(&[(&mainnet, "default"), (&polygon, "default")]);
        let failure = of_address(&two, ADDRESS).unwrap_err();
        assert_eq!(failure.code(), "usage");
        let line = failure.to_string();
        assert!(line.contains(&mainnet) && line.contains(&polygon), "{line}");
    }

    #[test]
    fn the_only_session_is_meant_where_nobody_is_named() {
        let account = format!("eip155:1:{ADDRESS}");
        let one = slots(&[(&account, "work")]);
        assert_eq!(only(&one).unwrap().profile().name(), Some("work"));
        assert_eq!(only(&slots(&[])).unwrap_err().code(), "no_session");
        let two = slots(&[(&account, "default"), (&account, "work")]);
        let failure = only(&two).unwrap_err();
        assert_eq!(failure.code(), "usage");
        // the account alone would be no answer
        let line = failure.to_string();
        let expected = format!("2 stored sessions of {account}: ");
        assert!(line.contains(&expected), "{line}");
        assert!(
            line.ends_with("--profile, which can be default, work"),
            "{line}"
        );
        let other = account.replace(":1:", ":137:");
        let failure = only(&slots(&[(&account, "work"), (&other, "work")])).unwrap_err();
        let line = failure.to_string();
        assert!(line.contains(" --profile work;"), "{line}");
    }

    #[test]
    fn what_names_nobody_is_not_repeated() {
        for text in ["nobody", "", "eip155:1:0x12", &"f".repeat(64), "did:web:x"] {
            let why = named(text).unwrap_err();
            assert!(text.is_empty() || !why.contains(text), "{why}");
        }
        assert!(matches!(named(ADDRESS), Ok(Named::Address(_))));
    }
}
