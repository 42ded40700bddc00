//! Against the raw primitives.

use super::Bar::{AtLeast, AtMost};
use super::Build::{Fast, Portable};
use super::Source::{Count, Gain, Ratio, RustRatio};
use super::{Target, row};

pub(super) const ROWS: &[Target] = &[
    row(
        "F1",
        "eip191 decoded → verified ÷ recover",
        AtMost(1.07),
        Ratio(Portable, "F1"),
    ),
    row(
        "F2",
        "eip191 DAG-CBOR → verified ÷ recover",
        AtMost(1.10),
        Ratio(Portable, "F2"),
    ),
    row(
        "F2-json",
        "eip191 JSON → verified ÷ recover",
        AtMost(1.10),
        Ratio(Portable, "F2-json"),
    ),
    row("F3-decoded", "F1, native", AtMost(1.10), Ratio(Fast, "F1")),
    row("F3-bytes", "F2, native", AtMost(1.15), Ratio(Fast, "F2")),
    row(
        "F4",
        "F2 ÷ (recover + keccak of the text)",
        AtMost(1.06),
        Ratio(Portable, "F4"),
    ),
    row(
        "F5",
        "recoveries for a capability as the peer writes it",
        AtMost(1.0),
        Count("F1"),
    ),
    row(
        "F6",
        "signature of no spelling ÷ recover",
        AtMost(2.1),
        Ratio(Portable, "F6"),
    ),
    row(
        "E2",
        "second spelling ÷ recover",
        AtMost(1.4),
        Ratio(Portable, "E2"),
    ),
    row(
        "F7",
        "solana JSON → verified ÷ decode + verify",
        AtMost(1.06),
        Ratio(Portable, "F7"),
    ),
    row(
        "F8",
        "did:key → key ÷ decompression",
        AtMost(1.25),
        Ratio(Portable, "F8"),
    ),
    row(
        "F9",
        "JWS, did:key decoded ÷ verify",
        AtMost(1.22),
        Ratio(Portable, "F9"),
    ),
    row(
        "F10",
        "JWS, key known ÷ verify",
        AtMost(1.06),
        Ratio(Portable, "F10"),
    ),
    row(
        "F11",
        "JWS ES256 ÷ verify",
        AtMost(1.06),
        Ratio(Portable, "F11"),
    ),
    row(
        "F11-native",
        "JWS ES256 ÷ verify, native",
        AtMost(1.40),
        Ratio(Fast, "F11"),
    ),
    row(
        "F12",
        "JWS + capability ÷ sum of both",
        AtMost(1.04),
        Ratio(Portable, "F12"),
    ),
    row(
        "F13",
        "JWS + known capability ÷ verify",
        AtMost(1.08),
        Ratio(Portable, "F13"),
    ),
    row(
        "F14",
        "what the memory buys",
        AtLeast(3.0),
        Ratio(Portable, "F14"),
    ),
    row(
        "F14-native",
        "what the memory buys, native",
        AtLeast(2.0),
        Ratio(Fast, "F14"),
    ),
    row(
        "F15",
        "createJWS ÷ sign",
        AtMost(1.06),
        Ratio(Portable, "F15"),
    ),
    row(
        "F16",
        "restore, unchecked ÷ key expansion",
        AtMost(1.35),
        Ratio(Portable, "F16"),
    ),
    row(
        "F17",
        "restore, checked ÷ recover",
        AtMost(1.40),
        Ratio(Portable, "F17"),
    ),
    row(
        "F18",
        "serialize ÷ serde_json + base64url",
        AtMost(1.3),
        Ratio(Portable, "F18"),
    ),
    row(
        "F19",
        "DAG-CBOR decode ÷ serde",
        AtMost(1.10),
        Ratio(Portable, "F19"),
    ),
    row(
        "F20",
        "DAG-CBOR encode + CID ÷ SHA-256",
        AtMost(2.6),
        Ratio(Portable, "F20"),
    ),
    row(
        "F21",
        "sign-in text ÷ siwx format",
        AtMost(1.5),
        RustRatio("F21"),
    ),
    row(
        "F24",
        "bulk verification, two threads ÷ one",
        AtLeast(1.6),
        Gain(Portable, "F24"),
    ),
    row(
        "F25",
        "P-256, native ÷ portable",
        AtLeast(3.5),
        Gain(Fast, "F25"),
    ),
    row(
        "F26",
        "recovery, native ÷ portable",
        AtLeast(1.8),
        Gain(Fast, "F26"),
    ),
];
