//! Records the conflicts that decide an automatic answer.

use std::cell::RefCell;

use ical::time::Window;
use schemas::{
    edit::{Automatic, Conflict},
    principal::AutomaticAnswer,
};

use super::Availability;

/// Asks whether a home is busy, and records the times at which it is.
pub(super) struct Conflicts<'a> {
    availability: &'a dyn Availability,
    /// The UID of the meeting that is answered.
    uid: &'a str,
    found: RefCell<Vec<Conflict>>,
}

impl<'a> Conflicts<'a> {
    pub(super) fn of(availability: &'a dyn Availability, uid: &'a str) -> Self {
        Self { availability, uid, found: RefCell::default() }
    }

    /// Returns for each of the times whether the home is busy, apart from the answered meeting
    /// itself. Records the busy times, at most [`Automatic::MAX_CONFLICTS`].
    pub(super) fn are_busy(&self, times: &[Window]) -> Vec<bool> {
        let are_busy = self.availability.are_busy(times, self.uid);
        let taken = times.iter().zip(&are_busy).filter(|(_, is_busy)| **is_busy);
        let conflicts = taken.map(|(Window { start, end }, _)| Conflict { start: *start, end: *end });
        let mut found = self.found.borrow_mut();
        let room = Automatic::MAX_CONFLICTS.saturating_sub(found.len());
        found.extend(conflicts.take(room));
        are_busy
    }

    /// Returns the automatic answer for the event: its mode, and the conflicts that were found.
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
        fn are_busy(&self, times: &[Window], _: &str) -> Vec<bool> {
            times.iter().map(|time| time.start / HOUR % 2 == 0).collect()
        }
    }

    #[test]
    fn conflicts_are_noted_up_to_the_limit() {
        let conflicts = Conflicts::of(&EvenHours, "lunch");
        let times = (0..).take(2 * Automatic::MAX_CONFLICTS + 2);
        let times: Vec<_> = times.map(|number| Window::new(number * HOUR, (number + 1) * HOUR)).collect();
        let (first, rest) = times.split_at(3);
        assert_eq!(conflicts.are_busy(first), [true, false, true]);
        assert_eq!(conflicts.are_busy(rest).iter().filter(|is_busy| **is_busy).count(), Automatic::MAX_CONFLICTS - 1);
        let noted = conflicts.into_automatic(AutomaticAnswer::Automatic).conflicts;
        let expected = (0..).step_by(2).map(|number| Conflict { start: number * HOUR, end: (number + 1) * HOUR });
        assert_eq!(noted, expected.take(Automatic::MAX_CONFLICTS).collect::<Vec<_>>());
    }
}
