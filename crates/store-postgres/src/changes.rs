//! What changes, as it happens: whoever keeps something in memory is told when to look again.

use crate::connect::listener;
use crate::database::Postgres;
use crate::error::Error;
use crate::slot::slot_of;
use cacao::Issuer;
use session_core::SlotId;
use std::fmt;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_postgres::AsyncMessage;

/// Something that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A session was saved in this slot, or removed from it.
    Slot(SlotId),
    /// Something was revoked of this issuer.
    Revoked(Issuer),
    /// Anything may have changed: the connection was lost, or there were more changes than could be
    /// kept.
    LookAgain,
}

/// How many changes wait for whoever listens, before it is told to look again.
const WAITING: usize = 1_024;
/// How long is waited before a lost connection is made anew, at first and at most.
const FIRST_NAP: Duration = Duration::from_millis(50);
const LONGEST_NAP: Duration = Duration::from_secs(2);

/// The changes of a database, from when this was made until it is dropped. It has its own
/// connection, which is made again when it is lost.
pub struct Changes {
    heard: mpsc::Receiver<Change>,
    missed: mpsc::Receiver<()>,
    listening: JoinHandle<()>,
}

/// Where changes are told.
#[derive(Clone)]
struct Teller {
    heard: mpsc::Sender<Change>,
    missed: mpsc::Sender<()>,
}

impl Teller {
    fn tell(&self, change: Change) {
        if self.heard.try_send(change).is_err() {
            self.look_again();
        }
    }

    fn look_again(&self) {
        // once is as good as twice
        let _ = self.missed.try_send(());
    }

    fn message(&self, message: AsyncMessage) {
        let AsyncMessage::Notification(said) = message else {
            return;
        };
        match change(said.payload()) {
            Some(change) => self.tell(change),
            None => self.look_again(),
        }
    }
}

fn change(payload: &str) -> Option<Change> {
    if let Some(slot) = payload.strip_prefix("slot ") {
        let (issuer, profile) = slot.split_once(' ')?;
        return slot_of(issuer, profile).map(Change::Slot);
    }
    let issuer = payload.strip_prefix("revoked ")?;
    issuer.parse().ok().map(Change::Revoked)
}

impl Postgres {
    /// Listens to what changes from now on.
    ///
    /// # Errors
    /// When the first connection cannot be made.
    pub async fn changes(&self) -> Result<Changes, Error> {
        let (heard, hears) = mpsc::channel(WAITING);
        let (missed, misses) = mpsc::channel(1);
        let teller = Teller { heard, missed };
        let mut connection = self.listen(&teller).await?;
        let database = self.clone();
        let listening = tokio::spawn(async move {
            loop {
                connection.ended().await;
                connection = database.listen_again(&teller).await;
                teller.look_again();
            }
        });
        Ok(Changes {
            heard: hears,
            missed: misses,
            listening,
        })
    }

    async fn listen(&self, teller: &Teller) -> Result<Listening, Error> {
        let teller = teller.clone();
        let (client, task) =
            listener(self.config(), move |message| teller.message(message)).await?;
        let listening = Listening {
            task,
            client,
            max_wait: self.max_wait(),
        };
        let listen = self.sql("LISTEN {schema}_changes");
        listening.client.batch_execute(&listen).await?;
        Ok(listening)
    }

    async fn listen_again(&self, teller: &Teller) -> Listening {
        let mut nap = FIRST_NAP;
        loop {
            let listening = tokio::time::timeout(self.max_wait(), self.listen(teller)).await;
            if let Ok(Ok(listening)) = listening {
                return listening;
            }
            tokio::time::sleep(nap).await;
            nap = (nap * 2).min(LONGEST_NAP);
        }
    }
}

/// A connection that listens.
struct Listening {
    client: tokio_postgres::Client,
    task: JoinHandle<()>,
    max_wait: Duration,
}

impl Listening {
    /// Waits until it is lost. A connection that died without a word is asked now and then.
    async fn ended(&mut self) {
        loop {
            tokio::select! {
                _ = &mut self.task => return,
                () = tokio::time::sleep(Duration::from_secs(15)) => {}
            }
            let alive = self.client.simple_query("");
            if !matches!(tokio::time::timeout(self.max_wait, alive).await, Ok(Ok(_))) {
                return;
            }
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Changes {
    /// The next change. It may have been made by this process itself.
    ///
    /// A future that is dropped loses nothing.
    pub async fn next(&mut self) -> Change {
        tokio::select! {
            biased;
            missed = self.missed.recv() => {
                if missed.is_some() {
                    return Change::LookAgain;
                }
            }
            change = self.heard.recv() => {
                if let Some(change) = change {
                    return change;
                }
            }
        }
        // the runtime that listened has ended
        std::future::pending().await
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_is_a_reason_to_look_again() {
        let did = "did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44";
        let issuer: Issuer = did.parse().unwrap();
        let slot = SlotId::from(&issuer);
        let work = slot.clone().with_profile("work".parse().unwrap());
        assert_eq!(change(&format!("slot {did} ")), Some(Change::Slot(slot)));
        assert_eq!(
            change(&format!("slot {did} work")),
            Some(Change::Slot(work))
        );
        assert_eq!(
            change(&format!("revoked {did}")),
            Some(Change::Revoked(issuer))
        );
        for text in ["", "slot", "slot x y", "revoked x", "else"] {
            assert_eq!(change(text), None, "{text}");
        }
    }
}
