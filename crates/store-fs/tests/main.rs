//! The tests of the file store: one program, named as that of every store. Those that
//! kill processes are `processes`; two that need a process of their own are programs beside it.

mod common;
mod contract;
mod faults;
mod files;
mod hostile;
mod recorded;
mod revocations;
