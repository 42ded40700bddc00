//! Is what the auth method answered what it was asked for?

use super::SessionOptions;
use crate::auth::AuthRequest;
use crate::context::Context;
use cacao::{Cacao, Expected, Payload, UnixTime, VerifiedCacao};
use std::time::Duration;

/// How the answer of an auth method differs from what was asked, or why it proves nothing.
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
            Self::Refused(error) => error.code(),
        }
    }
}

/// Verifies the answer whole: what was asked for, to the letter, and signed by the issuer.
pub(super) fn verify(
    answer: &Cacao,
    request: &AuthRequest,
    options: &SessionOptions,
    context: &Context,
) -> Result<VerifiedCacao, AnswerProblem> {
    let now = context.now();
    compare(answer.payload(), request.payload(), options)?;
    check_times(
        answer.payload(),
        request.payload(),
        context.rules().allowed_skew(),
        now,
    )?;
    let expected = Expected::anything()
        .issuer(request.issuer().clone())
        .audience(request.payload().audience())
        .nonce(request.payload().nonce());
    answer
        .verify(context.trusted(), context.rules(), &expected, now)
        .map_err(AnswerProblem::Refused)
}

fn compare(
    answer: &Payload,
    asked: &Payload,
    options: &SessionOptions,
) -> Result<(), AnswerProblem> {
    // a wallet may leave these out, yet not put something else there
    let kept = |found: Option<&str>, asked: Option<&str>| found.is_none() || found == asked;
    let same = [
        ("p.iss", answer.issuer() == asked.issuer()),
        ("p.aud", answer.audience() == asked.audience()),
        ("p.nonce", answer.nonce() == asked.nonce()),
        ("p.version", answer.version() == asked.version()),
        ("p.resources", answer.resources().eq(asked.resources())),
        ("p.domain", options.accepts_domain(answer.domain())),
        ("p.statement", kept(answer.statement(), asked.statement())),
        ("p.requestId", kept(answer.request_id(), asked.request_id())),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((member, _)) => Err(AnswerProblem::Different { member }),
        None => Ok(()),
    }
}

fn check_times(
    answer: &Payload,
    asked: &Payload,
    skew: Duration,
    now: UnixTime,
) -> Result<(), AnswerProblem> {
    let iat = answer.issued_at();
    if iat.unix_time() > now + skew || iat.unix_time() < now - skew - waited(asked, now) {
        return Err(AnswerProblem::NotIssuedNow {
            iat: iat.to_string(),
        });
    }
    if let Some(nbf) = answer
        .not_before()
        .filter(|nbf| nbf.unix_time() > iat.unix_time() + skew)
    {
        return Err(AnswerProblem::NotValidYet {
            nbf: nbf.to_string(),
        });
    }
    match (answer.expires_at(), asked.expires_at()) {
        (None, Some(_)) => Err(AnswerProblem::TooLong),
        (Some(found), Some(asked)) if found.unix_time() > asked.unix_time() => {
            Err(AnswerProblem::TooLong)
        }
        _ => Ok(()),
    }
}

/// How long the user took: an answer that keeps the request's own `iat` is as old as that.
fn waited(asked: &Payload, now: UnixTime) -> Duration {
    now.duration_since(asked.issued_at().unix_time())
}
