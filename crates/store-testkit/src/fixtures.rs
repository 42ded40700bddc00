//! Issuers and the capabilities that they sign, for tests of stores.
//!
//! The keys are throw-away ones that anybody can read here. Nothing here is a secret.
// The constants are well formed, as the tests below show: what is documented to panic may.
#![allow(clippy::missing_panics_doc)]

use cacao::{
    Cacao, HeaderType, Issuer, Payload, PayloadBuilder, Signature, SignatureKind, SignatureValue,
    eip191, siwx,
};
use didkey::{DidKey, Ed25519SigningKey, P256SigningKey};
use session_core::{SessionKey, SessionRecord, SessionStore, SlotId};
use std::fmt;

const ETHEREUM_SEED: [u8; 32] = [7; 32];
const SOLANA_SEED: [u8; 32] = [8; 32];
const PASSKEY_SEED: [u8; 32] = [9; 32];
const SOLANA_MAINNET: &str = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp";

/// An issuer that signs capabilities whenever it is asked.
#[derive(Clone)]
pub struct TestIssuer {
    issuer: Issuer,
    slot: SlotId,
    signer: Signer,
}

#[derive(Clone)]
enum Signer {
    Ethereum(Box<k256::ecdsa::SigningKey>),
    Solana(Ed25519SigningKey),
    Passkey(P256SigningKey),
}

impl TestIssuer {
    /// An account on Ethereum's main network, in lower case: its canonical spelling.
    #[must_use]
    pub fn ethereum() -> Self {
        Self::ethereum_on("1")
    }

    /// The account of [`ethereum`](Self::ethereum) in EIP-55 checksum case: an equal issuer.
    #[must_use]
    pub fn ethereum_in_checksum_case() -> Self {
        let Self { issuer, signer, .. } = Self::ethereum();
        // the one place that knows EIP-55 is the renderer of the text that wallets show
        let payload = Payload::builder("app.example", issuer, "did:key:z", "nonce000", issued_at())
            .build()
            .expect("a payload");
        let text = siwx::render(&payload, siwx::Dialect::default()).expect("a text");
        let address = text.lines().nth(1).expect("the address's line");
        Self::new(parse(&format!("eip155:1:{address}")), signer)
    }

    /// The same address on another chain: another issuer.
    #[must_use]
    pub fn polygon() -> Self {
        Self::ethereum_on("137")
    }

    fn ethereum_on(chain: &str) -> Self {
        let key = k256::ecdsa::SigningKey::from_slice(&ETHEREUM_SEED).expect("a scalar");
        let address = eip191::address_of(key.verifying_key());
        let address = data_encoding::HEXLOWER.encode(&address);
        let issuer = parse(&format!("eip155:{chain}:0x{address}"));
        Self::new(issuer, Signer::Ethereum(Box::new(key)))
    }

    /// An account on Solana, whose address has letters of both cases that matter.
    #[must_use]
    pub fn solana() -> Self {
        let key = Ed25519SigningKey::from_seed(&SOLANA_SEED);
        let address = bs58::encode(key.did_key().public_key().as_bytes()).into_string();
        let issuer = parse(&format!("{SOLANA_MAINNET}:{address}"));
        Self::new(issuer, Signer::Solana(key))
    }

    /// A passkey: its own `did:key`.
    ///
    /// Its capabilities have the form of a passkey's, additional data included, but prove
    /// nothing: stores do not judge.
    #[must_use]
    pub fn passkey() -> Self {
        let key = P256SigningKey::from_seed(&PASSKEY_SEED).expect("a scalar");
        Self::new(key.did_key().clone().into(), Signer::Passkey(key))
    }

    /// One of each kind, no two of them equal.
    #[must_use]
    pub fn each() -> [Self; 4] {
        [
            Self::ethereum(),
            Self::polygon(),
            Self::solana(),
            Self::passkey(),
        ]
    }

    fn new(issuer: Issuer, signer: Signer) -> Self {
        Self {
            slot: SlotId::from(&issuer),
            issuer,
            signer,
        }
    }

    /// The slot of its default profile.
    #[must_use]
    pub const fn slot(&self) -> &SlotId {
        &self.slot
    }

    /// The slot of another of its profiles.
    ///
    /// # Panics
    /// When there is no such name of a profile.
    #[must_use]
    pub fn slot_in(&self, profile: &str) -> SlotId {
        let profile = profile.parse().expect("the name of a profile");
        self.slot.clone().with_profile(profile)
    }

    /// The issuer, in the spelling that it signs.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Signs a capability for a session key. It has a nonce of its own, was issued in 2024, and
    /// expires in the year 2999.
    #[must_use]
    pub fn capability(&self, to: &DidKey, nonce: &str) -> Cacao {
        let expires = "2999-01-01T00:00:00.000Z".parse().expect("a date-time");
        self.capability_with(to, nonce, |payload| payload.expires_at(expires))
    }

    /// Signs a capability with other members; without further ones it never expires.
    ///
    /// # Panics
    /// When the members make no payload.
    #[must_use]
    pub fn capability_with(
        &self,
        to: &DidKey,
        nonce: &str,
        members: impl FnOnce(PayloadBuilder) -> PayloadBuilder,
    ) -> Cacao {
        let payload = Payload::builder(
            "app.example",
            self.issuer.clone(),
            to.as_str(),
            nonce,
            issued_at(),
        )
        .statement("Give this application access to some of your data on Ceramic")
        .resources(["ceramic://*"]);
        let payload = members(payload).build().expect("a payload");
        let (header, signature) = self.sign(&payload);
        Cacao::new(header, payload, Some(signature))
    }

    fn sign(&self, payload: &Payload) -> (HeaderType, Signature) {
        let text = || siwx::render(payload, siwx::Dialect::default()).expect("a text");
        match &self.signer {
            Signer::Ethereum(key) => {
                let digest = eip191::digest(text().as_bytes());
                let (signature, id) = key.sign_prehash_recoverable(&digest);
                let mut bytes = [0_u8; 65];
                bytes[..64].copy_from_slice(&signature.to_bytes());
                bytes[64] = 27 + id.to_byte();
                (HeaderType::Eip4361, Signature::eip191(&bytes))
            }
            Signer::Solana(key) => {
                let signature = bs58::encode(key.sign(text().as_bytes())).into_string();
                let value = SignatureValue::Text(signature.into());
                (
                    HeaderType::Caip122,
                    signature_of(SignatureKind::SOLANA_ED25519, value, None),
                )
            }
            Signer::Passkey(key) => {
                let signature = key.sign(payload.nonce().as_bytes());
                let text = data_encoding::BASE64URL_NOPAD.encode(signature.as_bytes());
                let value = SignatureValue::Text(text.into());
                let aad = Some(b"authenticator data".as_slice().into());
                (
                    HeaderType::Caip122,
                    signature_of(SignatureKind::WEBAUTHN_P256, value, aad),
                )
            }
        }
    }

    /// A record for this store: a key of its making, and a capability for that key.
    ///
    /// # Panics
    /// When the store makes no key.
    pub async fn record<S: SessionStore>(&self, store: &S, nonce: &str) -> SessionRecord<S::Key> {
        let key = new_key(store).await;
        SessionRecord::new(self.capability(key.did(), nonce), key)
    }

    /// A record with other members, see [`capability_with`](Self::capability_with).
    ///
    /// # Panics
    /// When the store makes no key, or the members make no payload.
    pub async fn record_with<S: SessionStore>(
        &self,
        store: &S,
        nonce: &str,
        members: impl FnOnce(PayloadBuilder) -> PayloadBuilder,
    ) -> SessionRecord<S::Key> {
        let key = new_key(store).await;
        SessionRecord::new(self.capability_with(key.did(), nonce, members), key)
    }
}

async fn new_key<S: SessionStore>(store: &S) -> S::Key {
    store.generate_key().await.expect("the store makes a key")
}

/// Shows the issuer only.
impl fmt::Debug for TestIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TestIssuer").field(&self.issuer).finish()
    }
}

fn issued_at() -> cacao::Timestamp {
    "2024-01-01T00:00:00.000Z".parse().expect("a date-time")
}

fn parse(issuer: &str) -> Issuer {
    issuer.parse().expect("an issuer")
}

fn signature_of(kind: SignatureKind, value: SignatureValue, aad: Option<Box<[u8]>>) -> Signature {
    Signature::new(kind, value, aad).expect("a signature of usual length")
}

#[cfg(test)]
mod tests {
    use super::*;
    use cacao::{Expected, MemberOrder, Policy, UnixTime, Verifiers};

    #[test]
    fn ethereum_capabilities_verify() {
        let key = Ed25519SigningKey::from_seed(&[1; 32]);
        let at = UnixTime::from_secs(1_800_000_000);
        for issuer in [
            TestIssuer::ethereum(),
            TestIssuer::ethereum_in_checksum_case(),
            TestIssuer::polygon(),
        ] {
            let capability = issuer.capability(key.did_key(), "nonce001");
            let verified = capability.verify(
                &Verifiers::default(),
                &Policy::default(),
                &Expected::anything().issuer(issuer.issuer().clone()),
                at,
            );
            assert!(verified.is_ok(), "{issuer:?}: {verified:?}");
        }
    }

    #[test]
    fn every_capability_survives_its_encoding() {
        let key = Ed25519SigningKey::from_seed(&[1; 32]);
        for issuer in TestIssuer::each() {
            let capability = issuer.capability(key.did_key(), "nonce001");
            let json = capability.to_json(MemberOrder::Session);
            assert_eq!(
                Cacao::from_json(&json).expect("it reads what it wrote"),
                capability,
                "{issuer:?}"
            );
        }
    }

    #[test]
    fn spellings_and_chains() {
        let lower = TestIssuer::ethereum();
        let checksum = TestIssuer::ethereum_in_checksum_case();
        assert_eq!(lower.issuer(), checksum.issuer());
        assert_ne!(lower.issuer().did(), checksum.issuer().did());
        let mut issuers = TestIssuer::each().map(|i| i.issuer().clone()).to_vec();
        issuers.sort();
        issuers.dedup();
        assert_eq!(issuers.len(), 4);
    }
}
