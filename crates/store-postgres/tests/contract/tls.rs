//! Connections by TLS: to whom an authority of ours names, and to nobody else.

use crate::server::{APP, PASSWORD, Server, config};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use session_core::{ExpectedSlot, SessionStore, Slot};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use store_postgres::{Error, Postgres, PostgresConfig};
use store_testkit::fixtures::TestIssuer;
use test_support::as_nobody;

/// Who signs certificates.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self { pem, issuer }
    }

    /// The certificate of a server of this name, and its key.
    fn server(&self, name: &str) -> (String, String) {
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

/// Writes a file that is the server's own, and nobody else's.
fn write_as_nobody(path: &Path, text: &str) {
    let mut command = as_nobody(Path::new("/bin/sh"));
    command.args(["-c", "umask 077; cat > \"$0\""]).arg(path);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    assert!(child.wait().unwrap().success());
}

fn at(host: &str, port: u16, schema: &str) -> PostgresConfig {
    config(
        &format!("postgres://{APP}:{PASSWORD}@{host}:{port}/postgres"),
        schema,
    )
}

/// Why nobody is connected to.
async fn refusal(config: PostgresConfig, authority: &Authority) -> Error {
    let config = config.with_root_certificates(authority.pem.as_bytes());
    Postgres::open(config.unwrap()).await.unwrap_err()
}

#[test]
fn by_tls_to_whom_the_certificate_names() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let authority = Authority::new("ours");
    let (certificate, key) = authority.server("localhost");
    let [certificate, key] = [("cert", certificate), ("key", key)].map(|(name, text)| {
        let path = folder.path().join(name);
        write_as_nobody(&path, &text);
        path.display().to_string()
    });
    let server = Server::start_or_skip(&[
        "ssl = on",
        &format!("ssl_cert_file = '{certificate}'"),
        &format!("ssl_key_file = '{key}'"),
    ]);
    let port = server.port();
    store_testkit::run(async {
        let schema = server.new_schema().await;
        let trusts = at("localhost", port, &schema);
        let trusts = trusts.with_root_certificates(authority.pem.as_bytes());
        let database = Postgres::open(trusts.unwrap()).await.unwrap();
        let (store, issuer) = (database.sessions(), TestIssuer::ethereum());
        let mut changes = database.changes().await.unwrap();
        let record = issuer.record(&store, "nonce001").await;
        let saved = store.save(issuer.slot(), &record, ExpectedSlot::Absent);
        saved.await.unwrap();
        changes.next().await;
        let found = store.load(issuer.slot()).await.unwrap();
        assert!(matches!(found, Slot::Record { .. }));
        // the server says so, too: of every connection, that of the changes included
        let admin = crate::server::connect(&server.url(crate::server::ADMIN)).await;
        let connections = "SELECT count(*), count(*) FILTER (WHERE ssl) \
             FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'app'";
        let row = admin.query_one(connections, &[]).await.unwrap();
        let (all, by_tls): (i64, i64) = (row.get(0), row.get(1));
        assert!(all >= 2 && all == by_tls, "{by_tls} of {all} by TLS");

        // another name than that of the certificate, another authority, and one that only says to be
        // the same
        for (host, authority) in [
            ("127.0.0.1", &authority),
            ("localhost", &Authority::new("theirs")),
            ("localhost", &Authority::new("ours")),
        ] {
            let error = refusal(at(host, port, &schema), authority).await;
            assert_eq!(error.code(), "tls_failed", "{error:?}");
        }
        // a server without TLS gets no password in plain text
        let plain = Server::shared();
        let schema = plain.new_schema().await;
        let error = refusal(at("localhost", plain.port(), &schema), &authority).await;
        assert_eq!(error.code(), "tls_failed", "{error:?}");
    });
}
