//! `inspect`: what something is, who signed it, for what, until when. Nothing is proven.

use clap::{Args, ValueHint};
use did_session::cacao::{Cacao, HeaderType, Issuer, Payload, SignedText, siwx, webauthn};
use did_session::didkey::{DidKey, DidUrl};
use did_session::jws::{Cid, Jws, SignedDagJws, StrictJson};
use serde::Serialize;
use serde_json::Value;
use std::fmt;

use super::passkeys::Passkey;
use super::warned::Warned;
use crate::args::Globals;
use crate::document::Document;
use crate::escape::printable;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, HEADING, Lines, WARN};
use crate::picked::SignatureArg;
use crate::recap::ShownRecap;
use crate::value::WORD;

/// Show what a session, capability, sign-in text, JWS or DID says.
///
/// The input is recognised by its form: a session string; a capability as DAG-JSON, DAG-CBOR or
/// CAR; a sign-in text by its first line; a JWS in its compact or general form, a DagJWS, or what
/// `sign --dag` prints; a ReCap as its urn:recap: resource; a DID. Nothing is verified, and no
/// secret is shown.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  did-session inspect session.txt
  did-session inspect sign-in.txt --json
  did-session export --capability | did-session inspect
  did-session inspect \\
      did:key:z6MksFbF9EwLtgULXutkTTihLF2kSbWpQQzJziffm2bJKYc3")]
pub(crate) struct Inspect {
    /// A file, or `-` for standard input; or the text itself, if no file has that name. Other users
    /// of the machine can see arguments, so give a session string in a file.
    #[arg(default_value = "-", value_parser = WORD, value_hint = ValueHint::FilePath)]
    file: String,
    #[command(flatten)]
    signature_of: SignatureArg,
}

impl Inspect {
    pub(crate) fn run(&self, globals: &Globals) -> Result<Answer, Failure> {
        let document = Document::read(
            &self.file,
            "text that is to be inspected",
            &self.signature_of,
        )?;
        Ok(Answer::new(
            Exit::Yes,
            globals.json,
            &Inspection::of(&document)?,
        ))
    }
}

/// What is printed; members that are absent are left out.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Inspection {
    #[serde(rename = "type")]
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    did: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<Vec<String>>,
    /// What it does otherwise than a writer here would.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dialect: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recap: Option<ShownRecap>,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cap: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cid: Option<String>,
    /// What to count and to revoke by.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// What the issuer is claimed to have said, if it is a passkey.
    #[serde(skip_serializing_if = "Option::is_none")]
    passkey: Option<Passkey>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warned>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capability: Option<Box<Self>>,
}

impl Inspection {
    fn of(document: &Document) -> Result<Self, Failure> {
        match document {
            Document::Session(record) => Ok(Self {
                what: "session",
                key: Some(did_session::SessionKey::did(&**record.key()).to_string()),
                ..Self::of_capability(record.capability())
            }),
            Document::Capability(capability) => Ok(Self::of_capability(capability)),
            Document::Text(text) => Ok(Self::of_text(text)),
            Document::Jws(jws) => Ok(Self::of_jws(jws)),
            Document::Link(dag) => Ok(Self::of_link(dag.jws(), dag.link())),
            Document::Dag(signed) => Self::of_dag(signed),
            Document::Did(url) => Self::of_did(url),
            Document::Recap(recap) => Ok(Self {
                what: "recap",
                recap: Some(ShownRecap::of(recap)),
                ..Self::default()
            }),
        }
    }

    fn of_capability(capability: &Cacao) -> Self {
        let p = capability.payload();
        Self {
            what: "capability",
            dialect: capability.variations().map(siwx::Variation::name).collect(),
            header: Some(HeaderType::as_str(capability.header())),
            kind: capability.signature().map(|s| s.kind().to_string()),
            cid: Some(capability.cid().to_string()),
            identity: Some(capability.identity().to_string()),
            // passkeys sign no text
            message: siwx::render(p, siwx::Dialect::default()).ok(),
            passkey: webauthn::claimed_facts(capability)
                .ok()
                .map(|facts| Passkey::of(&facts)),
            ..Self::of_payload(p)
        }
    }

    pub(crate) fn of_text(text: &SignedText) -> Self {
        Self {
            what: "text",
            network: Some(text.network().to_owned()),
            scheme: text.payload().scheme().map(str::to_owned),
            domain: Some(text.payload().authority().to_owned()),
            dialect: text
                .dialect()
                .variations()
                .map(siwx::Variation::name)
                .collect(),
            ..Self::of_payload(text.payload())
        }
    }

    fn of_payload(p: &Payload) -> Self {
        let text = |text: &str| Some(text.to_owned());
        Self {
            issuer: Some(p.issuer().did()),
            account: p.issuer().account().map(ToString::to_string),
            audience: text(p.audience()),
            domain: text(p.domain()),
            statement: p.statement().and_then(text),
            nonce: text(p.nonce()),
            issued_at: text(p.issued_at().as_str()),
            expires_at: p.expires_at().map(ToString::to_string),
            not_before: p.not_before().map(ToString::to_string),
            request_id: p.request_id().and_then(text),
            resources: p
                .has_resource_list()
                .then(|| p.resources().map(str::to_owned).collect()),
            recap: ShownRecap::of_payload(p),
            warnings: Warned::all(p),
            ..Self::default()
        }
    }

    fn of_jws(jws: &Jws) -> Self {
        let header = jws.header();
        let key = header.key().ok().map(|key| key.to_string());
        Self {
            what: "jws",
            issuer: key.clone(),
            key,
            alg: Some(header.algorithm_name()),
            kid: Some(header.key_id().to_owned()),
            cap: header.capability().map(ToString::to_string),
            payload: Some(payload(&jws.payload_bytes(), jws.payload_base64url())),
            ..Self::default()
        }
    }

    fn of_link(jws: &Jws, link: &Cid) -> Self {
        Self {
            link: Some(link.to_string()),
            payload: None,
            ..Self::of_jws(jws)
        }
    }

    fn of_dag(signed: &SignedDagJws) -> Result<Self, Failure> {
        let capability = match signed.cacao_block() {
            None => None,
            Some(block) => {
                let read = Cacao::from_dag_cbor(block);
                Some(read.map_err(|error| Failure::from(error).about("cacaoBlock"))?)
            }
        };
        Ok(Self {
            capability: capability.map(|c| Box::new(Self::of_capability(&c))),
            ..Self::of_link(signed.jws().jws(), signed.jws().link())
        })
    }

    fn of_did(url: &DidUrl) -> Result<Self, Failure> {
        let issuer = match url.method() {
            "pkh" => url.did().parse::<Issuer>()?,
            _ => DidKey::from_did_url(url)?.into(),
        };
        let key = match &issuer {
            Issuer::Key(key) => Some(key),
            _ => None,
        };
        Ok(Self {
            what: "did",
            did: Some(url.did().to_owned()),
            issuer: Some(issuer.did()),
            account: issuer.account().map(ToString::to_string),
            key_type: key.map(|key| key.key_type().name()),
            alg: key.and_then(|key| Some(key.key_type().algorithm()?.name())),
            ..Self::default()
        })
    }

    /// What a text says beside issuer and audience.
    pub(crate) fn add_to(&self, lines: &mut Lines) {
        lines.add("scheme", self.scheme.as_ref());
        lines.add("domain", self.domain.as_ref());
        lines.add("network", self.network.as_ref());
        lines.add("statement", self.statement.as_ref());
        lines.add("issued at", self.issued_at.as_ref());
        lines.add("expires at", self.expires_at.as_ref());
        lines.add("not before", self.not_before.as_ref());
        lines.add("request id", self.request_id.as_ref());
        lines.add("nonce", self.nonce.as_ref());
        lines.list("resources", self.resources.iter().flatten());
    }

    fn heading(&self) -> &'static str {
        match self.what {
            "session" => "Session string",
            "capability" => "Capability",
            "text" => "Sign-in text",
            "jws" if self.link.is_some() => "DagJWS",
            "jws" => "JWS",
            "recap" => "ReCap",
            _ => "DID",
        }
    }
}

/// Whether a kid says no more than this DID of a key, which is shown.
pub(crate) fn is_of(kid: &str, key: Option<&str>) -> bool {
    let key = key.and_then(|did| did.parse::<DidKey>().ok());
    key.is_some_and(|key| key.key_id() == kid)
}

/// The payload as JSON if it is JSON that every reader reads alike, otherwise in base64url as it is
/// signed.
pub(crate) fn payload(bytes: &[u8], base64url: &str) -> Value {
    match StrictJson::from_slice(bytes) {
        Ok(json) => json.into_value(),
        Err(_) => Value::String(base64url.to_owned()),
    }
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HEADING}{}{HEADING:#}", self.heading())?;
        if self.what == "did" {
            writeln!(f)?;
        } else {
            writeln!(f, " {WARN}(not verified){WARN:#}")?;
        }
        let mut lines = Lines::default();
        lines.add("did", self.did.as_ref());
        lines.add("key type", self.key_type);
        lines.add(
            "issuer",
            self.issuer.as_ref().filter(|_| self.did.is_none()),
        );
        // the DID of an account ends with it
        let named = self.did.as_ref().or(self.issuer.as_ref());
        let is_named = |account: &&String| named.is_some_and(|did| did.ends_with(&***account));
        lines.add("account", self.account.as_ref().filter(|a| !is_named(a)));
        lines.add("audience", self.audience.as_ref());
        let other_key = self.key.as_ref().filter(|key| {
            self.audience.as_ref() != Some(*key) && self.issuer.as_ref() != Some(*key)
        });
        lines.add("session key", other_key);
        self.add_to(&mut lines);
        if let Some(recap) = &self.recap {
            recap.lines(&mut lines);
        }
        lines.list("dialect", &self.dialect);
        lines.add("signature", self.kind.as_ref());
        lines.add("algorithm", self.alg);
        lines.add(
            "kid",
            self.kid
                .as_ref()
                .filter(|kid| !is_of(kid, self.key.as_deref())),
        );
        lines.add("capability", self.cap.as_ref());
        lines.add("link", self.link.as_ref());
        lines.exact("payload", self.payload.as_ref());
        lines.add("cid", self.cid.as_ref());
        let identity = self.identity.as_ref();
        lines.add("identity", identity.filter(|_| self.identity != self.cid));
        if let Some(passkey) = &self.passkey {
            passkey.show(&mut lines);
        }
        Warned::show(&self.warnings, &mut lines);
        lines.fmt(f)?;
        if let Some(message) = &self.message {
            writeln!(f, "\n{HEADING}Text that the wallet shows{HEADING:#}")?;
            for line in message.lines() {
                writeln!(f, "{}", format!("  {}", printable(line)).trim_end())?;
            }
        }
        if let Some(capability) = &self.capability {
            write!(f, "\n{capability}")?;
        }
        Ok(())
    }
}
