//! The right to ask the wallet, while it is held.

use async_trait::async_trait;
use cacao::{MaybeSend, MaybeSync};

/// The right to ask the wallet for one slot, held while the prompt is open (the prompt lock).
/// Dropping it gives back the right, as far as that is possible without waiting.
///
/// A lock that its holder cannot lose need not implement anything, or can be an [`AlwaysHeld`]; a
/// lease, which runs out, must answer truly.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait PromptLockGuard: MaybeSend + MaybeSync {
    /// Whether the right is still held. Once this is `false`, the right is lost; before that nobody
    /// else has it.
    fn is_held(&self) -> bool;

    /// Keeps the right for as long as this is awaited, and ends when the right is lost. The flow
    /// awaits it beside everything that it does while it holds the right.
    async fn keep(&self) {
        std::future::pending::<()>().await;
    }

    /// Gives the right back, and waits for a moment until that is done. Dropping is enough for a
    /// right that can be given back without waiting.
    async fn release(&self) {}
}

/// A lock that nobody can take from its holder: held until it is dropped.
#[derive(Debug)]
pub struct AlwaysHeld<T>(
    /// What gives the right back when it is dropped, a lock's guard for example.
    pub T,
);

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<T: MaybeSend + MaybeSync> PromptLockGuard for AlwaysHeld<T> {
    fn is_held(&self) -> bool {
        true
    }
}
