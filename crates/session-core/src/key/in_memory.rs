//! The signing keys of `didkey` are session keys whose custodian is this process.

use super::{ExportableKey, SessionKey, SigningError};
use async_trait::async_trait;
use didkey::{DidKey, Ed25519SigningKey, P256SigningKey, Secp256k1SigningKey, Signature};
use zeroize::Zeroizing;

macro_rules! session_key {
    ($($key:ty),+) => {$(
        #[cfg_attr(not(target_family = "wasm"), async_trait)]
        #[cfg_attr(target_family = "wasm", async_trait(?Send))]
        impl SessionKey for $key {
            fn did(&self) -> &DidKey {
                self.did_key()
            }

            async fn sign(&self, message: &[u8]) -> Result<Signature, SigningError> {
                Ok(<$key>::sign(self, message))
            }
        }
    )+};
}

session_key!(Ed25519SigningKey, P256SigningKey, Secp256k1SigningKey);

impl ExportableKey for Ed25519SigningKey {
    fn export_seed(&self) -> Zeroizing<[u8; 32]> {
        self.to_seed()
    }
}
