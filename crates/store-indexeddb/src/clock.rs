//! The clock of a page or worker.

use cacao::UnixTime;
use session_core::Clock;

/// `Date.now()`: whole milliseconds by the clock of the device, which the user can set.
#[derive(Clone, Copy, Debug, Default)]
pub struct DateClock;

impl Clock for DateClock {
    fn now(&self) -> UnixTime {
        // whole milliseconds far below 2^53
        #[allow(clippy::cast_possible_truncation)]
        let millis = js_sys::Date::now() as i64;
        UnixTime::from_millis(millis)
    }
}
