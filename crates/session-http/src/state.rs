//! What a server keeps, in one place.

use session_core::Revocations;
use session_core::server::{Capabilities, Challenges, Devices, ReplayWindow};
use std::fmt;
use std::sync::Arc;

/// What a server keeps between requests. Processes of one authority share it.
#[derive(Clone)]
pub struct State {
    pub(crate) replay: Arc<dyn ReplayWindow>,
    pub(crate) challenges: Arc<dyn Challenges>,
    pub(crate) capabilities: Arc<dyn Capabilities>,
    pub(crate) devices: Arc<dyn Devices>,
    pub(crate) revocations: Arc<dyn Revocations>,
}

impl State {
    /// A state of these parts.
    pub fn new(
        replay: impl ReplayWindow + 'static,
        challenges: impl Challenges + 'static,
        capabilities: impl Capabilities + 'static,
        devices: impl Devices + 'static,
        revocations: impl Revocations + 'static,
    ) -> Self {
        Self {
            replay: Arc::new(replay),
            challenges: Arc::new(challenges),
            capabilities: Arc::new(capabilities),
            devices: Arc::new(devices),
            revocations: Arc::new(revocations),
        }
    }

    /// A state in the memory of this process, which begins now. After a restart, clients register
    /// their capabilities again by themselves, so that users need not log in again. But revocations
    /// are forgotten, so a server that may restart should keep [`Revocations`] elsewhere.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    #[cfg(feature = "memory")]
    pub fn in_memory(now: cacao::UnixTime) -> Result<Self, session_core::StoreError> {
        Ok(Self::new(
            store_memory::MemoryReplayWindow::new(now)?,
            store_memory::MemoryChallenges::new(),
            store_memory::MemoryCapabilities::new(),
            store_memory::MemoryDevices::new(),
            store_memory::MemoryRevocations::new(),
        ))
    }

    /// Keeps revocations here instead.
    #[must_use]
    pub fn with_revocations(mut self, revocations: impl Revocations + 'static) -> Self {
        self.revocations = Arc::new(revocations);
        self
    }

    /// Keeps used proofs here instead.
    #[must_use]
    pub fn with_replay_window(mut self, replay: impl ReplayWindow + 'static) -> Self {
        self.replay = Arc::new(replay);
        self
    }

    /// Keeps used challenges here instead.
    #[must_use]
    pub fn with_challenges(mut self, challenges: impl Challenges + 'static) -> Self {
        self.challenges = Arc::new(challenges);
        self
    }

    /// Keeps registered capabilities here instead.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: impl Capabilities + 'static) -> Self {
        self.capabilities = Arc::new(capabilities);
        self
    }

    /// Keeps devices here instead.
    #[must_use]
    pub fn with_devices(mut self, devices: impl Devices + 'static) -> Self {
        self.devices = Arc::new(devices);
        self
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}
