//! One question to one node: a batch, or one call after the other, all before one deadline.

use super::node::Node;
use crate::json_rpc::{self, NoOutcome};
use cacao::{CallOutcome, EthCall};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use ureq::Agent;
use ureq::http::StatusCode;

/// The longest answer that is read, in bytes: an answer is a word, a reason to revert some more.
pub(super) const MAX_ANSWER_LEN: u64 = 1 << 20;

/// Why a node gave no outcome.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// Nobody said where to ask.
    #[error("there is no node for this chain")]
    NoNode,
    /// The deadline has passed.
    #[error("the node took too long")]
    TooSlow,
    /// No connection, or not HTTP. A text, since a source could hold the address.
    #[error("the node cannot be reached: {0}")]
    Transport(String),
    /// What comes with such a status is not an answer, unless it says that the call reverted.
    #[error("the node answers with the status {0}")]
    Status(StatusCode),
    /// It answered something that tells nothing about the call.
    #[error(transparent)]
    Answer(NoOutcome),
}

/// Calls to one node.
pub(super) struct Question {
    pub(super) agent: Agent,
    pub(super) node: Node,
    pub(super) calls: Vec<EthCall>,
    pub(super) deadline: Instant,
    pub(super) next: Arc<AtomicU64>,
}

impl Question {
    /// The outcomes of the first calls, in their order, and why there are no more of them where the
    /// node failed in between.
    pub(super) fn ask(&self) -> (Vec<CallOutcome>, Option<Trouble>) {
        let mut outcomes = Vec::new();
        if self.calls.len() > 1 {
            // whatever came of a batch that gave too little, one call after the other may do better
            outcomes = self.batch().unwrap_or_default();
        }
        for call in self.calls.iter().skip(outcomes.len()) {
            match self.single(call) {
                Ok(outcome) => outcomes.push(outcome),
                Err(trouble) => return (outcomes, Some(trouble)),
            }
        }
        (outcomes, None)
    }

    /// The outcomes of the first calls, up to one that the batch did not answer.
    fn batch(&self) -> Result<Vec<CallOutcome>, Trouble> {
        let ids: Vec<_> = self.calls.iter().map(|_| self.id()).collect();
        let calls = ids.iter().zip(&self.calls);
        let body = calls
            .map(|(id, call)| json_rpc::request(*id, call))
            .collect();
        let (status, answer) = self.post(&Value::Array(body))?;
        if !status.is_success() {
            return Err(Trouble::Status(status));
        }
        let outcomes = json_rpc::outcomes(&ids, &answer).map_err(Trouble::Answer)?;
        Ok(outcomes.into_iter().map_while(Result::ok).collect())
    }

    fn single(&self, call: &EthCall) -> Result<CallOutcome, Trouble> {
        let id = self.id();
        let (status, answer) = self.post(&json_rpc::request(id, call))?;
        match json_rpc::outcome(id, &answer) {
            Ok(outcome) if status.is_success() => Ok(outcome),
            // some nodes say with another status that a call reverted
            Ok(CallOutcome::Reverted(reason)) => Ok(CallOutcome::Reverted(reason)),
            Err(NoOutcome::Node { code, message }) => {
                let message = self.node.hide(&message);
                Err(Trouble::Answer(NoOutcome::Node { code, message }))
            }
            _ if !status.is_success() => Err(Trouble::Status(status)),
            Ok(outcome) => Ok(outcome),
            Err(why) => Err(Trouble::Answer(why)),
        }
    }

    fn post(&self, body: &Value) -> Result<(StatusCode, Vec<u8>), Trouble> {
        let left = self.deadline.saturating_duration_since(now());
        if left.is_zero() {
            return Err(Trouble::TooSlow);
        }
        let sent = self
            .agent
            .post(self.node.url())
            .config()
            .timeout_global(Some(left))
            .build()
            .header("content-type", "application/json")
            .send(body.to_string());
        let answer = sent.map_err(|error| self.trouble(&error))?;
        let status = answer.status();
        let mut body = answer.into_body();
        let bytes = body.with_config().limit(MAX_ANSWER_LEN).read_to_vec();
        Ok((status, bytes.map_err(|error| self.trouble(&error))?))
    }

    fn trouble(&self, error: &ureq::Error) -> Trouble {
        match error {
            ureq::Error::Timeout(_) => Trouble::TooSlow,
            error => Trouble::Transport(self.node.hide(&error.to_string())),
        }
    }

    fn id(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

/// Now, by a clock that nobody sets. How long a node is waited for is no matter of wall time, and
/// of nobody's policy but this client's.
#[allow(clippy::disallowed_methods)]
pub(super) fn now() -> Instant {
    Instant::now()
}
