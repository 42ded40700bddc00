//! The chains that stand behind features, and what each of them costs: whoever wants one pays for
//! no other. `tidy` proves it on the graph, `portable` builds each of them alone.

/// A chain, as the features of our crates name it: by one name in all of them.
#[derive(Debug)]
pub(crate) struct Chain {
    /// The feature of `cacao`, of the facade, and of `session-wallets` if it signs.
    pub(crate) feature: &'static str,
    /// Whether `session-wallets` has something that signs for it.
    pub(crate) signs: bool,
    /// Other features that it brings along.
    pub(crate) includes: &'static [&'static str],
    /// Crates that are there for it; no chain but this one, and those that include it, may carry
    /// them.
    pub(crate) crates: &'static [&'static str],
}

pub(crate) const CHAINS: &[Chain] = &[
    Chain {
        feature: "ethereum",
        signs: true,
        includes: &[],
        crates: &["sha3", "keccak"],
    },
    Chain {
        feature: "contract",
        signs: true,
        includes: &["ethereum"],
        crates: &[],
    },
    Chain {
        feature: "solana",
        signs: true,
        includes: &[],
        crates: &[],
    },
    Chain {
        feature: "stacks",
        signs: true,
        includes: &[],
        crates: &["ripemd"],
    },
    Chain {
        feature: "tezos",
        signs: true,
        includes: &[],
        crates: &["blake2"],
    },
    Chain {
        feature: "tezos-ecdsa",
        signs: false,
        includes: &["tezos"],
        crates: &[],
    },
    Chain {
        feature: "webauthn",
        signs: true,
        includes: &[],
        crates: &[],
    },
];

/// The feature of `cacao` of every chain, as cargo takes them from any folder.
pub(crate) fn all_features() -> String {
    let features: Vec<String> = CHAINS
        .iter()
        .map(|chain| format!("did-cacao/{}", chain.feature))
        .collect();
    features.join(",")
}

impl Chain {
    /// The crates that can be built for this chain alone, by folder, and their features.
    pub(crate) fn alone(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let wallets = self.signs.then_some("session-wallets");
        ["cacao", "did-session"]
            .into_iter()
            .chain(wallets)
            .map(|folder| (folder, self.feature))
    }

    /// Whether a feature of `cacao` belongs to it.
    pub(crate) fn owns(&self, feature: &str) -> bool {
        feature == self.feature || self.includes.contains(&feature)
    }
}
