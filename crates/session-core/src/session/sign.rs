//! Signing: JWS and DagJWS that carry the capability.

use super::DidSession;
use crate::error::Error;
use crate::event::EventKind;
use crate::key::SessionKey;
use crate::revoke::REVOCATION_TYPE;
use crate::server::PROOF_TYPE;
use dag_jws::{
    DagSigningInput, HeaderTemplate, Jws, ProtectedHeader, SignedDagJws, SigningInput,
    UnsignedDagJws, UnsignedJws,
};
use didkey::Signature;
use serde_json::Value;

impl<K: SessionKey + ?Sized> DidSession<K> {
    /// Signs an object: a JWS whose protected header names the capability by its CID.
    ///
    /// Members are sorted and numbers written as ECMAScript does, so that equal objects give
    /// equal bytes. Verifiers also need the capability itself: [`cacao`](Self::cacao).
    ///
    /// # Errors
    /// [`Error::Expired`] as soon as `exp` is past, [`Error::Jws`] for values that cannot be
    /// signed, [`Error::Signing`] when the key does not sign.
    pub async fn create_jws(&self, payload: &Value) -> Result<Jws, Error> {
        self.sign(UnsignedJws::object(payload)?).await
    }

    /// Signs a payload that was prepared by hand: bytes, a base64url text, own header members.
    ///
    /// # Errors
    /// As [`create_jws`](Self::create_jws); [`Error::InvalidOption`] for a `typ` that an
    /// application must not use, such as that of a [revocation](crate::revoke).
    pub async fn sign(&self, unsigned: UnsignedJws) -> Result<Jws, Error> {
        let input = self.prepare(unsigned)?;
        let signature = self.sign_bytes(input.as_bytes()).await?;
        Ok(input.finish(signature.as_bytes())?)
    }

    /// What the key has to sign, for callers that call the key themselves: the first half of
    /// [`sign`](Self::sign); [`finish`](Self::finish) is the second.
    ///
    /// # Errors
    /// As [`sign`](Self::sign), except those of the key.
    pub fn prepare(&self, unsigned: UnsignedJws) -> Result<SigningInput, Error> {
        let input = self.prepare_any_type(unsigned)?;
        check_type(input.header())?;
        Ok(input)
    }

    /// As [`prepare`](Self::prepare), of whatever type.
    pub(crate) fn prepare_any_type(&self, unsigned: UnsignedJws) -> Result<SigningInput, Error> {
        self.check_expiry()?;
        Ok(unsigned.prepare_with(self.header_template()?)?)
    }

    /// Takes the signature over what was [prepared](Self::prepare).
    ///
    /// # Errors
    /// [`Error::Expired`] if the session ended meanwhile, [`Error::Jws`] for a signature of a wrong
    /// length.
    pub fn finish(&self, input: SigningInput, signature: &[u8]) -> Result<Jws, Error> {
        self.signed()?;
        Ok(input.finish(signature)?)
    }

    /// As [`sign`](Self::sign), of whatever type.
    pub(crate) async fn sign_any_type(&self, unsigned: UnsignedJws) -> Result<Jws, Error> {
        let input = self.prepare_any_type(unsigned)?;
        let signature = self.sign_bytes(input.as_bytes()).await?;
        Ok(input.finish(signature.as_bytes())?)
    }

    /// Signs a value of the IPLD data model: a DagJWS over its link, with the value's block and
    /// the capability's block beside it.
    ///
    /// # Errors
    /// As [`create_jws`](Self::create_jws).
    pub async fn create_dag_jws(&self, unsigned: UnsignedDagJws) -> Result<SignedDagJws, Error> {
        let input = self.prepare_dag(unsigned)?;
        let signature = self.sign_bytes(input.as_bytes()).await?;
        Ok(input.finish(signature.as_bytes())?)
    }

    /// As [`prepare`](Self::prepare), for a DagJWS.
    ///
    /// # Errors
    /// As [`create_dag_jws`](Self::create_dag_jws), except those of the key.
    pub fn prepare_dag(&self, unsigned: UnsignedDagJws) -> Result<DagSigningInput, Error> {
        self.check_expiry()?;
        Ok(unsigned.prepare_with(self.header_template()?)?)
    }

    /// As [`finish`](Self::finish), for a DagJWS.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn finish_dag(
        &self,
        input: DagSigningInput,
        signature: &[u8],
    ) -> Result<SignedDagJws, Error> {
        self.signed()?;
        Ok(input.finish(signature)?)
    }

    /// What the key signs. It may take its time: what is ready after the session's end is not
    /// handed out.
    async fn sign_bytes(&self, message: &[u8]) -> Result<Signature, Error> {
        let signature = self.key.sign(message).await?;
        self.signed()?;
        Ok(signature)
    }

    /// For callers who take signatures from the [key](Self::key) themselves, after each of them:
    /// says whether it may be handed out, and tells that the key signed. Everything here does so.
    ///
    /// # Errors
    /// As [`check_expiry`](Self::check_expiry): the key may have taken its time.
    pub fn signed(&self) -> Result<(), Error> {
        self.check_expiry()?;
        let (issuer, profile) = (Some(self.issuer()), &self.profile);
        self.context
            .tell(EventKind::Signed, issuer, profile, Some(self.cacao()));
        Ok(())
    }

    /// Fails if the session has ended. Call it before the key signs. All methods here do so; this
    /// one is for callers that take signatures from the [key](Self::key) themselves, and that call
    /// [`signed`](Self::signed) afterwards.
    ///
    /// # Errors
    /// [`Error::Expired`] as soon as `exp` is past.
    pub fn check_expiry(&self) -> Result<(), Error> {
        match self.expires_at().filter(|_| self.is_expired()) {
            Some(exp) => Err(Error::Expired {
                at: exp.to_string(),
            }),
            None => Ok(()),
        }
    }

    fn header_template(&self) -> Result<&HeaderTemplate, Error> {
        if let Some(template) = self.header.get() {
            return Ok(template);
        }
        let template = HeaderTemplate::with_capability(self.key.did(), self.cacao())?;
        Ok(self.header.get_or_init(|| template))
    }
}

/// An application must not be made to sign what means something to servers.
fn check_type(header: &ProtectedHeader) -> Result<(), Error> {
    if is_reserved_type(header.member("typ")) {
        return Err(Error::InvalidOption {
            option: "typ",
            problem: "must not be that of a revocation statement or of a proof of a request"
                .to_owned(),
        });
    }
    Ok(())
}

/// Whether a header has a type that only statements and proofs of requests have, in any spelling of
/// a media type (RFC 7515, section 4.1.9).
fn is_reserved_type(typ: Option<&Value>) -> bool {
    let Some(Value::String(typ)) = typ else {
        return false;
    };
    let typ = typ.trim().to_ascii_lowercase();
    // parameters are no part of the type
    let typ = typ.split(';').next().unwrap_or_default().trim_end();
    let typ = typ.strip_prefix("application/").unwrap_or(typ);
    typ == REVOCATION_TYPE || typ == PROOF_TYPE
}
