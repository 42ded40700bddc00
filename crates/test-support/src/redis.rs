//! Redis and Valkey.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Redis.
    Redis,
    /// Valkey.
    Valkey,
}

impl Kind {
    /// The name of its program.
    #[must_use]
    pub const fn program(self) -> &'static str {
        match self {
            Self::Redis => "redis-server",
            Self::Valkey => "valkey-server",
        }
    }

    /// The environment variable that says where its program is.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Redis => "DID_SESSION_REDIS_SERVER",
            Self::Valkey => "DID_SESSION_VALKEY_SERVER",
        }
    }

    /// Where its program is, or why it is not there, for `skipped: …`.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn find(self) -> Result<PathBuf, String> {
        if let Some(path) = std::env::var_os(self.variable()) {
            return Ok(path.into());
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .map(|folder| folder.join(self.program()))
            .find(|file| file.is_file())
            .ok_or_else(|| {
                let (program, variable) = (self.program(), self.variable());
                format!("{program} is not installed, and {variable} does not say where it is")
            })
    }
}

/// Starts, kills and starts again what stands in its arguments, as lines of its input say; when
/// its input ends, so does all of it, and the folder is gone.
const KEEPER: &str = r#"
folder=$1
shift
pid=
trap '' INT TERM
while read -r word; do
  case $word in
    start) "$@" < /dev/null >> "$folder/log" 2>&1 & pid=$! ;;
    kill) [ -z "$pid" ] || kill -9 "$pid"; wait "$pid" 2> /dev/null; pid= ; echo killed ;;
  esac
done
[ -z "$pid" ] || kill -9 "$pid"
wait 2> /dev/null
rm -rf "$folder"
"#;

/// A server of one of the engines, which ends with this value or with the test process.
#[derive(Debug)]
pub struct RedisServer {
    keeper: Mutex<Child>,
    folder: PathBuf,
    port: u16,
}

impl RedisServer {
    /// Starts a server with these settings beside the usual ones: `["--appendonly", "yes"]`.
    ///
    /// # Errors
    /// When the program is not installed, with a text for `skipped: …`.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(kind: Kind, settings: &[&str]) -> Result<Self, String> {
        let program = kind.find()?;
        for _ in 0..5 {
            let server = Self::try_start(&program, settings);
            if server.answers_within(Duration::from_secs(10)) {
                return Ok(server);
            }
            // another process took the port
        }
        panic!("{} does not start", kind.program());
    }

    fn try_start(program: &Path, settings: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix("test-engine-").tempdir();
        let folder = folder.expect("a temporary folder").keep();
        let port = crate::free_port();
        let mut usual: Vec<OsString> = Vec::new();
        for (name, value) in [
            ("--port", port.to_string()),
            ("--bind", "127.0.0.1".to_owned()),
            ("--save", String::new()),
            ("--appendonly", "no".to_owned()),
            ("--daemonize", "no".to_owned()),
        ] {
            usual.extend([name.into(), value.into()]);
        }
        usual.extend(["--dir".into(), folder.clone().into()]);
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&folder)
            .arg(program)
            .args(usual)
            .args(settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let server = Self {
            keeper: Mutex::new(keeper),
            folder,
            port,
        };
        server.tell("start");
        server
    }

    fn tell(&self, word: &str) {
        let mut keeper = self.keeper.lock().expect("nobody panicked");
        let input = keeper.stdin.as_mut().expect("its input");
        input
            .write_all(format!("{word}\n").as_bytes())
            .and_then(|()| input.flush())
            .expect("the keeper reads");
    }

    /// On which port of loopback it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Where its data lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its URL, without a database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills it, as a lost machine ends: without a chance to write anything down.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(&self) {
        self.tell("kill");
        let mut keeper = self.keeper.lock().expect("nobody panicked");
        let output = keeper.stdout.as_mut().expect("its output");
        let mut killed = [0; 7];
        output.read_exact(&mut killed).expect("the keeper answers");
    }

    /// Starts it again, with the data that it has kept, and waits until it answers.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn restart(&self) {
        self.tell("start");
        assert!(
            self.answers_within(Duration::from_secs(20)),
            "the engine does not start again"
        );
    }

    /// Sends a command over a connection of its own, words separated by spaces, and gives what
    /// came back within a moment, in the engine's protocol.
    ///
    /// # Errors
    /// Of the network.
    pub fn tell_engine(&self, command: &str) -> std::io::Result<String> {
        let address = (Ipv4Addr::LOCALHOST, self.port).into();
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(format!("{command}\r\n").as_bytes())?;
        let mut answer = vec![0; 64 * 1024];
        let length = stream.read(&mut answer)?;
        answer.truncate(length);
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    fn answers_within(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        while Instant::now() < end {
            // one that wants a password answers, too
            if let Ok(answer) = self.tell_engine("PING")
                && (answer.starts_with("+PONG") || answer.starts_with("-NOAUTH"))
            {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if let Ok(keeper) = self.keeper.get_mut() {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }
}
