//! The rows that have a target, and where the figure of each comes from.

use self::Bar::{AtLeast, AtMost};
use self::Build::{Fast, Portable};
use self::Source::{
    Allocations, Count, Elsewhere, Flat, Gain, List, Node, Ratio, RustApart, RustPeer, RustRatio,
};

/// What a figure must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

/// Which build of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Build {
    /// Rust alone.
    Portable,
    /// With the feature `native-curves`.
    Fast,
}

/// Where the figure comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Source {
    /// Ours ÷ what it is held against, in interleaved pairs.
    Ratio(Build, &'static str),
    /// The same the other way round: how often ours is faster.
    Gain(Build, &'static str),
    /// Ours beside a peer in Rust, in interleaved pairs: how often ours is faster.
    RustPeer(&'static str),
    /// The same as a ratio, ours ÷ peer.
    RustRatio(&'static str),
    /// Ours, a row of that build, beside the peer in Rust, from two programs.
    RustApart(Build, &'static str, &'static str),
    /// Ours, a row of that build, beside the peer in Node: programs in turn.
    Node(Build, &'static str, &'static str),
    /// Instructions of ours ÷ instructions of the primitive, rounded down: how often it runs.
    Count(&'static str),
    /// Allocations of one call.
    Allocations(&'static str),
    /// The largest size of a curve ÷ its smallest.
    Flat(&'static str),
    /// The list of the file store ÷ `read_dir`, at the largest size.
    List,
    /// Not measured by this command; the text says why, or where.
    Elsewhere(&'static str),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) id: &'static str,
    pub(super) row: &'static str,
    pub(super) bar: Bar,
    pub(super) source: Source,
}

const fn row(id: &'static str, row: &'static str, bar: Bar, source: Source) -> Target {
    Target {
        id,
        row,
        bar,
        source,
    }
}

const BROWSER: &str = "in the browser: `cargo xtask web bench`";
const HEAVY: &str = "that peer is not among the ones that are built here";
const NOWHERE: &str = "its validation is on no registry, and only registries are used here";

/// Every row, in the order of the table.
#[rustfmt::skip]
pub(super) const ALL: &[Target] = &[
    // against the raw primitives
    row("F1", "eip191 decoded → verified ÷ recover", AtMost(1.07), Ratio(Portable, "F1")),
    row("F2", "eip191 DAG-CBOR → verified ÷ recover", AtMost(1.10), Ratio(Portable, "F2")),
    row("F2-json", "eip191 JSON → verified ÷ recover", AtMost(1.10), Ratio(Portable, "F2-json")),
    row("F3-decoded", "F1, native", AtMost(1.10), Ratio(Fast, "F1")),
    row("F3-bytes", "F2, native", AtMost(1.15), Ratio(Fast, "F2")),
    row("F4", "F2 ÷ (recover + keccak of the text)", AtMost(1.06), Ratio(Portable, "F4")),
    row("F5", "recoveries for a capability as the peer writes it", AtMost(1.0), Count("F1")),
    row("F6", "signature of no spelling ÷ recover", AtMost(2.1), Ratio(Portable, "F6")),
    row("E2", "second spelling ÷ recover", AtMost(1.4), Ratio(Portable, "E2")),
    row("F7", "solana JSON → verified ÷ decode + verify", AtMost(1.06), Ratio(Portable, "F7")),
    row("F8", "did:key → key ÷ decompression", AtMost(1.25), Ratio(Portable, "F8")),
    row("F9", "JWS, did:key decoded ÷ verify", AtMost(1.22), Ratio(Portable, "F9")),
    row("F10", "JWS, key known ÷ verify", AtMost(1.06), Ratio(Portable, "F10")),
    row("F11", "JWS ES256 ÷ verify", AtMost(1.06), Ratio(Portable, "F11")),
    row("F11-native", "JWS ES256 ÷ verify, native", AtMost(1.40), Ratio(Fast, "F11")),
    row("F12", "JWS + capability ÷ sum of both", AtMost(1.04), Ratio(Portable, "F12")),
    row("F13", "JWS + known capability ÷ verify", AtMost(1.08), Ratio(Portable, "F13")),
    row("F14", "what the memory buys", AtLeast(3.0), Ratio(Portable, "F14")),
    row("F14-native", "what the memory buys, native", AtLeast(2.0), Ratio(Fast, "F14")),
    row("F15", "createJWS ÷ sign", AtMost(1.06), Ratio(Portable, "F15")),
    row("F16", "restore, unchecked ÷ key expansion", AtMost(1.35), Ratio(Portable, "F16")),
    row("F17", "restore, checked ÷ recover", AtMost(1.40), Ratio(Portable, "F17")),
    row("F18", "serialize ÷ serde_json + base64url", AtMost(1.3), Ratio(Portable, "F18")),
    row("F19", "DAG-CBOR decode ÷ serde", AtMost(1.10), Ratio(Portable, "F19")),
    row("F20", "DAG-CBOR encode + CID ÷ SHA-256", AtMost(2.6), Ratio(Portable, "F20")),
    row("F21", "sign-in text ÷ siwx format", AtMost(1.5), RustRatio("F21")),
    row("F24", "bulk verification, two threads ÷ one", AtLeast(1.6), Gain(Portable, "F24")),
    row("F25", "P-256, native ÷ portable", AtLeast(3.5), Gain(Fast, "F25")),
    row("F26", "recovery, native ÷ portable", AtLeast(1.8), Gain(Fast, "F26")),
    // against peers
    row("P1", "eip191 beside siwe", AtLeast(2.2), RustPeer("P1")),
    row("P1-native", "the same, native", AtLeast(4.2), RustApart(Fast, "F2-json", "P1")),
    row("P2", "eip191 beside siwx-evm", AtLeast(2.2), RustPeer("P2")),
    row("P2-native", "the same, native", AtLeast(4.2), RustApart(Fast, "F2-json", "P2")),
    row("P3", "eip191 beside cacaos", AtLeast(1.25), RustPeer("P3")),
    row("P3-native", "the same, native", AtLeast(2.4), RustApart(Fast, "F2", "P3")),
    row("P4", "eip191 beside rust-ceramic", AtLeast(4.2), Elsewhere(NOWHERE)),
    row("P5", "eip191 beside Cacao.verify", AtLeast(40.0), Node(Portable, "F2-json", "P5")),
    row("P5-native", "the same, native", AtLeast(75.0), Node(Fast, "F2-json", "P5")),
    row("P6", "solana beside siwx-svm", AtLeast(1.1), RustPeer("P6")),
    row("P7", "JWS beside verifyJWS", AtLeast(35.0), Node(Portable, "F9", "P7")),
    row("P7-ssi", "JWS beside ssi", AtLeast(1.2), Elsewhere(HEAVY)),
    row("P8", "JWS + capability beside verifyJWS", AtLeast(38.0), Node(Portable, "F12", "P8")),
    row("P8-known", "the same, known", AtLeast(120.0), Node(Portable, "F13", "P8")),
    row("P9", "createJWS beside createJWS", AtLeast(17.0), Node(Portable, "F15", "P9")),
    row("P10", "restore beside fromSession", AtLeast(180.0), Node(Portable, "F16", "P10")),
    row("P10-checked", "the same, checked", AtLeast(40.0), Node(Portable, "F17", "P10")),
    row("P11", "serialize beside serialize", AtLeast(9.0), Node(Portable, "F18", "P11")),
    row("P12", "DAG-CBOR + CID beside fromCacao", AtLeast(7.0), Node(Portable, "F20", "P12")),
    row("P13", "document beside resolve", AtLeast(15.0), Node(Portable, "did-document", "P13")),
    row("P13-ssi", "document beside ssi", AtLeast(1.0), Elsewhere(HEAVY)),
    row("P14", "JWS ES256 beside verifyJWS", AtLeast(9.0), Node(Portable, "F11", "P14")),
    row("P14-native", "the same, native", AtLeast(33.0), Node(Fast, "F11", "P14")),
    row("web", "verify and restore in Chromium beside the peer", AtLeast(3.0), Elsewhere(BROWSER)),
    // stores, sessions that are kept, allocations
    row("S5", "list ÷ read_dir", AtMost(1.20), List),
    row("S6", "put ÷ by hand on that thread", AtMost(1.05), Ratio(Portable, "S6")),
    row("S6-get", "get ÷ by hand on that thread", AtMost(1.20), Ratio(Portable, "S6-get")),
    row("S7-get", "memory get ÷ RwLock<HashMap>", AtMost(1.4), Ratio(Portable, "S7-get")),
    row("S7-put", "memory put ÷ RwLock<HashMap>", AtMost(1.4), Ratio(Portable, "S7-put")),
    row("S8", "memory, two threads, 10 % put ÷ dashmap", AtMost(1.6), RustRatio("S8")),
    row("get-memory", "Sessions::get ÷ restore", AtMost(1.05), Ratio(Portable, "get-memory")),
    row("get-memory-known", "the same, known ÷ lookup", AtMost(1.1), Ratio(Portable, "get-memory-known")),
    row("get-fs", "Sessions::get on disk ÷ (read + restore)", AtMost(1.1), Ratio(Portable, "get-fs")),
    row("flat", "file store, 100,000 ÷ 1,000 accounts", AtMost(1.2), Flat("file store, get")),
    row("A-bytes", "allocations: eip191 from bytes", AtMost(12.0), Allocations("F2")),
    row("A-decoded", "allocations: eip191 decoded", AtMost(2.0), Allocations("F1")),
    row("A-jws", "allocations: JWS, key known", AtMost(3.0), Allocations("F10")),
    row("A-create", "allocations: createJWS", AtMost(4.0), Allocations("F15")),
    row("A-restore", "allocations: restore, checked", AtMost(15.0), Allocations("F17")),
    row("A-memory", "allocations: memory get", AtMost(1.0), Allocations("S7-get")),
    row("A-key", "allocations: did:key → key", AtMost(0.0), Allocations("F8")),
];

impl Target {
    pub(super) fn matches(&self, filter: &str) -> bool {
        self.id == filter || self.row.contains(filter)
    }
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use std::collections::BTreeSet;

    #[test]
    fn no_row_stands_twice() {
        let ids: BTreeSet<_> = ALL.iter().map(|target| target.id).collect();
        assert_eq!(ids.len(), ALL.len());
    }
}
