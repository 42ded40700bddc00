//! What a server keeps between requests.

mod capabilities;
mod challenges;
mod devices;
mod replay;
mod sweep;

pub use capabilities::PostgresCapabilities;
pub use challenges::PostgresChallenges;
pub use devices::PostgresDevices;
pub use replay::PostgresReplayWindow;
pub use sweep::Swept;
