//! The organizer's plan of a meeting, and the calendar object that the client stores for it.

use super::people::{ATTENDEES, MEETINGS, TASK, uid};

/// The first day of the meetings, in January 2027.
const FIRST_DAY: u8 = 4;
/// The number of days on which a daily meeting takes place, from [`FIRST_DAY`] on.
const DAYS: u8 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub hour: u8,
    pub title: u8,
    pub daily: bool,
    /// For each of [`ATTENDEES`], true if invited. The organizer always takes part.
    pub guests: [bool; ATTENDEES.len()],
    /// True if the group is invited.
    pub team: bool,
    /// A day that EXDATE excludes from the series.
    pub left_out: Option<u8>,
    /// A day on which an override moves the meeting two hours later.
    pub later: Option<u8>,
}

impl Plan {
    /// Returns a plan for a single meeting with the attendees in `guests`.
    pub const fn once(hour: u8, title: u8, guests: [bool; ATTENDEES.len()]) -> Self {
        Self { hour, title, daily: false, guests, team: false, left_out: None, later: None }
    }

    /// Returns the days that a plan may exclude or move: all except the first.
    pub fn days() -> std::ops::Range<u8> {
        FIRST_DAY + 1..FIRST_DAY + DAYS
    }

    /// Returns the calendar object that the client stores, without the answers of attendees.
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
        // A room cannot be an attendee of a task.
        let may_be = |name: &str| name != organizer && (meeting != TASK || name != "lake");
        let guests = ATTENDEES.iter().zip(self.guests).filter(|(name, listed)| *listed && may_be(name));
        let team = self.team.then_some("team");
        let guests: String = guests
            .map(|(name, _)| *name)
            .chain(team)
            .map(|name| format!("ATTENDEE:mailto:{name}@example.org\n"))
            .collect();
        let (kind, end) = if meeting == TASK { ("VTODO", "DUE") } else { ("VEVENT", "DTEND") };
        format!(
            "BEGIN:{kind}\nUID:{}\nDTSTAMP:20260105T110000Z\n{more}DTSTART:{}\n{end}:{}\nSUMMARY:Meeting {}\n\
             ORGANIZER:mailto:{organizer}@example.org\n\
             ATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}@example.org\n{guests}END:{kind}\n",
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
