//! What a server keeps between requests, for servers of one process.

mod capabilities;
mod challenges;
mod devices;
mod replay;
mod table;

pub use capabilities::MemoryCapabilities;
pub use challenges::MemoryChallenges;
pub use devices::MemoryDevices;
pub use replay::MemoryReplayWindow;

use cacao::UnixTime;
use session_core::StoreError;

/// Whole seconds since the epoch, rounded up: nothing is forgotten early.
fn seconds(time: UnixTime) -> u64 {
    u64::try_from(time.as_nanos().div_euclid(1_000_000_000) + 1).unwrap_or_default()
}

fn full(action: &str, capacity: usize) -> StoreError {
    StoreError::medium(action, format!("there is room for {capacity}"))
}
