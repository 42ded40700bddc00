//! The judgement of one request, as a state machine without input and output: the order of the
//! checks is here and nowhere else.
//!
//! It says what it must know next, and is given the answer. Cheap checks come before expensive
//! ones, and nothing is used up before all checks have passed that can be made without that.

use crate::caller::Caller;
use crate::digest::{Covered, Expected, STREAM, read_digest};
use crate::mac::{Nonces, Secret};
use crate::names::{
    CAPABILITY_HEADER, CONTENT_DIGEST, EARLY_DATA, MAX_AGE, MAX_AHEAD, MAX_CAPABILITY_HEADER_LEN,
    SCHEME,
};
use crate::proof::Proof;
use crate::refusal::Refusal;
use crate::target::{Origin, only, origin_of};
use cacao::car::Car;
use cacao::{Cacao, CallOutcome, EthCall, Judgement, Policy, Proven, Provers, Requirement};
use cacao::{UnixTime, VerifiedCacao};
use dag_jws::Cid;
use didkey::DidKey;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, Uri};
use session_core::server::{ProofId, Remembered, ReplayMemory, ReplayWindow};
use std::sync::Arc;
use std::time::Duration;

/// What a server demands of every request.
#[derive(Clone)]
pub(crate) struct Rules {
    pub(crate) domain: String,
    pub(crate) requirement: Requirement,
    pub(crate) origins: Vec<Origin>,
    pub(crate) provers: Provers,
    pub(crate) policy: Policy,
    pub(crate) secret: Secret,
    /// Says since when it remembers: a window that processes share may begin anew at any time.
    pub(crate) replay: Arc<dyn ReplayWindow>,
}

/// What one route demands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Route {
    pub(crate) needs_nonce: bool,
    pub(crate) takes_streams: bool,
}

impl Route {
    /// Accepts proofs with or without a nonce, and no streams.
    pub const fn new() -> Self {
        Self {
            needs_nonce: false,
            takes_streams: false,
        }
    }

    /// Accepts only proofs with a nonce of the server, so that none can be made in advance.
    pub const fn with_nonce_required(mut self) -> Self {
        self.needs_nonce = true;
        self
    }

    /// Accepts content that is not covered by the proof: streams, whose digest is not known in
    /// advance.
    pub const fn with_streams(mut self) -> Self {
        self.takes_streams = true;
        self
    }
}

/// Whether the capability is looked at, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A session acts.
    Act,
    /// A key registers a capability, which is the content.
    Register,
}

/// What must be known next.
#[derive(Debug)]
pub(crate) enum Need {
    /// The capability with this CID, from where they are kept.
    Capability(Cid),
    /// Whether the proof is used for the first time.
    Use { proof: ProofId, until: UnixTime },
    /// What a contract says.
    Chain(Vec<EthCall>),
    /// Whether the capability was revoked.
    Revocation(Cacao),
    /// Nothing: this is who it is.
    Done(Box<Judged>),
}

/// What became of a request that is not refused.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) caller: Option<Caller>,
    pub(crate) key: DidKey,
    pub(crate) capability: Cid,
    pub(crate) expected: Expected,
    pub(crate) nonce: Option<String>,
    pub(crate) usage: Usage,
    /// Whether the capability was not known and came along.
    pub(crate) came_along: bool,
}

/// The proof, as it is to be remembered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) proof: ProofId,
    pub(crate) until: UnixTime,
    /// The memory of the replay window for which the proof was found to be fresh.
    memory: Option<ReplayMemory>,
}

impl Usage {
    /// Whether the proof counts, by what the replay window answered.
    pub(crate) fn check(&self, rules: &Rules, remembered: Remembered) -> Result<(), Refusal> {
        match remembered {
            Remembered::Again => Err(Refusal::Replayed),
            Remembered::TooOld => Err(Refusal::UseNonce),
            // it began anew since the proof was found to be fresh: what was used before is forgotten
            Remembered::First if self.memory != rules.replay.memory() => Err(Refusal::UseNonce),
            Remembered::First => Ok(()),
        }
    }
}

/// What is known of the capability.
#[derive(Debug)]
enum Known {
    Nothing,
    Proven(Proven),
    Unproven(Cacao),
    Asking(Box<cacao::Inquiry>),
    Verified(VerifiedCacao),
}

#[derive(Debug)]
pub(crate) struct Judging {
    proof: Proof,
    until: UnixTime,
    /// The memory of the replay window for which the proof was found to be fresh.
    memory: Option<ReplayMemory>,
    /// What the signed digest says about the content; `None` where it is of another request.
    expected: Option<Expected>,
    /// A fresh nonce, where the client should use another one.
    nonce: Option<String>,
    known: Known,
    came_along: bool,
    key: Option<DidKey>,
}

impl Judging {
    /// Sizes, syntax, time. `uri` is the target as it arrived.
    pub(crate) fn begin(
        rules: &Rules,
        parts: &Parts,
        uri: &Uri,
        (route, purpose): (Route, Purpose),
        now: UnixTime,
    ) -> Result<(Self, Need), Refusal> {
        if parts.headers.contains_key(EARLY_DATA) {
            return Err(Refusal::TooEarly);
        }
        let text = credentials(&parts.headers)?;
        let origin = origin_of(&rules.origins, parts, uri)?;
        let content = Content::read(&parts.headers)?;
        let inline = only(&parts.headers, &CAPABILITY_HEADER)?;
        let proof = Proof::parse(text).map_err(Refusal::InvalidProof)?;
        let memory = rules.replay.memory();
        let (until, nonce) = freshness(&rules.nonces(origin, memory), &proof, route, now)?;
        let expected = content.covered_by(&proof.htd, parts, uri, origin, route);
        let mut judging = Self {
            proof,
            until,
            memory,
            expected,
            nonce,
            known: Known::Nothing,
            came_along: false,
            key: None,
        };
        if purpose == Purpose::Register {
            let key = judging.proof.key.parse().ok();
            let key = key.ok_or(Refusal::InvalidProof("kid is not a did:key"))?;
            judging.check_signature(key)?;
            // the capability is the content: what it is comes before the proof is used up
            return judging.done(rules, None, now).map(|need| (judging, need));
        }
        let cid = judging.proof.capability;
        if let Some(proven) = rules.provers.known().and_then(|known| known.get(&cid)) {
            judging.known = Known::Proven(proven);
        } else if let Some(inline) = inline {
            judging.known = Known::Unproven(read_inline(inline, &cid)?);
            judging.came_along = true;
        } else {
            return Ok((judging, Need::Capability(cid)));
        }
        let need = judging.check_capability(rules, now)?;
        Ok((judging, need))
    }

    /// The block that is kept under the CID, if one is.
    pub(crate) fn on_capability(
        &mut self,
        rules: &Rules,
        block: Option<&[u8]>,
        now: UnixTime,
    ) -> Result<Need, Refusal> {
        let block = block.ok_or(Refusal::CapabilityRequired)?;
        if !cacao::car::has_cid(block, &self.proof.capability) {
            return Err(Refusal::CapabilityRequired);
        }
        self.known = Known::Unproven(rules.provers.read_dag_cbor(block)?);
        self.check_capability(rules, now)
    }

    /// Key, `htd`, signature, and then the capability: its window, its domain, who signed it.
    fn check_capability(&mut self, rules: &Rules, now: UnixTime) -> Result<Need, Refusal> {
        let capability = match &self.known {
            Known::Proven(proven) => proven.cacao(),
            Known::Unproven(capability) => capability,
            _ => return Err(Refusal::CapabilityRequired),
        };
        let key = capability
            .audience_key()
            .filter(|key| key.as_str() == self.proof.key)
            .ok_or(Refusal::InvalidToken("audience_mismatch"))?;
        check_end(capability)?;
        let need = self.check_signature(key)?;
        self.known = judge_capability(rules, &self.known, now)?;
        Ok(need)
    }

    fn check_signature(&mut self, key: DidKey) -> Result<Need, Refusal> {
        if self.expected.is_none() {
            return Err(Refusal::InvalidProof("the proof is for another request"));
        }
        if !self.proof.is_signed_by(&key) {
            return Err(Refusal::InvalidProof(
                "the signature is not that of the key",
            ));
        }
        self.key = Some(key);
        let Usage { proof, until, .. } = self.usage();
        Ok(Need::Use { proof, until })
    }

    fn usage(&self) -> Usage {
        Usage {
            proof: ProofId::new(&self.proof.key, &self.proof.jti),
            until: self.until,
            memory: self.memory,
        }
    }

    /// Whether the proof was used before.
    pub(crate) fn on_use(
        &mut self,
        rules: &Rules,
        remembered: Remembered,
    ) -> Result<Need, Refusal> {
        self.usage().check(rules, remembered)?;
        self.ask_or_look()
    }

    /// What a contract said.
    pub(crate) fn on_chain(
        &mut self,
        outcomes: &[CallOutcome],
        now: UnixTime,
    ) -> Result<Need, Refusal> {
        let Known::Asking(inquiry) = std::mem::replace(&mut self.known, Known::Nothing) else {
            return Err(Refusal::CapabilityRequired);
        };
        self.known = match inquiry.answer(outcomes, now)? {
            Judgement::Accepted(verified) => Known::Verified(verified),
            Judgement::Ask(inquiry) => Known::Asking(inquiry),
        };
        self.ask_or_look()
    }

    /// Whether the capability was revoked.
    pub(crate) fn on_revocation(
        &mut self,
        rules: &Rules,
        is_revoked: bool,
        now: UnixTime,
    ) -> Result<Need, Refusal> {
        match std::mem::replace(&mut self.known, Known::Nothing) {
            _ if is_revoked => Err(Refusal::InvalidToken("revoked")),
            Known::Verified(verified) => self.done(rules, Some(verified), now),
            _ => Err(Refusal::CapabilityRequired),
        }
    }

    fn ask_or_look(&self) -> Result<Need, Refusal> {
        match &self.known {
            Known::Asking(inquiry) => Ok(Need::Chain(inquiry.calls().to_vec())),
            Known::Verified(verified) => Ok(Need::Revocation(verified.cacao().clone())),
            _ => Err(Refusal::CapabilityRequired),
        }
    }

    fn done(
        &mut self,
        rules: &Rules,
        verified: Option<VerifiedCacao>,
        now: UnixTime,
    ) -> Result<Need, Refusal> {
        let (Some(key), Some(expected)) = (self.key.take(), self.expected) else {
            return Err(Refusal::InvalidProof("the proof is for another request"));
        };
        let caller =
            verified.map(|verified| Caller::new(verified, key.clone(), &rules.policy, now));
        Ok(Need::Done(Box::new(Judged {
            caller,
            key,
            capability: self.proof.capability,
            expected,
            nonce: self.nonce.take(),
            usage: self.usage(),
            came_along: self.came_along,
        })))
    }
}

/// A server could never forget the revocation of a capability that never ends.
pub(crate) fn check_end(capability: &Cacao) -> Result<(), Refusal> {
    match capability.payload().expires_at() {
        Some(_) => Ok(()),
        None => Err(Refusal::InvalidToken("no_expiry")),
    }
}

fn judge_capability(rules: &Rules, known: &Known, now: UnixTime) -> Result<Known, Refusal> {
    let Rules {
        provers,
        policy,
        requirement,
        ..
    } = rules;
    let unproven = match known {
        Known::Proven(proven) => match proven.judge(policy, requirement, now) {
            // a contract must be asked again
            Err(cacao::Error::ContractWordTooOld) => proven.cacao(),
            verdict => return Ok(Known::Verified(verdict?)),
        },
        Known::Unproven(capability) => capability,
        _ => return Err(Refusal::CapabilityRequired),
    };
    match unproven.begin(provers, policy, requirement, now, None)? {
        Judgement::Accepted(verified) => Ok(Known::Verified(verified)),
        Judgement::Ask(inquiry) => Ok(Known::Asking(inquiry)),
    }
}

/// The proof of the only `Authorization` field.
fn credentials(headers: &HeaderMap) -> Result<&str, Refusal> {
    let value = only(headers, &AUTHORIZATION)?.ok_or(Refusal::NoCredentials)?;
    let (scheme, proof) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return Err(Refusal::NoCredentials);
    }
    Ok(proof)
}

/// Until when the proof would be accepted, and a fresh nonce where the client should have one.
fn freshness(
    nonces: &Nonces<'_>,
    proof: &Proof,
    route: Route,
    now: UnixTime,
) -> Result<(UnixTime, Option<String>), Refusal> {
    if let Some(nonce) = &proof.nonce {
        let (until, is_old) = nonces.read(nonce, now).ok_or(Refusal::UseNonce)?;
        return Ok((until, is_old.then(|| nonces.issue(now))));
    }
    let Some(iat) = i64::try_from(proof.iat).ok().map(UnixTime::from_secs) else {
        return Err(Refusal::UseNonce);
    };
    let until = iat + MAX_AGE;
    // what was used before a restart, a memory that began with it does not know
    let begins = nonces
        .memory
        .map(|memory| memory.since + MAX_AGE + MAX_AHEAD);
    let is_too_early = begins.is_some_and(|begins| now < begins);
    if route.needs_nonce || is_too_early || until < now || iat > now + MAX_AHEAD {
        return Err(Refusal::UseNonce);
    }
    Ok((until + Duration::from_secs(1), None))
}

impl Rules {
    pub(crate) fn nonces<'a>(
        &'a self,
        origin: &'a Origin,
        memory: Option<ReplayMemory>,
    ) -> Nonces<'a> {
        Nonces {
            secret: &self.secret,
            origin: origin.as_str(),
            memory,
        }
    }

    /// A nonce for whoever sent this request; `None` where it is for no origin of ours.
    pub(crate) fn nonce_for(&self, parts: &Parts, uri: &Uri, now: UnixTime) -> Option<String> {
        let origin = origin_of(&self.origins, parts, uri).ok()?;
        Some(self.nonces(origin, self.replay.memory()).issue(now))
    }
}

/// What the header fields say about the content.
struct Content<'a> {
    digest: Option<(&'a str, [u8; 32])>,
    content_type: Option<&'a str>,
}

impl<'a> Content<'a> {
    fn read(headers: &'a HeaderMap) -> Result<Self, Refusal> {
        let digest = match only(headers, &CONTENT_DIGEST)? {
            None => None,
            Some(text) => {
                let digest = read_digest(text);
                let problem = "Content-Digest is not one SHA-256";
                Some((text, digest.ok_or(Refusal::InvalidRequest(problem))?))
            }
        };
        Ok(Self {
            digest,
            content_type: only(headers, &CONTENT_TYPE)?,
        })
    }

    /// What the signed digest says about the content, if it is that of this request.
    fn covered_by(
        &self,
        htd: &[u8; 32],
        parts: &Parts,
        uri: &Uri,
        origin: &Origin,
        route: Route,
    ) -> Option<Expected> {
        let covers = |content| {
            let covered = Covered {
                method: parts.method.as_str(),
                origin: origin.as_str(),
                path_and_query: uri.path_and_query().map_or("/", |target| target.as_str()),
                content,
            };
            covered.digest() == *htd
        };
        let content_type = self.content_type.map(str::as_bytes);
        if let Some((text, digest)) = self.digest {
            return covers(Some((text, content_type))).then_some(Expected::Sha256(digest));
        }
        if covers(None) {
            return Some(Expected::Nothing);
        }
        let is_stream = route.takes_streams && covers(Some((STREAM, content_type)));
        is_stream.then_some(Expected::Anything)
    }
}

/// The capability that a request brings along.
fn read_inline(text: &str, cid: &Cid) -> Result<Cacao, Refusal> {
    if text.len() > MAX_CAPABILITY_HEADER_LEN {
        const { assert!(MAX_CAPABILITY_HEADER_LEN == 4096) };
        return Err(Refusal::InvalidRequest(
            "DID-Session-Capability is longer than 4,096 characters",
        ));
    }
    let car = Car::from_base64url(text).and_then(|car| Cacao::from_car(&car));
    let problem = Refusal::InvalidRequest("DID-Session-Capability is not a capability");
    let capability = car.map_err(|_| problem)?;
    if capability.cid() != *cid {
        return Err(Refusal::InvalidRequest(
            "DID-Session-Capability is not the one of cap",
        ));
    }
    Ok(capability)
}
