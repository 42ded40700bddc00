//! What was revoked, in a file: one ledger that is read whole and replaced whole.

use crate::lock::{Turn, WriteLock};
use crate::name::{REVOCATIONS, Stem};
use crate::read::{Content, MAX_LEN, read};
use crate::store::blocking;
use async_trait::async_trait;
use cacao::{Cacao, Issuer, UnixTime};
use session_core::StoreError;
use session_core::revoke::{AcceptedRevocation, RevocationLedger, Revocations};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Revocations in the file `.revocations` of a directory, which may be that of an
/// [`FsStore`](crate::FsStore). Clones share it, and so do processes.
///
/// Recorded revocations are durable, as saved sessions are. Each question reads the file, so that
/// the records of other processes count at once; the file begins with a checksum, and one that was
/// damaged is an error until somebody repairs it or takes it away. A file that is not there says
/// that nothing was revoked. There is room for about ten thousand entries; a full file refuses more
/// rather than to forget one.
///
/// ```
/// use session_core::{Context, ManualClock};
/// use store_fs::FsRevocations;
///
/// let revocations = FsRevocations::open("/var/lib/app/sessions");
/// # let clock = ManualClock::new(cacao::UnixTime::EPOCH);
/// let context = Context::new(clock, cacao::Provers::none()).with_revocations(revocations);
/// # let _ = context;
/// ```
#[derive(Clone, Debug)]
pub struct FsRevocations {
    directory: Arc<Path>,
}

impl FsRevocations {
    /// The revocations in this directory, which need not exist: it is made by the first write,
    /// with mode 0700. Touches no disk. A relative path is taken from the working directory as it
    /// is now.
    #[must_use]
    pub fn open(directory: impl Into<PathBuf>) -> Self {
        let directory = directory.into();
        let directory = std::path::absolute(&directory).unwrap_or(directory);
        Self {
            directory: directory.into(),
        }
    }

    /// Where they lie.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.join(REVOCATIONS)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let directory = Arc::clone(&self.directory);
        blocking(&self.directory, move || work(&directory)).await
    }
}

#[async_trait]
impl Revocations for FsRevocations {
    async fn is_revoked(&self, capability: &Cacao) -> Result<bool, StoreError> {
        let capability = capability.clone();
        self.run(move |directory| Ok(load(directory)?.is_revoked(&capability)))
            .await
    }

    async fn record(&self, revocation: &AcceptedRevocation) -> Result<(), StoreError> {
        let revocation = revocation.clone();
        self.run(move |directory| {
            change(directory, |ledger| {
                let changed = ledger.record(&revocation);
                (changed, ())
            })
        })
        .await
    }

    async fn count(&self, issuer: &Issuer, domain: &str) -> Result<usize, StoreError> {
        let (issuer, domain) = (issuer.clone(), domain.to_owned());
        self.run(move |directory| Ok(load(directory)?.len_of(&issuer, &domain)))
            .await
    }

    async fn purge(&self, now: UnixTime) -> Result<usize, StoreError> {
        self.run(move |directory| {
            if load(directory)?.is_empty() {
                // nothing was ever recorded, and no lock file is left behind
                return Ok(0);
            }
            change(directory, |ledger| {
                let purged = ledger.purge(now);
                (purged > 0, purged)
            })
        })
        .await
    }
}

/// Reads the file, which is whole at any moment.
fn load(directory: &Path) -> Result<RevocationLedger, StoreError> {
    let path = directory.join(REVOCATIONS);
    let bytes = match read(&path)? {
        Content::Nothing => return Ok(RevocationLedger::default()),
        Content::Unreadable { error, .. } => return Err(failed("read", &path, error)),
        Content::Bytes(bytes) => bytes,
    };
    let text = str::from_utf8(&bytes).map_err(|error| failed("read", &path, error))?;
    RevocationLedger::from_text(text).map_err(|error| failed("read", &path, error))
}

/// Changes the ledger, while nobody else does. `edit` says whether there is something to write.
fn change<T>(
    directory: &Path,
    edit: impl FnOnce(&mut RevocationLedger) -> (bool, T),
) -> Result<T, StoreError> {
    // makes the directory, too
    let lock = WriteLock::take(directory, &Stem::of_revocations(), Turn::in_any_case())?;
    let mut ledger = load(directory)?;
    let (changed, answer) = edit(&mut ledger);
    if changed {
        let text = ledger.to_text();
        if text.len() as u64 > MAX_LEN {
            let full = format!("there is room for {MAX_LEN} bytes");
            return Err(failed("write", &directory.join(REVOCATIONS), full));
        }
        lock.replace(REVOCATIONS, text.as_bytes(), None)?;
    }
    Ok(answer)
}

fn failed(
    what: &str,
    path: &Path,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::medium(format!("cannot {what} {}", path.display()), source)
}
