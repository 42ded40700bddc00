//! A server that remembers pays one signature for each request: that of the JWS.
#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::making;

use cacao::{Claim, Error as CacaoError, Facts, Kind, Prover, Provers, Requirement};
use dag_jws::{SignedDagJws, UnsignedDagJws, Verification};
use making::{
    Delegation, Marker, NOW, OTHER_ACCOUNT, Requiring as _, account, code, delegation, key,
    other_key, under,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts how often the signature of a capability is looked at.
struct Counting(Marker, Arc<AtomicUsize>);

impl Prover for Counting {
    fn kinds(&self) -> &[Kind] {
        self.0.kinds()
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, CacaoError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.prove(claim)
    }
}

fn counting() -> (Provers, Arc<AtomicUsize>) {
    let looked = Arc::default();
    let marker = Marker {
        signature: "test:marker",
        names_issuer: true,
    };
    let counting = Counting(marker, Arc::clone(&looked));
    (
        Provers::none().with(counting).unwrap().with_memory(8),
        looked,
    )
}

/// A request as it comes over the wire: the DagJWS, its block, the capability's block.
fn request(number: i64) -> String {
    let unsigned = UnsignedDagJws::from_dag_json(&format!(r#"{{"number":{number}}}"#)).unwrap();
    let unsigned = unsigned.with_capability(&delegation().cacao());
    let input = unsigned.prepare(key().did_key()).unwrap();
    let signature = key().sign(input.as_bytes());
    input.finish(signature.as_ref()).unwrap().to_car_base64url()
}

#[test]
fn each_request_costs_the_signature_of_its_jws_only() {
    let (provers, looked) = counting();
    let requirement = Requirement::any_domain().with_issuer(account());
    let verification = Verification::new(NOW, requirement).with_provers(provers.clone());
    for number in 0..10 {
        let signed = SignedDagJws::from_car_base64url(&request(number)).unwrap();
        let verified = signed.verify(&verification).unwrap();
        assert!(verified.jws().is_capability_bound());
    }
    assert_eq!(looked.load(Ordering::Relaxed), 1);
    let stats = provers.known().unwrap().stats();
    assert_eq!((stats.hits, stats.misses), (9, 1));
    let cacao = delegation().cacao();
    let verified = under(&cacao)
        .verify(&verification.with_capability(&cacao))
        .unwrap();
    assert_eq!(verified.key(), key().did_key());
    assert_eq!(looked.load(Ordering::Relaxed), 1);
}

#[test]
fn a_known_capability_serves_its_key_its_issuer_and_its_window_only() {
    let (provers, _) = counting();
    let at = |now| Verification::new(now, Requirement::any_domain()).with_provers(provers.clone());
    let cacao = delegation().cacao();
    let jws = under(&cacao);
    assert_eq!(
        code(jws.verify(&at(NOW).with_capability(&cacao))),
        "accepted"
    );
    let late = cacao::UnixTime::from_secs(1_781_084_800);
    assert_eq!(
        code(jws.verify(&at(late).with_capability(&cacao))),
        "expired"
    );
    let other = at(NOW)
        .with_capability(&cacao)
        .issuer(OTHER_ACCOUNT.parse().unwrap());
    assert_eq!(code(jws.verify(&other)), "issuer_mismatch");
    // another key that shows the same capability, and a capability made out to it by nobody
    let input = dag_jws::UnsignedJws::bytes(b"payload")
        .unwrap()
        .with_capability(&cacao.cid());
    let input = input.prepare(other_key().did_key()).unwrap();
    let signature = other_key().sign(input.as_bytes());
    let foreign = input.finish(signature.as_ref()).unwrap();
    assert_eq!(
        code(foreign.verify(&at(NOW).with_capability(&cacao))),
        "audience_mismatch"
    );
    let forged = Delegation {
        audience: other_key().did_key().to_string(),
        signature: "forged",
        ..delegation()
    };
    let verification = at(NOW).with_capability(&forged.cacao());
    assert_eq!(code(foreign.verify(&verification)), "capability_mismatch");
    let input = dag_jws::UnsignedJws::bytes(b"payload").unwrap();
    let input = input
        .with_capability(&forged.cacao().cid())
        .prepare(other_key().did_key())
        .unwrap();
    let signature = other_key().sign(input.as_bytes());
    let foreign = input.finish(signature.as_ref()).unwrap();
    assert_eq!(code(foreign.verify(&verification)), "signature_mismatch");
}
