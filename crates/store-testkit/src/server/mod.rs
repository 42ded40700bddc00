//! The contracts of what a server keeps ([`session_core::server`]) as tests.
//!
//! The times that they name lie about 1,700,000,000 seconds after the epoch: an implementation
//! goes by the time that it is told and has no clock of its own.

mod capabilities;
mod challenges;
mod devices;
mod replay;

pub use capabilities::*;
pub use challenges::*;
pub use devices::*;
pub use replay::*;

use cacao::UnixTime;
use dag_jws::Cid;

const START: i64 = 1_700_000_000;
/// How many callers come at once.
const CALLERS: usize = 12;
/// More than there is room for in an implementation with little room.
const MANY: usize = 4_000;

const fn at(seconds: i64) -> UnixTime {
    UnixTime::from_secs(START + seconds)
}

fn cid(n: usize) -> Cid {
    cacao::car::dag_cbor_cid(&n.to_le_bytes())
}
