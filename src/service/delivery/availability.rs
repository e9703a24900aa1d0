//! Whether a principal that answers automatically is free, by read models that show all writes to
//! the home.

use std::fmt;

use calendar::object::Availability;
use ical::{time::Window, zone::Zone};
use itip::automatic::Takes;
use schemas::principal::PrincipalKind;

use crate::free_busy::{self, Except, HomeTime};

/// Availability of one home. Automatic answers wait for the read models, so no booking is
/// overlooked.
pub(crate) struct HomeAvailability<'a> {
    time: HomeTime<'a>,
    /// What time counts as that cannot be looked up.
    unknown_is_busy: bool,
}

impl<'a> HomeAvailability<'a> {
    /// For answers: time that cannot be looked up must not be promised.
    pub(crate) fn new(time: HomeTime<'a>) -> Self {
        Self { time, unknown_is_busy: true }
    }

    /// For another look at what was accepted: nothing is declined for time that cannot be looked
    /// up. The next look finds the conflict.
    pub(crate) fn of_accepted(time: HomeTime<'a>) -> Self {
        Self { time, unknown_is_busy: false }
    }
}

impl Availability for HomeAvailability<'_> {
    fn are_busy(&self, times: &[Window], except_uid: &str) -> Vec<bool> {
        self.time.taken_at(times, Except::Uid(except_uid)).unwrap_or_else(|error| {
            tracing::warn!(%error, home = %self.time.home, "the busy times of a home could not be read");
            vec![self.unknown_is_busy; times.len()]
        })
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
