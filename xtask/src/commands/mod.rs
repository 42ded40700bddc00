//! One file per command.

pub(crate) mod apart;
pub(crate) mod bench;
pub(crate) mod ci;
pub(crate) mod conformance;
pub(crate) mod coverage;
pub(crate) mod fuzz;
pub(crate) mod guide;
pub(crate) mod lint;
pub(crate) mod load;
pub(crate) mod minimal;
pub(crate) mod mutants;
pub(crate) mod package;
pub(crate) mod portable;
pub(crate) mod stores;
pub(crate) mod test;
pub(crate) mod vectors;
pub(crate) mod web;
