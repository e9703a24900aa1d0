//! Whether whoever answers automatically is free, by the read models.

use std::fmt;

use calendar::object::Availability;
use ical::zone::Zone;
use projections::ReadModels;
use schemas::PrincipalId;

use crate::{
    address_book::Book,
    free_busy::{self, Except},
};

/// One home's diary, as far as the read models have come. Bookings wait for them, so none is overlooked.
pub(super) struct Diary<'a> {
    pub models: &'a ReadModels,
    pub home: PrincipalId,
    pub book: &'a Book,
}

impl Availability for Diary<'_> {
    fn is_busy(&self, start: i64, end: i64, except_uid: &str) -> bool {
        let busy = free_busy::of_home(self.models, self.book, self.home, start..end, Except::Uid(except_uid));
        // What cannot be read must not be promised.
        busy.map_or(true, |periods| free_busy::is_busy(&periods))
    }

    fn zone(&self) -> Zone {
        free_busy::zone_of_home(self.models, self.home).unwrap_or(Zone::Utc)
    }
}

impl fmt::Debug for Diary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Diary({})", self.home)
    }
}
