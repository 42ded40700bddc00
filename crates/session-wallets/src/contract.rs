//! Ethereum accounts that are contracts, as issuers: somebody signs for them.

use crate::account::{check_namespace, text_of};
use crate::{Scheme, Signer};
use cacao::{HeaderType, Issuer, Payload, Signature, SignatureKind, SignatureValue};
use session_core::AuthError;

/// What a wrapped signature ends in (ERC-6492).
const WRAPPED: [u8; 2] = [0x64, 0x92];
const WRAPPED_TIMES: usize = 16;

/// A contract wallet of an Ethereum chain whose signer is a closure: it gets the text of
/// `personal_sign` (EIP-191) and answers with the bytes that the contract accepts, of any length.
///
/// Bytes that end in the suffix of ERC-6492 say how the contract is deployed: the signature is of
/// kind `eip6492`. All others are of kind `eip1271`. Whether the contract accepts them, its chain
/// must be asked, see [`cacao::contract`].
///
/// ```
/// use session_core::AuthError;
/// use session_wallets::ContractAuth;
///
/// # fn owner_signs(text: &[u8]) -> Result<Vec<u8>, std::io::Error> { Ok(vec![0; 65]) }
/// let account = "eip155:1:0x4e59b44847b379578588920ca78fbf26c0b4956c".parse()?;
/// let auth = ContractAuth::new(&account, |text: String| async move {
///     owner_signs(text.as_bytes()).map_err(AuthError::failed)
/// })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub type ContractAuth<F> = Signer<Contract, F>;

/// The scheme of contracts of the namespace `eip155`: what they accept (ERC-1271, ERC-6492) for
/// the text of EIP-4361.
#[derive(Clone, Copy, Debug, Default)]
pub struct Contract;

impl Scheme for Contract {
    type Message = String;
    type Answer = Vec<u8>;
    const HEADER: HeaderType = HeaderType::Eip4361;

    fn check(&self, issuer: &Issuer) -> Result<(), AuthError> {
        check_namespace(issuer, "eip155")
    }

    fn message(&self, payload: &Payload) -> Result<String, AuthError> {
        text_of(payload)
    }

    fn signature(&self, answer: Vec<u8>) -> Result<Signature, AuthError> {
        let kind = if answer.ends_with(&WRAPPED.repeat(WRAPPED_TIMES)) {
            SignatureKind::EIP6492
        } else {
            SignatureKind::EIP1271
        };
        let hex = format!("0x{}", data_encoding::HEXLOWER.encode(&answer));
        Signature::new(kind, SignatureValue::Text(hex.into()), None).map_err(AuthError::failed)
    }
}
