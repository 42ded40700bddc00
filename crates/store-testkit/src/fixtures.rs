//! Issuers and the capabilities that they sign, for tests of stores.
//!
//! The keys are throw-away ones that anybody can read here. Nothing here is a secret.
// The constants are well formed, as the tests below show: what is documented to panic may.
#![allow(clippy::missing_panics_doc)]

use cacao::{
    Cacao, HeaderType, Issuer, Payload, PayloadBuilder, Signature, SignatureKind, SignatureValue,
    siwx, solana,
};
use didkey::{DidKey, P256SigningKey};
use session_core::{AuthMethod, SessionKey, SessionRecord, SessionStore, SlotId};
use session_wallets::{EthereumWallet, SolanaWallet};
use std::fmt;
use std::sync::Arc;

const ETHEREUM_SEED: [u8; 32] = [7; 32];
const SOLANA_SEED: [u8; 32] = [8; 32];
const PASSKEY_SEED: [u8; 32] = [9; 32];

/// An issuer that signs capabilities whenever it is asked.
#[derive(Clone)]
pub struct TestIssuer {
    issuer: Issuer,
    slot: SlotId,
    signer: Signer,
}

#[derive(Clone)]
enum Signer {
    Ethereum(Arc<EthereumWallet>),
    Solana(Arc<SolanaWallet>),
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
        let chain = format!("eip155:{chain}").parse().expect("a chain");
        let wallet = EthereumWallet::from_secret(&ETHEREUM_SEED, &chain).expect("a scalar");
        Self::new(wallet.issuer().clone(), Signer::Ethereum(Arc::new(wallet)))
    }

    /// An account on Solana, whose address has letters of both cases that matter.
    #[must_use]
    pub fn solana() -> Self {
        let chain = solana::MAINNET.parse().expect("a chain");
        let wallet = SolanaWallet::from_secret(&SOLANA_SEED, &chain).expect("a seed");
        Self::new(wallet.issuer().clone(), Signer::Solana(Arc::new(wallet)))
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
        self.capability_with(to, nonce, |payload| payload.with_expires_at(expires))
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
        .with_statement("Give this application access to some of your data on Ceramic")
        .with_resources(["ceramic://*"]);
        let payload = members(payload).build().expect("a payload");
        match &self.signer {
            Signer::Ethereum(wallet) => wallet.sign(&payload).expect("a capability"),
            Signer::Solana(wallet) => wallet.sign(&payload).expect("a capability"),
            Signer::Passkey(key) => by_passkey(key, payload),
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

/// A signature of a passkey's form.
fn by_passkey(key: &P256SigningKey, payload: Payload) -> Cacao {
    let signature = key.sign(payload.nonce().as_bytes());
    let text = data_encoding::BASE64URL_NOPAD.encode(signature.as_bytes());
    let value = SignatureValue::Text(text.into());
    let aad = Some(b"authenticator data".as_slice().into());
    let signature = Signature::new(SignatureKind::WEBAUTHN_P256, value, aad)
        .expect("a signature of usual length");
    Cacao::new(HeaderType::Caip122, payload, Some(signature))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cacao::{MemberOrder, Policy, Provers, Requirement, UnixTime};
    use didkey::Ed25519SigningKey;

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
                &Provers::all_compiled_in(),
                &Policy::default(),
                &Requirement::any_domain().with_issuer(issuer.issuer().clone()),
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
