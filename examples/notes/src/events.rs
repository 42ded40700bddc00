//! The event stream: it tells a browser that something changed, and that its session was ended, be
//! that by another browser or with another instance. It looks once a second, which is the same for
//! every store; a service with many readers would have the store tell it.

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use session_axum::Caller;
use session_http::Refusal;
use std::convert::Infallible;
use std::time::Duration;

use crate::app::App;
use crate::notes::NotesError;

const INTERVAL: Duration = Duration::from_secs(1);

/// What is compared: the version of the notes, and which sessions there are.
#[derive(PartialEq, Eq)]
struct Seen {
    notes: u64,
    devices: Vec<String>,
}

struct Watch {
    app: App,
    caller: Caller,
    seen: Option<Seen>,
    has_ended: bool,
}

impl Watch {
    async fn look(&self) -> Result<Seen, Refusal> {
        let Self { app, caller, .. } = self;
        // the stream is long, and the session may have ended since it began
        app.server.check_still(caller).await?;
        let devices = app.server.devices(caller).await?;
        let devices = devices.iter().map(|listed| listed.device.identity());
        let owner = caller.issuer().normalized().did();
        let notes = app.notes.version(&owner).await;
        Ok(Seen {
            notes: notes.map_err(unavailable)?,
            devices: devices.map(ToString::to_string).collect(),
        })
    }

    /// The next thing to tell; `None` if the browser should ask anew.
    async fn next(&mut self) -> Option<Event> {
        if self.has_ended {
            return None;
        }
        loop {
            if self.seen.is_some() {
                tokio::time::sleep(INTERVAL).await;
            }
            match self.look().await {
                Ok(seen) if self.seen.as_ref() == Some(&seen) => {}
                Ok(seen) => {
                    self.seen = Some(seen);
                    return Some(Event::default().event("changed").data("{}"));
                }
                Err(Refusal::InvalidToken(reason)) => {
                    self.has_ended = true;
                    return Some(Event::default().event("ended").data(reason));
                }
                Err(_) => return None,
            }
        }
    }
}

fn unavailable(_: NotesError) -> Refusal {
    Refusal::Unavailable {
        retry_after: INTERVAL,
    }
}

pub(crate) async fn events(
    State(app): State<App>,
    caller: Caller,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let watch = Watch {
        app,
        caller,
        seen: None,
        has_ended: false,
    };
    let events = stream::unfold(watch, async |mut watch| {
        let event = watch.next().await?;
        Some((Ok(event), watch))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
