//! The contracts of what a server keeps, in memory.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use cacao::UnixTime;
use store_memory::{MemoryCapabilities, MemoryChallenges, MemoryDevices, MemoryReplayWindow};

const BEGAN: UnixTime = UnixTime::from_secs(1_699_000_000);

store_testkit::replay_window_contract!(
    MemoryReplayWindow::new(BEGAN).unwrap(),
    small = MemoryReplayWindow::with_capacity(BEGAN, 1_000).unwrap(),
);
store_testkit::challenges_contract!(
    MemoryChallenges::new(),
    small = MemoryChallenges::with_capacity(100),
);
store_testkit::capabilities_contract!(MemoryCapabilities::new());
store_testkit::devices_contract!(
    MemoryDevices::new(),
    small = MemoryDevices::with_capacity(100),
);
