//! The page "Verify".

// ANCHOR: imports
use did_session::cacao::{Cacao, Policy, Provers, Requirement, eip191::Eip191};
use did_session::jws::{Jws, Verification};
use did_session::{Clock, SystemClock};
use std::error::Error;
use std::time::Duration;
// ANCHOR_END: imports

// ANCHOR: jws
/// A message that a session signed, and the capability that it was sent with. Answers who speaks.
pub fn message(jws: &str, capability_json: &str) -> Result<String, Box<dyn Error>> {
    let requirement = Requirement::for_domain("app.example").with_resources(["ceramic://*"]);
    let verification = Verification::new(SystemClock.now(), requirement)
        .with_provers(Provers::none().with(Eip191)?)
        .with_capability(&Cacao::from_json(capability_json)?)
        .with_bound_capability(); // the message must name this very capability
    let verified = Jws::parse(jws)?.verify(&verification)?;
    Ok(verified.principal().did())
}
// ANCHOR_END: jws

// ANCHOR: capability
/// A capability alone. Answers the name by which it is counted and revoked.
pub fn capability(json: &str) -> Result<String, Box<dyn Error>> {
    let day = Duration::from_secs(24 * 60 * 60);
    let policy = Policy::default().with_max_lifetime(30 * day);
    let requirement = Requirement::for_domain("app.example");
    let provers = Provers::none().with(Eip191)?;
    let capability = Cacao::from_json(json)?;
    let verified = capability.verify(&provers, &policy, &requirement, SystemClock.now())?;
    let resources: Vec<_> = capability.payload().resources().collect();
    println!("{} may use {resources:?}", verified.issuer());
    Ok(capability.identity().to_string())
}
// ANCHOR_END: capability

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use did_session::cacao::MemberOrder;
    use did_session::didkey::Ed25519SigningKey;
    use did_session::{AuthMethod, Context, DidSession, EthereumWallet, Request};

    async fn session(domain: &str) -> (EthereumWallet, DidSession<Ed25519SigningKey>) {
        let wallet = EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap();
        let context = Context::with_system_clock(Provers::none().with(Eip191).unwrap());
        let request = Request::new(domain, ["ceramic://*"]);
        let session = DidSession::authorize(&context, &wallet, &request).await;
        (wallet, session.unwrap())
    }

    #[tokio::test]
    async fn messages_of_this_site_are_accepted_and_of_another_refused() {
        let (wallet, here) = session("app.example").await;
        let (_, elsewhere) = session("other.example").await;
        let hello = serde_json::json!({ "hello": "world" });
        for (session, accepted) in [(here, true), (elsewhere, false)] {
            let jws = session.create_jws(&hello).await.unwrap();
            let json = session.cacao().to_json(MemberOrder::DagJson);
            let who = message(jws.as_compact(), &json);
            let identity = capability(&json);
            if accepted {
                assert_eq!(who.unwrap(), wallet.issuer().did());
                assert_eq!(identity.unwrap(), session.cacao().identity().to_string());
            } else {
                assert!(who.is_err() && identity.is_err());
            }
        }
    }
}
