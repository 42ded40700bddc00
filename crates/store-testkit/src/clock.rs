//! A clock that is wrong.

use async_trait::async_trait;
use cacao::UnixTime;
use session_core::{Clock, SystemClock};
use std::time::Duration;

/// The system's clock, set forward or back by so many seconds. The clock beside it, which never goes
/// back, began at another time, too.
pub(crate) struct Apart {
    seconds: i64,
}

impl Apart {
    pub(crate) const fn by(seconds: i64) -> Self {
        Self { seconds }
    }
}

#[async_trait]
impl Clock for Apart {
    fn now(&self) -> UnixTime {
        let now = SystemClock.now();
        let by = Duration::from_secs(self.seconds.unsigned_abs());
        if self.seconds < 0 { now - by } else { now + by }
    }

    fn monotonic(&self) -> Duration {
        SystemClock.monotonic() + Duration::from_secs(self.seconds.unsigned_abs())
    }

    async fn sleep(&self, time: Duration) {
        SystemClock.sleep(time).await;
    }
}
