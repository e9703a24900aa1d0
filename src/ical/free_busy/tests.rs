use super::*;

/// The instant 2026-01-07T12:00:00Z, in seconds since the epoch.
const NOON: i64 = 1_767_787_200;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

fn of(components: &str) -> Vec<BusyPeriod> {
    let text = specimens::calendar(components);
    let object = Document::parse(text).expect("well-formed");
    let day = TimeRange { start: Some(NOON - HOUR), end: Some(NOON + DAY) };
    let owns = |address: &Address| address.canonical() == "mailto:me@x";
    periods(&object, day, &Zone::Utc, &owns, &Budget::default())
}

fn busy(start: i64, end: i64, kind: FreeBusyType) -> BusyPeriod {
    BusyPeriod { start, end, kind }
}

#[test]
fn status_and_transparency_decide_whether_an_event_is_busy() {
    let lunch = "DTSTART:20260107T120000Z\nDTEND:20260107T130000Z\n";
    let rows = [
        ("plain", "", Some(FreeBusyType::Busy)),
        ("transparent", "TRANSP:TRANSPARENT\n", None),
        ("cancelled", "STATUS:CANCELLED\n", None),
        ("tentative", "STATUS:TENTATIVE\n", Some(FreeBusyType::Tentative)),
        ("accepted", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:me@x\n", Some(FreeBusyType::Busy)),
        (
            "accepted, tentative",
            "STATUS:TENTATIVE\nATTENDEE;PARTSTAT=ACCEPTED:mailto:me@x\n",
            Some(FreeBusyType::Tentative),
        ),
        ("declined", "ATTENDEE;PARTSTAT=DECLINED:mailto:me@x\n", None),
        ("not answered", "ATTENDEE:mailto:me@x\n", None),
        ("no answer by the organizer", "ORGANIZER:mailto:me@x\nATTENDEE:mailto:me@x\n", Some(FreeBusyType::Busy)),
        ("said otherwise", "ATTENDEE;PARTSTAT=X-MAYBE:mailto:me@x\n", None),
        ("in work", "ATTENDEE;PARTSTAT=in-process:mailto:me@x\n", Some(FreeBusyType::Busy)),
        ("delegated", "ATTENDEE;PARTSTAT=DELEGATED:mailto:me@x\n", None),
        ("accepted as a maybe", "ATTENDEE;PARTSTAT=TENTATIVE:mailto:me@x\n", Some(FreeBusyType::Tentative)),
        ("declined by another", "ATTENDEE;PARTSTAT=DECLINED:mailto:you@x\n", Some(FreeBusyType::Busy)),
    ];
    for (title, lines, expected) in rows {
        let found = of(&format!("BEGIN:VEVENT\nUID:1\n{lunch}{lines}END:VEVENT\n"));
        let expected: Vec<_> = expected.into_iter().map(|kind| busy(NOON, NOON + HOUR, kind)).collect();
        assert_eq!(found, expected, "{title}");
    }
}

#[test]
fn instances_are_clipped_and_overrides_count_by_themselves() {
    let series = "BEGIN:VEVENT\nUID:1\nDTSTART:20200101T103000Z\nDTEND:20200101T120000Z\nRRULE:FREQ=DAILY\nEND:VEVENT\n\
        BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260108T103000Z\nDTSTART:20260108T103000Z\nDTEND:20260108T120000Z\n\
        TRANSP:TRANSPARENT\nEND:VEVENT\n";
    assert_eq!(of(series), [busy(NOON - HOUR, NOON, FreeBusyType::Busy)]);
    assert_eq!(of("BEGIN:VTODO\nUID:1\nDTSTART:20260107T120000Z\nDUE:20260107T130000Z\nEND:VTODO\n"), []);
}

#[test]
fn several_times_at_once_are_as_busy_as_each_alone() {
    let rows = [
        ("a series", "DTSTART:20260101T120000Z\nDTEND:20260101T130000Z\nRRULE:FREQ=DAILY\n"),
        // The series has more instances in a year than a query returns.
        ("a dense one", "DTSTART:20260101T120000Z\nDURATION:PT1S\nRRULE:FREQ=MINUTELY;INTERVAL=2\n"),
        ("one event", "DTSTART:20260108T120000Z\nDTEND:20260108T130000Z\n"),
    ];
    let times = [0, 1, 3, 40, 364].map(|days| Window::new(NOON + days * DAY + 30, NOON + days * DAY + 90));
    let between = Window::new(NOON + 12 * HOUR + 30, NOON + 12 * HOUR + 60);
    let times: Vec<_> = times.into_iter().chain([between]).collect();
    for (title, lines) in rows {
        let event = specimens::calendar(&format!("BEGIN:VEVENT\nUID:1\n{lines}END:VEVENT\n"));
        let object = Document::parse(event).expect("well-formed");
        let at = |times: &[Window]| periods_at(&object, times, &Zone::Utc, &|_| false, &Budget::new(10_000_000));
        let together = at(&times);
        for time in &times {
            let overlaps = together.iter().any(|period| period.start < time.end && time.start < period.end);
            assert_eq!(overlaps, !at(&[*time]).is_empty(), "{title}: {time:?}");
        }
    }
}

#[test]
fn published_free_busy_counts() {
    let published = "BEGIN:VFREEBUSY\nUID:1\nFREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260107T120000Z/PT1H\n\
        FREEBUSY;FBTYPE=FREE:20260107T150000Z/PT1H\nEND:VFREEBUSY\n";
    assert_eq!(of(published), [busy(NOON, NOON + HOUR, FreeBusyType::Unavailable)]);
}

#[test]
fn periods_of_one_type_are_merged() {
    let all = TimeRange::default();
    let (a, b) = (FreeBusyType::Busy, FreeBusyType::Tentative);
    let rows = [
        ("none", vec![], vec![]),
        ("touching", vec![busy(0, 10, a), busy(10, 20, a)], vec![busy(0, 20, a)]),
        ("within", vec![busy(0, 10, a), busy(2, 5, a)], vec![busy(0, 10, a)]),
        ("apart", vec![busy(20, 30, a), busy(0, 10, a)], vec![busy(0, 10, a), busy(20, 30, a)]),
        (
            "busy in the midst of tentative",
            vec![busy(0, 30, b), busy(10, 20, a)],
            vec![busy(0, 30, b), busy(10, 20, a)],
        ),
        ("at once", vec![busy(0, 10, b), busy(0, 10, a)], vec![busy(0, 10, a), busy(0, 10, b)]),
        ("touching one of another kind", vec![busy(0, 10, a), busy(10, 20, b)], vec![busy(0, 10, a), busy(10, 20, b)]),
        ("free is nothing", vec![busy(0, 10, FreeBusyType::Free)], vec![]),
    ];
    for (title, periods, expected) in rows {
        assert_eq!(merge(periods, all), expected, "{title}");
    }
}

#[test]
fn a_reply_repeats_organizer_and_attendee() {
    let range = TimeRange { start: Some(NOON), end: Some(NOON + DAY) };
    let answer = ReplyLines { uid: "4", organizer: "ORGANIZER:mailto:you@x", attendee: "ATTENDEE:mailto:me@x" };
    let text = reply(&[busy(NOON, NOON + HOUR, FreeBusyType::Busy)], range, NOON, &answer);
    let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Daybook//Daybook//EN\r\nMETHOD:REPLY\r\n\
        BEGIN:VFREEBUSY\r\nUID:4\r\nDTSTAMP:20260107T120000Z\r\nORGANIZER:mailto:you@x\r\nATTENDEE:mailto:me@x\r\n\
        DTSTART:20260107T120000Z\r\nDTEND:20260108T120000Z\r\n\
        FREEBUSY;FBTYPE=BUSY:20260107T120000Z/20260107T130000Z\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n";
    assert_eq!(text, expected);
}

#[test]
fn a_report_states_its_range_and_splits_long_lists() {
    let range = TimeRange { start: Some(NOON), end: Some(NOON + DAY) };
    let many: Vec<_> =
        (0..250).map(|at| busy(NOON + at * 120, NOON + at * 120 + 60, FreeBusyType::Tentative)).collect();
    let text = report(&many, range, NOON);
    let document = Document::parse(text.as_str()).expect("well-formed");
    let answer = document.root().components_named("VFREEBUSY").next().expect("one");
    let lists: Vec<_> = answer.properties_named("FREEBUSY").collect();
    let counts: Vec<_> = lists.iter().map(|list| list.periods().map(|periods| periods.len())).collect();
    assert_eq!(counts, [Ok(100), Ok(100), Ok(50)]);
    assert!(lists.iter().all(|list| list.param("FBTYPE").as_deref() == Some("BUSY-TENTATIVE")));
    let uid = answer.property("UID").map(crate::Property::value);
    assert_eq!(uid, Some("free-busy-20260107T120000Z-20260108T120000Z"));
}

#[test]
fn periods_are_clipped_to_the_range() {
    let range = TimeRange { start: Some(5), end: Some(15) };
    let periods = vec![
        busy(0, 5, FreeBusyType::Busy),
        busy(0, 10, FreeBusyType::Busy),
        busy(12, 20, FreeBusyType::Busy),
        busy(15, 20, FreeBusyType::Busy),
    ];
    assert_eq!(merge(periods, range), [busy(5, 10, FreeBusyType::Busy), busy(12, 15, FreeBusyType::Busy)]);
}

#[test]
fn a_series_over_its_budget_is_busy_from_its_first_to_its_last_instance() {
    let event = |rule: &str, lines: &str| {
        format!("BEGIN:VEVENT\nUID:1\nDTSTART:20260107T130000Z\nDURATION:PT1S\nRRULE:{rule}\n{lines}END:VEVENT\n")
    };
    let rows = [
        ("seconds", event("FREQ=SECONDLY", ""), Some((NOON + HOUR, FreeBusyType::Busy))),
        ("tentative", event("FREQ=SECONDLY", "STATUS:TENTATIVE\n"), Some((NOON + HOUR, FreeBusyType::Tentative))),
        ("not answered", event("FREQ=SECONDLY", "ATTENDEE:mailto:me@x\n"), None),
        ("transparent", event("FREQ=SECONDLY", "TRANSP:TRANSPARENT\n"), None),
        ("cancelled", event("FREQ=SECONDLY", "STATUS:CANCELLED\n"), None),
    ];
    for (title, components, expected) in rows {
        let found = of(&components);
        let expected: Vec<_> = expected.into_iter().map(|(start, kind)| busy(start, NOON + DAY, kind)).collect();
        assert_eq!(found, expected, "{title}");
    }
}

#[test]
fn components_that_take_no_time_cost_nothing() {
    let spent = |lines: &str| {
        let object = Document::parse(format!(
            "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nDTSTART:20200107T120000Z\nRRULE:FREQ=HOURLY\n{lines}\
             END:VEVENT\nEND:VCALENDAR\n"
        ));
        let year = TimeRange { start: Some(NOON), end: Some(NOON + 365 * DAY) };
        let owns = |address: &Address| address.canonical() == "mailto:me@x";
        let budget = Budget::new(100_000);
        periods(&object.expect("well-formed"), year, &Zone::Utc, &owns, &budget);
        100_000 - budget.left()
    };
    assert!(spent("") > 8_000);
    for lines in ["ATTENDEE:mailto:me@x\n", "ATTENDEE;PARTSTAT=DECLINED:mailto:me@x\n", "TRANSP:TRANSPARENT\n"] {
        assert_eq!(spent(lines), 0, "{lines}");
    }
}
