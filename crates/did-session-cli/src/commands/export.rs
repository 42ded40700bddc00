//! `export`: the session string, which is a secret, or the capability, which is none.

use clap::Args;
use did_session::cacao::{Issuer, MemberOrder};
use zeroize::Zeroizing;

use super::session::load;
use crate::args::{Globals, ProfileArg};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Answer;
use crate::store;
use crate::value::ISSUER;

/// Print the session string. WHOEVER READS IT HAS THE SESSION: keep it out of logs and arguments.
///
/// `import` takes it, and so does `DIDSession.fromSession` of the TypeScript package. With
/// --capability nothing secret is printed: it is what others need to verify your signatures.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  (umask 077; did-session export eip155:1:0x974e…dc44 > session.txt)
  did-session export eip155:1:0x974e…dc44 --capability > capability.json")]
pub(crate) struct Export {
    /// Who delegated: an account (CAIP-10) or a DID.
    #[arg(value_parser = ISSUER)]
    issuer: Issuer,
    /// Print the capability as DAG-JSON, and no secret.
    #[arg(long)]
    capability: bool,
    #[command(flatten)]
    profile: ProfileArg,
}

impl Export {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let sessions = store::open_profile(globals, &self.profile)?;
        let session = store::block_on(load(&sessions, &self.issuer))?;
        if self.capability {
            let json = session.cacao().to_json(MemberOrder::DagJson);
            return Ok(Answer::text(Exit::Yes, Zeroizing::new(json)));
        }
        let session = session.serialize();
        if !globals.json {
            return Ok(Answer::text(Exit::Yes, session));
        }
        // base64url has nothing that JSON escapes
        let mut json = Zeroizing::new(String::with_capacity(session.len() + 16));
        for part in [r#"{"session":""#, &session, r#""}"#] {
            json.push_str(part);
        }
        Ok(Answer::text(Exit::Yes, json))
    }
}
