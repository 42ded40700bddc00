//! The clock of a page or worker.

use crate::js::scope;
use crate::sleep::sleep;
use async_trait::async_trait;
use cacao::UnixTime;
use session_core::Clock;
use std::time::Duration;

/// `Date.now()`, whole milliseconds by the clock of the device, which the user can set; and
/// `performance.now()`, which nobody can.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserClock;

#[async_trait(?Send)]
impl Clock for BrowserClock {
    fn now(&self) -> UnixTime {
        // whole milliseconds far below 2^53
        #[allow(clippy::cast_possible_truncation)]
        let millis = js_sys::Date::now() as i64;
        UnixTime::from_millis(millis)
    }

    fn monotonic(&self) -> Duration {
        let millis = scope().performance().now();
        Duration::try_from_secs_f64(millis / 1000.0).unwrap_or_default()
    }

    async fn sleep(&self, time: Duration) {
        sleep(time).await;
    }
}
