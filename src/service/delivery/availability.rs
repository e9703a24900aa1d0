//! Whether a principal that answers automatically is free, by read models that show all writes to the home.

use std::fmt;

use calendar::object::Availability;
use ical::zone::Zone;
use itip::automatic::Takes;
use schemas::principal::PrincipalKind;

use crate::free_busy::{self, Except, HomeTime};

/// Availability of one home. Automatic answers wait for the read models, so no booking is overlooked.
pub(crate) struct HomeAvailability<'a>(pub HomeTime<'a>);

impl Availability for HomeAvailability<'_> {
    fn is_busy(&self, start: i64, end: i64, except_uid: &str) -> bool {
        let busy = self.0.busy(start..end, Except::Uid(except_uid));
        // Time that cannot be looked up must not be promised.
        busy.map_or(true, |periods| free_busy::is_busy(&periods))
    }

    fn takes(&self) -> Takes {
        let is_person = self.0.book.0.by_id(self.0.home).is_none_or(|entry| entry.kind == PrincipalKind::Individual);
        if is_person { Takes::AsWritten } else { Takes::Always }
    }

    fn zone(&self) -> Zone {
        free_busy::zone_of_home(self.0.models, self.0.home).unwrap_or(Zone::Utc)
    }
}

impl fmt::Debug for HomeAvailability<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HomeAvailability({})", self.0.home)
    }
}
