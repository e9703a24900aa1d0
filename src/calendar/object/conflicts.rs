//! Conflicts that an automatic answer meets, as they are recorded with it.

use std::cell::RefCell;

use schemas::{
    edit::{Automatic, Conflict},
    principal::AutomaticAnswer,
};

use super::Availability;

/// Asks whether a home is busy, and notes when it is.
pub(super) struct Conflicts<'a> {
    availability: &'a dyn Availability,
    /// The meeting that is answered.
    uid: &'a str,
    found: RefCell<Vec<Conflict>>,
}

impl<'a> Conflicts<'a> {
    pub(super) fn of(availability: &'a dyn Availability, uid: &'a str) -> Self {
        Self { availability, uid, found: RefCell::default() }
    }

    /// Returns whether something else overlaps `start..end` (seconds since the epoch).
    pub(super) fn is_busy(&self, start: i64, end: i64) -> bool {
        let is_busy = self.availability.is_busy(start, end, self.uid);
        let mut found = self.found.borrow_mut();
        if is_busy && found.len() < Automatic::MAX_CONFLICTS {
            found.push(Conflict { start, end });
        }
        is_busy
    }

    /// Returns what the answer rested on.
    pub(super) fn into_automatic(self, mode: AutomaticAnswer) -> Automatic {
        Automatic { mode, conflicts: self.found.into_inner() }
    }
}
