//! PostgreSQL.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The environment variable that says in which folder its programs are.
const VARIABLE: &str = "STORE_POSTGRES_BIN";

/// Runs the server until its input ends; then what it left is gone, too, unless it is to be kept.
const KEEPER: &str = r#"
"$0" -D "$1/data" >> "$1/log" 2>&1 &
server=$!
cat > /dev/null
kill -INT $server 2> /dev/null
wait $server
if [ ! -e "$1/keep" ]; then rm -rf "$1/data" "$1/log" "$1/password"; fi
"#;

/// A server that syncs nothing to its disk and trusts every client, on loopback. It ends with
/// this value or with the test process.
#[derive(Debug)]
pub struct PostgresServer {
    keeper: Child,
    folder: PathBuf,
    port: u16,
}

impl PostgresServer {
    /// Starts a server.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, with a text for `skipped: …`.
    ///
    /// # Panics
    /// When it is installed and does not start.
    pub fn start() -> Result<Self, String> {
        let programs = postgres_programs()?;
        let folder = tempfile::Builder::new().prefix("test-engine-").tempdir();
        let folder = folder.expect("a temporary folder").keep();
        // the server runs as somebody else
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(&folder, open).expect("a folder of ours");
        let made = as_nobody(&programs.join("initdb"))
            .arg("--pgdata")
            .arg(folder.join("data"))
            .args(["--username=postgres", "--encoding=UTF8", "--locale=C"])
            .args(["--auth=trust", "--no-sync"])
            .env("LC_ALL", "C")
            .current_dir(&folder)
            .output()
            .expect("initdb");
        assert!(made.status.success(), "initdb: {made:?}");
        let port = crate::free_port();
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nport = {port}\n\
             fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
        );
        // the last word on a setting counts
        let path = folder.join("data/postgresql.conf");
        let usual = std::fs::read_to_string(&path).expect("its settings");
        std::fs::write(&path, format!("{usual}\n{settings}")).expect("its settings");
        let keeper = run_postgres(&programs, &folder);
        let server = Self {
            keeper,
            folder,
            port,
        };
        let until = Instant::now() + Duration::from_secs(60);
        while server.lets_in().is_none() {
            assert!(Instant::now() < until, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// How its administrator connects.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Whether a connection is let in: a server that still starts refuses it by an error.
    fn lets_in(&self) -> Option<()> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()?;
        let words = b"\0\x03\0\0user\0postgres\0database\0postgres\0\0";
        let length = u32::try_from(words.len() + 4).ok()?;
        stream.write_all(&length.to_be_bytes()).ok()?;
        stream.write_all(words).ok()?;
        let mut kind = [0];
        stream.read_exact(&mut kind).ok()?;
        (kind == *b"R").then_some(())
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs the server whose data are in the folder `data` of this one, until the input of the process
/// ends: with the test process, however that ends. Then the folder is emptied, unless it has a file
/// `keep`. What the server says is in its file `log`.
///
/// # Panics
/// When there is no shell.
#[must_use]
pub fn run_postgres(programs: &Path, folder: &Path) -> Child {
    as_nobody(Path::new("/bin/sh"))
        .args(["-c", KEEPER])
        .arg(programs.join("postgres"))
        .arg(folder)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell")
}

/// The folder of PostgreSQL's programs.
///
/// # Errors
/// When it is not installed, with a text for `skipped: …`.
pub fn postgres_programs() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return Ok(named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter();
    let versions = versions.flatten().flatten();
    std::env::split_paths(&path)
        .chain(versions.map(|version| version.path().join("bin")))
        .find(|place| place.join("initdb").exists() && place.join("postgres").exists())
        .ok_or_else(|| {
            format!("PostgreSQL is not installed, and {VARIABLE} does not say where it is")
        })
}

/// A command as somebody who is not the administrator of the machine: the server wants that.
#[must_use]
pub fn as_nobody(program: &Path) -> Command {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if !is_root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]);
    command.arg(program);
    command
}
