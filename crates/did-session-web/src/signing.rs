//! What a session key signs, between its two halves: prepared, and signed.

use dag_jws::{DagSigningInput, SignedDagJws, SigningInput};
use wasm_bindgen::prelude::*;

/// A JWS that waits for its signature.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Signing(pub(crate) Input);

#[derive(Debug)]
pub(crate) enum Input {
    UnderCapability(SigningInput),
    AsKey(SigningInput),
    Proof(String),
}

impl Signing {
    pub(crate) const fn under_capability(input: SigningInput) -> Self {
        Self(Input::UnderCapability(input))
    }

    pub(crate) const fn as_key(input: SigningInput) -> Self {
        Self(Input::AsKey(input))
    }

    pub(crate) const fn proof(input: String) -> Self {
        Self(Input::Proof(input))
    }
}

#[wasm_bindgen]
impl Signing {
    /// What is to be signed.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        match &self.0 {
            Input::UnderCapability(input) | Input::AsKey(input) => input.as_bytes().to_vec(),
            Input::Proof(input) => input.as_bytes().to_vec(),
        }
    }
}

/// A DagJWS that waits for its signature.
#[wasm_bindgen]
#[derive(Debug)]
pub struct DagSigning {
    input: Option<DagSigningInput>,
    link: Vec<u8>,
    linked_block: Vec<u8>,
    cacao_block: Vec<u8>,
}

impl DagSigning {
    pub(crate) const fn new(input: DagSigningInput) -> Self {
        Self {
            input: Some(input),
            link: Vec::new(),
            linked_block: Vec::new(),
            cacao_block: Vec::new(),
        }
    }

    pub(crate) const fn take(&mut self) -> Option<DagSigningInput> {
        self.input.take()
    }

    /// Takes the blocks; returns the compact JWS.
    pub(crate) fn signed(&mut self, signed: SignedDagJws) -> String {
        let (signed, linked_block, cacao_block) = signed.into_parts();
        self.link = signed.link().to_bytes();
        self.linked_block = linked_block;
        self.cacao_block = cacao_block.unwrap_or_default();
        signed.jws().as_compact().to_owned()
    }
}

#[wasm_bindgen]
impl DagSigning {
    /// What is to be signed.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let input = self.input.as_ref();
        input.map_or_else(Vec::new, |input| input.as_bytes().to_vec())
    }

    /// The CID of the payload, as bytes.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn link(&self) -> Vec<u8> {
        self.link.clone()
    }

    /// The block of the payload.
    #[wasm_bindgen(getter, js_name = linkedBlock)]
    #[must_use]
    pub fn linked_block(&self) -> Vec<u8> {
        self.linked_block.clone()
    }

    /// The block of the capability.
    #[wasm_bindgen(getter, js_name = cacaoBlock)]
    #[must_use]
    pub fn cacao_block(&self) -> Vec<u8> {
        self.cacao_block.clone()
    }
}
