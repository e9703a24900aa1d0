//! The reasons for which a scheduling message changed nothing in the recipient's home.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// The reason for which a scheduling message changed nothing.
    Ignored {
        /// The copy, or an answer that was applied before, is newer than the message (RFC 5546
        /// §2.1.5).
        Stale = "stale",
        /// The recipient has no copy of the meeting.
        UnknownObject = "unknown-object",
        /// The organizer's object lacks the instance, or the series, that a REPLY answers.
        UnknownInstance = "unknown-instance",
        /// The sender of a REPLY or REFRESH, or the recipient of a REQUEST, is not an attendee.
        NotAnAttendee = "not-an-attendee",
        /// The owner of the home is not the organizer of the meeting.
        NotTheOrganizer = "not-the-organizer",
        /// The UID belongs to a meeting of another organizer.
        AnotherOrganizer = "another-organizer",
        /// The copy already had the content of the message.
        AlreadySo = "already-so",
        /// A CANCEL of the whole meeting found no copy.
        NothingToCancel = "nothing-to-cancel",
        /// The recipient has no copy, and a REQUEST does not ask for one: they have declined
        /// everything in it that is not cancelled.
        DeclinedAndRemoved = "declined-and-removed",
        /// The recipient has no calendar for invitations of this component type (RFC 6638 §4.3).
        NoCalendar = "no-calendar",
        /// The calendar for invitations has another resource with this UID (RFC 4791 §5.3.2.1).
        UidInUse = "uid-in-use",
        /// The copy or the answer would exceed a limit (RFC 6638 §11.1).
        TooLarge = "too-large",
        /// A PUBLISH is not applied; the recipient reads it in the inbox.
        Published = "published",
        /// A COUNTER is not applied; the recipient reads it in the inbox.
        CounterProposed = "counter-proposed",
        /// A DECLINECOUNTER is not applied; the recipient reads it in the inbox.
        CounterDeclined = "counter-declined",
        /// The text of the message cannot be parsed.
        NotCalendarData = "not-calendar-data",
        /// The message has no METHOD that iTIP defines, or contains neither an event nor a task.
        NotAValidMessage = "not-a-valid-message",
    }
}

impl Ignored {
    /// Returns true if the recipient's home rejects the message. A report to the sender then has
    /// the status 5.3 (RFC 6638 §3.2.9).
    pub fn is_rejection(&self) -> bool {
        match self {
            Self::AnotherOrganizer
            | Self::NoCalendar
            | Self::UidInUse
            | Self::TooLarge
            | Self::UnknownObject
            | Self::UnknownInstance
            | Self::NotAnAttendee
            | Self::NotTheOrganizer => true,
            Self::Stale
            | Self::AlreadySo
            | Self::NothingToCancel
            | Self::DeclinedAndRemoved
            | Self::Published
            | Self::CounterProposed
            | Self::CounterDeclined
            | Self::NotCalendarData
            | Self::NotAValidMessage
            | Self::Other(_) => false,
        }
    }
}
