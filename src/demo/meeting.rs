//! The calendar data that the organizer's client writes.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};

use crate::people::{ALICE, BOB, CAROL, LAKE, Person};

/// A weekly meeting with four instances of one hour.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meeting {
    /// The start of the first instance, in UTC.
    pub start: NaiveDateTime,
    pub now: DateTime<Utc>,
    pub sequence: u32,
}

impl Meeting {
    /// Returns a meeting whose first instance is on Tuesday of next week at 9:00 UTC.
    pub(crate) fn next_week(now: DateTime<Utc>) -> Self {
        let start = tuesday_after(now.date_naive()).and_hms_opt(9, 0, 0).expect("nine o'clock exists");
        Self { start, now, sequence: 0 }
    }

    pub(crate) fn later(self, hours: i64) -> Self {
        Self { start: self.start + TimeDelta::hours(hours), sequence: self.sequence + 1, ..self }
    }

    /// Returns the start of the instance that is `weeks` weeks after the first.
    pub(crate) fn instance(&self, weeks: u64) -> NaiveDateTime {
        self.start + Days::new(7 * weeks)
    }

    /// Returns the calendar object that Alice's client stores: the series, to which everybody is
    /// invited.
    pub(crate) fn series(&self, uid: &str) -> String {
        let mut lines = vec!["BEGIN:VEVENT".to_owned()];
        lines.extend(self.times(uid, self.start));
        lines.push("RRULE:FREQ=WEEKLY;COUNT=4".to_owned());
        lines.push("SUMMARY:Planning".to_owned());
        lines.push("LOCATION:Lake".to_owned());
        lines.extend(attendees());
        lines.push("END:VEVENT".to_owned());
        calendar(&lines)
    }

    fn times(&self, uid: &str, start: NaiveDateTime) -> [String; 5] {
        [
            format!("UID:{uid}"),
            format!("DTSTAMP:{}", utc(self.now.naive_utc())),
            format!("DTSTART:{}", utc(start)),
            format!("DTEND:{}", utc(start + TimeDelta::hours(1))),
            format!("SEQUENCE:{}", self.sequence),
        ]
    }
}

fn tuesday_after(today: NaiveDate) -> NaiveDate {
    today.week(Weekday::Mon).first_day() + Days::new(8)
}

fn attendees() -> Vec<String> {
    let attendee =
        |person: Person, parameters: &str| format!("ATTENDEE;CN={}{parameters}:{}", person.name, person.address());
    let invited = ";PARTSTAT=NEEDS-ACTION;RSVP=TRUE";
    vec![
        format!("ORGANIZER;CN={}:{}", ALICE.name, ALICE.address()),
        attendee(ALICE, ";PARTSTAT=ACCEPTED"),
        attendee(BOB, invited),
        attendee(CAROL, invited),
        attendee(LAKE, &format!(";CUTYPE=ROOM{invited}")),
    ]
}

fn calendar(lines: &[String]) -> String {
    let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Daybook//Demo//EN\r\n");
    for line in lines {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text.push_str("END:VCALENDAR\r\n");
    text
}

/// Formats a UTC time as in DTSTART and RECURRENCE-ID (RFC 5545 §3.3.5, form 2).
pub(crate) fn utc(moment: NaiveDateTime) -> String {
    moment.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Formats a UTC time for people, with the day of the week.
pub(crate) fn shown(moment: NaiveDateTime) -> String {
    let day = moment.date();
    format!("{} {} {}", day.weekday(), day, moment.format("%H:%M UTC"))
}
