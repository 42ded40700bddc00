//! `sign`: JWS and DagJWS by a stored session.

use clap::{Args, ValueHint};
use clap_complete::engine::ArgValueCompleter;
use did_session::jws::{Jws, StrictJson, UnsignedDagJws, UnsignedJws};
use serde::{Serialize, Serializer};
use std::fmt;
use std::path::Path;
use zeroize::Zeroizing;

use super::session::{Session, load};
use crate::args::{Globals, ProfileArg};
use crate::complete;
use crate::envelope::Envelope;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::output::{Answer, json_line};
use crate::store;
use crate::value::{Unquoted, WORD};
use crate::who::{self, Named};

/// Sign a JSON object or a file with a session.
///
/// A JWS is printed, whose header names the capability of the session. The payload is a JSON
/// object. Before it is signed, its members are sorted and it is written without spaces. An object
/// that has a member twice or a number that would change is refused, so that what is signed is what
/// was given. A session that has expired cannot sign (exit code 1).
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  echo '{\"hello\":\"world\"}' | did-session sign
  did-session sign document.pdf --raw --general > document.jws.json
  did-session sign value.dag.json --dag > signed.json
  did-session sign eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44 \\
      note.json > note.jws")]
pub(crate) struct Sign {
    /// Whose session: an account (CAIP-10), its address, or a DID [default: the only stored
    /// session, where the first argument is a file].
    #[arg(
        value_parser = NAMED_OR_FILE,
        value_hint = ValueHint::FilePath,
        add = ArgValueCompleter::new(complete::issuers_and_files)
    )]
    issuer: Option<NamedOrFile>,
    /// What is signed: a file, or `-` for standard input [default: -].
    #[arg(value_parser = WORD, value_hint = ValueHint::FilePath)]
    file: Option<String>,
    /// Sign the bytes of the file as they are.
    #[arg(long, conflicts_with = "dag")]
    raw: bool,
    /// Read DAG-JSON, sign the CID of its block, and print {jws, linkedBlock, cacaoBlock} with the
    /// blocks in base64url.
    #[arg(long, conflicts_with = "general")]
    dag: bool,
    /// Print the JWS in its general JSON form instead of the compact one.
    #[arg(long)]
    general: bool,
    #[command(flatten)]
    profile: ProfileArg,
}

/// The first argument.
#[derive(Clone, Debug)]
enum NamedOrFile {
    Named(Named),
    File(String),
}

/// Reads an issuer, or else the name of a file.
const NAMED_OR_FILE: Unquoted<NamedOrFile> = Unquoted(|text| match who::named(text) {
    Ok(named @ Named::Issuer(_)) => Ok(NamedOrFile::Named(named)),
    Ok(named) if !Path::new(text).exists() => Ok(NamedOrFile::Named(named)),
    Err(why) if text.starts_with("did:") || text.starts_with("eip155:") => Err(why),
    _ => Ok(NamedOrFile::File(text.to_owned())),
});

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
        let (named, file) = self.arguments()?;
        // before somebody types what nobody would sign
        let (sessions, issuer) = who::find(named, &self.profile, globals)?;
        let input = if self.raw {
            Input::read_or_nothing(file, self.what())?
        } else {
            Input::read(file, self.what())?
        };
        let payload = self
            .payload(&input)
            .map_err(|error| error.about(input.name()))?;
        store::run(globals, async {
            let session = load(&sessions, &issuer).await?;
            self.sign(&session, payload, globals.json).await
        })
    }

    /// Who is named, and the file: the first argument may be either. What is neither is not
    /// repeated: it may be a secret, given by mistake.
    fn arguments(&self) -> Result<(Option<&Named>, &str), Failure> {
        let file = self.file.as_deref();
        match (&self.issuer, file) {
            (None, _) => Ok((None, file.unwrap_or("-"))),
            (Some(NamedOrFile::Named(named)), _) => Ok((Some(named), file.unwrap_or("-"))),
            (Some(NamedOrFile::File(file)), None) if file == "-" || Path::new(file).exists() => {
                Ok((None, file))
            }
            (Some(NamedOrFile::File(_)), _) => Err(Failure::usage(
                "there is no file of the name that is given first, and it is not an account, an \
                 address or a DID either: name the file that is to be signed, or - for standard input",
            )),
        }
    }

    const fn what(&self) -> &'static str {
        if self.raw {
            "bytes that are to be signed"
        } else if self.dag {
            "DAG-JSON value that is to be signed"
        } else {
            "JSON object that is to be signed"
        }
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
            let line = "is not a JSON object: sign anything else by --raw";
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
