//! Nodes that are spoken to over HTTP and HTTPS.

mod ask;
mod node;

use ask::{Question, Trouble, now};
use async_trait::async_trait;
use cacao::{CallOutcome, ChainId, Error, EthCall};
use node::Node;
use session_core::{EthereumRpc, Outage};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use ureq::Agent;

/// How long a question may take before the chain counts as unavailable.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// A deadline further away than this cannot be told from none.
const LONGEST: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// Nodes of Ethereum chains, asked over HTTP, and over HTTPS with the feature `https`.
///
/// The calls of one question go to the node as one batch; a node that does not answer batches is
/// asked for one after the other. The time that a question may take is for all of it, from the
/// look-up of the host to the last byte of the last answer; where the node fails in between, what
/// it answered before counts, and it is not asked again.
///
/// Requests wait on threads of their own, so any executor will do. No proxy of the environment is
/// used and no redirect is followed. What an address carries beside its host (a key of the node's
/// operator, often) is in no error and no `Debug` output, even where the node repeats it. A name
/// and password in the address are sent as HTTP has it (`Authorization: Basic`).
///
/// Clones share connections.
#[derive(Clone)]
pub struct HttpRpc {
    agent: Agent,
    max_wait: Duration,
    /// By the chain's number.
    nodes: BTreeMap<String, Node>,
    /// The id of the next call.
    next: Arc<AtomicU64>,
}

impl HttpRpc {
    /// No node yet; a question may take ten seconds.
    #[must_use]
    pub fn new() -> Self {
        Self {
            agent: Agent::new_with_config(config().build()),
            max_wait: MAX_WAIT,
            nodes: BTreeMap::new(),
            // no process begins where another one did, so that an answer that somebody kept is
            // about no call of this one
            next: Arc::new(AtomicU64::new(getrandom::u32().map_or(1, u64::from) << 16)),
        }
    }

    /// Another time that a question may take: all calls of one `eth_calls`, however often the node
    /// must be asked for them.
    #[must_use]
    pub fn with_max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
    }

    /// Asks this node about this chain; a later node for the same chain takes its place.
    ///
    /// # Errors
    /// [`Error::Value`] when the chain is not of the namespace `eip155`, or the address is not an
    /// `http://…` (with the feature `https`: or `https://…`).
    pub fn with_node(mut self, chain: &ChainId, url: &str) -> Result<Self, Error> {
        if chain.namespace() != "eip155" {
            return Err(node::malformed(
                "the chain is not one of the namespace eip155",
            ));
        }
        let node = Node::parse(url)?;
        self.nodes.insert(chain.reference().into(), node);
        Ok(self)
    }

    /// Trusts the certificate authorities of this PEM text instead of those that browsers trust,
    /// for nodes in a network of one's own.
    ///
    /// # Errors
    /// [`Error::Value`] when it has no certificate, or one that cannot be read.
    #[cfg(feature = "https")]
    pub fn with_root_certificates(mut self, pem: &[u8]) -> Result<Self, Error> {
        use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

        let mut roots = Vec::new();
        for item in parse_pem(pem) {
            match item {
                Ok(PemItem::Certificate(certificate)) => roots.push(certificate),
                Ok(_) => {}
                Err(_) => return Err(node::malformed("the PEM text cannot be read")),
            }
        }
        if roots.is_empty() {
            return Err(node::malformed("the PEM text has no certificate"));
        }
        let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&roots));
        self.agent = Agent::new_with_config(config().tls_config(tls.build()).build());
        Ok(self)
    }

    fn question(&self, calls: &[EthCall]) -> Result<Question, Trouble> {
        let chain = calls.first().map_or("", |call| call.chain.as_str());
        let node = self.nodes.get(chain).ok_or(Trouble::NoNode)?;
        let calls = calls
            .iter()
            .take_while(|call| call.chain == chain)
            .cloned()
            .collect();
        Ok(Question {
            agent: self.agent.clone(),
            node: node.clone(),
            calls,
            deadline: now() + self.max_wait.min(LONGEST),
            next: Arc::clone(&self.next),
        })
    }
}

fn config() -> ureq::config::ConfigBuilder<ureq::typestate::AgentScope> {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
}

impl Default for HttpRpc {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl EthereumRpc for HttpRpc {
    async fn eth_calls(&self, calls: &[EthCall]) -> Result<Vec<CallOutcome>, Outage> {
        let Some(first) = calls.first() else {
            return Ok(Vec::new());
        };
        let (outcomes, trouble) = match self.question(calls) {
            Ok(question) => blocking::unblock(move || question.ask()).await,
            Err(trouble) => (Vec::new(), Some(trouble)),
        };
        match trouble {
            None => Ok(outcomes),
            Some(trouble) => Err(Outage::new(first.chain.clone(), trouble).with_outcomes(outcomes)),
        }
    }
}

impl fmt::Debug for HttpRpc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRpc")
            .field("chains", &self.nodes.keys().collect::<Vec<_>>())
            .field("max_wait", &self.max_wait)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
