//! Attacks on a server that lets sessions act, each by its name, against whole services.
#![allow(
    clippy::cast_precision_loss,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod bodies;
mod capabilities;
mod floods;
mod freshness;
mod life;
mod race;
mod shared;
mod smuggling;
mod stores;
mod swapped;
mod world;
