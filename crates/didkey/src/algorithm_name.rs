//! Algorithms by their JOSE names.

use core::str::FromStr;

use crate::{Algorithm, Error};

impl Algorithm {
    /// The algorithm of a JOSE name. Names match exactly, letter case included.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownAlgorithm`] for every other name.
    pub fn from_name(name: &str) -> Result<Self, Error> {
        match name {
            "EdDSA" => Ok(Self::EdDsa),
            "ES256" => Ok(Self::Es256),
            "ES256K" => Ok(Self::Es256k),
            "ES384" => Ok(Self::Es384),
            "ES512" => Ok(Self::Es512),
            _ => Err(Error::UnknownAlgorithm),
        }
    }
}

impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::from_name(name)
    }
}
