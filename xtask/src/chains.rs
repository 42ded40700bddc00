//! The chains that stand behind features, and what each of them costs: whoever wants one pays for
//! no other. `tidy` proves it on the graph, `portable` builds each of them alone.

/// A chain, as the features of our crates name it.
#[derive(Debug)]
pub(crate) struct Chain {
    /// The feature of `cacao`.
    pub(crate) cacao: &'static str,
    /// The feature of `session-wallets`, if there is something that signs.
    pub(crate) wallets: Option<&'static str>,
    /// The feature of the facade.
    pub(crate) facade: &'static str,
    /// Features of `cacao` that it brings along.
    pub(crate) includes: &'static [&'static str],
    /// Crates that are there for it; no chain but this one, and those that include it, may carry
    /// them.
    pub(crate) crates: &'static [&'static str],
}

pub(crate) const CHAINS: &[Chain] = &[
    Chain {
        cacao: "eip191",
        wallets: Some("ethereum"),
        facade: "ethereum",
        includes: &[],
        crates: &["sha3", "keccak"],
    },
    Chain {
        cacao: "contract",
        wallets: Some("contract"),
        facade: "contract",
        includes: &["eip191"],
        crates: &[],
    },
    Chain {
        cacao: "solana",
        wallets: Some("solana"),
        facade: "solana",
        includes: &[],
        crates: &[],
    },
    Chain {
        cacao: "stacks",
        wallets: Some("stacks"),
        facade: "stacks",
        includes: &[],
        crates: &["ripemd"],
    },
    Chain {
        cacao: "tezos",
        wallets: Some("tezos"),
        facade: "tezos",
        includes: &[],
        crates: &["blake2"],
    },
    Chain {
        cacao: "tezos-ecdsa",
        wallets: None,
        facade: "tezos-ecdsa",
        includes: &["tezos"],
        crates: &[],
    },
    Chain {
        cacao: "webauthn",
        wallets: Some("webauthn"),
        facade: "webauthn",
        includes: &[],
        crates: &[],
    },
];

/// The feature of `cacao` of every chain, as cargo takes them from any folder.
pub(crate) fn all_features() -> String {
    let features: Vec<String> = CHAINS
        .iter()
        .map(|chain| format!("did-cacao/{}", chain.cacao))
        .collect();
    features.join(",")
}

impl Chain {
    /// The crates that can be built for this chain alone, by folder, and their features.
    pub(crate) fn alone(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let wallets = self.wallets.map(|feature| ("session-wallets", feature));
        [("cacao", self.cacao)]
            .into_iter()
            .chain(wallets)
            .chain([("did-session", self.facade)])
    }

    /// Whether a feature of `cacao` belongs to it.
    pub(crate) fn owns(&self, feature: &str) -> bool {
        feature == self.cacao || self.includes.contains(&feature)
    }
}
