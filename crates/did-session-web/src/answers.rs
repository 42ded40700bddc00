//! What a chain answers, one call after the other, as the page hears it.

use crate::host::chain;
use cacao::{CallOutcome, EthCall};
use ethereum_rpc::json_rpc;
use session_core::Outage;
use session_core::flow::Answered;

/// The answers to the calls that are open.
#[derive(Debug, Default)]
pub(crate) struct Answers(Vec<CallOutcome>);

impl Answers {
    /// Takes what a node answered to the next call, as the JSON of its result or of its error.
    /// Answers why that is not an outcome, if it is not. It stands in the last part.
    #[inline(never)]
    pub(crate) fn take(&mut self, json: &str, is_error: bool) -> Option<String> {
        let value = match serde_json::from_str(json) {
            Ok(value) => value,
            Err(error) => return Some(error.to_string()),
        };
        let read = match is_error {
            true => json_rpc::outcome_of_error(&value),
            false => json_rpc::outcome_of_result(&value),
        };
        match read {
            Ok(outcome) => {
                self.0.push(outcome);
                None
            }
            Err(why) => Some(chain(&why)),
        }
    }

    /// All that was answered to these calls, until the chain stopped for a reason.
    pub(crate) fn end(&mut self, calls: &[EthCall], outage: Option<String>) -> Answered {
        let outcomes = std::mem::take(&mut self.0);
        let asked = calls.first().map(|call| call.chain.clone());
        let outage = outage.map(|why| Outage::new(asked.unwrap_or_default(), why));
        Answered::By(outcomes, outage)
    }
}
