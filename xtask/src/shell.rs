//! Runs other programs, shows what is run, and keeps what they say when a check must read it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

/// A program about to be run.
#[derive(Debug)]
pub(crate) struct Cmd {
    inner: Command,
    shown: String,
}

/// What a captured program left behind.
#[derive(Debug)]
pub(crate) struct Captured {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Captured {
    /// All that it said: what stands on the standard output first.
    pub(crate) fn output(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }

    pub(crate) fn success(&self) -> bool {
        self.status.success()
    }
}

impl Cmd {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let name = Path::new(program).file_name().unwrap_or(program);
        Self {
            inner: Command::new(program),
            shown: name.to_string_lossy().into_owned(),
        }
    }

    /// The cargo that runs us.
    pub(crate) fn cargo(command: &str) -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self::new(cargo).arg(command)
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        let arg = arg.as_ref();
        self.shown.push(' ');
        self.shown.push_str(&arg.to_string_lossy());
        self.inner.arg(arg);
        self
    }

    pub(crate) fn args<S: AsRef<OsStr>>(self, args: impl IntoIterator<Item = S>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.shown = format!("{name}={} {}", value.as_ref().to_string_lossy(), self.shown);
        self.inner.env(name, value);
        self
    }

    /// Without the variables through which the toolchain that runs us would choose for another.
    pub(crate) fn any_toolchain(mut self) -> Self {
        for name in [
            "CARGO",
            "RUSTC",
            "RUSTDOC",
            "RUSTUP_TOOLCHAIN",
            "RUST_RECURSION_COUNT",
        ] {
            self.inner.env_remove(name);
        }
        self
    }

    /// A variable whose value is not worth showing.
    pub(crate) fn quiet_env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(name, value);
        self
    }

    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.inner.current_dir(dir);
        self
    }

    /// Says what is about to be run silently.
    pub(crate) fn shown(self) -> Self {
        self.show();
        self
    }

    fn show(&self) {
        println!("$ {}", self.shown);
        // Before the output of the other program, which does not pass through our buffer.
        let _ = std::io::stdout().flush();
    }

    fn launch<T>(&self, result: std::io::Result<T>) -> Result<T> {
        result.with_context(|| format!("cannot run `{}`", self.shown))
    }

    /// Runs it with our own output; an error when it fails.
    pub(crate) fn run(mut self) -> Result<()> {
        self.show();
        let status = self.inner.status();
        let status = self.launch(status)?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(())
    }

    /// Runs it silently and keeps both outputs.
    pub(crate) fn capture(mut self) -> Result<Captured> {
        let output = self.inner.stdin(Stdio::null()).output();
        let output = self.launch(output)?;
        Ok(Captured {
            status: output.status,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Whether it runs silently, and without a failure.
    pub(crate) fn works(self) -> bool {
        self.capture().is_ok_and(|captured| captured.success())
    }

    /// Runs it beside others: what was run, and all that it said, is shown when it ends.
    pub(crate) fn run_apart(self) -> Result<Captured> {
        let shown = self.shown.clone();
        let captured = self.capture()?;
        println!("\n$ {shown}\n{}", captured.output().trim_end());
        Ok(captured)
    }

    /// The standard output of a program that must succeed.
    pub(crate) fn read(self) -> Result<String> {
        let shown = self.shown.clone();
        let captured = self.capture()?;
        if !captured.success() {
            bail!(
                "`{shown}` failed ({}):\n{}",
                captured.status,
                captured.stderr.trim_end()
            );
        }
        Ok(captured.stdout)
    }

    /// Runs it visibly and keeps what it wrote as well.
    pub(crate) fn tee(mut self) -> Result<Captured> {
        self.show();
        let child = self
            .inner
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = self.launch(child)?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (stdout, stderr) = std::thread::scope(|scope| {
            let err = scope.spawn(|| copy(stderr, std::io::stderr()));
            let out = copy(stdout, std::io::stdout());
            (out, err.join().unwrap_or_default())
        });
        let status = child.wait();
        Ok(Captured {
            status: self.launch(status)?,
            stdout,
            stderr,
        })
    }
}

/// Copies line by line and returns the whole.
fn copy(from: Option<impl Read>, mut to: impl Write) -> String {
    let Some(from) = from else {
        return String::new();
    };
    let (mut from, mut all, mut line) = (BufReader::new(from), String::new(), Vec::new());
    while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let _ = to.write_all(&line);
        all.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    let _ = to.flush();
    all
}

/// True when the words of cargo, npm or git say that the network cannot be reached: a check that
/// must download something is then skipped, not failed.
pub(crate) fn is_offline(words: &str) -> bool {
    const SIGNS: &str = "could not resolve host|couldn't resolve host|couldn't connect to server|\
        failed to connect|failed to lookup address|dns error|network failure|network is unreachable|\
        enotfound|eai_again|econnrefused|etimedout|error sending request";
    let words = words.to_ascii_lowercase();
    SIGNS.split('|').any(|sign| words.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_errors_are_told_from_others() {
        assert!(is_offline("npm error code EAI_AGAIN"));
        assert!(is_offline("error: [6] Could not resolve host: x"));
        assert!(!is_offline("npm error code E404\nnot found"));
        assert!(!is_offline("error[E0432]: unresolved import"));
    }

    #[test]
    fn output_is_kept_and_failure_is_an_error() {
        let rustc = |arg| Cmd::new("rustc").arg(arg);
        assert!(rustc("-V").read().unwrap().starts_with("rustc "));
        let error = rustc("--no-such-option").read().unwrap_err().to_string();
        assert!(error.contains("--no-such-option"), "{error}");
        assert!(!Cmd::new("no-such-program-here").works());
    }
}
