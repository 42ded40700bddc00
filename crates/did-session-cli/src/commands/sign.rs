//! `sign`: JWS and DagJWS by a stored session.

use clap::Args;
use did_session::cacao::Issuer;
use did_session::jws::{Jws, StrictJson, UnsignedDagJws, UnsignedJws};
use serde::{Serialize, Serializer};
use std::fmt;
use zeroize::Zeroizing;

use super::session::{Session, load};
use crate::args::{Globals, ProfileArg};
use crate::envelope::Envelope;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::output::{Answer, json_line};
use crate::store;
use crate::value::ISSUER;

/// Sign with a stored session: a JWS whose header names the capability.
///
/// The payload is a JSON object. Its members are sorted, and it is written without spaces, before
/// it is signed. A member that stands twice, and a number that would change, are refused: what is
/// signed is what was given. An expired session signs no more (exit code 1).
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  echo '{\"hello\":\"world\"}' | did-session sign eip155:1:0x974e…dc44
  did-session sign eip155:1:0x974e…dc44 document.pdf --raw --general
  did-session sign eip155:1:0x974e…dc44 value.dag.json --dag > signed.json")]
pub(crate) struct Sign {
    /// Who delegated: an account (CAIP-10) or a DID.
    #[arg(value_parser = ISSUER)]
    issuer: Issuer,
    /// A file, or `-` for standard input.
    #[arg(default_value = "-")]
    file: String,
    /// Sign the bytes as they are, to the last.
    #[arg(long, conflicts_with = "dag")]
    raw: bool,
    /// Read DAG-JSON, sign the CID of its block, and print {jws, linkedBlock, cacaoBlock}, the
    /// blocks in base64url without padding.
    #[arg(long, conflicts_with = "general")]
    dag: bool,
    /// Print the general JSON form instead of the compact one.
    #[arg(long)]
    general: bool,
    #[command(flatten)]
    profile: ProfileArg,
}

/// `{"jws": …}`, in either form.
#[derive(Serialize)]
struct Signed {
    jws: Form,
}

enum Form {
    Compact(Jws),
    General(Jws),
}

impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Compact(jws) => serializer.serialize_str(jws.as_compact()),
            Self::General(jws) => jws.serialize(serializer),
        }
    }
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.jws {
            Form::Compact(jws) => f.write_str(jws.as_compact()),
            Form::General(jws) => f.write_str(&jws.to_general()),
        }
    }
}

impl Sign {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let input = Input::read(&self.file)?;
        let payload = self
            .payload(&input)
            .map_err(|error| error.about(input.name()))?;
        let sessions = store::open_profile(globals, &self.profile)?;
        store::block_on(async {
            let session = load(&sessions, &self.issuer).await?;
            self.sign(&session, payload, globals.json).await
        })
    }

    fn payload(&self, input: &Input) -> Result<Payload, Failure> {
        if self.raw {
            return Ok(Payload::Plain(UnsignedJws::bytes(input.bytes())?));
        }
        let text = input.text();
        let text = text.ok_or_else(|| Failure::input("not_text", "is not a valid UTF-8 text"))?;
        if self.dag {
            return Ok(Payload::Dag(UnsignedDagJws::from_dag_json(text)?));
        }
        let json = StrictJson::parse(text)?;
        if !json.value().is_object() {
            let line = "the payload is not a JSON object: --raw signs anything else";
            return Err(Failure::input("not_an_object", line));
        }
        Ok(Payload::Plain(UnsignedJws::object(json.value())?))
    }

    async fn sign(
        &self,
        session: &Session,
        payload: Payload,
        json: bool,
    ) -> Result<Answer, Failure> {
        match payload {
            Payload::Plain(unsigned) => {
                let jws = session.sign(unsigned).await?;
                let jws = if self.general {
                    Form::General(jws)
                } else {
                    Form::Compact(jws)
                };
                Ok(Answer::new(Exit::Yes, json, &Signed { jws }))
            }
            Payload::Dag(unsigned) => {
                let signed = session.create_dag_jws(unsigned).await?;
                let line = json_line(&Envelope::new(&signed));
                Ok(Answer::text(Exit::Yes, Zeroizing::new(line)))
            }
        }
    }
}

/// What waits to be signed.
enum Payload {
    Plain(UnsignedJws),
    Dag(UnsignedDagJws),
}
