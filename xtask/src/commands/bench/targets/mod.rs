//! The rows that have a target, and where the figure of each comes from.

mod floor;
mod peers;
mod stores;

/// What a figure must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::commands::bench) enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

/// Which build of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands::bench) enum Build {
    /// Rust alone.
    Portable,
    /// With the feature `native-curves`.
    Fast,
}

/// Where the figure comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::commands::bench) enum Source {
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
pub(in crate::commands::bench) struct Target {
    pub(in crate::commands::bench) id: &'static str,
    pub(in crate::commands::bench) row: &'static str,
    pub(in crate::commands::bench) bar: Bar,
    pub(in crate::commands::bench) source: Source,
}

const fn row(id: &'static str, row: &'static str, bar: Bar, source: Source) -> Target {
    Target {
        id,
        row,
        bar,
        source,
    }
}

/// Every row, in the order of the table.
pub(in crate::commands::bench) fn all() -> impl Iterator<Item = &'static Target> {
    let groups = [floor::ROWS, peers::ROWS, stores::ROWS];
    groups.into_iter().flatten()
}

impl Target {
    pub(in crate::commands::bench) fn matches(&self, filter: &str) -> bool {
        self.id == filter || self.row.contains(filter)
    }
}

#[cfg(test)]
mod tests {
    use super::all;
    use std::collections::BTreeSet;

    #[test]
    fn no_row_stands_twice() {
        let ids: BTreeSet<_> = all().map(|target| target.id).collect();
        assert_eq!(ids.len(), all().count());
    }
}
