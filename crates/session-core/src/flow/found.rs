//! From what a flow found to a session, for callers who drive the machine themselves.

use super::Found;
use crate::context::Context;
use crate::error::Error;
use crate::key::SessionKey;
use crate::session::DidSession;
use crate::store::Profile;
use std::sync::Arc;

impl Found {
    /// The session that was found. Its key is the one that was loaded or made, as
    /// [`origin`](Self::origin) says.
    ///
    /// # Errors
    /// [`Error::KeyMismatch`] for a key that is not the audience of the capability.
    pub fn into_session<K: SessionKey>(
        self,
        key: impl Into<Arc<K>>,
        profile: Profile,
        context: &Context,
    ) -> Result<DidSession<K>, Error> {
        let key = key.into();
        if key.did().as_str() != self.verified.payload().audience() {
            return Err(Error::key_mismatch(key.did(), self.verified.cacao()));
        }
        Ok(DidSession::from_parts(self.verified, key, profile, context))
    }
}
