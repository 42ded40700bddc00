//! Every check of the workspace, by name.
#![forbid(unsafe_code)]
fn main() {}
