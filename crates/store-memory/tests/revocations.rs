//! The contract of `Revocations`, in memory.

use store_memory::MemoryRevocations;

store_testkit::revocations_contract!(MemoryRevocations::new());
