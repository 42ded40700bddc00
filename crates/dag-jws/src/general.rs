//! A JWS with several signatures: the caller picks the one that is judged.

use crate::error::Error;
use crate::forms::{JsonForm, SignatureForm, read_object};
use crate::header::ProtectedHeader;
use crate::jws::Jws;
use core::str::FromStr;

/// A JWS in a JSON form (RFC 7515, section 7.2), with any number of signatures over one payload.
///
/// It is not judged as a whole: "one of them is valid" says nothing about who signed. The caller
/// picks a signature, by [its position](Self::signature) or by [the key](Self::signature_of) that
/// made it, and judges the [`Jws`] with that signature. Faults of the other signatures do not
/// matter.
///
/// ```
/// # let one = didkey::Ed25519SigningKey::from_seed(&[7; 32]);
/// # let key = didkey::Ed25519SigningKey::from_seed(&[8; 32]);
/// # let sign = |key: &didkey::Ed25519SigningKey| {
/// #     let input = dag_jws::UnsignedJws::bytes(b"payload")?.prepare(key.did_key())?;
/// #     let signature = key.sign(input.as_bytes());
/// #     input.finish(signature.as_ref())
/// # };
/// # let entry = |jws: dag_jws::Jws| serde_json::to_value(jws).unwrap()["signatures"][0].clone();
/// # let (first, second) = (sign(&one)?, sign(&key)?);
/// # let text = serde_json::json!({
/// #     "payload": "cGF5bG9hZA", "signatures": [entry(first), entry(second)],
/// # }).to_string();
/// use cacao::{Requirement, UnixTime};
/// use dag_jws::{GeneralJws, Jws, Verification};
///
/// let general = GeneralJws::parse(&text)?;
/// assert_eq!(general.signature_count(), 2);
/// let jws = general.signature_of(&key.did_key().key_id())?;
/// let at = UnixTime::from_secs(0);
/// let verified = jws.verify(&Verification::new(at, Requirement::any_domain()))?;
/// assert_eq!(verified.key(), key.did_key());
/// // whoever does not pick is told so
/// assert_eq!(Jws::parse(&text).unwrap_err().code(), "malformed_jws");
/// # Ok::<_, dag_jws::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GeneralJws {
    form: JsonForm,
}

impl GeneralJws {
    /// Reads a JWS in the general or the flattened JSON form. Its signatures are read when they
    /// are picked.
    ///
    /// # Errors
    /// [`Error::Form`], [`Error::Json`] or [`Error::TooLarge`] when it cannot be read.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let form = JsonForm::take(&mut read_object(text)?)?;
        Ok(Self { form })
    }

    /// How many signatures it has; there may be none.
    #[must_use]
    pub const fn signature_count(&self) -> usize {
        self.form.signatures.len()
    }

    /// The JWS with the signature at this position, counted from 0.
    ///
    /// # Errors
    /// [`Error::SignatureMissing`] when there is none; as [`Jws::parse`] when it cannot be read.
    pub fn signature(&self, index: usize) -> Result<Jws, Error> {
        let signature = self.form.signatures.get(index);
        self.jws(signature.ok_or(Error::SignatureMissing)?)
    }

    /// The JWS with the signature whose protected header names this key: `kid`, compared exactly.
    /// Signatures whose protected header cannot be read are skipped.
    ///
    /// # Errors
    /// [`Error::SignatureMissing`] when there is none, [`Error::SignatureAmbiguous`] when there
    /// are several; as [`Jws::parse`] when it cannot be read.
    pub fn signature_of(&self, key_id: &str) -> Result<Jws, Error> {
        let is_of_key = |signature: &&SignatureForm| {
            let header = signature
                .protected()
                .and_then(ProtectedHeader::from_base64url);
            header.is_ok_and(|header| header.key_id() == key_id)
        };
        let mut found = self.form.signatures.iter().filter(is_of_key);
        let only = found.next().ok_or(Error::SignatureMissing)?;
        if found.next().is_some() {
            return Err(Error::SignatureAmbiguous);
        }
        self.jws(only)
    }

    fn jws(&self, signature: &SignatureForm) -> Result<Jws, Error> {
        Jws::from_form(&self.form.payload, signature)
    }
}

impl FromStr for GeneralJws {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}
