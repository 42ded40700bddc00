//! How texts call networks, and what accounts of each look like.

use super::NETWORKS;

/// The namespace that a text calls by this name.
pub(super) fn namespace_of(network: &str) -> Option<&'static str> {
    NETWORKS
        .into_iter()
        .find(|(_, name)| *name == network)
        .map(|(namespace, _)| namespace)
}

/// Whether a free name for the network can stand for an account of this namespace: it is not
/// another namespace's, to a reader of any letter case.
pub(super) fn may_name(network: &str, namespace: &str) -> bool {
    let first = network.split(|c: char| !c.is_alphanumeric()).next();
    let first = first.unwrap_or_default();
    NETWORKS
        .into_iter()
        .filter(|(own, _)| *own != namespace)
        .all(|(own, name)| !first.eq_ignore_ascii_case(name) && !first.eq_ignore_ascii_case(own))
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
            "Polygon",
            "OP Mainnet",
            "Arbitrum One",
            "Ethereum",
            "Solanium",
        ] {
            assert!(may_name(name, "eip155"), "{name}");
        }
        for name in ["solana", "Solana Devnet", "Tezos", "STACKS", "tezos-like"] {
            assert!(!may_name(name, "eip155"), "{name}");
        }
        assert!(!may_name("eip155", "solana"));
        assert!(may_name("Solana Devnet", "solana"));
    }
}
