//! Busy times of principals that answer automatically, queried from read models that show all
//! writes to the home.

use std::fmt;

use calendar::object::Availability;
use ical::{time::Window, zone::Zone};
use itip::automatic::Takes;
use schemas::principal::PrincipalKind;

use crate::free_busy::{self, Except, HomeTime};

/// Availability of the owner of one home. An automatic answer waits for the read models, so no
/// booking is overlooked.
pub(crate) struct HomeAvailability<'a> {
    time: HomeTime<'a>,
    /// True if times count as busy when the read models cannot be queried.
    unknown_is_busy: bool,
}

impl<'a> HomeAvailability<'a> {
    /// Returns the availability for automatic answers. If the busy times cannot be queried, all
    /// times count as busy.
    pub(crate) fn new(time: HomeTime<'a>) -> Self {
        Self { time, unknown_is_busy: true }
    }

    /// Returns the availability for repeated checks of accepted meetings. If the busy times cannot
    /// be queried, all times count as free, so that nothing is declined.
    pub(crate) fn of_accepted(time: HomeTime<'a>) -> Self {
        Self { time, unknown_is_busy: false }
    }
}

impl Availability for HomeAvailability<'_> {
    fn are_busy(&self, times: &[Window], except_uid: &str) -> Vec<bool> {
        self.time.taken_at(times, Except::Uid(except_uid)).unwrap_or_else(|error| {
            tracing::warn!(%error, home = %self.time.home, "the busy times of a home could not be read: a new \
                invitation counts as in conflict, and a meeting accepted before counts as free of conflicts");
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
