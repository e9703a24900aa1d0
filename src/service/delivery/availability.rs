//! Whether a principal that answers automatically is free, by read models that show all writes to
//! the home.

use std::{fmt, sync::OnceLock};

use calendar::object::Availability;
use ical::zone::Zone;
use itip::automatic::Takes;
use schemas::principal::PrincipalKind;

use crate::{
    error::Error,
    free_busy::{self, Except, HomeTime, InboxAvailability},
};

/// Availability of one home. Automatic answers wait for the read models, so no booking is
/// overlooked.
pub(crate) struct HomeAvailability<'a> {
    time: HomeTime<'a>,
    /// Read once for all instances of a series.
    of_inbox: OnceLock<Result<Option<InboxAvailability>, Error>>,
}

impl<'a> HomeAvailability<'a> {
    pub(crate) fn new(time: HomeTime<'a>) -> Self {
        Self { time, of_inbox: OnceLock::new() }
    }
}

impl Availability for HomeAvailability<'_> {
    fn is_busy(&self, start: i64, end: i64, except_uid: &str) -> bool {
        // Time that cannot be looked up must not be promised.
        let Ok(of_inbox) = self.of_inbox.get_or_init(|| self.time.inbox_availability()) else { return true };
        let busy = self.time.busy_with(start..end, Except::Uid(except_uid), of_inbox.as_ref());
        busy.map_or(true, |periods| free_busy::is_busy(&periods))
    }

    fn takes(&self) -> Takes {
        let is_person =
            self.time.book.0.by_id(self.time.home).is_none_or(|entry| entry.kind == PrincipalKind::Individual);
        if is_person { Takes::AsWritten } else { Takes::Always }
    }

    fn zone(&self) -> Zone {
        free_busy::zone_of_home(self.time.models, self.time.home).unwrap_or(Zone::Utc)
    }
}

impl fmt::Debug for HomeAvailability<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HomeAvailability({})", self.time.home)
    }
}
