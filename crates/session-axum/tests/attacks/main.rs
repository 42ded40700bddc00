//! Attacks on a server that lets sessions act, each by its name, against whole services.

mod bodies;
mod capabilities;
mod floods;
mod freshness;
mod life;
mod race;
mod smuggling;
mod stores;
mod swapped;
mod world;
