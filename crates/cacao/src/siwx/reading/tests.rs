//! What is peculiar, each kind by itself, and what is not.

use super::*;
use alloc::string::ToString;

/// What is found in a domain: kind and place, kind and place.
fn domain(text: &str) -> Vec<(Peculiarity, usize)> {
    let found = peculiar(Field::Domain, text);
    found.iter().map(|w| (w.kind(), w.place())).collect()
}

#[test]
fn honest_domains_have_nothing_peculiar() {
    for text in [
        "app.example",
        "app.example:8443",
        "[2001:db8::1]:8080",
        "https://app.example",
        "xn--mnchen-3ya.example",
        "localhost",
        "a_b-c.example",
    ] {
        assert_eq!(domain(text), [], "{text}");
    }
}

#[test]
fn names_and_hosts_beyond_ascii_are_unusual_and_do_not_mislead() {
    for (text, kind, place) in [
        ("My App", Peculiarity::Space, 3),
        ("Notes 2.0", Peculiarity::Space, 6),
        ("münchen.example", Peculiarity::BeyondAscii, 2),
        ("пример.example", Peculiarity::BeyondAscii, 1),
        ("東京app.example", Peculiarity::BeyondAscii, 1),
        ("app日本.example", Peculiarity::BeyondAscii, 4),
    ] {
        assert_eq!(domain(text), [(kind, place)], "{text}");
        assert!(!kind.misleads());
    }
}

/// The grammar that a writer is held to says what a host is.
#[test]
fn a_domain_that_is_not_a_host_is_named() {
    for (text, place) in [
        ("app.example/path", 12),
        ("app.example?x", 12),
        ("app.example#x", 12),
        ("app.example\\x", 12),
        ("javascript:alert(1)", 12),
        ("https:/app.example", 7),
        ("https://app.example/", 20),
        ("https://app.example:8a", 22),
        ("app.example:80:80", 15),
        ("<b>", 1),
        ("[::1", 1),
        ("https://[::g]:80", 9),
        ("a%zz", 2),
    ] {
        assert_eq!(domain(text), [(Peculiarity::NotAHost, place)], "{text}");
        let bare = text.strip_prefix("https://").unwrap_or(text);
        assert!(grammar::domain(bare).is_err(), "{text}");
    }
    assert_eq!(
        domain("münchen.example/x"),
        [(Peculiarity::BeyondAscii, 2), (Peculiarity::NotAHost, 16)]
    );
    let found = peculiar(Field::Domain, "app.example/path");
    assert_eq!(
        found[0].to_string(),
        "p.domain holds `/` as character 12: not part of a host"
    );
}

#[test]
fn names_of_networks_that_mislead() {
    let network = |text: &str| {
        let found = peculiar(Field::Network, text);
        found
            .iter()
            .map(|w| (w.kind(), w.place()))
            .collect::<Vec<_>>()
    };
    for honest in ["Ethereum", "OP Mainnet", "My L2 (test) @home, 50% / a.b"] {
        assert_eq!(network(honest), [], "{honest}");
    }
    for (text, kind, place) in [
        ("Eth\u{202e}ereum", Peculiarity::Bidi, 4),
        ("Ethereum\u{200b}", Peculiarity::Invisible, 9),
        ("\u{200b}Solana", Peculiarity::Invisible, 1),
        ("My\u{2028}L2", Peculiarity::LineSeparator, 3),
        ("\u{415}thereum", Peculiarity::MixedScript, 1),
        ("\u{ff33}olana", Peculiarity::FullWidth, 1),
        ("My Eth\u{435}reum", Peculiarity::MixedScript, 7),
        ("Cafe\u{301}", Peculiarity::Decomposed, 5),
        ("東京 Network", Peculiarity::BeyondAscii, 1),
    ] {
        let found = network(text);
        assert_eq!(found.last(), Some(&(kind, place)), "{text:?}: {found:?}");
    }
    assert_eq!(
        peculiar(Field::Network, "東京 Network")[0].to_string(),
        "the name of the network holds U+6771 as character 1: a letter beyond ASCII"
    );
}

#[test]
fn domains_that_mislead() {
    for (text, kind, place) in [
        ("bank.example@evil.example", Peculiarity::UserInfo, 13),
        ("Log in to bank.example", Peculiarity::Sentence, 4),
        ("bank wants you to sign in", Peculiarity::Sentence, 5),
        ("x account: y", Peculiarity::Sentence, 2),
        ("bank.example wants", Peculiarity::Sentence, 13),
        ("see https://x", Peculiarity::Sentence, 4),
        ("\u{202e}elpmaxe.ppa", Peculiarity::Bidi, 1),
        ("a\u{ad}pp.example", Peculiarity::Invisible, 2),
        ("app\u{200b}.example", Peculiarity::Invisible, 4),
        ("\u{feff}app.example", Peculiarity::Invisible, 1),
        ("app.example\u{e0041}", Peculiarity::Tag, 12),
        ("app\u{fffe}.example", Peculiarity::Noncharacter, 4),
        ("a\u{2028}b", Peculiarity::LineSeparator, 2),
        ("ａｐｐ.example", Peculiarity::FullWidth, 1),
        ("cafe\u{301}.example", Peculiarity::Decomposed, 5),
        ("\u{430}pp.example", Peculiarity::MixedScript, 1),
        ("p\u{430}ypal.example", Peculiarity::MixedScript, 2),
        ("b\u{3b1}nk.example", Peculiarity::MixedScript, 2),
        ("東a\u{430}.example", Peculiarity::MixedScript, 3),
        ("bank\u{2024}example", Peculiarity::Sign, 5),
        ("bank\u{2215}example", Peculiarity::Sign, 5),
        ("bank\u{a0}example", Peculiarity::Sign, 5),
        ("\u{1d44e}pp.example", Peculiarity::Sign, 1),
        ("\u{fb01}nd.example", Peculiarity::Sign, 1),
        ("a\u{fe0f}b", Peculiarity::Sign, 2),
    ] {
        let found = domain(text);
        assert!(found.contains(&(kind, place)), "{text:?}: {found:?}");
        assert!(kind.misleads(), "{kind:?}");
    }
}

/// A label stands for itself: what is before its dot does not count.
#[test]
fn scripts_are_held_against_each_other_within_a_label() {
    let found = domain("пример.example.пример");
    assert_eq!(found, [(Peculiarity::BeyondAscii, 1)]);
}

#[test]
fn in_other_members_only_characters_count() {
    for field in [
        Field::Statement,
        Field::Resources,
        Field::Nonce,
        Field::RequestId,
        Field::Audience,
    ] {
        assert_eq!(
            peculiar(field, "a@b.c says: пtест ａ e\u{301} 👍\u{fe0f}"),
            []
        );
        let found = peculiar(field, "a\u{2029}b\u{2029}c\u{2067}");
        let kinds: Vec<_> = found.iter().map(|w| (w.kind(), w.place())).collect();
        let wanted = [(Peculiarity::LineSeparator, 2), (Peculiarity::Bidi, 6)];
        assert_eq!(kinds, wanted);
        assert!(found.iter().all(|w| w.field() == field));
    }
}

/// Each range ends where it should: its bounds are named, their neighbours are not.
#[test]
fn characters() {
    let named: Vec<u32> = (0..=0x10_ffff)
        .filter_map(char::from_u32)
        .filter(|c| peculiar_character(*c).is_some())
        .map(u32::from)
        .collect();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for c in named {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == c => *last = c,
            _ => ranges.push((c, c)),
        }
    }
    // the last two of plane 13 are followed by the tags
    let planes = (1..=16)
        .filter(|plane| *plane != 0xd)
        .map(|plane| (plane * 0x1_0000 + 0xfffe, plane * 0x1_0000 + 0xffff));
    let mut wanted = alloc::vec![
        (0xad, 0xad),
        (0x34f, 0x34f),
        (0x61c, 0x61c),
        (0x115f, 0x1160),
        (0x17b4, 0x17b5),
        (0x180b, 0x180f),
        (0x200b, 0x200f),
        (0x2028, 0x202e),
        (0x2060, 0x206f),
        (0x3164, 0x3164),
        (0xfdd0, 0xfdef),
        (0xfe00, 0xfe0d),
        (0xfeff, 0xfeff),
        (0xffa0, 0xffa0),
        (0xfff0, 0xfffb),
        (0xfffe, 0xffff),
        (0x1_bca0, 0x1_bca3),
        (0x1_d173, 0x1_d17a),
    ];
    wanted.push((0xd_fffe, 0xe_0fff));
    wanted.extend(planes);
    wanted.sort_unstable();
    assert_eq!(ranges, wanted);
}

#[test]
fn a_warning_names_what_stands_at_its_place() {
    for text in [
        "a.example:1 x",
        "a.example:é",
        "https://a.example/ x",
        "[a b]",
        "a@b:c d",
    ] {
        for warning in peculiar(Field::Domain, text) {
            let there = text.chars().nth(warning.place() - 1);
            assert_eq!(there, Some(warning.character()), "{text}: {warning:?}");
        }
    }
}
