//! The judgement: which library answers for which kind of input.

use did_session::cacao::{
    Cacao, IssuerProof, Judgement, Policy, Provers, Requirement, SignedText, UnixTime,
    VerifiedCacao, siwx::Variation,
};
use did_session::jws::{DagJws, Jws, SignedDagJws, Verification, VerifiedJws};
use did_session::nodes::HttpRpc;
use did_session::{
    EthereumRpc, ManualClock, SessionKey as _, SessionRecord, cacao, didkey, jws, settle,
};

use super::args::Verify;
use super::verdict::Verdict;
use crate::args::Globals;
use crate::commands::inspect::{Inspection, payload};
use crate::commands::passkeys::Passkey;
use crate::commands::session::required;
use crate::commands::warned::Warned;
use crate::document::Document;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::recap::ShownRecap;
use crate::store;

/// Signature kinds that have a relying party.
const PASSKEY: &str = "webauthn:p256";

/// What is the same for every document of one call.
#[derive(Debug)]
pub(super) struct Judging {
    at: UnixTime,
    policy: Policy,
    provers: Provers,
    rpc: Option<HttpRpc>,
}

impl Judging {
    /// Most capabilities that are remembered.
    const MAX_KNOWN: usize = 1 << 14;

    /// Without a node, contract wallets are of no kind that could be proven.
    pub(super) fn new(verify: &Verify, globals: &Globals) -> Result<Self, Failure> {
        let rpc = globals.nodes.rpc()?;
        let provers = Provers::all_compiled_in();
        Ok(Self {
            at: verify.time(),
            policy: verify.policy(),
            provers: match rpc {
                Some(_) => provers.with_contracts(globals.nodes.contracts())?,
                None => provers,
            },
            rpc,
        })
    }

    /// For many documents, which may come under the same capabilities.
    pub(super) fn of_many(verify: &Verify, globals: &Globals) -> Result<Self, Failure> {
        let judging = Self::new(verify, globals)?;
        Ok(Self {
            provers: judging.provers.with_memory(Self::MAX_KNOWN),
            ..judging
        })
    }

    /// Asks the contract of an issuer, at the time of the judgement.
    fn ask(&self, inquiry: Box<cacao::Inquiry>) -> Result<VerifiedCacao, Failure> {
        let rpc = self.rpc.as_ref().map(|rpc| rpc as &dyn EthereumRpc);
        let clock = ManualClock::new(self.at);
        store::block_on(async { Ok(settle(Judgement::Ask(inquiry), rpc, &clock).await?) })
    }

    /// Judges what was signed under a capability; a contract is asked when all else is well.
    fn judge<T>(
        &self,
        verification: Verification,
        verify: impl Fn(&Verification) -> Result<T, jws::Error>,
    ) -> Result<T, Failure> {
        match verify(&verification) {
            Err(jws::Error::MustAsk(inquiry)) => {
                let verified = self.ask(inquiry)?;
                Ok(verify(&verification.with_proven(verified.proven()))?)
            }
            verdict => Ok(verdict?),
        }
    }
}

impl Verify {
    /// Judges a document; `Err` is for what cannot be judged at all.
    pub(super) fn judge(
        &self,
        globals: &Globals,
        document: &Document,
        capability: Option<&Cacao>,
    ) -> Result<Verdict, Failure> {
        self.judge_by(&Judging::new(self, globals)?, document, capability)
    }

    /// As [`judge`](Self::judge), for one of many.
    pub(super) fn judge_by(
        &self,
        judging: &Judging,
        document: &Document,
        capability: Option<&Cacao>,
    ) -> Result<Verdict, Failure> {
        self.check_options(document, capability)?;
        let (judged, claims) = match document {
            Document::Session(record) => (
                self.judge_session(judging, record)
                    .map(|c| accepted_capability(&c)),
                claims_of(record.capability()),
            ),
            Document::Capability(found) => (
                self.judge_capability(judging, found)
                    .map(|c| accepted_capability(&c)),
                claims_of(found),
            ),
            Document::Text(text) => (self.judge_text(judging, text), Verdict::default()),
            Document::Jws(found) => (
                self.judge_jws(judging, found, capability),
                claims_of_jws(found),
            ),
            Document::Link(found) => (
                self.judge_link(judging, found, capability),
                claims_of_jws(found.jws()),
            ),
            Document::Dag(found) => (
                self.judge_dag(judging, found, capability),
                claims_of_jws(found.jws().jws()),
            ),
            Document::Did(_) | Document::Recap(_) => {
                let line = format!(
                    "{} has no signature that could be verified",
                    document.name()
                );
                return Err(Failure::input("nothing_to_verify", line));
            }
        };
        let verdict = match judged {
            Ok(verdict) => verdict,
            Err(failure) if failure.exit() == Exit::No => Verdict::refused(&failure),
            Err(failure) => return Err(failure),
        };
        Ok(Verdict {
            issuer: verdict.issuer.or(claims.issuer),
            audience: verdict.audience.or(claims.audience),
            cid: verdict.cid.or(claims.cid),
            identity: verdict.identity.or(claims.identity),
            kid: verdict.kid.or(claims.kid),
            ..verdict
        })
    }

    /// Options that would silently check nothing are refused.
    fn check_options(&self, document: &Document, given: Option<&Cacao>) -> Result<(), Failure> {
        let of_jws = matches!(
            document,
            Document::Jws(_) | Document::Link(_) | Document::Dag(_)
        );
        if given.is_some() && !of_jws {
            let line = format!("--capability is for a JWS, and this is {}", document.name());
            return Err(Failure::usage(line));
        }
        match (document, &self.signature) {
            (Document::Text(_), None) => {
                let line = "a sign-in text needs the signature under it: give it by --signature";
                return Err(Failure::usage(line));
            }
            (Document::Text(_), Some(_)) | (_, None) => {}
            (other, Some(_)) => {
                let line = format!(
                    "--signature is for a sign-in text, and this is {}",
                    other.name()
                );
                return Err(Failure::usage(line));
            }
        }
        let capability = match document {
            Document::Session(record) => Some(record.capability()),
            Document::Capability(capability) => Some(capability),
            _ => given,
        };
        let passkey = capability
            .and_then(Cacao::signature)
            .is_some_and(|signature| signature.kind().as_str() == PASSKEY);
        if self.passkeys.are_given() && !passkey {
            let line = "--rp-id, --origin and the other options for passkeys are for a capability \
                        that a passkey signed, and this is not one";
            return Err(Failure::usage(line));
        }
        Ok(())
    }

    fn policy(&self) -> Policy {
        let mut policy = Policy::default();
        if let Some(skew) = self.skew {
            policy = policy.with_skew(skew);
        }
        if let Some(phase_out) = self.phase_out {
            policy = policy.with_phase_out(phase_out);
        }
        if self.ignore_expiry {
            policy = policy.dangerously_ignoring_expiry();
        }
        if let Some(lifetime) = self.max_lifetime {
            policy = policy.with_max_lifetime(lifetime);
        }
        for kind in &self.forbid_kind {
            policy = policy.with_forbidden_kind(kind);
        }
        if self.opaque_recaps {
            policy = policy.with_opaque_recaps();
        }
        for variation in &self.forbid_dialect {
            policy = policy.with_forbidden_dialect(*variation);
        }
        if self.strict {
            policy = policy.with_strict_text();
        }
        self.passkeys.apply(policy)
    }

    fn judge_session(
        &self,
        judging: &Judging,
        record: &SessionRecord<didkey::Ed25519SigningKey>,
    ) -> Result<VerifiedCacao, Failure> {
        let (key, audience) = (record.key().did(), record.capability().payload().audience());
        if key.as_str() != audience {
            let error = did_session::Error::KeyMismatch {
                key: key.to_string(),
                audience: audience.to_owned(),
            };
            return Err(error.into());
        }
        self.judge_capability(judging, record.capability())
    }

    fn judge_capability(
        &self,
        judging: &Judging,
        capability: &Cacao,
    ) -> Result<VerifiedCacao, Failure> {
        let mut requirement = self.requirement();
        if let Some(audience) = &self.audience {
            requirement = requirement.with_audience(audience);
        }
        let Judging {
            at,
            policy,
            provers,
            ..
        } = judging;
        match capability.begin(provers, policy, &requirement, *at, None)? {
            Judgement::Accepted(verified) => Ok(verified),
            Judgement::Ask(inquiry) => judging.ask(inquiry),
        }
    }

    fn judge_text(&self, judging: &Judging, text: &SignedText) -> Result<Verdict, Failure> {
        let signature = self.signature.as_deref().unwrap_or_default();
        let signed = text.clone().with_signature_text(signature)?;
        let mut requirement = self.requirement();
        if let Some(audience) = &self.audience {
            requirement = requirement.with_audience(audience);
        }
        let (provers, policy) = (&judging.provers, &judging.policy);
        let verified = match signed.begin(provers, policy, &requirement, judging.at)? {
            Judgement::Accepted(verified) => verified,
            Judgement::Ask(inquiry) => judging.ask(inquiry)?,
        };
        Ok(Verdict {
            issuer: Some(text.issuer().normalized().did()),
            audience: Some(text.payload().audience().to_owned()),
            text: Some(Box::new(Inspection::of_text(text))),
            ..accepted_capability(&verified)
        })
    }

    /// What is required of a capability, its audience left out.
    fn requirement(&self) -> Requirement {
        let requirement = required(
            self.domain.as_deref(),
            &self.resource,
            self.nonce.as_deref(),
            self.request_id.as_deref(),
        );
        let requirement = self.recap.require(requirement);
        match &self.issuer {
            Some(issuer) => requirement.with_issuer(issuer.clone()),
            None => requirement,
        }
    }

    fn judge_jws(
        &self,
        judging: &Judging,
        jws: &Jws,
        capability: Option<&Cacao>,
    ) -> Result<Verdict, Failure> {
        self.check_signer(jws)?;
        let verification = self.verification(judging, capability);
        let verified = judging.judge(verification, |verification| jws.verify(verification))?;
        Ok(accepted(&verified, jws))
    }

    /// Without the linked block: the link must be the one that is signed.
    fn judge_link(
        &self,
        judging: &Judging,
        dag: &DagJws,
        capability: Option<&Cacao>,
    ) -> Result<Verdict, Failure> {
        let signed = DagJws::from_jws(dag.jws().clone())?;
        if signed.link() != dag.link() {
            return Err(jws::Error::LinkMismatch {
                link: dag.link().to_string(),
                payload: signed.link().to_string(),
            }
            .into());
        }
        Ok(Verdict {
            link: Some(dag.link().to_string()),
            payload: None,
            ..self.judge_jws(judging, dag.jws(), capability)?
        })
    }

    fn judge_dag(
        &self,
        judging: &Judging,
        dag: &SignedDagJws,
        capability: Option<&Cacao>,
    ) -> Result<Verdict, Failure> {
        self.check_signer(dag.jws().jws())?;
        let verification = self.verification(judging, capability);
        let verified = judging.judge(verification, |verification| dag.verify(verification))?;
        // a block of another codec is signed all the same; it is just not shown
        let value = verified
            .to_ipld()
            .and_then(|value| jws::dag_json::to_string(&value));
        Ok(Verdict {
            link: Some(verified.link().to_string()),
            payload: value.ok().and_then(|json| serde_json::from_str(&json).ok()),
            ..accepted(verified.jws(), dag.jws().jws())
        })
    }

    fn verification(&self, judging: &Judging, capability: Option<&Cacao>) -> Verification {
        let verification = Verification::new(judging.at, self.requirement())
            .with_policy(judging.policy.clone())
            .with_provers(judging.provers.clone());
        match capability {
            Some(capability) => verification.with_capability(capability),
            None => verification,
        }
    }

    /// The audience of a capability is the key that signs under it.
    fn check_signer(&self, jws: &Jws) -> Result<(), Failure> {
        let Some(expected) = &self.audience else {
            return Ok(());
        };
        let found = jws.header().key()?.to_string();
        if *expected == found {
            return Ok(());
        }
        let line = format!("signed by {found}, not by {expected}");
        Err(Failure::no("audience_mismatch", line))
    }
}

fn accepted(verified: &VerifiedJws, jws: &Jws) -> Verdict {
    let principal = verified.principal();
    let detail = match (jws.header().capability(), verified.capability()) {
        (Some(cid), None) => format!(
            "signed by the key; whether it may act for somebody is not known, since the capability \
             {cid} was not given by --capability"
        ),
        _ => "accepted".to_owned(),
    };
    Verdict {
        detail,
        issuer_proof: verified.capability().map(proof),
        account: verified.capability().and_then(account),
        issuer: Some(
            principal
                .issuer()
                .map_or_else(|| principal.did(), |issuer| issuer.normalized().did()),
        ),
        audience: verified.capability().map(|_| verified.key().to_string()),
        recap: verified.capability().and_then(ShownRecap::of_verified),
        cid: verified.capability().map(|c| c.cacao().cid().to_string()),
        identity: verified
            .capability()
            .map(|c| c.cacao().identity().to_string()),
        payload: Some(payload(verified.payload(), jws.payload_base64url())),
        passkey: verified.capability().and_then(passkey),
        warnings: verified
            .capability()
            .map_or_else(Vec::new, Warned::verified),
        ..Verdict::accepted()
    }
}

fn accepted_capability(verified: &VerifiedCacao) -> Verdict {
    let proof = proof(verified);
    let detail = if proof == "claimed" {
        "the signature is valid, but does not say who the issuer is: name the one that you expect by \
         --issuer"
    } else {
        "accepted"
    };
    Verdict {
        detail: detail.to_owned(),
        issuer_proof: Some(proof),
        recap: ShownRecap::of_verified(verified),
        dialect: verified.variations().map(Variation::name).collect(),
        passkey: passkey(verified),
        warnings: Warned::verified(verified),
        account: account(verified),
        ..Verdict::accepted()
    }
}

/// What the issuer said, if it is a passkey.
fn passkey(verified: &VerifiedCacao) -> Option<Passkey> {
    verified.facts().passkey.as_deref().map(Passkey::of)
}

/// What an Ethereum account was found to be.
fn account(verified: &VerifiedCacao) -> Option<&'static str> {
    verified.account().map(cacao::AccountKind::name)
}

/// How firmly the issuer is known: what a passkey signs does not name it.
fn proof(verified: &VerifiedCacao) -> &'static str {
    match verified.issuer_proof() {
        IssuerProof::Signed => "signed",
        IssuerProof::Expected => "expected",
        _ => "claimed",
    }
}

fn claims_of(capability: &Cacao) -> Verdict {
    let payload = capability.payload();
    Verdict {
        issuer: Some(payload.issuer().normalized().did()),
        audience: Some(payload.audience().to_owned()),
        cid: Some(capability.cid().to_string()),
        identity: Some(capability.identity().to_string()),
        ..Verdict::default()
    }
}

fn claims_of_jws(jws: &Jws) -> Verdict {
    let header = jws.header();
    Verdict {
        issuer: header.key().ok().map(|key| key.to_string()),
        cid: header.capability().map(ToString::to_string),
        kid: Some(header.key_id().to_owned()),
        ..Verdict::default()
    }
}
