//! Scripts of the engine: each operation is one of them, or one command.

use crate::error::Failure;
use crate::link::{Link, Live};
use redis::{Cmd, Value};

/// A script in Lua. All keys that it touches are given to it, and lie in one slot of a cluster.
pub(crate) struct Script {
    source: &'static str,
    hash: String,
}

impl Script {
    pub(crate) fn new(source: &'static str) -> Self {
        let hash = redis::Script::new(source).get_hash().to_owned();
        Self { source, hash }
    }

    pub(crate) async fn run(
        &self,
        link: &Link,
        live: &Live,
        keys: &[&[u8]],
        arguments: &[&[u8]],
    ) -> Result<Value, Failure> {
        let by_hash = command("EVALSHA", &self.hash, keys, arguments);
        match link.query_on(live, &by_hash).await {
            // it did nothing
            Err(failure) if is_unknown_script(&failure) => {
                let by_source = self.by_source(keys, arguments);
                link.query_on(live, &by_source).await
            }
            answer => answer,
        }
    }

    /// The command that runs it, whether the engine knows it or not.
    pub(crate) fn by_source(&self, keys: &[&[u8]], arguments: &[&[u8]]) -> Cmd {
        command("EVAL", self.source, keys, arguments)
    }
}

/// A script that changes something, for a caller who waits so long and no longer: it does nothing when
/// it begins later. Made by [`change!`] alone, which puts `in_time.lua` before it.
pub(crate) struct Change(Script);

impl Change {
    pub(crate) fn new(source: &'static str) -> Self {
        Self(Script::new(source))
    }

    pub(crate) const fn script(&self) -> &Script {
        &self.0
    }
}

/// A change by the text of these files.
macro_rules! change {
    ($name:ident, $($file:literal),+) => {
        static $name: std::sync::LazyLock<$crate::script::Change> = std::sync::LazyLock::new(|| {
            $crate::script::Change::new(concat!(
                include_str!("lua/in_time.lua"),
                $(include_str!($file)),+
            ))
        });
    };
}
pub(crate) use change;

fn is_unknown_script(failure: &Failure) -> bool {
    matches!(&failure.error, crate::Error::Refused { code } if code == "NOSCRIPT")
}

fn command(name: &str, script: &str, keys: &[&[u8]], arguments: &[&[u8]]) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(keys.len());
    for part in keys.iter().chain(arguments) {
        command.arg(*part);
    }
    command
}
