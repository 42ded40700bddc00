//! Stores, sessions that are kept, and allocations.

use super::Bar::AtMost;
use super::Build::Portable;
use super::Source::{Allocations, Flat, List, Ratio, RustRatio};
use super::{Target, row};

pub(super) const ROWS: &[Target] = &[
    row("S5", "list ÷ read_dir", AtMost(1.20), List),
    row(
        "S6",
        "put ÷ by hand on that thread",
        AtMost(1.05),
        Ratio(Portable, "S6"),
    ),
    row(
        "S6-get",
        "get ÷ by hand on that thread",
        AtMost(1.20),
        Ratio(Portable, "S6-get"),
    ),
    row(
        "S7-get",
        "memory get ÷ RwLock<HashMap>",
        AtMost(1.4),
        Ratio(Portable, "S7-get"),
    ),
    row(
        "S7-put",
        "memory put ÷ RwLock<HashMap>",
        AtMost(1.4),
        Ratio(Portable, "S7-put"),
    ),
    row(
        "S8",
        "memory, two threads, 10 % put ÷ dashmap",
        AtMost(1.6),
        RustRatio("S8"),
    ),
    row(
        "get-memory",
        "Sessions::get ÷ restore",
        AtMost(1.05),
        Ratio(Portable, "get-memory"),
    ),
    row(
        "get-memory-known",
        "the same, known ÷ lookup",
        AtMost(1.1),
        Ratio(Portable, "get-memory-known"),
    ),
    row(
        "get-fs",
        "Sessions::get on disk ÷ (read + restore)",
        AtMost(1.1),
        Ratio(Portable, "get-fs"),
    ),
    row(
        "flat",
        "file store, 100,000 ÷ 1,000 accounts",
        AtMost(1.2),
        Flat("file store, get"),
    ),
    row(
        "A-bytes",
        "allocations: eip191 from bytes",
        AtMost(12.0),
        Allocations("F2"),
    ),
    row(
        "A-decoded",
        "allocations: eip191 decoded",
        AtMost(2.0),
        Allocations("F1"),
    ),
    row(
        "A-jws",
        "allocations: JWS, key known",
        AtMost(3.0),
        Allocations("F10"),
    ),
    row(
        "A-create",
        "allocations: createJWS",
        AtMost(4.0),
        Allocations("F15"),
    ),
    row(
        "A-restore",
        "allocations: restore, checked",
        AtMost(15.0),
        Allocations("F17"),
    ),
    row(
        "A-memory",
        "allocations: memory get",
        AtMost(1.0),
        Allocations("S7-get"),
    ),
    row(
        "A-key",
        "allocations: did:key → key",
        AtMost(0.0),
        Allocations("F8"),
    ),
];
