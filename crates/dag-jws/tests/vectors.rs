//! Every case of `jws.json` and `browser.json`: what is created, byte for byte, and verdicts.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may panic, and tells what it did"
)]

use cacao::{
    Cacao, Claim, Facts, Issuer, Kind, Policy, Prover, Provers, Proving, Requirement, UnixTime,
};
use dag_jws::{
    Cid, DagJws, Error, HeaderTemplate, Ipld, Jws, SignedDagJws, UnsignedDagJws, UnsignedJws,
    Verification,
};
use data_encoding::HEXLOWER;
use didkey::{DidKey, Ed25519SigningKey, P256SigningKey, Secp256k1SigningKey, Signature};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use test_support::{Failures, hold_reasons, text, vectors};

/// What we refuse where both answers are right, and why.
const EITHER_REFUSED: [(&str, &str); 3] = [
    ("verify / k256 / high s / no options", "high_s"),
    (
        "verify / capability / ed25519 / issuer is the signer, forged capability",
        "capability_mismatch",
    ),
    // a name stands in both headers
    (
        "verify / shape / unprotected header / no options",
        "malformed_json",
    ),
];

enum Key {
    Ed25519(Ed25519SigningKey),
    P256(P256SigningKey),
    Secp256k1(Secp256k1SigningKey),
}

impl Key {
    fn read(key: &Value) -> Self {
        let seed: [u8; 32] = hex(key, "secret_hex").try_into().unwrap();
        let read = match text(key, "type") {
            "ed25519" => Self::Ed25519(Ed25519SigningKey::from_seed(&seed)),
            "p256" => Self::P256(P256SigningKey::from_seed(&seed).unwrap()),
            "k256" => Self::Secp256k1(Secp256k1SigningKey::from_seed(&seed).unwrap()),
            other => panic!("unknown key type {other}"),
        };
        assert_eq!(read.did().as_str(), text(key, "did"));
        read
    }

    fn did(&self) -> &DidKey {
        match self {
            Self::Ed25519(key) => key.did_key(),
            Self::P256(key) => key.did_key(),
            Self::Secp256k1(key) => key.did_key(),
        }
    }

    fn sign(&self, message: &[u8]) -> Signature {
        match self {
            Self::Ed25519(key) => key.sign(message),
            Self::P256(key) => key.sign(message),
            Self::Secp256k1(key) => key.sign(message),
        }
    }
}

fn hex(value: &Value, member: &str) -> Vec<u8> {
    HEXLOWER.decode(text(value, member).as_bytes()).unwrap()
}

fn cid(value: &Value, member: &str) -> Cid {
    text(value, member).parse().unwrap()
}

fn at(value: &Value) -> UnixTime {
    match value.as_str() {
        Some(text) => text.parse::<cacao::Timestamp>().unwrap().unix_time(),
        // no capability is judged in the checks without a time
        None => UnixTime::EPOCH,
    }
}

fn capability(file: &Value, name: &str) -> Result<Cacao, Error> {
    let entry = &file["capabilities"][name];
    let cacao = Cacao::from_dag_cbor(&hex(entry, "block_hex")).map_err(Error::Capability)?;
    assert_eq!(cacao.cid().to_string(), text(entry, "cid"), "{name}");
    Ok(cacao)
}

/// The built-in provers of the families that a check names; all of them where it names none.
struct Named {
    all: Provers,
    kinds: Vec<Kind>,
}

impl Named {
    fn new(families: &Value) -> Self {
        let all = Provers::all_compiled_in();
        let named = |kind: &&Kind| match families.as_array() {
            None => true,
            Some(names) => names.iter().any(|name| {
                kind.signature
                    .starts_with(name.as_str().unwrap_or_default())
            }),
        };
        let kinds = all.kinds().filter(named).copied().collect();
        Self { all, kinds }
    }

    /// Whether the capability of this name has a verifier in this build.
    fn has_verifier_for(file: &Value, name: &str) -> bool {
        let cacao = capability(file, name).unwrap();
        Provers::all_compiled_in()
            .kinds()
            .any(|kind| kind.matches(&cacao))
    }
}

impl Prover for Named {
    fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, cacao::Error> {
        match self.all.prove(claim.cacao())? {
            Proving::Done(proven) => Ok(proven.facts().clone()),
            Proving::Ask(_) => Err(cacao::Error::chain("nobody is asked here")),
        }
    }
}

/// Some cases cannot be told from the data alone: what our crate does instead.
fn out_of_scope(case: &Value) -> Option<&'static str> {
    match text(case, "name") {
        "create / ed25519 / capability 1 ms past exp" => {
            Some("refused by the clock of a session, which this crate does not have")
        }
        "create / dag / ed25519 / not a number" => {
            Some("JSON has no NaN: see not_a_number_is_refused")
        }
        _ => None,
    }
}

#[test]
fn create() {
    let file = vectors("jws.json");
    let (mut ran, mut failures, mut skipped) = (0, Failures::default(), 0);
    for case in file["create"].as_array().unwrap() {
        let name = text(case, "name");
        if let Some(reason) = out_of_scope(case) {
            assert_eq!(case["created"], false, "{name}");
            println!("{name}: {reason}");
            skipped += 1;
            continue;
        }
        ran += 1;
        assert_eq!(case["created"], true, "{name}");
        let made = if case["dag"] == true {
            create_dag(&file, case, &mut failures)
        } else {
            create_jws(&file, case).inspect(|jws| {
                let general: Value = serde_json::from_str(&jws.to_general()).unwrap();
                let exact = case["byte_exact"] == true;
                failures.check(name, !exact || general == case["jws"], "another JWS");
                let compact = jws.as_compact();
                failures.check(name, !exact || compact == text(case, "compact"), "compact");
            })
        };
        match made {
            Err(error) => failures.add(name, error),
            Ok(jws) => check_parts(case, &jws, &mut failures),
        }
        // what was recorded holds, whatever key made it
        let recorded = Jws::parse(&case["jws"].to_string()).unwrap();
        failures.check(
            name,
            recorded.as_compact() == text(case, "compact"),
            "reads otherwise",
        );
        let verdict = recorded.verify(
            &Verification::new(UnixTime::EPOCH, Requirement::any_domain())
                .with_provers(Provers::all_compiled_in()),
        );
        failures.check(name, verdict.is_ok(), format!("{:?}", verdict.err()));
    }
    assert_eq!(skipped, 2);
    failures.finish(ran);
}

/// The JSON that is signed for an object is what the peer's serializer writes.
#[test]
fn canonical() {
    let file = vectors("canonical.json");
    let key = Ed25519SigningKey::from_seed(&[1; 32]);
    let (mut ran, mut failures) = (0, Failures::default());
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        ran += 1;
        let value: Value = serde_json::from_str(text(case, "json")).unwrap();
        let made = UnsignedJws::object(&value)
            .and_then(|unsigned| unsigned.prepare(key.did_key()))
            .and_then(|input| input.finish(&[0; 64]));
        match made {
            Err(error) => failures.add(name, error),
            Ok(jws) => {
                let ours = String::from_utf8(jws.payload_bytes()).unwrap();
                failures.check(name, ours == text(case, "text"), &ours);
            }
        }
    }
    failures.finish(ran);
}

fn members(case: &Value) -> impl Iterator<Item = (&String, &Value)> {
    case["protected"].as_object().into_iter().flatten()
}

fn create_jws(file: &Value, case: &Value) -> Result<Jws, Error> {
    let key = Key::read(&file["keys"][text(case, "key")]);
    let mut unsigned = match &case["payload"] {
        Value::String(text) => UnsignedJws::base64url(text)?,
        payload => UnsignedJws::object(payload)?,
    };
    for (name, value) in members(case) {
        unsigned = unsigned.with_header_member(name, value.clone());
    }
    let input = match case["capability"].as_str() {
        None => unsigned.prepare(key.did())?,
        Some(name) => {
            let cacao = capability(file, name)?;
            // the two ways to sign under a capability give the same bytes
            let template = HeaderTemplate::with_capability(key.did(), &cacao)?;
            let input = unsigned.clone().prepare_with(&template)?;
            let other = unsigned.with_capability(&cacao.cid()).prepare(key.did())?;
            assert_eq!(input.as_bytes(), other.as_bytes());
            input
        }
    };
    let signature = key.sign(input.as_bytes());
    input.finish(signature.as_ref())
}

fn create_dag(file: &Value, case: &Value, failures: &mut Failures) -> Result<Jws, Error> {
    let name = text(case, "name");
    let key = Key::read(&file["keys"][text(case, "key")]);
    let mut unsigned = UnsignedDagJws::from_dag_json(&case["payload"].to_string())?;
    if let Some(name) = case["capability"].as_str() {
        unsigned = unsigned.with_capability(&capability(file, name)?);
    }
    let input = unsigned.prepare(key.did())?;
    let signature = key.sign(input.as_bytes());
    let made = input.finish(signature.as_ref())?;

    failures.check(
        name,
        made.linked_block() == hex(case, "linked_block_hex"),
        "another block",
    );
    failures.check(
        name,
        *made.jws().link() == cid(case, "link"),
        "another link",
    );
    let cacao_block = case["cacao_block_hex"]
        .as_str()
        .map(|_| hex(case, "cacao_block_hex"));
    failures.check(
        name,
        made.cacao_block() == cacao_block.as_deref(),
        "another capability block",
    );
    if case["byte_exact"] == true {
        let jws = made.jws();
        let mut general = case["jws"].clone();
        general["link"] = serde_json::json!({ "/": text(case, "link") });
        let same = serde_json::from_str::<Value>(&jws.to_general()).unwrap() == general
            && serde_json::to_string(jws).unwrap() == jws.to_general();
        failures.check(name, same, "another DagJWS");
        failures.check(
            name,
            jws.to_dag_jose() == hex(case, "dag_jose_block_hex"),
            "another dag-jose block",
        );
        failures.check(
            name,
            jws.cid() == cid(case, "dag_jose_cid"),
            "another dag-jose CID",
        );
        failures.check(
            name,
            made.to_car_base64url() == text(case, "car_base64url"),
            "another CAR",
        );
    }

    // the recorded archive, whatever key made it
    let read = SignedDagJws::from_car_base64url(text(case, "car_base64url"))?;
    failures.check(
        name,
        read.linked_block() == made.linked_block() && read.cacao_block() == made.cacao_block(),
        "the CAR reads otherwise",
    );
    failures.check(
        name,
        read.to_car_base64url() == text(case, "car_base64url"),
        "the CAR is not kept",
    );
    failures.check(
        name,
        serde_json::to_value(read.jws().jws()).unwrap() == case["jws"],
        "the dag-jose block reads otherwise",
    );
    let mut verification = Verification::new(at(&case["now"]), Requirement::any_domain())
        .with_provers(Provers::all_compiled_in());
    if let Some(name) = case["capability"].as_str() {
        let requirement = verification
            .requirement()
            .clone()
            .with_issuer(capability(file, name)?.payload().issuer().clone());
        verification = verification.with_requirement(requirement);
    }
    let waits = case["capability"]
        .as_str()
        .is_some_and(|name| !Named::has_verifier_for(file, name));
    match read.verify(&verification) {
        Ok(verified) => failures.check(name, !waits && *verified.link() == cid(case, "link"), "?"),
        Err(error) => failures.check(name, waits && error.code() == "unsupported_kind", error),
    }
    Ok(made.into_parts().0.into_jws())
}

fn check_parts(case: &Value, jws: &Jws, failures: &mut Failures) {
    let name = text(case, "name");
    let header = data_encoding::BASE64URL_NOPAD
        .decode(jws.as_compact().split('.').next().unwrap().as_bytes())
        .unwrap();
    failures.check(
        name,
        header == text(case, "header_json").as_bytes(),
        "another header",
    );
    if let Some(payload) = case["payload_json"].as_str() {
        failures.check(
            name,
            jws.payload_bytes() == payload.as_bytes(),
            "another payload",
        );
    }
    let verdict = jws.verify(
        &Verification::new(UnixTime::EPOCH, Requirement::any_domain())
            .with_provers(Provers::all_compiled_in()),
    );
    failures.check(name, verdict.is_ok(), format!("{:?}", verdict.err()));
}

#[test]
fn not_a_number_is_refused() {
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let value = Ipld::Map(BTreeMap::from([("x".into(), Ipld::Float(float))]));
        let error = UnsignedDagJws::new(&value).unwrap_err();
        assert_eq!(error.code(), "unsupported_value");
    }
}

fn judge(file: &Value, jws: &Value, opts: &Value) -> Result<(), Error> {
    let jws = match jws {
        Value::String(compact) => Jws::parse(compact)?,
        general => Jws::parse(&general.to_string())?,
    };
    let secs = |member: &str| opts[member].as_f64().map(Duration::from_secs_f64);
    let mut policy = Policy::default();
    if let Some(phase_out) = secs("revocation_phase_out_secs") {
        policy = policy.with_phase_out(phase_out);
    }
    if opts["disable_timecheck"] == true {
        policy = policy.dangerously_ignoring_expiry();
    }
    let provers = Provers::none()
        .with(Named::new(&opts["verifiers"]))
        .unwrap();
    let mut verification = Verification::new(at(&opts["at_time"]), Requirement::any_domain())
        .with_provers(Provers::all_compiled_in())
        .with_policy(policy)
        .with_provers(provers);
    if let Some(issuer) = opts["issuer"].as_str() {
        let issuer: Issuer = issuer.parse().map_err(Error::Capability)?;
        let requirement = verification.requirement().clone().with_issuer(issuer);
        verification = verification.with_requirement(requirement);
    }
    if let Some(name) = opts["capability"].as_str() {
        verification = verification.with_capability(&capability(file, name)?);
    }
    jws.verify(&verification).map(|_| ())
}

#[test]
fn verdicts() {
    let file = vectors("jws.json");
    let (mut ran, mut failures) = (0, Failures::default());
    let (mut waiting, mut documents, mut either) = (Vec::new(), Vec::new(), Vec::new());
    let mut reasons = Vec::new();
    for case in file["verify"].as_array().unwrap() {
        for check in case["checks"].as_array().unwrap() {
            let name = format!("{} / {}", text(case, "name"), text(check, "label"));
            let opts = &check["opts"];
            let verdict = text(check, "verdict");
            let answer = judge(&file, &case["jws"], opts);
            let code = answer.as_ref().map_or_else(Error::code, |()| "accepted");
            reasons.push((name.clone(), code));
            if case.get("did_documents").is_some() {
                // documents of another method: refused, whatever they would say
                failures.check(&name, answer.is_err(), code);
                documents.push(name);
                continue;
            }
            // only the chains of the peer's default provers are certain to be there
            let waits = opts["capability"].as_str().is_some_and(|name| {
                !name.starts_with("eth") && !Named::has_verifier_for(&file, name)
            });
            if waits && verdict != "reject" {
                failures.check(&name, code == "unsupported_kind", code);
                waiting.push(name);
                continue;
            }
            ran += 1;
            match (verdict, &answer) {
                ("accept", Err(error)) => failures.add(&name, format!("refused: {error}")),
                ("reject", Ok(())) => failures.add(&name, "accepted"),
                ("either", _) => either.push((name, code)),
                _ => {}
            }
        }
    }
    for (name, code) in &either {
        let ours = EITHER_REFUSED
            .iter()
            .find(|(refused, _)| refused == name)
            .map_or("accepted", |(_, code)| code);
        failures.check(name, *code == ours, format!("{code}, not {ours}"));
    }
    println!("wait for their verifier:\n  {}", waiting.join("\n  "));
    println!(
        "out of scope, only did:key is resolved:\n  {}",
        documents.join("\n  ")
    );
    failures.finish(ran);
    if waiting.is_empty() {
        hold_reasons("reasons.txt", &reasons);
    }
}

#[test]
fn dag_links() {
    let file = vectors("jws.json");
    let (mut ran, mut failures) = (0, Failures::default());
    for case in file["dag_links"].as_array().unwrap() {
        let name = text(case, "name");
        ran += 1;
        let jws = Jws::parse(&case["jws"].to_string()).unwrap();
        let dag_jws = DagJws::new(jws, cid(case, "link"));
        let answer = dag_jws.verify(
            &hex(case, "linked_block_hex"),
            &Verification::new(UnixTime::EPOCH, Requirement::any_domain())
                .with_provers(Provers::all_compiled_in()),
        );
        let accepted = text(case, "verdict") == "accept";
        failures.check(
            name,
            answer.is_ok() == accepted,
            format!("{:?}", answer.err()),
        );
        // with the link as a member, in both spellings
        for link in [
            serde_json::json!({ "/": text(case, "link") }),
            case["link"].clone(),
        ] {
            let mut general = case["jws"].clone();
            general["link"] = link;
            let read = DagJws::parse(&general.to_string()).unwrap();
            failures.check(name, read == dag_jws, "reads otherwise");
        }
    }
    failures.finish(ran);
}

#[test]
fn browser_signatures() {
    let file = vectors("browser.json");
    let (mut ran, mut failures) = (0, Failures::default());
    for case in file["cases"].as_array().unwrap() {
        let cacao = Cacao::from_json(&case["cacao"].to_string()).unwrap();
        let issuer: Issuer = text(case, "parent").parse().unwrap();
        let requirement = Requirement::any_domain().with_issuer(issuer);
        let verification = Verification::new(at(&case["at_time"]), requirement)
            .with_provers(Provers::all_compiled_in())
            .with_bound_capability();
        for (n, signed) in case["signed"].as_array().unwrap().iter().enumerate() {
            let name = format!("{} / {n}", text(case, "name"));
            ran += 1;
            let jws = Jws::parse(&signed["jws"].to_string()).unwrap();
            match jws.verify(&verification.clone().with_capability(&cacao)) {
                Err(error) => failures.add(&name, format!("{error:?}")),
                Ok(verified) => {
                    let same = verified.payload_json().as_ref() == Some(&signed["payload"])
                        && verified.key().as_str() == text(case, "did")
                        && verified.header().key_id() == text(&signed["result"], "kid");
                    failures.check(&name, same, "verified otherwise");
                }
            }
            let whole = SignedDagJws::new(
                DagJws::new(
                    Jws::parse(&signed["dag_jws"].to_string()).unwrap(),
                    cid(signed, "link"),
                ),
                hex(signed, "linked_block_hex"),
                Some(hex(signed, "cacao_block_hex")),
            );
            match whole.verify(&verification) {
                Err(error) => failures.add(&name, format!("{error:?}")),
                Ok(verified) => failures.check(
                    &name,
                    verified.principal().did() == text(case, "parent"),
                    "verified otherwise",
                ),
            }
            // the block is ours too
            let ours = UnsignedDagJws::from_dag_json(&signed["payload"].to_string()).unwrap();
            failures.check(&name, *ours.link() == cid(signed, "link"), "another link");
        }
    }
    failures.finish(ran);
}
