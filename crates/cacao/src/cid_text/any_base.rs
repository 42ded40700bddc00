//! CIDs in another base than the one that they are written in here.

use cid::Cid;

/// A CID in any base that multibase knows. It stands apart, since it brings all of them along, and
/// is hardly ever reached.
#[inline(never)]
pub(super) fn read(text: &str) -> Option<Cid> {
    Cid::try_from(text).ok()
}
