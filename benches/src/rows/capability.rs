//! Verifying an `eip191` capability, beside the one recovery that it contains.

use crate::Row;
use crate::fixtures::{NOW, raw_parts, session, text_of};
use crate::raw::{recover_address, recover_address_portable};
use cacao::{
    Cacao, HeaderType, MemberOrder, Payload, Policy, Provers, Requirement, Signature,
    VerifiedCacao, siwx,
};
use session_wallets::EthereumWallet;
use sha3::{Digest, Keccak256};
use std::hint::black_box;

/// The judgement as everybody who wants nothing special asks for it.
pub(super) fn verifier() -> impl Fn(&Cacao) -> Result<VerifiedCacao, cacao::Error> + Clone {
    let (provers, policy, requirement) = (
        Provers::all_compiled_in(),
        Policy::default(),
        Requirement::any_domain(),
    );
    move |cacao| cacao.verify(&provers, &policy, &requirement, NOW)
}

pub(super) fn rows() -> Vec<Row> {
    let cacao = session().cacao().clone();
    let (digest, rs, odd) = raw_parts(&cacao);
    let recover = move || recover_address(&digest, &rs, odd);
    let verify = verifier();
    let block = cacao.to_dag_cbor();
    let json = cacao.to_json(MemberOrder::Session);
    let text = text_of(&cacao);

    let mut rows = Vec::new();
    let (decoded, judge) = (cacao.clone(), verify.clone());
    rows.push(Row::new(
        "F1",
        "eip191 capability, decoded → verified",
        "recover + address",
        move || judge(black_box(&decoded)).unwrap(),
        recover,
    ));
    let (bytes, judge) = (block.clone(), verify.clone());
    rows.push(Row::new(
        "F2",
        "eip191 capability, DAG-CBOR → verified",
        "recover + address",
        move || judge(&Cacao::from_dag_cbor(black_box(&bytes)).unwrap()).unwrap(),
        recover,
    ));
    let judge = verify.clone();
    rows.push(Row::new(
        "F2-json",
        "eip191 capability, JSON → verified",
        "recover + address",
        move || judge(&Cacao::from_json(black_box(&json)).unwrap()).unwrap(),
        recover,
    ));
    let (judge, signed) = (verify.clone(), text.clone());
    rows.push(Row::new(
        "F4",
        "eip191 capability, DAG-CBOR → verified",
        "recover + address + keccak of the text",
        move || judge(&Cacao::from_dag_cbor(black_box(&block)).unwrap()).unwrap(),
        move || (Keccak256::digest(black_box(&signed)), recover()),
    ));
    let (judge, lower) = (verify.clone(), signed_in_lower_case(&cacao));
    rows.push(Row::new(
        "E2",
        "eip191 capability whose text has the address in lower case",
        "recover + address",
        move || judge(black_box(&lower)).unwrap(),
        recover,
    ));
    let foreign = with_another_statement(&cacao);
    rows.push(Row::new(
        "F6",
        "eip191 capability whose signature matches no spelling",
        "recover + address",
        move || verify(black_box(&foreign)).unwrap_err(),
        recover,
    ));
    rows.push(Row::new(
        "F26",
        "recovery of a public key",
        "recovery by the portable library",
        move || cacao::recovery::recover(black_box(&digest), &rs, odd).unwrap(),
        move || recover_address_portable(&digest, &rs, odd),
    ));
    let payload = cacao.payload().clone();
    rows.push(Row::new(
        "text-render",
        "sign-in text rendered",
        "copying the text",
        move || siwx::render(black_box(&payload), siwx::Dialect::default()).unwrap(),
        {
            let text = text.clone();
            move || black_box(&text).clone()
        },
    ));
    rows.push(Row::new(
        "text-parse",
        "sign-in text parsed",
        "copying the text",
        {
            let text = text.clone();
            move || siwx::parse(black_box(&text)).unwrap()
        },
        move || black_box(&text).clone(),
    ));
    rows
}

fn resigned(payload: &Payload, text: &str) -> Cacao {
    let chain = "eip155:1".parse().unwrap();
    let wallet = EthereumWallet::from_secret(&[7; 32], &chain).unwrap();
    let signature = Signature::eip191(&wallet.personal_sign(text.as_bytes()));
    Cacao::new(HeaderType::Eip4361, payload.clone(), Some(signature))
}

/// The spelling that is tried second.
fn signed_in_lower_case(cacao: &Cacao) -> Cacao {
    let text = text_of(cacao);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[1] = lines[1].to_lowercase();
    resigned(cacao.payload(), &lines.join("\n"))
}

/// The signature of another text.
fn with_another_statement(cacao: &Cacao) -> Cacao {
    resigned(cacao.payload(), "another text")
}
