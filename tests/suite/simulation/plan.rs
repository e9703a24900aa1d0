//! What an organizer wants of a meeting, and how a client writes that down.

use super::people::{ATTENDEES, MEETINGS, uid};

/// Days of January 2027 on which a daily meeting takes place: from the first one, so many.
const FIRST_DAY: u8 = 4;
const DAYS: u8 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub hour: u8,
    pub title: u8,
    pub daily: bool,
    /// Of [`ATTENDEES`]; the organizer is there anyway.
    pub guests: [bool; ATTENDEES.len()],
    /// A day of the series on which it does not take place.
    pub left_out: Option<u8>,
    /// A day of the series on which it takes place two hours later.
    pub later: Option<u8>,
}

impl Plan {
    /// A plain meeting with everybody in `guests`.
    pub const fn once(hour: u8, title: u8, guests: [bool; ATTENDEES.len()]) -> Self {
        Self { hour, title, daily: false, guests, left_out: None, later: None }
    }

    /// The days that a plan may speak of, but for the first.
    pub fn days() -> std::ops::Range<u8> {
        FIRST_DAY + 1..FIRST_DAY + DAYS
    }

    /// The object as the client sends it: it knows nothing of answers.
    pub fn text(&self, meeting: usize) -> String {
        let hour = self.hour;
        let mut series = String::new();
        let mut overridden = String::new();
        if self.daily {
            series = format!("RRULE:FREQ=DAILY;COUNT={DAYS}\n");
            if let Some(day) = self.left_out {
                series = format!("{series}EXDATE:{}\n", time(day, hour));
            }
            if let Some(day) = self.later.filter(|day| Some(*day) != self.left_out) {
                let id = format!("RECURRENCE-ID:{}\n", time(day, hour));
                overridden = self.component(meeting, day, hour + 2, &id);
            }
        }
        let first = self.component(meeting, FIRST_DAY, hour, &series);
        specimens::calendar(&format!("{first}{overridden}"))
    }

    fn component(&self, meeting: usize, day: u8, hour: u8, more: &str) -> String {
        let organizer = MEETINGS[meeting];
        let guests = ATTENDEES.iter().zip(self.guests).filter(|(name, listed)| *listed && **name != organizer);
        let guests: String = guests.map(|(name, _)| format!("ATTENDEE:mailto:{name}@example.org\n")).collect();
        format!(
            "BEGIN:VEVENT\nUID:{}\nDTSTAMP:20260105T110000Z\n{more}DTSTART:{}\nDTEND:{}\nSUMMARY:Meeting {}\n\
             ORGANIZER:mailto:{organizer}@example.org\n\
             ATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}@example.org\n{guests}END:VEVENT\n",
            uid(meeting),
            time(day, hour),
            time(day, hour + 1),
            self.title
        )
    }
}

fn time(day: u8, hour: u8) -> String {
    format!("202701{day:02}T{hour:02}0000Z")
}
