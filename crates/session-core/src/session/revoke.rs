//! Making revocation statements, for the servers with which a session was used.

use super::DidSession;
use crate::error::Error;
use crate::key::SessionKey;
use crate::revocations::is_identity;
use crate::revoke::{Claims, MAX_REVOCATION_LEN, MAX_REVOKED, MAX_TIME, REVOCATION_TYPE, Scope};
use cacao::UnixTime;
use cacao::car::cid_text;
use dag_jws::{Cid, SigningInput, UnsignedJws};

/// Revocation statements, to be sent to the servers that know the session.
impl<K: SessionKey + ?Sized> DidSession<K> {
    /// A statement that revokes this session. It needs no grant. A thief of the key can make this
    /// statement, too, but no other.
    ///
    /// # Errors
    /// As [`create_jws`](Self::create_jws).
    pub async fn revocation_of_itself(&self) -> Result<String, Error> {
        self.revocation_of([self.cacao().identity()]).await
    }

    /// A statement that revokes sessions of the same issuer and domain by their
    /// [identities](cacao::Cacao::identity). Unless that is only this session, servers require that
    /// this session grants [`REVOKE_RESOURCE`](crate::revoke::REVOKE_RESOURCE), and is at most some
    /// minutes old.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for none, for more than [`MAX_REVOKED`], and for what is not an
    /// identity; else as [`create_jws`](Self::create_jws).
    pub async fn revocation_of(
        &self,
        identities: impl IntoIterator<Item = Cid>,
    ) -> Result<String, Error> {
        let mut identities: Vec<_> = identities.into_iter().collect();
        identities.sort_by_cached_key(cid_text);
        identities.dedup();
        if identities.is_empty() || identities.len() > MAX_REVOKED {
            let problem = format!("must be 1 to {MAX_REVOKED}");
            return Err(invalid("identities", problem));
        }
        if !identities.iter().all(is_identity) {
            return Err(invalid(
                "identities",
                "must be CIDs of dag-cbor by sha2-256",
            ));
        }
        self.state(Scope::Identities(identities)).await
    }

    /// A statement that revokes every session that the issuer signed for this domain at this time
    /// or earlier, rounded down to whole seconds. Servers require that this session grants
    /// [`REVOKE_RESOURCE`](crate::revoke::REVOKE_RESOURCE), and is at most some minutes old.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a time in the future; else as
    /// [`create_jws`](Self::create_jws).
    pub async fn revocation_of_all(&self, before: UnixTime) -> Result<String, Error> {
        let now = self.context().now();
        if before > now {
            return Err(invalid("before", "must not be in the future"));
        }
        self.state(Scope::AllBefore(seconds(before)?)).await
    }

    /// What the key has to sign for [`revocation_of_itself`](Self::revocation_of_itself), for
    /// callers that call the key themselves; [`finish`](Self::finish) takes the signature.
    ///
    /// # Errors
    /// As [`revocation_of_itself`](Self::revocation_of_itself), except those of the key.
    pub fn prepare_revocation_of_itself(&self) -> Result<SigningInput, Error> {
        let itself = Scope::Identities(vec![self.cacao().identity()]);
        self.prepare_any_type(self.unsigned_statement(itself)?)
    }

    async fn state(&self, scope: Scope) -> Result<String, Error> {
        let unsigned = self.unsigned_statement(scope)?;
        let text = self.sign_any_type(unsigned).await?.to_compact();
        if text.len() > MAX_REVOCATION_LEN {
            let problem = format!("makes a statement of more than {MAX_REVOCATION_LEN} bytes");
            return Err(invalid("domain", problem));
        }
        Ok(text)
    }

    fn unsigned_statement(&self, scope: Scope) -> Result<UnsignedJws, Error> {
        let claims = Claims {
            issuer: self.issuer().normalized(),
            domain: self.cacao().payload().domain().to_owned(),
            iat: seconds(self.context().now())?,
            scope,
        };
        Ok(UnsignedJws::bytes(claims.to_payload().as_bytes())?
            .with_header_member("typ", REVOCATION_TYPE))
    }
}

fn seconds(time: UnixTime) -> Result<u64, Error> {
    u64::try_from(time.as_secs())
        .ok()
        .filter(|seconds| *seconds <= MAX_TIME)
        .ok_or_else(|| invalid("time", "must be between 1970 and 9999"))
}

fn invalid(option: &'static str, problem: impl Into<String>) -> Error {
    Error::InvalidOption {
        option,
        problem: problem.into(),
    }
}
