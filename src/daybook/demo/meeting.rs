//! The calendar data that the people of the demo write.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use schemas::Timestamp;

use super::people::{ALICE, BOB, CAROL, LAKE, Person};

/// A weekly meeting of an hour, four times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meeting {
    /// Of the first instance, UTC.
    pub start: NaiveDateTime,
    pub now: Timestamp,
    pub sequence: u32,
}

impl Meeting {
    /// The first instance is next week's Tuesday, at nine.
    pub(crate) fn next_week(now: Timestamp) -> Self {
        let today = DateTime::from_timestamp(now.seconds(), 0).unwrap_or_default().date_naive();
        let start = tuesday_after(today).and_hms_opt(9, 0, 0).expect("nine o'clock exists");
        Self { start, now, sequence: 0 }
    }

    pub(crate) fn later(self, hours: i64) -> Self {
        Self { start: self.start + TimeDelta::hours(hours), sequence: self.sequence + 1, ..self }
    }

    /// The start of the instance `weeks` after the first.
    pub(crate) fn instance(&self, weeks: u64) -> NaiveDateTime {
        self.start + Days::new(7 * weeks)
    }

    /// What Alice's client stores: a series with everybody invited.
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
        let stamp = DateTime::from_timestamp(self.now.seconds(), 0).unwrap_or_default().naive_utc();
        [
            format!("UID:{uid}"),
            format!("DTSTAMP:{}", utc(stamp)),
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

/// As `DTSTART` and `RECURRENCE-ID` write it.
pub(crate) fn utc(moment: NaiveDateTime) -> String {
    moment.format("%Y%m%dT%H%M%SZ").to_string()
}

/// For people.
pub(crate) fn shown(moment: NaiveDateTime) -> String {
    let day = moment.date();
    format!("{} {} {}", day.weekday(), day, moment.format("%H:%M UTC"))
}
