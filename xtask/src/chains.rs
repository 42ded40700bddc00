//! The chains that stand behind features, and what each of them costs: whoever wants one pays for
//! no other. `tidy` proves it on the graph, `portable` builds each of them alone.

/// A chain, as the features of our crates name it: by one name in all of them.
#[derive(Debug)]
pub(crate) struct Chain {
    /// The feature of `cacao`, of the facade, and of `session-wallets` if it signs.
    pub(crate) feature: &'static str,
    /// Another feature that it brings along.
    includes: &'static str,
    /// Crates that are there for it; no chain but this one, and those that include it, may carry
    /// them.
    pub(crate) crates: &'static [&'static str],
}

const fn chain(
    feature: &'static str,
    includes: &'static str,
    crates: &'static [&'static str],
) -> Chain {
    Chain {
        feature,
        includes,
        crates,
    }
}

pub(crate) const CHAINS: &[Chain] = &[
    chain("ethereum", "", &["sha3", "keccak"]),
    chain("contract", "ethereum", &[]),
    chain("solana", "", &[]),
    chain("stacks", "", &["ripemd"]),
    chain("tezos", "", &["blake2"]),
    chain(VERIFIED_ONLY, "tezos", &[]),
    chain("webauthn", "", &[]),
];

/// The one that `session-wallets` does not sign for.
const VERIFIED_ONLY: &str = "tezos-ecdsa";

/// The feature of `cacao` of every chain, as cargo takes them from any folder.
pub(crate) fn all_features() -> String {
    let features = CHAINS
        .iter()
        .map(|chain| format!("did-cacao/{}", chain.feature));
    features.collect::<Vec<_>>().join(",")
}

impl Chain {
    /// The crates that can be built for this chain alone, by folder.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &'static str> {
        let signs = self.feature != VERIFIED_ONLY;
        let all = ["cacao", "did-session", "session-wallets"];
        all.into_iter().take(if signs { 3 } else { 2 })
    }

    /// Whether a feature of `cacao` belongs to it.
    pub(crate) fn owns(&self, feature: &str) -> bool {
        feature == self.feature || feature == self.includes
    }
}
