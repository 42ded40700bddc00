//! A PostgreSQL server of the tests' own: on loopback, on a free port, in a temporary directory.
//! It ends with the process that started it, however that ends.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store_postgres::{Postgres, PostgresConfig, migrate};
use test_support::{as_nobody, free_port, postgres_programs, run_postgres};

/// Names the directory of the server's programs, where they are in no usual place.
const PROGRAMS: &str = "STORE_POSTGRES_BIN";
/// The roles that the tests know: who administers, who migrates, and who uses.
pub(crate) const ADMIN: &str = "postgres";
pub(crate) const OWNER: &str = "owner";
pub(crate) const APP: &str = "app";
pub(crate) const PASSWORD: &str = "correct-horse-battery";

/// A server, until it is dropped.
pub(crate) struct Server {
    child: Child,
    directory: PathBuf,
    port: u16,
}

impl Server {
    /// Starts one with these further settings; `None` where there is no PostgreSQL.
    pub(crate) fn start(settings: &[&str]) -> Option<Self> {
        use std::os::unix::fs::PermissionsExt;
        let programs = postgres_programs().ok()?;
        let directory = tempfile::tempdir().unwrap().keep();
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o777)).unwrap();
        let data = directory.join("data");
        let password = directory.join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        let made = as_nobody(&programs.join("initdb"))
            .arg("--pgdata")
            .arg(&data)
            .arg("--pwfile")
            .arg(&password)
            .args(["--username", ADMIN, "--encoding=UTF8", "--locale=C"])
            .args(["--auth=scram-sha-256", "--no-sync"])
            .env("LC_ALL", "C")
            .current_dir(&directory)
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {made:?}");
        let port = free_port();
        let mut lines = vec![
            "listen_addresses = '127.0.0.1'".to_owned(),
            "unix_socket_directories = ''".to_owned(),
            format!("port = {port}"),
            "max_connections = 200".to_owned(),
            "shared_buffers = 64MB".to_owned(),
        ];
        lines.extend(settings.iter().map(|&line| line.to_owned()));
        let settings = data.join("postgresql.conf");
        let defaults = std::fs::read_to_string(&settings).unwrap();
        std::fs::write(&settings, defaults + "\n" + &lines.join("\n") + "\n").unwrap();
        let server = Self {
            child: run_postgres(&programs, &directory),
            directory,
            port,
        };
        server.wait();
        let roles = format!(
            "CREATE ROLE {OWNER} LOGIN PASSWORD '{PASSWORD}'; \
             CREATE ROLE {APP} LOGIN PASSWORD '{PASSWORD}'; \
             GRANT CREATE ON DATABASE postgres TO {OWNER}"
        );
        server.psql(&roles);
        Some(server)
    }

    /// The one that most tests share, which syncs nothing to its disk. Where there is none, there
    /// is nothing to test: that is said, and the tests end.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        let fast = [
            "fsync = off",
            "synchronous_commit = off",
            "full_page_writes = off",
        ];
        SHARED.get_or_init(|| Self::start_or_skip(&fast))
    }

    /// Starts one with these further settings, or ends the tests.
    pub(crate) fn start_or_skip(settings: &[&str]) -> Self {
        Self::start(settings).unwrap_or_else(|| {
            // past the harness, which keeps the words of tests to itself
            let _ = writeln!(
                std::io::stderr(),
                "skipped: store-postgres: there is no PostgreSQL: install Debian's postgresql, or \
                 name the directory of its programs in {PROGRAMS}"
            );
            std::process::exit(0)
        })
    }

    fn wait(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let ready = block_on(async {
                let config = self.url(ADMIN);
                let (client, connection) = tokio_postgres::connect(&config, tokio_postgres::NoTls)
                    .await
                    .ok()?;
                let connection = tokio::spawn(connection);
                client.simple_query("SELECT 1").await.ok()?;
                connection.abort();
                Some(())
            });
            if ready.is_some() {
                return;
            }
            assert!(Instant::now() < until, "no answer; its log: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The connection string of a role.
    pub(crate) fn url(&self, role: &str) -> String {
        url(role, self.port)
    }

    /// Runs statements as the administrator.
    pub(crate) fn psql(&self, statements: &str) {
        let url = self.url(ADMIN);
        block_on(async {
            let connected = tokio_postgres::connect(&url, tokio_postgres::NoTls).await;
            let (client, connection) = connected.unwrap();
            tokio::spawn(connection);
            client.batch_execute(statements).await.unwrap();
        });
    }

    /// What the server has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }

    /// Kills every process of the server, and starts it again on the same data.
    pub(crate) fn kill_and_restart(&mut self) {
        let data = self.directory.join("data");
        let pid = std::fs::read_to_string(data.join("postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().to_owned();
        let keep = self.directory.join("keep");
        std::fs::write(&keep, "").unwrap();
        let killed = Command::new("kill")
            .arg("-KILL")
            .args(children_of(&pid))
            .arg(&pid)
            .stderr(Stdio::null())
            .status();
        // one of them may have ended by itself
        killed.unwrap();
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
        std::fs::remove_file(&keep).unwrap();
        self.child = run_postgres(&postgres_programs().unwrap(), &self.directory);
        self.wait();
    }

    /// How `schema` is used by the role that may use it, once it is migrated.
    pub(crate) fn config(&self, schema: &str) -> PostgresConfig {
        config(&self.url(APP), schema)
    }

    /// A schema of its own that was migrated, and that the role `app` may use.
    pub(crate) async fn new_schema(&self) -> String {
        static SCHEMAS: AtomicUsize = AtomicUsize::new(0);
        let schema = format!("s{}", SCHEMAS.fetch_add(1, Ordering::Relaxed));
        let owners = config(&self.url(OWNER), &schema);
        migrate(&owners).await.unwrap();
        let client = connect(&self.url(ADMIN)).await;
        // roles are one row for all schemas, which two may not change at once
        let grants = owners.grants(APP).unwrap();
        let grants = format!("BEGIN; SELECT pg_advisory_xact_lock(1); {grants} COMMIT");
        client.batch_execute(&grants).await.unwrap();
        schema
    }

    /// A database in a schema of its own.
    pub(crate) async fn database(&self) -> Postgres {
        let schema = self.new_schema().await;
        Postgres::open(self.config(&schema)).await.unwrap()
    }
}

/// A client of the library alone.
pub(crate) async fn connect(url: &str) -> tokio_postgres::Client {
    let connected = tokio_postgres::connect(url, tokio_postgres::NoTls).await;
    let (client, connection) = connected.unwrap();
    tokio::spawn(connection);
    client
}

pub(crate) fn url(role: &str, port: u16) -> String {
    format!("postgres://{role}:{PASSWORD}@127.0.0.1:{port}/postgres")
}

pub(crate) fn config(url: &str, schema: &str) -> PostgresConfig {
    let config = PostgresConfig::new(url).unwrap();
    config.with_schema(schema).unwrap().with_connections(4)
}

/// The processes whose parent is this one.
fn children_of(parent: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let is_child = |pid: &String| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // the name in parentheses may hold anything
        let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        rest.split_whitespace().nth(1) == Some(parent)
    };
    let pids = processes.filter_map(|entry| entry.file_name().into_string().ok());
    pids.filter(is_child).collect()
}

/// Runs to its end what may be asked for within a runtime of a test, too: on a thread of its own.
fn block_on<T: Send>(future: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let run = || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_all().build().unwrap().block_on(future)
        };
        scope.spawn(run).join().unwrap()
    })
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
