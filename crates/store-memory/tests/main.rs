//! The tests of the memory stores: one program, named as that of every store.

mod contract;
mod revocations;
mod server_contract;
