//! What is measured, and how. Each row is our work beside the raw primitive that it contains, on
//! the same bytes in the same process; `cargo xtask bench` runs the programs in `src/bin` and
//! holds the ratios against their targets, `cargo bench --package benches` runs the same rows by
//! criterion.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]
#![allow(clippy::missing_panics_doc, reason = "a benchmark may panic")]

pub mod fixtures;
pub mod growth;
pub mod inputs;
pub mod pairs;
pub mod raw;
pub mod rows;

/// What a row runs, once for each call.
pub type Work = Box<dyn FnMut()>;

/// Our work beside the primitive that it contains.
pub struct Row {
    /// How the tables call it: `F1`, or a name of its own.
    pub id: &'static str,
    /// What we do.
    pub what: &'static str,
    /// What it is held against.
    pub against: &'static str,
    /// True when the disk or another thread takes part: one call is then measured alone, and
    /// instructions say nothing.
    pub waits: bool,
    /// Ours.
    pub ours: Work,
    /// The primitive, the same bytes.
    pub floor: Work,
}

impl Row {
    /// A row of arithmetic.
    pub fn new<A, B>(
        id: &'static str,
        what: &'static str,
        against: &'static str,
        mut ours: impl FnMut() -> A + 'static,
        mut floor: impl FnMut() -> B + 'static,
    ) -> Self {
        Self {
            id,
            what,
            against,
            waits: false,
            ours: Box::new(move || {
                std::hint::black_box(ours());
            }),
            floor: Box::new(move || {
                std::hint::black_box(floor());
            }),
        }
    }

    /// The same, where somebody must be waited for.
    #[must_use]
    pub fn waiting(mut self) -> Self {
        self.waits = true;
        self
    }

    /// True when the filter is part of the identifier or of the description.
    #[must_use]
    pub fn matches(&self, filter: &str) -> bool {
        self.id == filter
            || self.what.contains(filter)
            || (self.id.contains(filter) && filter.len() > 3)
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
