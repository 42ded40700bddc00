//! The page "Revoke sessions".

// ANCHOR: imports
use did_session::cacao::{Cacao, Issuer, Requirement};
use did_session::revoke::{REVOKE_RESOURCE, RevocationRules, Revocations, judge_revocation};
use did_session::store::MemoryStore;
use did_session::{AuthMethod, Clock, Context, Request, Sessions, SystemClock};
use std::error::Error;
// ANCHOR_END: imports

// ANCHOR: own
/// Ends the session here, and answers the statement that ends it on servers.
pub async fn end(
    sessions: &Sessions<MemoryStore>,
    issuer: &Issuer,
) -> Result<String, did_session::Error> {
    sessions.revoke(issuer).await
}
// ANCHOR_END: own

// ANCHOR: server
/// What a server does with a statement that it was sent, and the capability that it names.
pub async fn receive(
    statement: &str,
    capability: &Cacao,
    context: &Context,
    revocations: &dyn Revocations,
) -> Result<(), Box<dyn Error>> {
    let rules = RevocationRules::new(Requirement::for_domain("app.example"));
    let accepted = judge_revocation(statement, capability, &rules, context, revocations).await?;
    revocations.record(&accepted).await?;
    Ok(())
}
// ANCHOR_END: server

// ANCHOR: all
/// Ends every session of the account: the statement, and the capability under which it is made.
/// The wallet is asked for a fresh login that grants it, since a thief of a session key must not be
/// able to lock the owner out.
pub async fn end_all<W: AuthMethod>(
    sessions: &Sessions<MemoryStore>,
    wallet: &W,
) -> Result<(String, Cacao), did_session::Error> {
    let request = Request::new("app.example", [REVOKE_RESOURCE]);
    let session = sessions.sign_in(wallet, &request).await?;
    let statement = session.revocation_of_all(SystemClock.now()).await?;
    Ok((statement, session.cacao().clone()))
}
// ANCHOR_END: all

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use did_session::cacao::{Provers, eip191::Eip191};
    use did_session::store::MemoryRevocations;
    use did_session::{EthereumWallet, ManualClock};
    use std::time::Duration;

    fn context() -> Context {
        Context::with_system_clock(Provers::none().with(Eip191).unwrap())
    }

    #[tokio::test]
    async fn one_session_and_all_sessions_are_ended() {
        let wallet = EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap();
        let phone = Sessions::with_context(MemoryStore::new(), context());
        // `all before` counts in whole seconds: this login was a minute ago
        let minute = Duration::from_secs(60);
        let earlier = ManualClock::new(SystemClock.now() - minute);
        let earlier = Context::new(earlier, context().provers().clone());
        let desk = Sessions::with_context(MemoryStore::new(), earlier);
        let request = Request::new("app.example", ["ceramic://*"]);
        let on_phone = phone.get(&wallet, &request).await.unwrap();
        let on_desk = desk.get(&wallet, &request).await.unwrap();
        let revocations = MemoryRevocations::new();
        let ended = async |cacao: &Cacao| revocations.is_revoked(cacao).await.unwrap();

        let statement = end(&phone, wallet.issuer()).await.unwrap();
        let received = receive(&statement, on_phone.cacao(), &context(), &revocations).await;
        received.unwrap();
        assert!(ended(on_phone.cacao()).await);
        assert!(!ended(on_desk.cacao()).await);

        let (statement, capability) = end_all(&phone, &wallet).await.unwrap();
        let received = receive(&statement, &capability, &context(), &revocations).await;
        received.unwrap();
        assert!(ended(on_desk.cacao()).await);
    }
}
