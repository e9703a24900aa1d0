//! Tests of availability. Days are drawn in slots of two hours, as in RFC 7953 §5.1.

use super::*;

/// The instant 2026-01-05T00:00:00Z, a Monday, in seconds since the epoch.
const MONDAY: Instant = 1_767_571_200;
const SLOT: Instant = 2 * 3600;

fn office(lines: &str, hours: &str) -> String {
    let hours: Vec<String> = hours
        .split(' ')
        .filter(|hours| !hours.is_empty())
        .map(|hours| {
            let (from, to) = hours.split_once('-').expect("from and to");
            format!(
                "BEGIN:AVAILABLE\nUID:{hours}\nDTSTART:20260101T{from}0000Z\nDTEND:20260101T{to}0000Z\n\
                RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\nEND:AVAILABLE\n"
            )
        })
        .collect();
    let lines = lines.replace(' ', "\n");
    format!("BEGIN:VAVAILABILITY\nUID:1\n{lines}\n{}END:VAVAILABILITY\n", hours.concat())
}

/// Draws Monday in slots of two hours, as in RFC 7953 §5.1.
fn monday(offices: &[String]) -> String {
    day(&offices.concat(), MONDAY, &Zone::Utc)
}

/// Draws the day that starts at `begin`, with availability and events (RFC 7953 §5). `reader` is
/// the zone for floating times.
fn day(components: &str, begin: Instant, reader: &Zone) -> String {
    let range = TimeRange::new(Some(begin), Some(begin + 12 * SLOT));
    let object = Document::parse(specimens::calendar(components)).expect("it is well-formed");
    let found = availabilities(&object, range, reader, &Budget::default());
    let mut periods = crate::free_busy::periods(&object, range, reader, &|_| false, &Budget::default());
    periods.extend(unavailable(found, range));
    periods.sort_by_key(|period| period.kind);
    let letter = |slot: Instant| {
        let at = begin + slot * SLOT;
        periods.iter().find(|period| (period.start..period.end).contains(&at)).map_or('F', |period| match period.kind {
            FreeBusyType::Busy => 'B',
            FreeBusyType::Unavailable => 'U',
            FreeBusyType::Tentative => 'T',
            FreeBusyType::Free => '?',
        })
    };
    (0..12).map(letter).collect()
}

#[test]
fn the_highest_priority_decides_about_availability() {
    let usual = || office("SUMMARY:x", "08-18");
    let rows = [
        ("nothing said", vec![], "FFFFFFFFFFFF"),
        ("never there", vec![office("SUMMARY:x", "")], "UUUUUUUUUUUU"),
        ("office hours, as in RFC 7953 §5.1.1", vec![usual()], "UUUUFFFFFUUU"),
        (
            "elsewhere for a week, as in RFC 7953 §5.1.2",
            vec![usual(), office("PRIORITY:1 DTSTART:20260104T000000Z DTEND:20260111T000000Z", "10-20")],
            "UUUUUFFFFFUU",
        ),
        (
            "away for some hours",
            vec![office("PRIORITY:9 DTSTART:20260105T100000Z DURATION:PT4H BUSYTYPE:BUSY", ""), usual()],
            "UUUUFBBFFUUU",
        ),
        (
            "away only before and after",
            vec![
                usual(),
                office("PRIORITY:5 DTEND:20260105T100000Z", ""),
                office("PRIORITY:5 DTSTART:20260105T160000Z BUSYTYPE:BUSY-TENTATIVE", ""),
            ],
            "UUUUUFFFTTTT",
        ),
        (
            "the higher priority is heard, in whatever order",
            vec![office("PRIORITY:1", "08-10"), office("PRIORITY:2 BUSYTYPE:BUSY", "00-24")],
            "UUUUFUUUUUUU",
        ),
        (
            "equal priority: the busier type, but available time wins",
            vec![office("BUSYTYPE:BUSY", "08-10"), office("BUSYTYPE:BUSY-TENTATIVE", "12-14")],
            "BBBBFBFBBBBB",
        ),
        ("an unknown type", vec![office("BUSYTYPE:X-GOLF", "")], "UUUUUUUUUUUU"),
        ("another day", vec![office("DTSTART:20260106T000000Z", "")], "FFFFFFFFFFFF"),
        ("hours outside of its time", vec![office("DTEND:20260105T100000Z", "08-18")], "UUUUFFFFFFFF"),
    ];
    for (title, offices, expected) in rows {
        let offices: Vec<String> = offices.into_iter().map(|office| office.replace("T240000Z", "T235959Z")).collect();
        assert_eq!(monday(&offices), expected, "{title}");
    }
}

#[test]
fn an_available_time_may_be_moved_on_one_day() {
    let usual = office("SUMMARY:x", "08-18");
    let moved = "BEGIN:AVAILABLE\nUID:08-18\nRECURRENCE-ID:20260105T080000Z\nDTSTART:20260105T140000Z\n\
                 DTEND:20260105T160000Z\nEND:AVAILABLE\nEND:VAVAILABILITY\n";
    assert_eq!(monday(&[usual.replace("END:VAVAILABILITY\n", moved)]), "UUUUUUUFUUUU");
}

/// The example of RFC 7953 appendix A: office hours in Montreal, and a meeting.
const MONTREAL: &str = "BEGIN:VEVENT\nUID:2\nDTSTART;TZID=America/Montreal:20111106T120000\nDURATION:PT2H\nEND:VEVENT\n\
    BEGIN:VAVAILABILITY\nUID:3\nDTSTART;TZID=America/Montreal:20111002T000000\nBEGIN:AVAILABLE\nUID:4\n\
    DTSTART;TZID=America/Montreal:20111002T080000\nDTEND;TZID=America/Montreal:20111002T180000\n\
    RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\nEND:AVAILABLE\nEND:VAVAILABILITY\n";
/// The example of RFC 7953 appendix B: the same office hours and meeting, and a week in Denver.
const DENVER: &str = "BEGIN:VEVENT\nUID:5\nDTSTART;TZID=America/Denver:20111024T120000\nDURATION:PT2H\nEND:VEVENT\n\
    BEGIN:VAVAILABILITY\nUID:6\nDTSTART;TZID=America/Denver:20111023T000000\n\
    DTEND;TZID=America/Denver:20111030T000000\nPRIORITY:1\nBEGIN:AVAILABLE\nUID:7\n\
    DTSTART;TZID=America/Denver:20111023T080000\nDTEND;TZID=America/Denver:20111023T180000\n\
    RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\nEND:AVAILABLE\nEND:VAVAILABILITY\n";

#[test]
fn rfc7953_examples_give_their_drawings() {
    let montreal = Zone::named("America/Montreal").expect("it is known");
    let midnight = |text: &str| montreal.to_instant(DateTime::parse(text, None).expect("it is a time").local());
    // The RFC calls 2011-11-06 a Monday, but it is a Sunday. The meeting is moved to Monday, the
    // 7th.
    let events = MONTREAL.replace("20111106T120000", "20111107T120000");
    assert_eq!(day(&events, midnight("20111107T000000"), &montreal), "UUUUFFBFFUUU");
    let both = format!("{DENVER}{MONTREAL}");
    assert_eq!(day(&both, midnight("20111024T000000"), &montreal), "UUUUUFFBFFUU");
    assert_eq!(day(&both, midnight("20111031T000000"), &montreal), "UUUUFFFFFUUU", "back in Montreal");
}

/// Draws Monday for an availability with these properties and AVAILABLE components.
fn drawn(lines: &str, available: &[&str]) -> String {
    let available =
        available.iter().map(|lines| format!("BEGIN:AVAILABLE\n{}\nEND:AVAILABLE\n", lines.replace(' ', "\n")));
    let lines = lines.replace(' ', "\n");
    day(
        &format!("BEGIN:VAVAILABILITY\nUID:1\n{lines}\n{}END:VAVAILABILITY\n", available.collect::<String>()),
        MONDAY,
        &Zone::Utc,
    )
}

#[test]
fn an_available_time_recurs_as_any_component_does() {
    let rows: [(&str, &str, &[&str], &str); 11] = [
        ("once", "SUMMARY:x", &["UID:2 DTSTART:20260105T080000Z DTEND:20260105T120000Z"], "UUUUFFUUUUUU"),
        ("once, another day", "SUMMARY:x", &["UID:2 DTSTART:20260106T080000Z DTEND:20260106T120000Z"], "UUUUUUUUUUUU"),
        ("for a duration", "SUMMARY:x", &["UID:2 DTSTART:20260105T080000Z DURATION:PT4H"], "UUUUFFUUUUUU"),
        ("for no time", "SUMMARY:x", &["UID:2 DTSTART:20260105T080000Z"], "UUUUUUUUUUUU"),
        ("a day", "SUMMARY:x", &["UID:2 DTSTART;VALUE=DATE:20260105"], "FFFFFFFFFFFF"),
        (
            "but for that day",
            "SUMMARY:x",
            &["UID:2 DTSTART:20260101T080000Z DURATION:PT4H RRULE:FREQ=DAILY EXDATE:20260105T080000Z"],
            "UUUUUUUUUUUU",
        ),
        (
            "on that day, too",
            "SUMMARY:x",
            &["UID:2 DTSTART:20260101T080000Z DURATION:PT4H RDATE:20260105T080000Z"],
            "UUUUFFUUUUUU",
        ),
        ("from the evening before", "SUMMARY:x", &["UID:2 DTSTART:20260104T200000Z DURATION:PT8H"], "FFUUUUUUUUUU"),
        (
            "two, one over the other",
            "SUMMARY:x",
            &["UID:2 DTSTART:20260105T080000Z DURATION:PT4H", "UID:3 DTSTART:20260105T100000Z DURATION:PT4H"],
            "UUUUFFFUUUUU",
        ),
        (
            "since it was moved for good",
            "SUMMARY:x",
            &[
                "UID:2 DTSTART:20260101T080000Z DURATION:PT4H RRULE:FREQ=DAILY",
                "UID:2 RECURRENCE-ID;RANGE=THISANDFUTURE:20260103T080000Z DTSTART:20260103T120000Z DURATION:PT2H",
            ],
            "UUUUUUFUUUUU",
        ),
        (
            "only while it holds",
            "DTSTART:20260105T100000Z DURATION:PT4H",
            &["UID:2 DTSTART:20260105T080000Z DURATION:PT10H"],
            "FFFFFFFFFFFF",
        ),
    ];
    for (title, lines, available, expected) in rows {
        assert_eq!(drawn(lines, available), expected, "{title}");
    }
}

#[test]
fn an_availability_applies_from_its_start_to_its_end() {
    let rows = [
        ("always", "SUMMARY:x", "UUUUUUUUUUUU"),
        ("from then on", "DTSTART:20260105T100000Z", "FFFFFUUUUUUU"),
        ("until then", "DTEND:20260105T100000Z", "UUUUUFFFFFFF"),
        ("between", "DTSTART:20260105T080000Z DTEND:20260105T100000Z", "FFFFUFFFFFFF"),
        ("for a while", "DTSTART:20260105T080000Z DURATION:PT2H", "FFFFUFFFFFFF"),
        ("a while without a start is none", "DURATION:PT2H", "UUUUUUUUUUUU"),
        ("over", "DTEND:20260105T000000Z", "FFFFFFFFFFFF"),
        ("to come", "DTSTART:20260106T000000Z", "FFFFFFFFFFFF"),
        ("whole days", "DTSTART;VALUE=DATE:20260105 DTEND;VALUE=DATE:20260106", "UUUUUUUUUUUU"),
        ("priority zero is the lowest", "PRIORITY:0 BUSYTYPE:BUSY", "BBBBBBBBBBBB"),
    ];
    for (title, lines, expected) in rows {
        assert_eq!(drawn(lines, &[]), expected, "{title}");
    }
}

#[test]
fn available_days_follow_changes_of_clocks() {
    // The clocks change on 2026-03-29, so the time from noon to noon is 23 hours.
    let said =
        "BEGIN:VAVAILABILITY\nUID:1\nDTSTART;TZID=Europe/Berlin:20260328T120000\nDURATION:P1D\nEND:VAVAILABILITY\n";
    let morning = Zone::Utc.to_instant(DateTime::parse("20260329T000000Z", None).expect("it is a time").local());
    assert_eq!(day(said, morning, &Zone::Utc), "UUUUUFFFFFFF");
    let document = Document::parse(specimens::calendar(said)).expect("it is well-formed");
    assert_eq!(crate::bounds::of(&document).last, Some(morning + 10 * 3600));
}
