//! What proving costs, in messages that a signature is tried on, and in which order they come.

use super::*;

std::thread_local! {
    /// How many messages were tried on this thread.
    static TRIED: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
}

pub(in crate::prove) fn count() {
    TRIED.set(TRIED.get() + 1);
}

/// What is found, and how many messages were tried for it.
fn counted<T>(find: impl FnOnce() -> T) -> (T, usize) {
    let before = TRIED.get();
    let found = find();
    (found, TRIED.get() - before)
}

#[cfg(all(
    feature = "ethereum",
    feature = "contract",
    feature = "solana",
    feature = "stacks",
    feature = "tezos"
))]
mod of_every_chain {
    use super::*;
    use crate::contract::Contracts;
    use crate::prove::recovery;
    use crate::siwx;
    use crate::siwx::samples::spellings;
    use crate::{
        Cacao, HeaderType, Payload, Provers, Proving, Signature, SignatureKind, SignatureValue,
        SignedText, eip191, solana, stacks, tezos,
    };
    use alloc::format;
    use data_encoding::HEXLOWER;
    use didkey::Ed25519SigningKey;
    use k256::ecdsa::SigningKey;

    fn provers() -> Provers {
        Provers::all_compiled_in()
    }

    fn capability(payload: &Payload, signature: &Signature) -> Cacao {
        Cacao::new(
            HeaderType::Caip122,
            payload.clone(),
            Some(signature.clone()),
        )
    }

    /// The dialect that is proven, or the code of the refusal; and the messages that it took.
    fn prove(capability: &Cacao) -> (Result<Dialect, &'static str>, usize) {
        counted(|| match provers().prove(capability) {
            Ok(Proving::Done(proven)) => Ok(proven.facts().dialect.unwrap()),
            Ok(Proving::Ask(_)) => Err("asks"),
            Err(error) => Err(error.code()),
        })
    }

    fn of_solana() -> (String, Ed25519SigningKey, [u8; 32]) {
        let key = Ed25519SigningKey::from_seed(&[7; 32]);
        let public = key.did_key().public_key().as_bytes().try_into().unwrap();
        let issuer = format!("{}:{}", solana::MAINNET, solana::address_of(&public));
        (issuer, key, public)
    }

    /// r, s and v of a key of secp256k1 over something else than a text.
    fn recoverable() -> (SigningKey, [u8; 65]) {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let (rs, id) = key.sign_prehash_recoverable(&[3; 32]);
        let mut rsv = [u8::from(id.is_y_odd()); 65];
        rsv[..64].copy_from_slice(&rs.to_bytes());
        (key, rsv)
    }

    /// Of each chain an account, a signature of its key over something else than a text, and how
    /// many messages it is tried on at most.
    fn refused() -> [(String, Signature, usize); 5] {
        let (solana_issuer, ed25519, public) = of_solana();
        let foreign = ed25519.sign(b"no text").to_bytes();
        let (secp256k1, rsv) = recoverable();
        let of_ethereum = HEXLOWER.encode(&eip191::address_of(secp256k1.verifying_key()));
        // of mixed case, of which there are more spellings
        let (start, end) = of_ethereum.split_at(20);
        let mixed = format!("{}{end}", start.to_uppercase());
        let of_stacks = stacks::address_of(secp256k1.verifying_key(), stacks::Network::Mainnet);
        let of_tezos = tezos::address_of(&public);
        [
            (
                format!("eip155:1:0x{of_ethereum}"),
                Signature::eip191(&rsv),
                8,
            ),
            (format!("eip155:1:0x{mixed}"), Signature::eip191(&rsv), 7),
            (solana_issuer, solana::signature(&foreign), 8),
            (
                format!("{}:{of_tezos}", tezos::MAINNET),
                tezos::signature(&foreign, &public),
                6,
            ),
            (
                format!("{}:{of_stacks}", stacks::MAINNET),
                stacks::signature(&rsv),
                4,
            ),
        ]
    }

    #[test]
    fn a_refusal_tries_at_most_eight_messages_of_any_chain() {
        for (issuer, signature, expected) in refused() {
            let mut most = 0;
            for payload in spellings(&issuer) {
                let (found, tried) = prove(&capability(&payload, &signature));
                assert_eq!(found, Err("signature_mismatch"), "{payload:?}");
                assert!((2..=8).contains(&tried), "{tried}: {payload:?}");
                most = most.max(tried);
            }
            assert_eq!(most, expected, "{issuer}");
        }
    }

    /// Where the text is known there is nothing to choose but what stands around it.
    #[test]
    fn a_refusal_of_a_text_tries_that_one_alone() {
        for (issuer, signature, _) in refused() {
            for payload in spellings(&issuer) {
                let text = siwx::render(&payload, Dialect::default()).unwrap();
                let signed = SignedText::parse(&text).unwrap();
                let signed = signed.with_signature(signature.clone());
                let (found, tried) = counted(|| signed.prove(&provers()).map(|_| ()));
                assert_eq!(found.unwrap_err().code(), "signature_mismatch");
                let most = match issuer.split_once(':').unwrap().0 {
                    "solana" => 6,
                    "tezos" if !text.is_ascii() => 2,
                    _ => 1,
                };
                assert!(tried <= most, "{tried}: {text}");
            }
        }
    }

    /// The key within a wrapper is tried on each text, the whole of it on none.
    #[test]
    fn a_wrapped_signature_is_tried_once() {
        let [(issuer, ..), ..] = refused();
        let (_, rsv) = recoverable();
        let word = |number: u8| {
            let mut word = [0; 32];
            word[31] = number;
            word
        };
        let head = [word(0xfa), word(96), word(128), word(0), word(65)].concat();
        let bytes = [&head[..], &rsv, &[0; 31], &[0x64, 0x92].repeat(16)].concat();
        let both = provers().with_contracts(Contracts::new()).unwrap();
        for kind in [SignatureKind::EIP191, SignatureKind::EIP6492] {
            let value = SignatureValue::Bytes(bytes.clone().into());
            let signature = Signature::new(kind, value, None).unwrap();
            for payload in spellings(&issuer) {
                let capability = capability(&payload, &signature);
                let (asked, recovered) = recovery::counted(|| both.prove(&capability).unwrap());
                assert!((2..=8).contains(&recovered), "{recovered}");
                let Proving::Ask(question) = asked else {
                    panic!("no key signed it");
                };
                assert_eq!(question.calls().len(), recovered);
            }
        }
    }

    #[test]
    fn what_nearly_all_wallets_of_solana_sign_takes_one_verification() {
        let (issuer, key, _) = of_solana();
        for payload in spellings(&issuer) {
            let (likeliest, text) = siwx::candidates(&payload).unwrap().swap_remove(0);
            let signature = solana::signature(&key.sign(text.as_bytes()).to_bytes());
            let found = prove(&capability(&payload, &signature));
            assert_eq!(found, (Ok(likeliest), 1), "{payload:?}");
        }
    }

    /// All texts as they stand; then the likeliest one in each envelope, except for payloads of
    /// four texts, which have neither a statement nor plain resources.
    #[test]
    fn the_likeliest_messages_of_solana_are_among_the_eight() {
        let (issuer, key, public) = of_solana();
        let mut site = [0; 32];
        site[..11].copy_from_slice(b"app.example");
        let mut left_out = 0;
        for payload in spellings(&issuer) {
            let texts = siwx::candidates(&payload).unwrap();
            let found = |message: &[u8]| {
                let signature = solana::signature(&key.sign(message).to_bytes());
                prove(&capability(&payload, &signature))
            };
            for (at, (dialect, text)) in texts.iter().enumerate() {
                assert_eq!(found(text.as_bytes()), (Ok(*dialect), at + 1));
            }
            let text = &*texts[0].1;
            let messages = [
                solana::ascii_offchain_message(&[0; 32], &public, text),
                solana::legacy_offchain_message(text),
                solana::offchain_message(&[0; 32], &public, text),
                solana::ascii_offchain_message(&site, &public, text),
                solana::offchain_message(&site, &public, text),
            ];
            for (at, message) in messages.into_iter().flatten().enumerate() {
                let tried = texts.len() + at + 1;
                match found(&message) {
                    (Ok(dialect), found) => {
                        assert_eq!(found, tried);
                        assert_eq!(
                            Dialect {
                                envelope: Envelope::Bare,
                                ..dialect
                            },
                            texts[0].0
                        );
                        assert_ne!(dialect.envelope, Envelope::Bare);
                    }
                    (Err(code), found) => {
                        assert_eq!((code, found), ("signature_mismatch", 8));
                        assert_eq!((texts.len(), tried), (4, 9), "{payload:?}");
                        left_out += 1;
                    }
                }
            }
        }
        assert!(left_out > 0);
    }

    /// What a capability does not tell within eight messages, its text does.
    #[test]
    fn a_text_of_solana_is_proven_in_every_envelope() {
        let (issuer, key, public) = of_solana();
        for payload in spellings(&issuer) {
            for (dialect, text) in siwx::candidates(&payload).unwrap() {
                let message = solana::offchain_message(&[0; 32], &public, &text).unwrap();
                let signature = solana::signature(&key.sign(&message).to_bytes());
                let signed = SignedText::parse(&text).unwrap();
                let signed = signed.with_signature(signature);
                let Proving::Done(proven) = signed.prove(&provers()).unwrap() else {
                    panic!("nobody is asked");
                };
                let found = proven.facts().dialect.unwrap();
                assert_eq!(found.envelope, Envelope::SolanaOffchain);
                assert_eq!((found.gap, found.chain), (dialect.gap, dialect.chain));
            }
        }
    }
}
