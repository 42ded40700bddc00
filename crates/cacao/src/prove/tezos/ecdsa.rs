//! Tezos accounts on the two curves of ECDSA, as the CAIP-122 profile of the namespace names them.

use super::find;
use super::spelling::Spelling;
use crate::error::Error;
use crate::model::{HeaderType, Signature, SignatureKind};
use crate::prove::{Claim, Facts, Kind, Prover, secp256k1};
use alloc::string::String;
use k256::ecdsa::signature::hazmat::PrehashVerifier;

/// Base58Check prefix of `tz2`, the hash of a secp256k1 public key.
pub const TZ2: [u8; 3] = [6, 161, 161];
/// Base58Check prefix of `tz3`, the hash of a P-256 public key.
pub const TZ3: [u8; 3] = [6, 161, 164];
/// Base58Check prefix of `sppk`, a secp256k1 public key.
pub const SPPK: [u8; 4] = [3, 254, 226, 86];
/// Base58Check prefix of `p2pk`, a P-256 public key.
pub const P2PK: [u8; 4] = [3, 178, 139, 127];
/// Base58Check prefix of `spsig1`, a secp256k1 signature.
pub const SPSIG1: [u8; 5] = [13, 115, 101, 19, 63];
/// Base58Check prefix of `p2sig`, a P-256 signature.
pub const P2SIG: [u8; 4] = [54, 240, 44, 52];

const SECP256K1: Spelling<33> = Spelling {
    address: TZ2,
    key: SPPK,
    signature: &SPSIG1,
    starts: "spsig1",
    chars: 99,
    no_signature: "neither spsig1 nor sig of 64 bytes in Base58Check",
    no_key: "no sppk of 33 bytes in Base58Check follows the signature",
};

const P256: Spelling<33> = Spelling {
    address: TZ3,
    key: P2PK,
    signature: &P2SIG,
    starts: "p2sig",
    chars: 98,
    no_signature: "neither p2sig nor sig of 64 bytes in Base58Check",
    no_key: "no p2pk of 33 bytes in Base58Check follows the signature",
};

/// Verifies `tezos:secp256k1` signatures of `tz2` accounts: ECDSA over the same digest as
/// [`TezosEd25519`](super::TezosEd25519), with s in the lower half of the order. Header `caip122`.
///
/// `s.s` is the signature (`spsig1…`, or `sig…`) followed by the public key (`sppk…`).
#[derive(Clone, Copy, Debug, Default)]
pub struct TezosSecp256k1;

impl TezosSecp256k1 {
    /// The address of a compressed public key: `tz2` and BLAKE2b-160 of its 33 bytes.
    #[must_use]
    pub fn address_of(key: &[u8; 33]) -> String {
        SECP256K1.address_of(key)
    }

    /// The signature as it is written in a capability: `spsig1…` followed by `sppk…`.
    #[must_use]
    pub fn signature(bytes: &[u8; 64], key: &[u8; 33]) -> Signature {
        SECP256K1.signature(SignatureKind::TEZOS_SECP256K1, bytes, key)
    }
}

impl Prover for TezosSecp256k1 {
    fn kinds(&self) -> &[Kind] {
        const { &[Kind::new(HeaderType::Caip122, "tezos:secp256k1", "tezos")] }
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, Error> {
        let (signature, key) = SECP256K1.of(claim)?;
        let signature = secp256k1::read(&signature)?;
        let key = Some(key)
            .filter(is_compressed)
            .and_then(|key| k256::ecdsa::VerifyingKey::from_sec1_bytes(&key).ok())
            .ok_or(Error::MalformedSignature(
                "the sppk is not a compressed point on secp256k1",
            ))?;
        find(claim, |digest| {
            key.verify_prehash(digest, &signature).is_ok()
        })
    }
}

/// Verifies `tezos:p256` signatures of `tz3` accounts: ECDSA over the same digest as
/// [`TezosEd25519`](super::TezosEd25519). Header `caip122`.
///
/// `s.s` is the signature (`p2sig…`, or `sig…`) followed by the public key (`p2pk…`). As with all
/// signatures on this curve, s may be in either half of the order.
#[derive(Clone, Copy, Debug, Default)]
pub struct TezosP256;

impl TezosP256 {
    /// The address of a compressed public key: `tz3` and BLAKE2b-160 of its 33 bytes.
    #[must_use]
    pub fn address_of(key: &[u8; 33]) -> String {
        P256.address_of(key)
    }

    /// The signature as it is written in a capability: `p2sig…` followed by `p2pk…`.
    #[must_use]
    pub fn signature(bytes: &[u8; 64], key: &[u8; 33]) -> Signature {
        P256.signature(SignatureKind::TEZOS_P256, bytes, key)
    }
}

impl Prover for TezosP256 {
    fn kinds(&self) -> &[Kind] {
        const { &[Kind::new(HeaderType::Caip122, "tezos:p256", "tezos")] }
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, Error> {
        let (signature, key) = P256.of(claim)?;
        let signature = p256::ecdsa::Signature::from_slice(&signature)
            .map_err(|_| Error::MalformedSignature("r or s is zero or not below the order"))?;
        let key = Some(key)
            .filter(is_compressed)
            .and_then(|key| p256::ecdsa::VerifyingKey::from_sec1_bytes(&key).ok())
            .ok_or(Error::MalformedSignature(
                "the p2pk is not a compressed point on P-256",
            ))?;
        find(claim, |digest| {
            key.verify_prehash(digest, &signature).is_ok()
        })
    }
}

/// The point of a key has other encodings of 33 bytes, each with an address of its own.
fn is_compressed(key: &[u8; 33]) -> bool {
    matches!(key, [2 | 3, ..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::base58check;
    use crate::prove::samples::{code, of_text, payload, text, text_of};
    use crate::prove::tezos::{MAINNET, SIG, digest, payload_of};
    use crate::siwx::Gap;
    use crate::{Payload, SignatureValue};
    use alloc::format;
    use k256::ecdsa::signature::hazmat::PrehashSigner;
    use k256::elliptic_curve::PrimeField;

    /// Address, signed bytes, public key, signature: of wallets that signed in to web sites, from
    /// the tests of the Elixir library tezex (MIT), `test/crypto_test.exs`.
    const PUBLISHED: [(&str, &str, &str, &str); 5] = [
        (
            "tz2BC83pvEAag6r2ZV7kPghNAbjFoiqhCvZx",
            "05010000007154657a6f73205369676e6564204d6573736167653a207369676e206d6520696e20617320\
             747a32424338337076454161673672325a56376b5067684e41626a466f69716843765a78206f6e206f62\
             6a6b742e636f6d20617420323032312d31302d30345431383a35393a31332e3939305a",
            "sppk7aBerAEA6tv4wzg6FnK7i5YrGtEGFVvNjWhc2QX8bhzpouBVFSW",
            "spsig1ZNQaUKNERZSiEiNviqa5EAPkcNASXhfkXtxRatZTDZAnUB4Ra2Jus8b1oEpFnPx8Z6g28pd8vK3R8nP\
             K29JDU5FiSLH5T",
        ),
        (
            "tz2TDtxBkfAy6nyNWnTE7xasWWQppkyKZjDE",
            "05010000008654657a6f73205369676e6564204d6573736167653a20436f6e6669726d696e67206d7920\
             6964656e7469747920617320747a3254447478426b664179366e794e576e54453778617357575170706b\
             794b5a6a4445206f6e206f626a6b742e636f6d2c207369673a4647553039744c3158356b79753665756b\
             487958345a6849376371696c5463",
            "sppk7cW9woUXS3pwAyhnje5k1yvbRo11PgCBzQMfnFmPg6fKbeLtcoJ",
            "spsig1EjqdcNBd2jn2QB8Btn9ZujBBi3pUULPRh8nTx4ACPSQLZKSHh4ihM9BdQ7uPCx5MaZd6gpErzXnUijR\
             Sd3E8BqcK5XHrg",
        ),
        (
            "tz2MVBy9uE95nYoigrX8wE5w58bQWMNyt6jT",
            "05010000008654657a6f73205369676e6564204d6573736167653a20436f6e6669726d696e67206d7920\
             6964656e7469747920617320747a324d56427939754539356e596f69677258387745357735386251574d\
             4e7974366a54206f6e206f626a6b742e636f6d2c207369673a6279644244343078753546746d6b346633\
             6652646558333855784f5f2d3870",
            "sppk7cR44Ps9c2btiG6PHVYD41aXirE3Nk2mGw1FV4T73RQf2x121dX",
            "spsig1W2NuFBUoFgPcATxbcHKkRqqakqwzYcunA84XPPnUK8UJydRFr8tChq87YTYpyknba5Bzj7jenYcKVAY\
             RPgqXpy9QtPYNT",
        ),
        (
            "tz3bPFa6mGv8m4Ppn7w5KSDyAbEPwbJNpC9p",
            "05010000008654657a6f73205369676e6564204d6573736167653a20436f6e6669726d696e67206d7920\
             6964656e7469747920617320747a3362504661366d4776386d3450706e3777354b534479416245507762\
             4a4e70433970206f6e206f626a6b742e636f6d2c207369673a484d675a79764d51697579684b4171304f\
             7835374963795841344f6a456348",
            "p2pk65yRxCX65k6qRPrbqGWvfW5JnLB1p3dn1oM5o9cyqLKPPhJaBMa",
            "p2sigkXYeimNtVJDr8X3me62Rig7cPogEQ3NPYHcGgnGuuFFy2BqttXHnst3mYyJ68k3jdAE92TKbyGC9hcmm\
             Vy1YbxyTJXAc1",
        ),
        // a signature that does not say of which curve
        (
            "tz2RgsHntQkryFppsRFba16RTfVP59hKreJM",
            "03d0c10e3ed11d7c6e3357f6ef335bab9e8f2bd54d0ce20c482e241191a6e4b8ce6c01be917311d9ac46\
             959750e405d57e268e2ed9e174a80794fbd504e12a4a000141eb3781afed2f69679ff2bbe1c5375950b0\
             e40d00ff000000005e05050505050507070100000024747a32526773486e74516b72794670707352466261\
             313652546656503539684b72654a4d07070100000024747a315a6672455263414c42776d4171776f6e5258\
             59565142445439426a4e6a42484a750001",
            "sppk7c7hkPj47yjYFEHX85q46sFJGw6RBrqoVSHwAJAT4e14KJwzoey",
            "sigtofRkQAsLW8ne1HcGhbuBg2Ja2Yt9A2gfpwZFBsdjRWLPSVVqN9BVRpGr7DMwz1e4WjyF8iAjpf1LKyZMcJ\
             TSPrDaRzsx",
        ),
    ];

    #[test]
    fn published_signatures() {
        for (address, bytes, key, signature) in PUBLISHED {
            let bytes = data_encoding::HEXLOWER.decode(bytes.as_bytes()).unwrap();
            let value = SignatureValue::Text(format!("{signature}{key}").into());
            let holds = |bytes: &[u8]| {
                if address.starts_with("tz2") {
                    let (signature, key) = SECP256K1.parse(&value).unwrap();
                    assert_eq!(TezosSecp256k1::address_of(&key), address);
                    let key = k256::ecdsa::VerifyingKey::from_sec1_bytes(&key).unwrap();
                    let signature = secp256k1::read(&signature).unwrap();
                    key.verify_prehash(&digest(bytes), &signature).is_ok()
                } else {
                    let (signature, key) = P256.parse(&value).unwrap();
                    assert_eq!(TezosP256::address_of(&key), address);
                    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&key).unwrap();
                    let signature = p256::ecdsa::Signature::from_slice(&signature).unwrap();
                    key.verify_prehash(&digest(bytes), &signature).is_ok()
                }
            };
            assert!(holds(&bytes), "{address}");
            let mut changed = bytes;
            changed[7] ^= 1;
            assert!(!holds(&changed), "{address}");
        }
    }

    fn secp256k1_key() -> (k256::ecdsa::SigningKey, [u8; 33]) {
        let key = k256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
        let point = key.verifying_key().to_sec1_point(true);
        let public = point.as_bytes().try_into().unwrap();
        (key, public)
    }

    fn p256_key() -> (p256::ecdsa::SigningKey, [u8; 33]) {
        let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
        let point = key.verifying_key().to_sec1_point(true);
        let public = point.as_bytes().try_into().unwrap();
        (key, public)
    }

    fn tz2() -> (Payload, [u8; 64], [u8; 33]) {
        let (key, public) = secp256k1_key();
        let issuer = format!("{MAINNET}:{}", TezosSecp256k1::address_of(&public));
        let payload = payload(&issuer).build().unwrap();
        let bytes = payload_of(&text(&payload, Gap::OneLine)).unwrap();
        let signature: k256::ecdsa::Signature = key.sign_prehash(&digest(&bytes)).unwrap();
        (payload, signature.to_bytes().into(), public)
    }

    fn tz3() -> (Payload, [u8; 64], [u8; 33]) {
        let (key, public) = p256_key();
        let issuer = format!("{MAINNET}:{}", TezosP256::address_of(&public));
        let payload = payload(&issuer).build().unwrap();
        let bytes = payload_of(&text(&payload, Gap::OneLine)).unwrap();
        let signature: p256::ecdsa::Signature = key.sign_prehash(&digest(&bytes)).unwrap();
        (payload, signature.to_bytes().into(), public)
    }

    #[test]
    fn what_their_keys_sign_is_accepted() {
        let (payload, bytes, key) = tz2();
        assert_eq!(
            code(&payload, TezosSecp256k1::signature(&bytes, &key)),
            "accepted"
        );
        let (payload, bytes, key) = tz3();
        assert_eq!(
            code(&payload, TezosP256::signature(&bytes, &key)),
            "accepted"
        );
    }

    #[test]
    fn signatures_have_two_spellings() {
        let (payload, bytes, key) = tz2();
        let sig = base58check::encode(&SIG, &bytes);
        let own = text_of(&TezosSecp256k1::signature(&bytes, &key)).len();
        let sppk = base58check::encode(&SECP256K1.key, &key);
        assert_eq!(own, SECP256K1.chars + sppk.len());
        let signature = of_text(SignatureKind::TEZOS_SECP256K1, &format!("{sig}{sppk}"));
        assert_eq!(code(&payload, signature), "accepted");

        let (payload, bytes, key) = tz3();
        let sig = base58check::encode(&SIG, &bytes);
        let own = text_of(&TezosP256::signature(&bytes, &key)).len();
        let p2pk = base58check::encode(&P256.key, &key);
        assert_eq!(own, P256.chars + p2pk.len());
        let signature = of_text(SignatureKind::TEZOS_P256, &format!("{sig}{p2pk}"));
        assert_eq!(code(&payload, signature), "accepted");
    }

    #[test]
    fn no_character_can_be_changed() {
        let cases = [
            (tz2(), SignatureKind::TEZOS_SECP256K1),
            (tz3(), SignatureKind::TEZOS_P256),
        ];
        for ((payload, bytes, key), kind) in cases {
            let signature = if kind == SignatureKind::TEZOS_P256 {
                TezosP256::signature(&bytes, &key)
            } else {
                TezosSecp256k1::signature(&bytes, &key)
            };
            let text = text_of(&signature);
            for at in 0..text.len() {
                let other = if text[at..].starts_with('x') {
                    "y"
                } else {
                    "x"
                };
                let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                let changed = code(&payload, of_text(kind.clone(), &changed));
                assert_eq!(changed, "malformed_signature", "{at}");
            }
        }
    }

    #[test]
    fn what_does_not_hold_is_refused() {
        let (payload, bytes, key) = tz2();
        let mut changed = bytes;
        changed[40] ^= 1;
        let refused = |signature| code(&payload, signature);
        assert_eq!(
            refused(TezosSecp256k1::signature(&changed, &key)),
            "signature_mismatch"
        );
        // the twin with s in the upper half
        let signature = k256::ecdsa::Signature::from_slice(&bytes).unwrap();
        let (r, s) = signature.split_scalars();
        let mut twin = [0; 64];
        twin[..32].copy_from_slice(&r.to_bytes());
        twin[32..].copy_from_slice(&(-*s).to_repr());
        assert_eq!(
            refused(TezosSecp256k1::signature(&twin, &key)),
            "malformed_signature"
        );
        assert_eq!(
            refused(TezosSecp256k1::signature(&[0; 64], &key)),
            "malformed_signature"
        );
        // a key that is another account's, no point, or of the other curve
        let (_, other, _) = tz3();
        let (_, p256) = p256_key();
        assert_eq!(
            refused(TezosSecp256k1::signature(&bytes, &p256)),
            "signature_mismatch"
        );
        assert_eq!(
            refused(TezosP256::signature(&other, &p256)),
            "signature_mismatch"
        );
        let text = String::from(text_of(&TezosP256::signature(&bytes, &key)));
        assert_eq!(
            refused(of_text(SignatureKind::TEZOS_SECP256K1, &text)),
            "malformed_signature"
        );
    }

    /// The address is made to fit each of them.
    #[test]
    fn a_key_that_is_no_compressed_point_is_refused() {
        let (_, bytes, good) = tz2();
        let with_tag = |tag: u8, mut key: [u8; 33]| {
            key[0] = tag;
            key
        };
        // beyond the field, and the point in its compact form
        for key in [with_tag(2, [0xff; 33]), with_tag(5, good), [0; 33]] {
            let issuer = format!("{MAINNET}:{}", TezosSecp256k1::address_of(&key));
            let payload = payload(&issuer).build().unwrap();
            let signature = TezosSecp256k1::signature(&bytes, &key);
            assert_eq!(code(&payload, signature), "malformed_signature");
        }
        let (_, bytes, good) = tz3();
        for key in [with_tag(2, [0xff; 33]), with_tag(5, good), [0; 33]] {
            let issuer = format!("{MAINNET}:{}", TezosP256::address_of(&key));
            let payload = payload(&issuer).build().unwrap();
            let signature = TezosP256::signature(&bytes, &key);
            assert_eq!(code(&payload, signature), "malformed_signature");
        }
    }
}
