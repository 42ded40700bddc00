//! Against peers.

use super::Bar::AtLeast;
use super::Build::{Fast, Portable};
use super::Source::{Elsewhere, Node, RustApart, RustPeer};
use super::{Target, row};

const BROWSER: &str = "in the browser: `cargo xtask web bench`";
const HEAVY: &str = "that peer is not among the ones that are built here";

pub(super) const ROWS: &[Target] = &[
    row("P1", "eip191 beside siwe", AtLeast(2.2), RustPeer("P1")),
    row(
        "P1-native",
        "the same, native",
        AtLeast(4.2),
        RustApart(Fast, "F2-json", "P1"),
    ),
    row("P2", "eip191 beside siwx-evm", AtLeast(2.2), RustPeer("P2")),
    row(
        "P2-native",
        "the same, native",
        AtLeast(4.2),
        RustApart(Fast, "F2-json", "P2"),
    ),
    row("P3", "eip191 beside cacaos", AtLeast(1.25), RustPeer("P3")),
    row(
        "P3-native",
        "the same, native",
        AtLeast(2.4),
        RustApart(Fast, "F2", "P3"),
    ),
    row(
        "P4",
        "eip191 beside rust-ceramic",
        AtLeast(4.2),
        Elsewhere("its validation is on no registry, and only registries are used here"),
    ),
    row(
        "P5",
        "eip191 beside Cacao.verify",
        AtLeast(40.0),
        Node(Portable, "F2-json", "P5"),
    ),
    row(
        "P5-native",
        "the same, native",
        AtLeast(75.0),
        Node(Fast, "F2-json", "P5"),
    ),
    row("P6", "solana beside siwx-svm", AtLeast(1.1), RustPeer("P6")),
    row(
        "P7",
        "JWS beside verifyJWS",
        AtLeast(35.0),
        Node(Portable, "F9", "P7"),
    ),
    row("P7-ssi", "JWS beside ssi", AtLeast(1.2), Elsewhere(HEAVY)),
    row(
        "P8",
        "JWS + capability beside verifyJWS",
        AtLeast(38.0),
        Node(Portable, "F12", "P8"),
    ),
    row(
        "P8-known",
        "the same, known",
        AtLeast(120.0),
        Node(Portable, "F13", "P8"),
    ),
    row(
        "P9",
        "createJWS beside createJWS",
        AtLeast(17.0),
        Node(Portable, "F15", "P9"),
    ),
    row(
        "P10",
        "restore beside fromSession",
        AtLeast(180.0),
        Node(Portable, "F16", "P10"),
    ),
    row(
        "P10-checked",
        "the same, checked",
        AtLeast(40.0),
        Node(Portable, "F17", "P10"),
    ),
    row(
        "P11",
        "serialize beside serialize",
        AtLeast(9.0),
        Node(Portable, "F18", "P11"),
    ),
    row(
        "P12",
        "DAG-CBOR + CID beside fromCacao",
        AtLeast(7.0),
        Node(Portable, "F20", "P12"),
    ),
    row(
        "P13",
        "document beside resolve",
        AtLeast(15.0),
        Node(Portable, "did-document", "P13"),
    ),
    row(
        "P13-ssi",
        "document beside ssi",
        AtLeast(1.0),
        Elsewhere(HEAVY),
    ),
    row(
        "P14",
        "JWS ES256 beside verifyJWS",
        AtLeast(9.0),
        Node(Portable, "F11", "P14"),
    ),
    row(
        "P14-native",
        "the same, native",
        AtLeast(33.0),
        Node(Fast, "F11", "P14"),
    ),
    row(
        "web",
        "verify and restore in Chromium beside the peer",
        AtLeast(3.0),
        Elsewhere(BROWSER),
    ),
];
