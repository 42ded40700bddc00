//! JWS and capabilities of any content, made for tests.

use cacao::{
    Cacao, Claim, Error as CacaoError, Facts, HeaderType, Issuer, Kind, Payload, Prover, Provers,
    Requirement, Signature, SignatureKind, SignatureValue, UnixTime,
};
use dag_jws::{Error, Jws, UnsignedJws, Verification};
use data_encoding::BASE64URL_NOPAD;
use didkey::Ed25519SigningKey;
use serde_json::json;

pub(crate) const ACCOUNT: &str = "did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";
pub(crate) const OTHER_ACCOUNT: &str =
    "did:pkh:eip155:1:0xc27bbb20fd727b88d6c0aaf0d7d7691f974ff29b";
/// 2023-04-10T00:00:00Z, inside the window of [`delegation`].
pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_681_084_800);

pub(crate) fn key() -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed(&[1; 32])
}

pub(crate) fn other_key() -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed(&[2; 32])
}

/// A JWS of these bytes, whatever they say.
pub(crate) fn raw(header: &str, payload: &[u8], key: &Ed25519SigningKey) -> String {
    let header = BASE64URL_NOPAD.encode(header.as_bytes());
    let input = format!("{header}.{}", BASE64URL_NOPAD.encode(payload));
    let signature = key.sign(input.as_bytes());
    format!("{input}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
}

pub(crate) fn signed(unsigned: UnsignedJws) -> Jws {
    let input = unsigned.prepare(key().did_key()).unwrap();
    let signature = key().sign(input.as_bytes());
    input.finish(signature.as_ref()).unwrap()
}

pub(crate) fn plain() -> Jws {
    signed(UnsignedJws::object(&json!({ "hello": "world" })).unwrap())
}

pub(crate) fn code<T>(answer: Result<T, Error>) -> &'static str {
    answer.map_or_else(|error| error.code(), |_| "accepted")
}

/// "Signs" by writing the nonce, so that capabilities of any content can be made and forged.
pub(crate) struct Marker {
    pub(crate) signature: &'static str,
    /// Whether the bytes that it "signs" name the issuer.
    pub(crate) names_issuer: bool,
}

impl Prover for Marker {
    fn kinds(&self) -> &[Kind] {
        match self.signature {
            "test:marker" => const { &[Kind::new(HeaderType::Caip122, "test:marker", "eip155")] },
            _ => const { &[Kind::new(HeaderType::Caip122, "eip1271", "eip155")] },
        }
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, CacaoError> {
        match claim.signature().value() {
            SignatureValue::Text(text) if &**text == claim.payload().nonce() => {
                let mut facts = Facts::of_bytes();
                facts.names_issuer = self.names_issuer;
                Ok(facts)
            }
            _ => Err(CacaoError::SignatureMismatch),
        }
    }
}

pub(crate) fn provers() -> Provers {
    let marker = Marker {
        signature: "test:marker",
        names_issuer: true,
    };
    Provers::none().with(marker).unwrap()
}

/// What a capability says, and how it is signed.
pub(crate) struct Delegation {
    pub(crate) issuer: &'static str,
    pub(crate) audience: String,
    pub(crate) kind: &'static str,
    pub(crate) signature: &'static str,
}

impl Delegation {
    pub(crate) fn cacao(&self) -> Cacao {
        let payload = Payload::builder(
            "app.example",
            self.issuer.parse().unwrap(),
            &self.audience,
            "HPiCXGTXHI",
            "2023-04-06T16:15:19.058Z".parse().unwrap(),
        )
        .with_expires_at("2023-04-13T16:15:19.058Z".parse().unwrap())
        .with_resources(["ceramic://*"])
        .build()
        .unwrap();
        let signature = Signature::new(
            SignatureKind::new(self.kind).unwrap(),
            SignatureValue::Text(self.signature.into()),
            None,
        )
        .unwrap();
        Cacao::new(HeaderType::Caip122, payload, Some(signature))
    }
}

pub(crate) fn delegation() -> Delegation {
    Delegation {
        issuer: ACCOUNT,
        audience: key().did_key().to_string(),
        kind: "test:marker",
        signature: "HPiCXGTXHI",
    }
}

pub(crate) fn account() -> Issuer {
    ACCOUNT.parse().unwrap()
}

pub(crate) fn under(cacao: &Cacao) -> Jws {
    signed(
        UnsignedJws::bytes(b"payload")
            .unwrap()
            .with_capability(&cacao.cid()),
    )
}

pub(crate) fn now() -> Verification {
    Verification::new(NOW, Requirement::any_domain()).with_provers(provers())
}

/// Adds to what is required.
pub(crate) trait Requiring {
    fn requiring(self, more: impl FnOnce(Requirement) -> Requirement) -> Self;
    fn issuer(self, issuer: Issuer) -> Self;
}

impl Requiring for Verification {
    fn requiring(self, more: impl FnOnce(Requirement) -> Requirement) -> Self {
        let requirement = more(self.requirement().clone());
        self.with_requirement(requirement)
    }

    fn issuer(self, issuer: Issuer) -> Self {
        self.requiring(|requirement| requirement.with_issuer(issuer))
    }
}
