//! Is what the wallet answered what it was asked for?

use super::{Pending, Request};
use crate::error::AnswerProblem;
use cacao::recap::{Recap, SignedRecap};
use cacao::{Cacao, Judgement, Payload, Policy, Provers, Requirement, UnixTime};
use std::time::Duration;

impl Pending {
    /// Verifies the whole answer: it must be exactly what was asked for, its issuer must have
    /// signed it, and it must hold now.
    ///
    /// # Errors
    /// [`AnswerProblem`] says how the answer differs from what was asked for, or why it is not
    /// accepted.
    pub fn accept(
        &self,
        answer: &Cacao,
        provers: &Provers,
        policy: &Policy,
        now: UnixTime,
    ) -> Result<Judgement, AnswerProblem> {
        compare(answer.payload(), self)?;
        check_times(answer.payload(), self, policy.skew(), now)?;
        // the domain was compared, with those that the request accepts
        let requirement = Requirement::any_domain()
            .with_issuer(answer.payload().issuer().clone())
            .with_audience(self.audience().as_str())
            .with_nonce(self.nonce());
        answer
            .begin(provers, policy, &requirement, now, None)
            .map_err(AnswerProblem::Refused)
    }

    /// Refuses an answer that has ended, without tolerance for clocks, since it could never be
    /// used. An answer may end while a chain is asked, or while the caller waits.
    ///
    /// # Errors
    /// [`AnswerProblem::Expired`].
    pub fn check_not_ended(answer: &Payload, now: UnixTime) -> Result<(), AnswerProblem> {
        match answer.expires_at().filter(|exp| exp.unix_time() <= now) {
            Some(exp) => Err(AnswerProblem::Expired {
                exp: exp.to_string(),
            }),
            None => Ok(()),
        }
    }
}

fn compare(answer: &Payload, pending: &Pending) -> Result<(), AnswerProblem> {
    let asked = pending.request();
    // a wallet may leave this out, yet not put something else there
    let kept = |found: Option<&str>, asked: Option<&str>| found.is_none() || found == asked;
    let issuer = pending.issuer();
    let same = [
        (
            "p.iss",
            issuer.is_none_or(|issuer| answer.issuer() == issuer),
        ),
        ("p.aud", answer.audience() == pending.audience().as_str()),
        ("p.nonce", answer.nonce() == pending.nonce()),
        (
            "p.resources",
            answer
                .resources()
                .eq(asked.all_resources().iter().map(|r| &**r)),
        ),
        ("p.statement", has_statement(answer, pending)),
        (
            "p.requestId",
            kept(answer.request_id(), asked.request_id.as_deref()),
        ),
    ];
    if let Some((member, _)) = same.into_iter().find(|(_, same)| !same) {
        return Err(AnswerProblem::Different { member });
    }
    let mut domains = asked.accepted_domains.iter().chain([&asked.domain]);
    match domains.any(|domain| domain == answer.domain()) {
        true => Ok(()),
        false => Err(AnswerProblem::OtherDomain {
            found: answer.domain().to_owned(),
            asked: asked.domain.clone(),
        }),
    }
}

/// Accepts the statement that was asked for, none at all, or, if the request allows it, one that
/// continues after a space. The words for the ReCap may be missing, since some wallets add them to
/// the text themselves; the judgement decides whether the signed text has them.
fn has_statement(answer: &Payload, pending: &Pending) -> bool {
    let asked = pending.request();
    let Some(found) = answer.statement().and_then(|found| own_part(found, asked)) else {
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

/// What stands before the words for the ReCap that is asked for.
fn own_part<'a>(statement: &'a str, asked: &Request) -> Option<&'a str> {
    let recap = asked.recap.as_ref().map(Recap::to_urn);
    // what we write can be read
    let recap = recap.and_then(|urn| urn.parse::<SignedRecap>().ok());
    match recap.and_then(|recap| recap.split_statement(statement)) {
        Some(split) => split.own,
        None => Some(statement),
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
    if exp.unix_time() <= iat.unix_time() || nbf.is_some_and(|nbf| begins_later(nbf.unix_time())) {
        return Err(AnswerProblem::EndsBeforeItBegins {
            exp: exp.to_string(),
        });
    }
    Pending::check_not_ended(answer, now)
}
