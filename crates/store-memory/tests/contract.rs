//! The memory store keeps the contract, with keys of each kind.
#![cfg(not(target_family = "wasm"))]

mod ed25519 {
    use store_memory::MemoryStore;

    store_testkit::store_contract!(
        MemoryStore::default(),
        never = [corrupt, foreign_key, lossy, another, crash]
    );
}

store_testkit::sealable_contract!(store_memory::MemoryStore::default());

mod p256 {
    use didkey::P256SigningKey;
    use session_core::StoreError;
    use store_memory::MemoryStore;

    fn generate() -> Result<P256SigningKey, StoreError> {
        P256SigningKey::generate().map_err(|error| StoreError::Key {
            reason: error.to_string(),
        })
    }

    store_testkit::store_contract!(
        MemoryStore::with_keys(generate),
        never = [corrupt, foreign_key, lossy, another, crash]
    );
}

mod behind_a_pointer {
    use didkey::Ed25519SigningKey;
    use session_core::SessionStore;
    use std::sync::Arc;
    use store_memory::MemoryStore;

    type AnyStore = Arc<dyn SessionStore<Key = Ed25519SigningKey>>;

    fn open() -> AnyStore {
        Arc::new(MemoryStore::default())
    }

    store_testkit::store_contract!(
        open(),
        never = [corrupt, foreign_key, lossy, another, crash]
    );
}
