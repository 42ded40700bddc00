//! How texts call networks, and what accounts of each look like.

use super::{NETWORKS, peculiar_character};
use alloc::string::String;

/// The namespace that a text calls by this name.
pub(super) fn namespace_of(network: &str) -> Option<&'static str> {
    NETWORKS
        .into_iter()
        .find(|(_, name)| *name == network)
        .map(|(namespace, _)| namespace)
}

/// Names under which people know one chain, as wallets print them, and that chain: who reads such a
/// name takes the chain for granted. Any other name may stand for any chain.
const CHAINS: [(&str, &str, &str); 23] = [
    ("OP Mainnet", "eip155", "10"),
    ("BNB Smart Chain", "eip155", "56"),
    ("Gnosis", "eip155", "100"),
    ("Polygon", "eip155", "137"),
    ("Fantom", "eip155", "250"),
    ("zkSync Era", "eip155", "324"),
    ("Polygon zkEVM", "eip155", "1101"),
    ("Mantle", "eip155", "5000"),
    ("Base", "eip155", "8453"),
    ("Holesky", "eip155", "17000"),
    ("Arbitrum One", "eip155", "42161"),
    ("Celo", "eip155", "42220"),
    ("Avalanche", "eip155", "43114"),
    ("Linea Mainnet", "eip155", "59144"),
    ("Polygon Amoy", "eip155", "80002"),
    ("Base Sepolia", "eip155", "84532"),
    ("Arbitrum Sepolia", "eip155", "421614"),
    ("Scroll", "eip155", "534352"),
    ("Sepolia", "eip155", "11155111"),
    ("OP Sepolia", "eip155", "11155420"),
    ("Aurora", "eip155", "1313161554"),
    (
        "Solana Devnet",
        "solana",
        "EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
    ),
    (
        "Solana Testnet",
        "solana",
        "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z",
    ),
];

/// Whether a free name for the network can stand for an account of this chain: to a reader of any
/// letter case, who does not see what is not shown and takes a letter for the one that it looks
/// like, it is not another namespace's, nor that of another chain.
pub(super) fn may_name(network: &str, namespace: &str, reference: &str) -> bool {
    let network = &as_seen(network);
    let of_another = |(name, own, chain): &(&str, &str, &str)| {
        (*own, *chain) != (namespace, reference) && looks_like(network, name)
    };
    if CHAINS.iter().any(of_another) {
        return false;
    }
    let mut words = network.split(|c: char| !c.is_alphanumeric());
    let first = words.find(|word| !word.is_empty()).unwrap_or_default();
    NETWORKS
        .into_iter()
        .filter(|(own, _)| *own != namespace)
        .all(|(own, name)| !looks_like(first, name) && !looks_like(first, own))
}

/// A name without what is not seen, with wide letters as the letters that they are.
fn as_seen(network: &str) -> String {
    let seen = network.chars().filter_map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xff01 + u32::from('!')),
        '\u{300}'..='\u{36f}' | '\u{fe0e}' | '\u{fe0f}' => None,
        // a line separator is one of them
        c if c.is_whitespace() => Some(' '),
        c => peculiar_character(c).is_none().then_some(c),
    });
    let seen: String = seen.collect();
    seen.trim().into()
}

/// Whether a person may take one for the other. A letter beyond ASCII may look like any letter, as
/// long as a letter of ASCII beside it agrees.
fn looks_like(network: &str, known: &str) -> bool {
    let pairs = || network.chars().zip(known.chars());
    let agrees = |(a, b): &(char, char)| a.eq_ignore_ascii_case(b);
    network.chars().count() == known.chars().count()
        && pairs().any(|pair| agrees(&pair))
        && pairs().all(|pair| agrees(&pair) || !pair.0.is_ascii())
}

/// The namespace whose addresses have this form. No address has the form of two.
pub(super) fn namespace_of_form(address: &str) -> Option<&'static str> {
    let all = |text: &str, of: fn(u8) -> bool| text.bytes().all(of);
    let base58 = |b: u8| b.is_ascii_alphanumeric() && !matches!(b, b'0' | b'O' | b'I' | b'l');
    let c32 = |b: u8| {
        b.is_ascii_digit() || (b.is_ascii_uppercase() && !matches!(b, b'I' | b'L' | b'O' | b'U'))
    };
    match address.as_bytes() {
        [b'0', b'x', digits @ ..] if digits.len() == 40 => {
            digits.iter().all(u8::is_ascii_hexdigit).then_some("eip155")
        }
        [b't', b'z', b'1'..=b'4', ..] if address.len() == 36 && all(address, base58) => {
            Some("tezos")
        }
        [b'S', b'P' | b'T' | b'M' | b'N', ..]
            if (38..=41).contains(&address.len()) && all(address, c32) =>
        {
            Some("stacks")
        }
        [_, ..] if (32..=44).contains(&address.len()) && all(address, base58) => Some("solana"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (address, namespace) in [
            ("0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44", Some("eip155")),
            ("0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc4", None),
            (
                "6BcW5WQdw2PkjMDfqLVRX8q2dNQWNdYgeW7VZv1iMBxP",
                Some("solana"),
            ),
            ("tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb", Some("tezos")),
            ("SP2ZD731ANQZT6J4K3F5N8A40ZXWXC1XFXHVVQFKE", Some("stacks")),
            ("ST2ZD731ANQZT6J4K3F5N8A40ZXWXC1XFXH4HF6PF", Some("stacks")),
            ("app.example", None),
            ("", None),
        ] {
            assert_eq!(namespace_of_form(address), namespace, "{address}");
        }
    }

    #[test]
    fn a_free_name_is_not_that_of_another_namespace() {
        for name in [
            "Our Chain",
            "Polygon Miden",
            "Ethereum",
            "Ethereum Mainnet",
            "Solanium",
        ] {
            assert!(may_name(name, "eip155", "7"), "{name}");
        }
        for name in ["solana", "Solana Devnet", "Tezos", "STACKS", "tezos-like"] {
            assert!(!may_name(name, "eip155", "7"), "{name}");
        }
        assert!(!may_name("eip155", "solana", "main"));
        // nor behind characters that are not seen, or that look like others
        for name in [
            "\u{200b}Solana",
            "Sol\u{202e}ana",
            "Solana\u{2028}x",
            "\u{ff33}olana",
            "\u{ff33}\u{ff4f}\u{ff4c}\u{ff41}\u{ff4e}\u{ff41}",
            "\u{405}\u{43e}l\u{430}n\u{430}",
            "So\u{301}lana",
            "-Solana",
            "T\u{435}zos Mainnet",
        ] {
            assert!(!may_name(name, "eip155", "7"), "{name:?}");
        }
        assert!(!may_name("Et\u{200b}hereum", "solana", "main"));
        for name in ["\u{415}thereum", "Ethereum\u{200b}", "東京", "Сеть"] {
            assert!(may_name(name, "eip155", "7"), "{name:?}");
        }
        assert!(!may_name("P\u{43e}lygon", "eip155", "7"));
        assert!(may_name("P\u{43e}lygon", "eip155", "137"));
    }

    #[test]
    fn a_name_that_people_know_is_that_of_its_chain() {
        for (name, namespace, reference) in CHAINS {
            assert!(may_name(name, namespace, reference), "{name}");
            assert!(
                may_name(&name.to_ascii_uppercase(), namespace, reference),
                "{name}"
            );
            assert!(!may_name(name, namespace, "1"), "{name}");
            assert!(
                !may_name(&name.to_ascii_lowercase(), namespace, "1"),
                "{name}"
            );
        }
    }
}
