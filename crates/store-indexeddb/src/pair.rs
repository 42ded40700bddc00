//! Do the two halves of a stored key pair belong together?
//!
//! They cannot be compared, since a private key of WebCrypto does not show its public half. So the
//! private key signs, and the public key verifies. Otherwise a record with somebody else's private
//! key would be handed out again and again, although nothing that it signs is ever accepted.
//!
//! A pair that belongs together is not checked again while the page lives, since that would cost a
//! signature each time a session is loaded. If somebody replaces the private key alone later on,
//! that is noticed when the page is loaded again.

use crate::algorithm::WebCryptoAlgorithm;
use crate::error::{IndexedDbError, RecordError};
use crate::js;
use js_sys::{Array, Object, Promise, Uint8Array};
use std::cell::RefCell;
use std::collections::VecDeque;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;

/// What is signed: no JWS, since those begin with a header in base64url.
const MESSAGE: &[u8] = b"{ is this a key pair? }";

/// The largest number of pairs that are remembered.
const MAX: usize = 16;

thread_local! {
    static WHOLE: RefCell<VecDeque<Vec<u8>>> = const { RefCell::new(VecDeque::new()) };
}

/// Checks that the private key is that of the public key, given as the bytes that `exportKey`
/// gives.
pub(crate) async fn check(
    private: &CryptoKey,
    public: &[u8],
    algorithm: WebCryptoAlgorithm,
) -> Result<(), RecordError> {
    if WHOLE.with_borrow(|known| known.iter().any(|known| known == public)) {
        return Ok(());
    }
    let browser = |value: JsValue| RecordError::Browser(IndexedDbError::thrown(&value));
    let subtle = js::subtle().ok_or_else(RecordError::no_web_crypto)?;
    let message = Uint8Array::from(MESSAGE);
    let rules = algorithm.for_signature();
    let signing = subtle.sign_with_object_and_buffer_source(&rules, private, &message);
    // the stored public key may not verify: the npm package gives it no usages
    let importing = subtle.import_key_with_object(
        "raw",
        &Uint8Array::from(public),
        &algorithm.for_key(),
        false,
        &Array::of1(&JsValue::from_str("verify")),
    );
    let both = [signing.map_err(browser)?, importing.map_err(browser)?];
    let both = Promise::all(&Array::from_iter(both.iter()));
    let done = JsFuture::from(both).await.map_err(browser)?;
    let done: Array = done.unchecked_into();
    let (signature, judge) = (done.get(0), done.get(1));
    let verifying = subtle.verify_with_object_and_buffer_source_and_buffer_source(
        &rules,
        judge.unchecked_ref(),
        signature.unchecked_ref::<Object>(),
        &message,
    );
    let verified = JsFuture::from(verifying.map_err(browser)?).await;
    if !verified.map_err(browser)?.is_truthy() {
        return Err(RecordError::NoPair);
    }
    WHOLE.with_borrow_mut(|known| {
        if known.len() == MAX {
            known.pop_front();
        }
        known.push_back(public.to_vec());
    });
    Ok(())
}
