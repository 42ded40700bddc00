//! What a server keeps between requests, as traits: stores implement them without knowing of HTTP.
//!
//! Besides [`Revocations`](crate::Revocations), a server for sessions needs to know which proofs
//! were used ([`ReplayWindow`]), which login challenges were used up ([`Challenges`]), the
//! capabilities that clients registered ([`Capabilities`]) and which sessions an issuer has
//! ([`Devices`]). Several processes of one authority share them, or each request is sent to the
//! same process.
//!
//! Implementations have no clock: the caller says what time it is. If something cannot be read or
//! written, the result is an error, never a yes, so that a server that has lost its store refuses.

mod capabilities;
mod challenges;
mod devices;
mod replay;

pub use capabilities::Capabilities;
pub use challenges::{ChallengeId, Challenges, Consumed};
pub use devices::{Device, Devices};
pub use replay::{ProofId, Remembered, ReplayMemory, ReplayWindow};

/// `typ` of the proof that a session makes for one HTTP request.
pub const PROOF_TYPE: &str = "did-session-proof+jwt";

macro_rules! forward {
    ($trait:ident { $(fn $name:ident(&self $(, $arg:ident: $type:ty)*) -> $out:ty;)* }
     $(sync { fn $sync:ident(&self) -> $sync_out:ty; })?) => {
        forward!(@one Arc, $trait { $(fn $name(&self $(, $arg: $type)*) -> $out;)* }
            $(sync { fn $sync(&self) -> $sync_out; })?);
        forward!(@one Box, $trait { $(fn $name(&self $(, $arg: $type)*) -> $out;)* }
            $(sync { fn $sync(&self) -> $sync_out; })?);
    };
    (@one $pointer:ident, $trait:ident { $(fn $name:ident(&self $(, $arg:ident: $type:ty)*) -> $out:ty;)* }
     $(sync { fn $sync:ident(&self) -> $sync_out:ty; })?) => {
        #[cfg_attr(not(target_family = "wasm"), async_trait)]
        #[cfg_attr(target_family = "wasm", async_trait(?Send))]
        impl<T: $trait + ?Sized> $trait for $pointer<T> {
            $(async fn $name(&self $(, $arg: $type)*) -> $out {
                (**self).$name($($arg),*).await
            })*
            $(fn $sync(&self) -> $sync_out {
                (**self).$sync()
            })?
        }
    };
}
use forward;
