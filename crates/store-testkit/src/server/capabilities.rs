//! The contract of [`Capabilities`]. Anything may be forgotten at any time; nothing may be mixed up.

use super::{CALLERS, at};
use crate::runtime::together;
use dag_jws::Cid;
use session_core::server::Capabilities;

/// A block of its own for each number, and its CID.
fn block(n: usize) -> (Cid, Vec<u8>) {
    let block = n.to_le_bytes().repeat(60 + n % 40);
    (cacao::car::dag_cbor_cid(&block), block)
}

async fn put<C: Capabilities>(capabilities: &C, n: usize) {
    let (cid, block) = block(n);
    let put = capabilities.put(&cid, &block, at(3_600)).await;
    put.expect("capabilities that can be written");
}

/// The block, which is the one that was kept if it is there at all.
async fn is_there<C: Capabilities>(capabilities: &C, n: usize) -> bool {
    let (cid, block) = block(n);
    let found = capabilities.get(&cid).await;
    let found = found.expect("capabilities that can be read");
    if let Some(found) = &found {
        assert_eq!(**found, *block, "another block than that of the CID");
    }
    found.is_some()
}

/// 1. What was kept comes back byte for byte, by its CID and no other; clones share it.
///
/// # Panics
/// When that does not hold.
pub async fn capabilities_1_what_was_kept_comes_back<C: Capabilities + Clone>(capabilities: C) {
    assert!(!is_there(&capabilities, 0).await);
    let other = capabilities.clone();
    put(&capabilities, 0).await;
    put(&capabilities, 0).await;
    assert!(is_there(&other, 0).await);
    assert!(!is_there(&other, 1).await);
    put(&other, 1).await;
    assert!(is_there(&capabilities, 0).await && is_there(&capabilities, 1).await);
}

/// Of many callers each gets its own block or none.
///
/// # Panics
/// When that does not hold.
pub async fn capabilities_2_nothing_is_mixed_up<C>(capabilities: C)
where
    C: Capabilities + Clone + 'static,
{
    let callers = (0..CALLERS).map(|caller| {
        let capabilities = capabilities.clone();
        async move {
            for n in 0..100 {
                put(&capabilities, n * (1 + caller % 3)).await;
                is_there(&capabilities, n).await;
            }
        }
    });
    together(callers).await;
}

/// A flood of capabilities is no error, and the one that was kept last is there.
///
/// # Panics
/// When that does not hold.
pub async fn capabilities_3_a_flood_refuses_nobody<C: Capabilities>(capabilities: C) {
    for n in 0..3_000 {
        put(&capabilities, n).await;
    }
    put(&capabilities, 7_000).await;
    assert!(is_there(&capabilities, 7_000).await);
}
