//! Is what the wallet answered what it was asked for?

use super::Pending;
use cacao::{Cacao, Judgement, Payload, Policy, Provers, Requirement, UnixTime};
use std::time::Duration;

/// How an answer differs from what was asked for, or why it proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerProblem {
    /// A member is not the one that was asked for.
    #[error("{member} is not the one asked for")]
    Different {
        /// The member, named as on the wire.
        member: &'static str,
    },
    /// It lasts longer than was asked for.
    #[error("it lasts longer than was asked for")]
    TooLong,
    /// It was not issued now.
    #[error("it was not issued now but at {iat}")]
    NotIssuedNow {
        /// `iat` as it stands.
        iat: String,
    },
    /// It does not hold yet.
    #[error("it does not hold before {nbf}")]
    NotValidYet {
        /// `nbf` as it stands.
        nbf: String,
    },
    /// It ends before it begins, or at once.
    #[error("it ends at {exp}, which is not after it begins")]
    EndsBeforeItBegins {
        /// `exp` as it stands.
        exp: String,
    },
    /// It has expired.
    #[error("it expired at {exp}")]
    Expired {
        /// `exp` as it stands.
        exp: String,
    },
    /// It is not accepted, because of the issuer's signature above all.
    #[error("it is not accepted")]
    Refused(#[source] cacao::Error),
}

impl AnswerProblem {
    /// A stable name of the reason in snake case, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Different { .. } => "answer_differs",
            Self::TooLong => "answer_lasts_too_long",
            Self::NotIssuedNow { .. } => "answer_not_issued_now",
            Self::NotValidYet { .. } => "answer_not_valid_yet",
            Self::EndsBeforeItBegins { .. } => "answer_ends_before_it_begins",
            Self::Expired { .. } => "answer_expired",
            Self::Refused(error) => error.code(),
        }
    }
}

/// Judges the answer whole: what was asked for, to the letter, and signed by its issuer.
pub(super) fn judge(
    pending: &Pending,
    answer: &Cacao,
    provers: &Provers,
    policy: &Policy,
    now: UnixTime,
) -> Result<Judgement, AnswerProblem> {
    compare(answer.payload(), pending)?;
    check_times(answer.payload(), pending, policy.skew(), now)?;
    // the domain was compared, with those that the request accepts
    let requirement = Requirement::any_domain()
        .with_issuer(answer.payload().issuer().clone())
        .with_audience(pending.audience().as_str())
        .with_nonce(pending.nonce());
    answer
        .begin(provers, policy, &requirement, now, None)
        .map_err(AnswerProblem::Refused)
}

fn compare(answer: &Payload, pending: &Pending) -> Result<(), AnswerProblem> {
    let asked = pending.request();
    // a wallet may leave this out, yet not put something else there
    let kept = |found: Option<&str>, asked: Option<&str>| found.is_none() || found == asked;
    let issuer = pending.issuer();
    let mut domains = asked.accepted_domains.iter().chain([&asked.domain]);
    let same = [
        ("p.iss", issuer.is_none_or(|issuer| answer.issuer() == issuer)),
        ("p.aud", answer.audience() == pending.audience().as_str()),
        ("p.nonce", answer.nonce() == pending.nonce()),
        (
            "p.resources",
            answer.resources().eq(asked.resources.iter().map(|r| &**r)),
        ),
        ("p.domain", domains.any(|domain| domain == answer.domain())),
        ("p.statement", has_statement(answer, pending)),
        (
            "p.requestId",
            kept(answer.request_id(), asked.request_id.as_deref()),
        ),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((member, _)) => Err(AnswerProblem::Different { member }),
        None => Ok(()),
    }
}

/// The statement that was asked for, none, or, where the request allows it, one that goes on
/// after a space.
fn has_statement(answer: &Payload, pending: &Pending) -> bool {
    let asked = pending.request();
    let Some(found) = answer.statement() else {
        return true;
    };
    let Some(wanted) = asked.statement.as_deref() else {
        return asked.longer_statement;
    };
    match found.strip_prefix(wanted) {
        Some(more) => more.is_empty() || (asked.longer_statement && more.starts_with(' ')),
        None => false,
    }
}

fn check_times(
    answer: &Payload,
    pending: &Pending,
    skew: Duration,
    now: UnixTime,
) -> Result<(), AnswerProblem> {
    let iat = answer.issued_at();
    // an answer that keeps the request's own `iat` is as old as the user took
    let waited = now.duration_since(pending.issued_at().unix_time());
    if iat.unix_time() > now + skew || iat.unix_time() < now - skew - waited {
        return Err(AnswerProblem::NotIssuedNow {
            iat: iat.to_string(),
        });
    }
    let nbf = answer.not_before();
    if let Some(nbf) = nbf.filter(|nbf| nbf.unix_time() > iat.unix_time() + skew) {
        return Err(AnswerProblem::NotValidYet {
            nbf: nbf.to_string(),
        });
    }
    let Some(exp) = answer.expires_at() else {
        return Err(AnswerProblem::TooLong);
    };
    if exp.unix_time() > pending.expires_at().unix_time() {
        return Err(AnswerProblem::TooLong);
    }
    // no tolerance for clocks here: such a session could never be used
    let begins_later = |time: UnixTime| exp.unix_time() < time;
    if exp.unix_time() <= iat.unix_time()
        || nbf.is_some_and(|nbf| begins_later(nbf.unix_time()))
    {
        return Err(AnswerProblem::EndsBeforeItBegins {
            exp: exp.to_string(),
        });
    }
    if exp.unix_time() <= now {
        return Err(AnswerProblem::Expired {
            exp: exp.to_string(),
        });
    }
    Ok(())
}
