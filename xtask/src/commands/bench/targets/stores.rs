//! Stores, sessions that are kept, and allocations.

use super::Bar::AtMost;
use super::Build::Portable;
use super::Source::{Allocations, Flat, List, Ratio, RustRatio};
use super::{Target, noted, row};

const HOP: &str = "the store is asynchronous: handing the work to another thread costs more than \
                   reading a file; S3-hop holds the rest";

pub(super) const ROWS: &[Target] = &[
    row(
        "S1",
        "durable put ÷ SQLite WAL FULL",
        AtMost(1.30),
        RustRatio("S1"),
    ),
    row(
        "S2",
        "durable put ÷ pwrite + fdatasync",
        AtMost(2.8),
        Ratio(Portable, "S2"),
    ),
    noted(
        row(
            "S3",
            "get ÷ std::fs::read",
            AtMost(1.20),
            Ratio(Portable, "S3"),
        ),
        HOP,
    ),
    row(
        "S3-hop",
        "get ÷ the same by hand on that thread",
        AtMost(1.20),
        Ratio(Portable, "S3-hop"),
    ),
    noted(
        row(
            "S4",
            "get ÷ SQLite point select",
            AtMost(0.50),
            RustRatio("S4"),
        ),
        HOP,
    ),
    row("S5", "list ÷ read_dir", AtMost(1.20), List),
    row(
        "S6",
        "put ÷ by hand on that thread",
        AtMost(1.05),
        Ratio(Portable, "S6"),
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
        AtMost(0.0),
        Allocations("S7-get"),
    ),
    row(
        "A-key",
        "allocations: did:key → key",
        AtMost(0.0),
        Allocations("F8"),
    ),
];
