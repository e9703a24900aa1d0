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

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    struct EvenHours;

    impl Availability for EvenHours {
        fn is_busy(&self, start: i64, _: i64, _: &str) -> bool {
            start / HOUR % 2 == 0
        }
    }

    #[test]
    fn conflicts_are_noted_up_to_the_limit() {
        let conflicts = Conflicts::of(&EvenHours, "lunch");
        for number in (0..).take(2 * Automatic::MAX_CONFLICTS + 2) {
            assert_eq!(conflicts.is_busy(number * HOUR, (number + 1) * HOUR), number % 2 == 0);
        }
        let noted = conflicts.into_automatic(AutomaticAnswer::Automatic).conflicts;
        let expected = (0..).step_by(2).map(|number| Conflict { start: number * HOUR, end: (number + 1) * HOUR });
        assert_eq!(noted, expected.take(Automatic::MAX_CONFLICTS).collect::<Vec<_>>());
    }
}
