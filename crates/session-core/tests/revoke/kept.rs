//! How long a revocation is kept, and the ledger of it.

use super::*;

#[tokio::test]
async fn a_revocation_outlives_what_it_ends() {
    let skew = Policy::DEFAULT_SKEW;
    let exp = NOW + Request::DEFAULT_LIFETIME;
    let whole = UnixTime::from_secs(i64::try_from(NOW_SECS).unwrap());
    for (longest, itself, other, all) in [
        (None, Some(exp + skew), None, None),
        (
            Some(30 * DAY),
            Some(exp + skew),
            Some(NOW + skew + 30 * DAY + skew),
            Some(whole + 30 * DAY + skew),
        ),
    ] {
        let policy = match longest {
            Some(longest) => Policy::default().with_max_lifetime(longest),
            None => Policy::default(),
        };
        let world = World::with_policy(policy);
        let armed = world.armed().await;
        let own = armed.cacao().identity();
        let foreign = cacao::car::dag_cbor_cid(b"another");
        let kept = async |statement: Result<String, Error>| {
            let accepted = world
                .judge(&statement.unwrap(), armed.cacao())
                .await
                .unwrap();
            let entries = accepted.entries().iter();
            let mut kept: Vec<_> = entries
                .map(|entry| {
                    (
                        entry.revoked() == Revoked::Identity(own),
                        entry.keep_until(),
                    )
                })
                .collect();
            kept.sort();
            kept
        };
        let found = kept(armed.revocation_of_itself().await).await;
        assert_eq!(found, [(true, itself)]);
        let found = kept(armed.revocation_of([own, foreign]).await).await;
        assert_eq!(found, [(false, other), (true, itself)]);
        let found = kept(armed.revocation_of_all(NOW).await).await;
        assert_eq!(found, [(false, all)]);
    }
}

fn entry() -> impl Strategy<Value = RevocationEntry> {
    let issuers = prop_oneof![
        Just("did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44"),
        Just("did:pkh:eip155:137:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44"),
        Just("did:key:zDnaeS7oeZ9WPsTW5HSapFJrXXTWwGkLx9xEMief41hEeuDtx"),
    ];
    let domains = prop_oneof![Just("a".to_owned()), "\\PC{1,8}"];
    let revoked = prop_oneof![
        (0..4_u8).prop_map(|n| Revoked::Identity(cacao::car::dag_cbor_cid(&[n]))),
        (0..1000_i64).prop_map(|secs| Revoked::AllBefore(UnixTime::from_secs(secs))),
    ];
    let keep = prop::option::of((0..1000_i64).prop_map(UnixTime::from_secs));
    (issuers, domains, revoked, keep).prop_map(|(issuer, domain, revoked, keep)| {
        RevocationEntry::new(&issuer.parse().unwrap(), domain, revoked, keep)
    })
}

pub(super) fn ledger(entries: &[RevocationEntry]) -> RevocationLedger {
    let mut ledger = RevocationLedger::default();
    for entry in entries {
        ledger.add(entry.clone());
    }
    ledger
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_ledger_does_not_depend_on_order_and_survives_its_text(
        entries in prop::collection::vec(entry(), 0..20),
    ) {
        let one = ledger(&entries);
        let mut other: Vec<_> = entries.clone();
        other.reverse();
        other.extend(entries);
        prop_assert_eq!(&ledger(&other), &one);
        prop_assert_eq!(one.entries().count(), one.len());
        let text = one.to_text();
        prop_assert_eq!(RevocationLedger::from_text(&text), Ok(one));
    }

    #[test]
    fn a_damaged_text_is_no_ledger(
        entries in prop::collection::vec(entry(), 1..5),
        at in any::<prop::sample::Index>(),
        byte in b' '..b'~',
    ) {
        let text = ledger(&entries).to_text();
        let at = at.index(text.len());
        prop_assume!(text.is_char_boundary(at));
        prop_assert!(RevocationLedger::from_text(&text[..at]).is_err());
        let mut bytes = text.clone().into_bytes();
        bytes[at] = byte;
        if let Some(damaged) = String::from_utf8(bytes).ok().filter(|other| *other != text) {
            prop_assert!(RevocationLedger::from_text(&damaged).is_err());
        }
        let line = text.lines().nth(1).unwrap();
        let longer = [&text, line, "\n"].concat();
        prop_assert!(RevocationLedger::from_text(&longer).is_err());
    }

    #[test]
    fn purging_forgets_what_is_over_and_nothing_else(
        entries in prop::collection::vec(entry(), 0..20),
        now in (0..1000_i64).prop_map(UnixTime::from_secs),
    ) {
        let mut ledger = ledger(&entries);
        let left: Vec<_> = ledger
            .entries()
            .filter(|entry| entry.keep_until().is_none_or(|until| until >= now))
            .collect();
        let before = ledger.len();
        prop_assert_eq!(ledger.purge(now), before - left.len());
        prop_assert_eq!(ledger.entries().collect::<Vec<_>>(), left);
    }

    /// The ledger finds by tables what an entry finds by looking.
    #[test]
    fn a_ledger_revokes_what_one_of_its_entries_covers(
        entries in prop::collection::vec(entry(), 0..6),
        seconds in 0..1000_i64,
        domain in prop_oneof![Just("a".to_owned()), "[b-d]"],
        named in any::<bool>(),
    ) {
        let issuer: Issuer = "eip155:1:0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44".parse().unwrap();
        let issued_at = cacao::Timestamp::from_unix_time(UnixTime::from_secs(seconds)).unwrap();
        let payload = Payload::builder(&domain, issuer.clone(), "did:key:z", "nonce000", issued_at);
        let capability = Cacao::new(HeaderType::Eip4361, payload.build().unwrap(), None);
        let mut entries = entries;
        if named {
            let revoked = Revoked::Identity(capability.identity());
            entries.push(RevocationEntry::new(&issuer, "a", revoked, None));
        }
        let covered = entries.iter().any(|entry| entry.covers(&capability));
        prop_assert_eq!(ledger(&entries).is_revoked(&capability), covered);
    }
}
