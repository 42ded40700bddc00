//! Drives the real binary in a folder of its own.

use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The secret of the test wallet, and its account. Nobody else uses it.
pub(crate) const SECRET: &str = "f29893d59af8c5a9ee26933d8d08e03a150fd63074d6bc03b3bbb05c843ac5f3";
pub(crate) const ACCOUNT: &str = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The JSON document on standard output: exactly one.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON document: {error}: {self:?}"))
    }

    /// Everything that it printed.
    pub(crate) fn printed(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        if code > 1 {
            assert!(
                self.stderr.contains("error: "),
                "it does not say why: {self:?}"
            );
        }
        self
    }
}

/// The code of the reason that a command printed as JSON.
#[allow(clippy::needless_pass_by_value, reason = "it is asked for once")]
pub(crate) fn code(ended: Ended) -> String {
    ended.json()["code"].as_str().unwrap().to_owned()
}

/// A folder with a store and a wallet.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.file("wallet.hex", format!("{SECRET}\n"));
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The same as text.
    pub(crate) fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path("store")
    }

    /// A private file.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        }
        self.name(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_did-session"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("DID_SESSION_STORE", self.store())
            .env("COLUMNS", "80")
            .env_remove("CLICOLOR_FORCE")
            .env_remove("DID_SESSION_COMPLETE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, "")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], stdin: impl AsRef<[u8]>) -> Ended {
        finish(start(&mut self.command(arguments), stdin.as_ref()))
    }

    /// Starts a command that goes on while the test does.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        start(&mut self.command(arguments), b"")
    }

    /// What a terminal of so many columns shows of a line of the shell, without colours; by
    /// `script`, where there is one. Whenever it shows a text, something is typed. The program is
    /// called `did-session`.
    #[cfg(target_os = "linux")]
    #[allow(clippy::print_stdout)]
    pub(crate) fn on_terminal(
        &self,
        columns: usize,
        line: &str,
        typing: &[(&str, String)],
    ) -> Option<String> {
        use std::io::Read as _;
        let program = Path::new(env!("CARGO_BIN_EXE_did-session"));
        let path = std::env::var("PATH").unwrap_or_default();
        let line = format!("stty cols {columns} rows 24; {line}");
        let child = Command::new("script")
            // the terminal shows what is typed, unless the command forbids it
            .args(["-q", "-e", "-E", "always", "-c", &line, "/dev/null"])
            .current_dir(self.0.path())
            .env("DID_SESSION_STORE", self.store())
            .env(
                "PATH",
                format!("{}:{path}", program.parent().unwrap().display()),
            )
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(error) => {
                println!("skipped: there is no program `script`: {error}");
                return None;
            }
        };
        let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut shown = Vec::new();
        for (prompt, typed) in typing {
            while !String::from_utf8_lossy(&shown).contains(prompt) {
                let mut some = [0; 256];
                let read = output.read(&mut some).unwrap();
                assert!(read > 0, "{}", String::from_utf8_lossy(&shown));
                shown.extend(&some[..read]);
            }
            // the prompt stands there a moment before the terminal is told
            std::thread::sleep(Duration::from_millis(500));
            input.write_all(typed.as_bytes()).unwrap();
        }
        output.read_to_end(&mut shown).unwrap();
        child.wait().unwrap();
        Some(String::from_utf8_lossy(&shown).replace('\r', ""))
    }

    /// Logs the test wallet in.
    #[track_caller]
    pub(crate) fn login(&self) -> Ended {
        self.run(&[
            "login",
            "--wallet",
            "wallet.hex",
            "--resource",
            "ceramic://*",
            "--json",
        ])
        .ends_with(0)
    }

    /// `exec:` and the wallet of the examples with these arguments.
    pub(crate) fn exec(&self, arguments: &str) -> String {
        let wallet = wallet_program();
        format!(
            "exec:{} {} {arguments}",
            wallet.display(),
            self.name("wallet.hex")
        )
    }

    /// How often the wallet was asked, by its log.
    pub(crate) fn asked(&self) -> usize {
        std::fs::read_to_string(self.path("log")).map_or(0, |log| log.lines().count())
    }
}

/// Runs a command plain and with `--json`; both end alike.
#[track_caller]
pub(crate) fn both(home: &Home, arguments: &[&str], stdin: &str, code: i32) -> Ended {
    let plain = home.run_with(arguments, stdin).ends_with(code);
    let mut with_json = arguments.to_vec();
    with_json.push("--json");
    let json = home.run_with(&with_json, stdin).ends_with(code).json();
    let reason = if arguments.first() == Some(&"verify") {
        assert_eq!(json["valid"], false, "{json}");
        &json["detail"]
    } else {
        &json["error"]
    };
    assert!(
        reason.as_str().is_some_and(|reason| !reason.is_empty()),
        "{json}"
    );
    assert!(json["code"].is_string(), "{json}");
    plain
}

fn start(command: &mut Command, stdin: &[u8]) -> Child {
    let mut child = command.spawn().unwrap();
    // a command that fails early does not read it
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child
}

pub(crate) fn finish(child: Child) -> Ended {
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Waits for something that another process does.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{what} did not happen");
}

/// The example `wallet`, which cargo builds beside the tests; built here when the tests are run
/// one by one.
fn wallet_program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let wallet = profile.join(format!("examples/wallet{}", std::env::consts::EXE_SUFFIX));
    if !wallet.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--example", "wallet"]);
        // beside this test, wherever that is
        build.arg("--target-dir").arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            build.arg("--release");
        }
        build.current_dir(env!("CARGO_MANIFEST_DIR"));
        assert!(build.status().unwrap().success(), "the wallet is not built");
    }
    wallet
}

/// A file of vectors of another crate.
pub(crate) fn vectors(path: &str) -> Value {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}
