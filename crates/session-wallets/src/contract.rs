//! Ethereum accounts that are contracts, as issuers: their owner signs for them.

use crate::shared::text_of;
use crate::{Scheme, Signer};
use cacao::contract::is_wrapped;
use cacao::eip191::{self, Eip191};
use cacao::{Cacao, HeaderType, Payload, Provers, Signature, SignatureKind, SignatureValue};
use session_core::AuthError;

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
    const NAMESPACE: &'static str = "eip155";
    const HEADER: HeaderType = HeaderType::Eip4361;

    fn message(&self, payload: &Payload) -> Result<String, AuthError> {
        text_of(payload)
    }

    fn signature(&self, answer: Vec<u8>) -> Result<Signature, AuthError> {
        let kind = if is_wrapped(&answer) {
            SignatureKind::EIP6492
        } else {
            SignatureKind::EIP1271
        };
        let hex = format!("0x{}", data_encoding::HEXLOWER.encode(&answer));
        Signature::new(kind, SignatureValue::Text(hex.into()), None).map_err(AuthError::failed)
    }
}

/// An Ethereum account that is a key's or a contract's, whichever it is: see [`AnyAccount`].
pub type AnyAccountAuth<F> = Signer<AnyAccount, F>;

/// Ethereum accounts that may be a key or a contract: the closure gets the text and answers with
/// bytes of any length.
///
/// 65 bytes from which the account's own address is recovered are an `eip191` signature, and so are
/// the 64 bytes that say the same (EIP-2098), which are written out in full; anything else is for
/// the account's contract, as [`Contract`] has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnyAccount;

impl Scheme for AnyAccount {
    type Message = String;
    type Answer = Vec<u8>;
    const NAMESPACE: &'static str = Contract::NAMESPACE;
    const HEADER: HeaderType = Contract::HEADER;

    fn message(&self, payload: &Payload) -> Result<String, AuthError> {
        Contract.message(payload)
    }

    fn signature(&self, answer: Vec<u8>) -> Result<Signature, AuthError> {
        Contract.signature(answer)
    }

    fn signed(&self, payload: Payload, answer: Vec<u8>) -> Result<Cacao, AuthError> {
        if let Some(bytes) = eip191::in_full(&answer) {
            let signature = Some(Signature::eip191(&bytes));
            let capability = Cacao::new(Self::HEADER, payload.clone(), signature);
            let keys = Provers::none().with(Eip191).map_err(AuthError::failed)?;
            if keys.prove(&capability).is_ok() {
                return Ok(capability);
            }
        }
        Contract.signed(payload, answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cacao::MAX_SIGNATURE_LEN;

    fn signed(answer: &[u8]) -> Signature {
        Contract.signature(answer.to_vec()).unwrap()
    }

    /// The suffix as ERC-6492 writes it.
    const SUFFIX_HEX: &str = "6492649264926492649264926492649264926492649264926492649264926492";

    #[test]
    fn the_suffix_of_erc_6492_decides_the_kind() {
        let suffix = data_encoding::HEXLOWER
            .decode(SUFFIX_HEX.as_bytes())
            .unwrap();
        for wrapped in [suffix.clone(), [&[1, 2, 3], &suffix[..]].concat()] {
            assert_eq!(*signed(&wrapped).kind(), SignatureKind::EIP6492);
        }
        let more = [&suffix[..], &[0]].concat();
        for plain in [&[][..], &[0xab; 65], &suffix[1..], &suffix[..31], &more] {
            assert_eq!(*signed(plain).kind(), SignatureKind::EIP1271, "{plain:?}");
        }
    }

    #[test]
    fn bytes_of_any_length_are_0x_and_hex() {
        for (answer, text) in [(&[][..], "0x"), (&[0xab, 0x01], "0xab01")] {
            assert_eq!(*signed(answer).value(), SignatureValue::Text(text.into()));
        }
        let longest = (MAX_SIGNATURE_LEN - 2) / 2;
        assert!(Contract.signature(vec![1; longest]).is_ok());
        assert!(Contract.signature(vec![1; longest + 1]).is_err());
    }

    #[test]
    fn whether_a_key_or_a_contract_signed_shows_in_the_signature() {
        let wallet = crate::EthereumWallet::from_secret(&[7; 32], &"eip155:1".parse().unwrap());
        let wallet = wallet.unwrap();
        let payload = |account: &str| {
            Payload::builder(
                "app.example",
                account.parse().unwrap(),
                "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
                "HPiCXGTXHI",
                "2023-04-06T16:15:19.058Z".parse().unwrap(),
            )
            .build()
            .unwrap()
        };
        let kind = |payload: &Payload, answer: Vec<u8>| {
            let signed = AnyAccount.signed(payload.clone(), answer).unwrap();
            signed.signature().unwrap().kind().clone()
        };
        let own = payload(&wallet.account().unwrap().to_string());
        let text = AnyAccount.message(&own).unwrap();
        let signature = wallet.personal_sign(text.as_bytes()).to_vec();
        assert_eq!(kind(&own, signature.clone()), SignatureKind::EIP191);
        // the same in 64 bytes is written as the peer writes it
        let mut compact = signature[..64].to_vec();
        compact[32] |= (signature[64] - 27) << 7;
        let in_full = AnyAccount.signed(own.clone(), compact.clone()).unwrap();
        let again = AnyAccount.signed(own.clone(), signature.clone()).unwrap();
        assert_eq!(in_full.signature(), again.signature());
        // the owner's signature for a contract, with the contract's address
        let contract = payload("eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44");
        assert_eq!(kind(&contract, signature.clone()), SignatureKind::EIP1271);
        assert_eq!(kind(&contract, compact), SignatureKind::EIP1271);
        let longer = [&signature[..], &[0]].concat();
        assert_eq!(kind(&own, longer), SignatureKind::EIP1271);
    }
}
