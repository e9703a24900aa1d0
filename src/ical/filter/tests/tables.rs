//! Tests of the tables of RFC 4791 §9.9, row by row. The ranges begin and end before, at, between
//! and after all times of the component.

use super::*;

/// A title, a component, its properties, and a function that returns true if a range from one hour
/// to another overlaps the component.
struct Row(&'static str, &'static str, &'static str, fn(i64, i64) -> bool);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row("DTEND", "VEVENT", "DTSTART:$10\nDTEND:$12\n", |start, end| start < 12 && end > 10),
    Row("DURATION", "VEVENT", "DTSTART:$10\nDURATION:PT2H\n", |start, end| start < 12 && end > 10),
    Row("no DURATION to speak of", "VEVENT", "DTSTART:$10\nDURATION:PT0S\n", |start, end| start <= 10 && end > 10),
    Row("a moment", "VEVENT", "DTSTART:$10\n", |start, end| start <= 10 && end > 10),
    Row("a day", "VEVENT", "DTSTART;VALUE=DATE:$DAY\n", |start, end| start < 24 && end > 0),
    Row("days", "VEVENT", "DTSTART;VALUE=DATE:$DAY\nDURATION:P1D\n", |start, end| start < 24 && end > 0),
    Row("DTSTART and DURATION", "VTODO", "DTSTART:$10\nDURATION:PT2H\n", |start, end| start <= 12 && (end > 10 || end >= 12)),
    Row("DTSTART and no DURATION to speak of", "VTODO", "DTSTART:$10\nDURATION:PT0S\n", |start, end| start <= 10 && (end > 10 || end >= 10)),
    Row("DTSTART and DUE", "VTODO", "DTSTART:$10\nDUE:$12\n", |start, end| (start < 12 || start <= 10) && (end > 10 || end >= 12)),
    Row("DTSTART and DUE at once", "VTODO", "DTSTART:$10\nDUE:$10\n", |start, end| start <= 10 && end >= 10),
    Row("whatever else it has", "VTODO", "DTSTART:$10\nDUE:$12\nCOMPLETED:$20\nCREATED:$02\n", |start, end| (start < 12 || start <= 10) && (end > 10 || end >= 12)),
    Row("DTSTART", "VTODO", "DTSTART:$10\n", |start, end| start <= 10 && end > 10),
    Row("DTSTART, whatever else it has", "VTODO", "DTSTART:$10\nCOMPLETED:$20\nCREATED:$02\n", |start, end| start <= 10 && end > 10),
    Row("DUE", "VTODO", "DUE:$10\n", |start, end| start < 10 && end >= 10),
    Row("DUE, whatever else it has", "VTODO", "DUE:$10\nCOMPLETED:$20\nCREATED:$02\n", |start, end| start < 10 && end >= 10),
    Row("COMPLETED and CREATED", "VTODO", "COMPLETED:$12\nCREATED:$10\n", |start, end| (start <= 10 || start <= 12) && (end >= 10 || end >= 12)),
    Row("COMPLETED", "VTODO", "COMPLETED:$10\n", |start, end| start <= 10 && end >= 10),
    Row("CREATED", "VTODO", "CREATED:$10\n", |_, end| end > 10),
    Row("nothing", "VTODO", "SUMMARY:x\n", |_, _| true),
    Row("a moment", "VJOURNAL", "DTSTART:$10\n", |start, end| start <= 10 && end > 10),
    Row("a day", "VJOURNAL", "DTSTART;VALUE=DATE:$DAY\n", |start, end| start < 24 && end > 0),
    Row("no day", "VJOURNAL", "SUMMARY:x\n", |_, _| false),
    Row("both ends", "VFREEBUSY", "DTSTART:$10\nDTEND:$12\n", |start, end| start <= 12 && end > 10),
    Row("both ends, whatever is between", "VFREEBUSY", "DTSTART:$10\nDTEND:$12\nFREEBUSY:$02/$04\n", |start, end| start <= 12 && end > 10),
    Row("one end counts for none", "VFREEBUSY", "DTSTART:$02\nFREEBUSY:$10/$12\n", |start, end| start < 12 && end > 10),
    Row("periods of any type", "VFREEBUSY", "FREEBUSY;FBTYPE=FREE:$10/PT2H\nFREEBUSY:$18/$20\n", |start, end| start < 12 && end > 10 || start < 20 && end > 18),
    Row("nothing", "VFREEBUSY", "DURATION:PT1H\n", |_, _| false),
];

/// Bounds of ranges: hours of the day, an hour before and an hour after it, and no bound at all.
const HOURS: [i64; 13] = [i64::MIN, -1, 0, 2, 9, 10, 11, 12, 13, 18, 23, 24, i64::MAX];

/// The day 2026-01-07 and one a week earlier, each with its midnight as an instant.
const DAYS: [(&str, i64); 2] = [("20260107", NOON - 12 * HOUR), ("20251231", NOON - 12 * HOUR - 7 * DAY)];

fn instant(hour: i64, midnight: i64) -> Option<i64> {
    (hour != i64::MIN && hour != i64::MAX).then(|| midnight + hour * HOUR)
}

fn object(row: &Row, day: &str, more: &str) -> Document {
    let lines = row.2.replace("$DAY", day);
    let lines: Vec<_> = lines.split('$').collect();
    let timed = lines[1..].iter().map(|line| format!("{day}T{}0000Z{}", &line[..2], &line[2..]));
    let lines = lines[0].to_owned() + &timed.collect::<String>();
    calendar(&format!("BEGIN:{}\nUID:1\n{lines}{more}END:{}\n", row.1, row.1))
}

#[test]
fn the_tables_of_rfc_4791_hold() {
    let (day, midnight) = DAYS[0];
    for row in ROWS {
        let object = object(row, day, "");
        for start in HOURS {
            for end in HOURS.into_iter().filter(|end| start < *end && !(start == i64::MIN && *end == i64::MAX)) {
                let filter = within(row.1, instant(start, midnight), instant(end, midnight));
                assert_eq!(asks(&object, filter), row.3(start, end), "{} with {}: {start} to {end}", row.1, row.0);
            }
        }
    }
}

#[test]
fn the_tables_of_rfc_4791_hold_for_instances() {
    let midnight = DAYS[0].1;
    let recurring = |row: &&Row| row.2.contains("DTSTART") && row.1 != "VFREEBUSY" || row.2.starts_with("DUE");
    for row in ROWS.iter().filter(recurring) {
        let object = object(row, DAYS[1].0, "RRULE:FREQ=WEEKLY;COUNT=3\n");
        for start in HOURS.into_iter().filter(|hour| *hour != i64::MIN) {
            for end in HOURS.into_iter().filter(|end| start < *end && *end != i64::MAX) {
                let filter = within(row.1, instant(start, midnight), instant(end, midnight));
                assert_eq!(asks(&object, filter), row.3(start, end), "{} with {}: {start} to {end}", row.1, row.0);
            }
        }
    }
}

#[test]
fn an_override_of_a_task_without_times_keeps_the_time_of_the_rule() {
    let series = calendar(
        "BEGIN:VTODO\nUID:1\nDTSTART:20260106T120000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nEND:VTODO\n\
        BEGIN:VTODO\nUID:1\nRECURRENCE-ID:20260107T120000Z\nSUMMARY:Other\nEND:VTODO\n",
    );
    let ask = |start: i64, end: i64| {
        let wanted = PropFilter { text_match: Some(text("Other", Collation::Octet, false)), ..prop("SUMMARY") };
        asks(&series, CompFilter { prop_filters: vec![wanted], ..within("VTODO", Some(start), Some(end)) })
    };
    assert_eq!([ask(NOON, NOON + HOUR), ask(NOON + DAY, NOON + DAY + HOUR)], [true, false]);
}

#[test]
fn journals_and_published_busy_times_have_their_own_tables() {
    let rows = [
        ("an entry at its time", "VJOURNAL", "DTSTART:20260107T120000Z\n", true),
        ("an entry before", "VJOURNAL", "DTSTART:20260107T115959Z\n", false),
        ("an entry of the day", "VJOURNAL", "DTSTART;VALUE=DATE:20260107\n", true),
        ("an entry of no day", "VJOURNAL", "SUMMARY:x\n", false),
        (
            "busy time that ends as the range begins",
            "VFREEBUSY",
            "DTSTART:20260107T110000Z\nDTEND:20260107T120000Z\n",
            true,
        ),
        ("busy time that begins as it ends", "VFREEBUSY", "DTSTART:20260107T130000Z\nDTEND:20260107T140000Z\n", false),
        ("a period within", "VFREEBUSY", "FREEBUSY:20260106T120000Z/PT1H,20260107T123000Z/PT1H\n", true),
        ("a period that ends as the range begins", "VFREEBUSY", "FREEBUSY:20260107T110000Z/PT1H\n", false),
        ("available for ever", "VAVAILABILITY", "SUMMARY:x\n", true),
        ("available from then on", "VAVAILABILITY", "DTSTART:20260107T125959Z\n", true),
        ("available from later on", "VAVAILABILITY", "DTSTART:20260107T130000Z\n", false),
        ("available until then", "VAVAILABILITY", "DTEND:20260107T120000Z\n", false),
        ("available until later", "VAVAILABILITY", "DTEND:20260107T120001Z\n", true),
        ("available for an hour", "VAVAILABILITY", "DTSTART:20260107T110000Z\nDURATION:PT1H\n", false),
        ("nothing said", "VFREEBUSY", "SUMMARY:x\n", false),
    ];
    for (title, name, lines, expected) in rows {
        let object = calendar(&format!("BEGIN:{name}\nUID:1\n{lines}END:{name}\n"));
        assert_eq!(asks(&object, within(name, Some(NOON), Some(NOON + HOUR))), expected, "{title}");
    }
}
