//! What a row with a target is: its bar, and where its figure comes from.

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
    /// With the feature `fast`.
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
    /// What a reader of the verdict should know.
    pub(super) note: &'static str,
}

pub(super) const fn row(id: &'static str, row: &'static str, bar: Bar, source: Source) -> Target {
    Target {
        id,
        row,
        bar,
        source,
        note: "",
    }
}

pub(super) const fn noted(target: Target, note: &'static str) -> Target {
    Target { note, ..target }
}
