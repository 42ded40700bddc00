//! `export`: the session string, which is a secret, or the capability, which is not.

use clap::Args;
use did_session::cacao::MemberOrder;
use zeroize::Zeroizing;

use super::session::load;
use crate::args::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Answer;
use crate::store;
use crate::who::WhoArgs;

/// Print a session as a secret text, or its public capability.
///
/// ANYONE WHO READS THE SECRET TEXT (the session string) HAS THE SESSION: keep it out of logs and
/// arguments. `import` reads it, and so does `DIDSession.fromSession` of the JavaScript package.
/// With --capability nothing secret is printed, but what others need to verify your signatures.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  (umask 077; did-session export > session.txt)
  did-session export --capability > capability.json
  did-session export eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44 \\
      --capability > capability.json")]
pub(crate) struct Export {
    #[command(flatten)]
    who: WhoArgs,
    /// Print the capability as DAG-JSON, and nothing secret.
    #[arg(long)]
    capability: bool,
}

impl Export {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let (sessions, issuer) = self.who.find(globals)?;
        let session = store::run(globals, load(&sessions, &issuer))?;
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
