//! Members that may overlap a time range: candidates by the index.

use super::given::{BEGINNING as NOON, Story, calendar};

fn event(dates: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260105T120000Z\r\n\
         {dates}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// Whether one event is a candidate for a range.
fn is_found(ics: &str, start: Option<i64>, end: Option<i64>) -> bool {
    let told = Story::of_two_calendars().put("work", "1.ics", "1", ics).replayed();
    let found = told.overlapping(calendar("work"), start, end).unwrap();
    for (member, body) in &found {
        assert_eq!((member.name.as_str(), body.as_str()), ("1.ics", ics));
    }
    !found.is_empty()
}

#[test]
fn candidates_come_in_the_order_they_were_made_and_only_of_the_collection() {
    let story = Story::of_two_calendars()
        .put("work", "z.ics", "1", "one")
        .put("private", "b.ics", "2", "two")
        .put("work", "a.ics", "3", "three")
        .put("work", "z.ics", "1", "changed");
    story.told(|models| {
        let found = models.overlapping(calendar("work"), Some(NOON), Some(NOON + 1)).unwrap();
        let names: Vec<_> = found.iter().map(|(member, body)| (member.name.as_str(), body.as_str())).collect();
        assert_eq!(names, [("z.ics", "changed"), ("a.ics", "three")]);
    });
}

#[test]
fn what_has_no_bounds_is_a_candidate_for_every_range() {
    let rows =
        [("not a calendar", "one".to_owned()), ("for ever", event("DTSTART:20260105T120000Z\r\nRRULE:FREQ=DAILY\r\n"))];
    let ranges = [(None, None), (Some(NOON), Some(NOON + 60)), (Some(4_000_000_000), None), (Some(i64::MAX - 1), None)];
    for (title, ics) in rows {
        for (start, end) in ranges {
            assert!(is_found(&ics, start, end), "{title}: {start:?}..{end:?}");
        }
    }
}
