//! Distinguishes meetings that the organizer cancelled for everybody from meetings that go on
//! without the recipient.
//!
//! **Invariant:** the copy has `STATUS:CANCELLED` in both cases, so they are distinguished by the
//! CANCEL (RFC 5546 §3.2.5).

use crate::calendar_user_role::is_scheduled;
use ical::{Component, Document};

/// The way in which a meeting ended for the recipient, by the CANCELs that were applied to their
/// copy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// No CANCEL ended the meeting.
    #[default]
    Open,
    /// The organizer cancelled the meeting, or instances of it, for everybody, as far as the
    /// recipient knows it.
    CalledOff,
    /// The organizer removed the recipient from the attendees of the meeting, or of some instances.
    /// The meeting may go on without them.
    TakenOff,
}

impl Ending {
    /// Returns the ending after this CANCEL: [`Self::CalledOff`] if all its components have
    /// `STATUS:CANCELLED`, else [`Self::TakenOff`]; `cancel` is `None` if its text is unknown,
    /// which gives `TakenOff`. After `TakenOff`, only a CANCEL of the whole meeting gives
    /// `CalledOff`: an attendee who was removed from one instance gets no further messages about
    /// it.
    #[must_use]
    pub fn after(self, cancel: Option<&Document>) -> Self {
        let components =
            || cancel.into_iter().flat_map(|cancel| cancel.root().components()).filter(|it| is_scheduled(*it));
        let is_whole = || components().all(|component| component.property("RECURRENCE-ID").is_none());
        match self {
            _ if components().next().is_none() || !components().all(Component::is_cancelled) => Self::TakenOff,
            Self::TakenOff if !is_whole() => Self::TakenOff,
            Self::Open | Self::CalledOff | Self::TakenOff => Self::CalledOff,
        }
    }

    /// Returns the ending after a REQUEST or an ADD was applied to the copy: [`Self::TakenOff`]
    /// stays, and anything else becomes [`Self::Open`].
    #[must_use]
    pub fn after_request(self) -> Self {
        if self == Self::CalledOff { Self::Open } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cancel(lines: &str) -> Document {
        Document::parse(specimens::event("1", &format!("DTSTART:20260105T120000Z\n{lines}"))).expect("well-formed")
    }

    #[test]
    fn only_the_end_of_the_whole_meeting_ends_what_somebody_was_taken_off() {
        let [whole, taken_off] = [cancel("STATUS:CANCELLED"), cancel("SEQUENCE:1")];
        let instance = "RECURRENCE-ID:20260106T120000Z";
        let [day, taken_off_a_day] =
            [cancel(&format!("{instance}\nSTATUS:CANCELLED")), cancel(&format!("{instance}\nSEQUENCE:1"))];
        let rows = [
            (vec![&whole], Ending::CalledOff),
            (vec![&day], Ending::CalledOff),
            (vec![&taken_off], Ending::TakenOff),
            (vec![&taken_off_a_day, &day], Ending::TakenOff),
            (vec![&day, &taken_off_a_day], Ending::TakenOff),
            (vec![&taken_off_a_day, &whole], Ending::CalledOff),
        ];
        for (cancels, expected) in rows {
            let ending = cancels.iter().fold(Ending::Open, |ending, cancel| ending.after(Some(cancel)));
            assert_eq!(ending, expected, "{cancels:?}");
        }
        assert_eq!(Ending::Open.after(None), Ending::TakenOff, "a text that nobody has ends nothing");
        assert_eq!(Ending::CalledOff.after_request(), Ending::Open);
        assert_eq!(Ending::TakenOff.after_request(), Ending::TakenOff);
    }
}
