//! Tests of the time index: the members that may have an instance in a time range.

use super::given::{BEGINNING as NOON, Story, calendar};

fn event(dates: &str) -> String {
    specimens::event("1", dates)
}

/// Returns true if the index finds an event for a range.
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
    story.with_each(|models| {
        let found = models.overlapping(calendar("work"), Some(NOON), Some(NOON + 1)).unwrap();
        let names: Vec<_> = found.iter().map(|(member, body)| (member.name.as_str(), body.as_str())).collect();
        assert_eq!(names, [("z.ics", "changed"), ("a.ics", "three")]);
    });
}

#[test]
fn what_may_overlap_is_a_candidate_and_what_cannot_is_none() {
    let noon = "DTSTART:20260105T120000Z\r\nDTEND:20260105T130000Z\r\n";
    let hour = 3_600;
    let rows = [
        ("during", noon, Some(NOON + 60), Some(NOON + 120), true),
        ("around", noon, Some(NOON - hour), Some(NOON + 2 * hour), true),
        ("until long before", noon, None, Some(NOON - 60), false),
        ("until it begins is near enough", noon, None, Some(NOON), true),
        ("from long after", noon, Some(NOON + hour + 60), None, false),
        ("from its middle", noon, Some(NOON + hour / 2), None, true),
        ("always", noon, None, None, true),
        ("a day, in a zone far away", "DTSTART;VALUE=DATE:20260105\r\n", Some(NOON + 12 * hour), None, true),
        ("another day", "DTSTART;VALUE=DATE:20260105\r\n", Some(NOON + 48 * hour), None, false),
        ("before it recurs", "DTSTART:20260105T120000Z\r\nRRULE:FREQ=DAILY\r\n", None, Some(NOON - hour), false),
        ("ends before it begins", "DTSTART:20260105T120000Z\r\nDTEND:20260105T110000Z\r\n", Some(NOON), None, true),
    ];
    for (title, dates, start, end, expected) in rows {
        assert_eq!(is_found(&event(dates), start, end), expected, "{title}");
    }
}

#[test]
fn candidates_follow_what_changes() {
    let at = |hour: u32| event(&format!("DTSTART:20260105T{hour:02}0000Z\r\nDURATION:PT30M\r\n"));
    let story = Story::of_two_calendars()
        .put("work", "1.ics", "1", &at(9))
        .put("work", "2.ics", "2", &at(9))
        .put("work", "3.ics", "3", &at(9))
        .put("work", "4.ics", "4", &at(9))
        .put("work", "1.ics", "1", &at(15))
        .remove("work", "2.ics", "2")
        .shift("3", ("work", "3.ics"), ("private", "3.ics"))
        .put("work", "4.ics", "4", &at(9).replace("DTSTAMP:20260105", "DTSTAMP:20260106"));
    story.with_each(|models| {
        let rows: [(&str, i64, &[&str]); 4] = [
            ("work", NOON - 3 * 3_600, &["4.ics"]),
            ("work", NOON + 3 * 3_600, &["1.ics"]),
            ("private", NOON - 3 * 3_600, &["3.ics"]),
            ("private", NOON + 3 * 3_600, &[]),
        ];
        for (name, start, expected) in rows {
            let found = models.overlapping(calendar(name), Some(start), Some(start + 60)).unwrap();
            let names: Vec<_> = found.iter().map(|(member, _)| member.name.as_str()).collect();
            assert_eq!(names, expected, "{name} at {start}");
        }
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

#[test]
fn a_series_is_a_candidate_where_its_instances_are() {
    const WEEK: i64 = 7 * 24 * 3_600;
    let weekly =
        |hour: u32| event(&format!("DTSTART:20260105T{hour:02}0000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY\r\n"));
    let story = Story::of_two_calendars()
        .put("work", "1.ics", "1", &weekly(12))
        .put("work", "2.ics", "2", &weekly(12))
        .put("work", "2.ics", "2", &weekly(15))
        .put("work", "3.ics", "3", &weekly(12))
        .shift("3", ("work", "3.ics"), ("private", "3.ics"))
        .put("work", "4.ics", "4", &weekly(12))
        .remove("work", "4.ics", "4");
    story.with_each(|models| {
        let hour = 3_600;
        let rows: [(&str, &str, i64, &[&str]); 6] = [
            ("at its hour", "work", 9 * WEEK, &["1.ics"]),
            ("at the hour it was put to", "work", 9 * WEEK + 3 * hour, &["2.ics"]),
            ("at another", "work", 9 * WEEK + 6 * hour, &[]),
            ("on another day", "work", 9 * WEEK + 24 * hour, &[]),
            ("where it was moved to", "private", 9 * WEEK, &["3.ics"]),
            ("so late that it is looked at closely", "work", 900 * WEEK + 6 * hour, &["1.ics", "2.ics"]),
        ];
        for (title, name, from, expected) in rows {
            let (start, end) = (NOON + from + 60, NOON + from + 120);
            let found = models.overlapping(calendar(name), Some(start), Some(end)).unwrap();
            let names: Vec<_> = found.iter().map(|(member, _)| member.name.as_str()).collect();
            assert_eq!(names, expected, "{title}");
        }
    });
}
