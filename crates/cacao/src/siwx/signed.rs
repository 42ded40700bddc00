//! A sign-in text and its signature, as most sites keep them.

use super::network::namespace_of_form;
use super::parse::is_said_once;
use super::{Dialect, NetworkName, Reading, Writer, read};
use crate::caip::{AccountId, EIP155, Issuer};
use crate::error::{Error, Field, Problem, TextWarning};
use crate::model::{
    Cacao, HeaderType, Payload, Shown, Signature, SignatureKind, SignatureValue, is_wrapped,
    split_scheme,
};
use alloc::vec::Vec;
use core::fmt;
use didkey::DidUrl;

/// A text that a wallet showed, and perhaps the signature under it: EIP-4361, and CAIP-122 of each
/// chain that is known here. Nothing about it is proven until [`verify`](Self::verify) says so.
///
/// It is proven and judged like a capability: by the same provers, by the same policy and
/// requirement, for the same reasons in the same order. The signature must be under this very
/// text; no other is tried. Cheap to clone.
///
/// ```
/// use cacao::{Error, Policy, Provers, Requirement, SignedText, UnixTime};
///
/// fn login(
///     message: &str,
///     signature: &str,
///     nonce: &str,
///     provers: &Provers,
///     now: UnixTime,
/// ) -> Result<String, Error> {
///     let signed = SignedText::parse(message)?.with_signature_text(signature)?;
///     let requirement = Requirement::for_domain("app.example").with_nonce(nonce);
///     let verified = signed.verify(provers, &Policy::default(), &requirement, now)?;
///     Ok(verified.issuer().did())
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SignedText(Cacao);

impl SignedText {
    /// Reads a text, without a signature yet. It reads strictly: lines end in LF, except the last
    /// one, which has no line end; every field appears once, in its place, without spaces around
    /// it; there is nothing else. The first line, the address and the chain must agree about the
    /// network.
    ///
    /// ```
    /// let text = "https://app.example wants you to sign in with your Polygon account:\n\
    ///             0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44\n\n\
    ///             URI: https://app.example/login\nVersion: 1\nChain ID: eip155:137\n\
    ///             Nonce: HPiCXGTXHI\nIssued At: 2023-04-06T16:15:19.058Z";
    /// # #[cfg(feature = "ethereum")]
    /// # {
    /// let signed = cacao::SignedText::parse(text)?;
    /// assert_eq!(signed.scheme(), Some("https"));
    /// assert_eq!(signed.domain(), "app.example");
    /// assert_eq!(signed.network(), "Polygon");
    /// assert_eq!(signed.payload().audience(), "https://app.example/login");
    /// # }
    /// # Ok::<_, cacao::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Text`] that names the line where the text leaves the grammar, [`Error::Field`] when
    /// a value is not allowed, [`Error::TooLarge`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let Reading {
            payload,
            dialect,
            network,
        } = read(text)?;
        check(&payload)?;
        let header = match payload.issuer().namespace() {
            EIP155 => HeaderType::Eip4361,
            _ => HeaderType::Caip122,
        };
        let shown = Shown {
            text: text.into(),
            dialect,
            network: network.into(),
        };
        Ok(Self(Cacao::of_text((header, payload, None), shown)))
    }

    /// The text from which a verified capability was read, if it was read from one.
    pub(crate) fn of(cacao: &Cacao) -> Option<Self> {
        cacao.shown().map(|_| Self(cacao.clone()))
    }

    /// Puts a signature under it, in place of any that is there.
    #[must_use]
    pub fn with_signature(self, signature: Signature) -> Self {
        let Some(shown) = self.0.shown().cloned() else {
            return self;
        };
        let payload = self.0.payload().clone();
        Self(Cacao::of_text(
            (self.0.header(), payload, Some(signature)),
            shown,
        ))
    }

    /// Puts a signature under it, as wallets print it. Its kind follows from the account: for
    /// Ethereum accounts hex, with `0x` in front (64 or 65 bytes are `eip191`, a wrapper of ERC-6492
    /// is `eip6492`, anything else `eip1271`), for Solana base58btc, for Tezos the signature and the
    /// public key one after the other, for Stacks hex.
    ///
    /// # Errors
    /// [`Error::Field`] when it is longer than [`MAX_SIGNATURE_LEN`](crate::MAX_SIGNATURE_LEN);
    /// [`Error::MalformedSignature`] if that of an Ethereum account is not hex; [`Error::NoText`]
    /// if no kind is known for the account.
    pub fn with_signature_text(self, text: &str) -> Result<Self, Error> {
        let kind = self.kind_of(text)?;
        let signature = Signature::new(kind, SignatureValue::Text(text.into()), None)?;
        Ok(self.with_signature(signature))
    }

    fn kind_of(&self, signature: &str) -> Result<SignatureKind, Error> {
        let issuer = self.payload().issuer();
        let address = issuer.account().map(AccountId::address);
        let hex = signature.strip_prefix("0x").unwrap_or(signature);
        if issuer.namespace() == EIP155 {
            check_hex(signature, hex)?;
        }
        match (issuer.namespace(), address.unwrap_or_default()) {
            (EIP155, _) if hex.len() == 128 || hex.len() == 130 => Ok(SignatureKind::EIP191),
            (EIP155, _) if is_wrapped_in_hex(hex) => Ok(SignatureKind::EIP6492),
            (EIP155, _) => Ok(SignatureKind::EIP1271),
            ("solana", _) => Ok(SignatureKind::SOLANA_ED25519),
            ("stacks", _) => Ok(SignatureKind::STACKS_SECP256K1),
            ("tezos", address) if address.starts_with("tz1") => Ok(SignatureKind::TEZOS_ED25519),
            ("tezos", address) if address.starts_with("tz2") => Ok(SignatureKind::TEZOS_SECP256K1),
            ("tezos", address) if address.starts_with("tz3") => Ok(SignatureKind::TEZOS_P256),
            (namespace, _) => Err(Error::NoText {
                namespace: namespace.into(),
            }),
        }
    }

    /// What it is proven and judged as.
    pub(crate) const fn as_cacao(&self) -> &Cacao {
        &self.0
    }

    /// The text, unchanged.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.shown().map_or("", |shown| &shown.text)
    }

    /// The payload that it says: everything except the [`network`](Self::network).
    #[must_use]
    pub fn payload(&self) -> &Payload {
        self.0.payload()
    }

    /// Whose account it names: the whole account, however the text spells its chain.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        self.payload().issuer()
    }

    /// The scheme in front of the domain, if there is one.
    #[must_use]
    pub fn scheme(&self) -> Option<&str> {
        self.payload().scheme()
    }

    /// The site that asks, without the scheme: a host, perhaps with its port.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.payload().authority()
    }

    /// The name of the network, which the wallet chose for people to read. Only the
    /// [`issuer`](Self::issuer) counts.
    #[must_use]
    pub fn network(&self) -> &str {
        self.0.shown().map_or("", |shown| &shown.network)
    }

    /// What is peculiar about what it says: as [`Payload::text_warnings`], and of the name of the
    /// [network](Self::network).
    #[must_use]
    pub fn text_warnings(&self) -> Vec<TextWarning> {
        self.0.text_warnings()
    }

    /// How it is laid out.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.0
            .shown()
            .map_or_else(Dialect::default, |shown| shown.dialect)
    }

    /// The signature under it, if there is one.
    #[must_use]
    pub fn signature(&self) -> Option<&Signature> {
        self.0.signature()
    }

    /// The capability with the content of the text and the same signature, if its `URI` names a
    /// session key. The capability holds neither the text nor what surrounded it in the signed
    /// bytes, and not every possibility is tried when it is proven: `solana::SolanaEd25519` says
    /// which.
    ///
    /// # Errors
    /// [`Error::Field`] when the audience is not a `did:key`; [`Error::Value`] when the text says
    /// something that a capability cannot hold, such as another name of the network.
    pub fn to_cacao(&self) -> Result<Cacao, Error> {
        let payload = self.payload();
        let names_key = payload
            .audience()
            .parse::<DidUrl>()
            .is_ok_and(|url| didkey::DidKey::from_did_url(&url).is_ok());
        if !names_key {
            let problem = Problem::Form("a capability delegates to a did:key");
            return Err(Error::field(Field::Audience, problem));
        }
        let writer = Writer::new(payload)?;
        let dialect = self.dialect();
        if dialect.network == NetworkName::Other || !writer.candidates().any(|own| own == dialect) {
            return Err(Error::Value {
                what: "sign-in text",
                problem: Problem::Form("is not one that a capability could tell"),
            });
        }
        let signature = self.signature().cloned();
        Ok(Cacao::new(self.0.header(), payload.clone(), signature))
    }
}

/// Says what a text is that should be hex: its kind does not follow from anything else.
fn check_hex(signature: &str, digits: &str) -> Result<(), Error> {
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let problem = if signature.is_empty() {
        "it is an empty text, and should be hex"
    } else if signature.starts_with("0X") {
        "it begins with 0X, and hex begins with 0x or a digit"
    } else if signature.trim() != signature {
        "there are spaces or line ends around the hex"
    } else if !is_hex {
        "it is not valid hex: a character is not a digit"
    } else if digits.len() % 2 == 1 {
        "it is not valid hex: the number of digits is odd"
    } else {
        return Ok(());
    };
    Err(Error::MalformedSignature(problem))
}

/// Whether these digits are a signature that is wrapped as ERC-6492 has it.
fn is_wrapped_in_hex(digits: &str) -> bool {
    base16ct::mixed::decode_vec(digits).is_ok_and(|bytes| is_wrapped(&bytes))
}

/// What a text must not say, although a payload may.
fn check(payload: &Payload) -> Result<(), Error> {
    let text = |line, detail| {
        Err(Error::Text {
            line,
            detail,
            found: None,
        })
    };
    let domain = payload.domain();
    if !is_said_once(domain) {
        return text(1, "one request to sign in");
    }
    if payload.authority().contains("://")
        || (domain.contains("://") && split_scheme(domain).is_none())
    {
        return text(
            1,
            "a scheme of letters, digits and +-. in front of the domain",
        );
    }
    let Some(account) = payload.issuer().account() else {
        return text(2, "an account");
    };
    if namespace_of_form(account.address()) != Some(account.namespace()) {
        return text(2, "an address of the network that the first line names");
    }
    let reference = account.reference();
    let is_number = reference.bytes().all(|byte| byte.is_ascii_digit())
        && (reference == "0" || !reference.starts_with('0'));
    if account.namespace() == EIP155 && !is_number {
        let problem = Problem::Form("the chain is not a decimal number");
        return Err(Error::field(Field::ChainId, problem));
    }
    let around = |text: &str| text.trim() != text;
    let fields = [
        (Field::Domain, Some(domain)),
        (Field::Audience, Some(payload.audience())),
        (Field::Nonce, Some(payload.nonce())),
        (Field::RequestId, payload.request_id()),
        (
            Field::Resources,
            payload.resources().find(|resource| around(resource)),
        ),
    ];
    match fields
        .into_iter()
        .find(|(_, text)| text.is_some_and(around))
    {
        Some((field, _)) => {
            let problem = Problem::Form("there are spaces around it");
            Err(Error::field(field, problem))
        }
        None => Ok(()),
    }
}

impl fmt::Debug for SignedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedText")
            .field("text", &self.text())
            .field("signature", &self.signature())
            .finish_non_exhaustive()
    }
}
