//! Whether a principal that answers automatically is free, by read models that show all writes to the home.

use std::fmt;

use calendar::object::Availability;
use ical::zone::Zone;
use itip::automatic::Takes;
use projections::ReadModels;
use schemas::{PrincipalId, principal::PrincipalKind};

use crate::{
    address_book::DirectoryAddressBook,
    free_busy::{self, Except},
};

/// Availability of one home. Automatic answers wait for the read models, so no booking is overlooked.
pub(crate) struct HomeAvailability<'a> {
    pub models: &'a ReadModels,
    pub home: PrincipalId,
    pub book: &'a DirectoryAddressBook,
}

impl Availability for HomeAvailability<'_> {
    fn is_busy(&self, start: i64, end: i64, except_uid: &str) -> bool {
        let busy = free_busy::of_home(self.models, self.book, self.home, start..end, Except::Uid(except_uid));
        // Time that cannot be looked up must not be promised.
        busy.map_or(true, |periods| free_busy::is_busy(&periods))
    }

    fn takes(&self) -> Takes {
        let is_person = self.book.0.by_id(self.home).is_none_or(|entry| entry.kind == PrincipalKind::Individual);
        if is_person { Takes::AsWritten } else { Takes::Always }
    }

    fn zone(&self) -> Zone {
        free_busy::zone_of_home(self.models, self.home).unwrap_or(Zone::Utc)
    }
}

impl fmt::Debug for HomeAvailability<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HomeAvailability({})", self.home)
    }
}
