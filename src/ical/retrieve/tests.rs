use super::*;
use crate::query::{Components, Properties, SelectedProperty, Selection};
use crate::recur::MAX_INSTANCES;
use crate::time::Window;

/// The instant 2026-01-07T00:00:00Z, in seconds since the epoch.
const DAY_ONE: i64 = 1_767_744_000;
const DAY: i64 = 86_400;

const SERIES: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Europe/Berlin:20260106T120000\r\nDTEND;TZID=Europe/Berlin:20260106T130000\r\n\
    RRULE:FREQ=DAILY;COUNT=4\r\nSUMMARY:Lunch\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID;TZID=Europe/Berlin:20260108T120000\r\n\
    DTSTART;TZID=Europe/Berlin:20260108T140000\r\nDTEND;TZID=Europe/Berlin:20260108T150000\r\nSUMMARY:Late\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";

fn shown(ics: &str, wanted: &CalendarData) -> String {
    render(ics, wanted, &Zone::Utc, &Budget::default()).expect("shown").into_owned()
}

fn expanded(ics: &str, start: i64, end: i64) -> String {
    shown(ics, &CalendarData { recurrence: Some(Recurrence::Expand(Window { start, end })), ..CalendarData::default() })
}

#[test]
fn unaffected_properties_are_returned_unchanged() {
    assert_eq!(shown(SERIES, &CalendarData::default()), SERIES);
}

#[test]
fn a_series_is_expanded_into_instances_in_utc() {
    let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260107T110000Z\r\n\
        DTEND:20260107T120000Z\r\nSUMMARY:Lunch\r\nRECURRENCE-ID:20260107T110000Z\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260108T130000Z\r\nDTEND:20260108T140000Z\r\nSUMMARY:Late\r\n\
        RECURRENCE-ID:20260108T110000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    assert_eq!(expanded(SERIES, DAY_ONE, DAY_ONE + 2 * DAY), expected);
}

#[test]
fn dates_are_expanded_as_dates() {
    let days = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260105\r\n\
        DTEND;VALUE=DATE:20260107\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260112\r\n\
        DTEND;VALUE=DATE:20260114\r\nRECURRENCE-ID;VALUE=DATE:20260112\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    assert_eq!(expanded(days, DAY_ONE + 5 * DAY, DAY_ONE + 6 * DAY), expected);
}

#[test]
fn instances_of_much_text_are_refused_at_the_limit_and_beyond_the_budget() {
    let text = "x".repeat(100_000);
    let daily = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260107T120000Z\r\nRRULE:FREQ=DAILY\r\n\
         DESCRIPTION:{text}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let expand = |days: i64, budget: &Budget| {
        let window = Window { start: DAY_ONE, end: DAY_ONE + days * DAY };
        let wanted = CalendarData { recurrence: Some(Recurrence::Expand(window)), ..CalendarData::default() };
        render(&daily, &wanted, &Zone::Utc, budget).map(|shown| shown.len())
    };
    let limit = MAX_EXPANDED_BYTES + daily.len();
    let enough = || Budget::new(1_000_000);
    let one = expand(1, &enough()).unwrap();
    let most = i64::try_from(limit / one).unwrap();
    assert!((40..45).contains(&most), "{most} days");
    assert!(expand(most, &enough()).unwrap() <= limit);
    assert_eq!(expand(most + 1, &enough()), Err(TooLong::Octets { limit }));
    // The octets of one instance cost about three thousand units of the budget.
    let budget = Budget::new(10_000);
    expand(2, &budget).unwrap();
    assert_eq!(expand(2, &budget), Err(TooLong::Octets { limit }));
    assert!(budget.is_spent());
}

#[test]
fn too_many_instances_are_refused_with_the_limit_for_all_series() {
    let hourly = |uid: u32, count: usize| {
        format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:20260107T120000Z\r\nRRULE:FREQ=HOURLY;COUNT={count}\r\nEND:VEVENT\r\n"
        )
    };
    // The octets of the object count for the limit of octets, which must not be reached first.
    let long = format!("BEGIN:X-LONG\r\n{}END:X-LONG\r\n", format!("X:{}\r\n", "x".repeat(100_000)).repeat(20));
    let two = specimens::calendar(&(hourly(1, MAX_INSTANCES - 10) + &hourly(2, 20) + &long));
    let window = Window { start: DAY_ONE, end: DAY_ONE + 6 * 366 * DAY };
    let wanted = CalendarData { recurrence: Some(Recurrence::Expand(window)), ..CalendarData::default() };
    let refused = render(&two, &wanted, &Zone::Utc, &Budget::new(u32::MAX)).expect_err("too many");
    assert_eq!(refused, TooLong::Instances(TooManyInstances { limit: MAX_INSTANCES }));
}

#[test]
fn a_single_event_is_expanded_without_recurrence_id() {
    let single = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260107T120000Z\r\nEND:VEVENT\r\n\
        END:VCALENDAR\r\n";
    assert_eq!(expanded(single, DAY_ONE, DAY_ONE + DAY), single);
}

#[test]
fn instances_are_written_with_the_times_they_have() {
    let zoned = "DTSTART;TZID=Europe/Berlin:20260106T120000\r\n";
    let rows = [
        (
            "floating times stay floating",
            "VEVENT",
            "DTSTART:20260107T120000\r\nDTEND:20260107T130000\r\n".to_owned(),
            "",
        ),
        (
            "an unknown zone floats",
            "VEVENT",
            "DTSTART;TZID=Nowhere:20260107T120000\r\n".to_owned(),
            "DTSTART:20260107T120000\r\n",
        ),
        (
            "a duration stays",
            "VEVENT",
            format!("{zoned}DURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=2\r\n"),
            "DTSTART:20260107T110000Z\r\nDURATION:PT1H\r\nRECURRENCE-ID:20260107T110000Z\r\n",
        ),
        (
            "a period of an RDATE has its own duration",
            "VEVENT",
            format!("{zoned}DURATION:PT1H\r\nRDATE;VALUE=PERIOD:20260107T110000Z/PT2H\r\n"),
            "DTSTART:20260107T110000Z\r\nDURATION:PT2H\r\nRECURRENCE-ID:20260107T110000Z\r\n",
        ),
        (
            "a period where no duration is said",
            "VEVENT",
            format!("{zoned}RDATE;VALUE=PERIOD:20260107T110000Z/PT2H\r\n"),
            "DTSTART:20260107T110000Z\r\nDTEND:20260107T130000Z\r\nRECURRENCE-ID:20260107T110000Z\r\n",
        ),
        (
            "no property names a zone",
            "VEVENT",
            "DTSTART:20260107T110000Z\r\nX-SEEN;TZID=Europe/Berlin;X-BY=a:20260107T090000,20260107T100000\r\n"
                .to_owned(),
            "DTSTART:20260107T110000Z\r\nX-SEEN;X-BY=a:20260107T080000Z,20260107T090000Z\r\n",
        ),
        (
            "nor does an alarm",
            "VEVENT",
            "DTSTART:20260107T110000Z\r\nBEGIN:VALARM\r\nX-SEEN;TZID=Europe/Berlin:20260107T090000\r\nEND:VALARM\r\n"
                .to_owned(),
            "DTSTART:20260107T110000Z\r\nBEGIN:VALARM\r\nX-SEEN:20260107T080000Z\r\nEND:VALARM\r\n",
        ),
        ("a task of no certain time", "VTODO", "SUMMARY:x\r\n".to_owned(), ""),
        ("busy times", "VFREEBUSY", "FREEBUSY:20260107T110000Z/PT1H\r\n".to_owned(), ""),
    ];
    for (title, name, lines, expected) in rows {
        let object = |lines: &str| {
            format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:{name}\r\nUID:1\r\n{lines}END:{name}\r\nEND:VCALENDAR\r\n")
        };
        let expected = if expected.is_empty() { &lines } else { expected };
        assert_eq!(expanded(&object(&lines), DAY_ONE, DAY_ONE + DAY), object(expected), "{title}");
    }
}

#[test]
fn a_day_of_23_hours_is_expanded_in_hours() {
    // The clocks change on 2026-03-29, so the time from noon to noon is 23 hours.
    let event = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Europe/Berlin:20260328T120000\r\n\
        DURATION:P1D\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let march = 1_774_656_000;
    let expected = event.replace(";TZID=Europe/Berlin:20260328T120000", ":20260328T110000Z").replace("P1D", "PT23H");
    assert_eq!(expanded(event, march, march + DAY), expected);
}

#[test]
fn instances_outside_the_window_are_not_returned() {
    let empty = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";
    assert_eq!(expanded(SERIES, DAY_ONE + 30 * DAY, DAY_ONE + 31 * DAY), empty);
    let due = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:1\r\nDUE:20260107T000000Z\r\nEND:VTODO\r\n\
        END:VCALENDAR\r\n";
    assert_eq!(expanded(due, DAY_ONE, DAY_ONE + DAY), empty);
    assert_eq!(expanded(due, DAY_ONE - DAY, DAY_ONE), due);
}

#[test]
fn an_expansion_with_too_many_instances_is_an_error() {
    let event = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260107T000000Z\r\nRRULE:FREQ=SECONDLY\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n";
    let window = Window { start: DAY_ONE, end: DAY_ONE + DAY };
    let wanted = CalendarData { recurrence: Some(Recurrence::Expand(window)), ..CalendarData::default() };
    assert!(render(event, &wanted, &Zone::Utc, &Budget::default()).is_err());
}

#[test]
fn overrides_outside_of_a_limit_are_left_out() {
    let limit = |start: i64| {
        let window = Window { start, end: start + DAY };
        shown(SERIES, &CalendarData { recurrence: Some(Recurrence::Limit(window)), ..CalendarData::default() })
    };
    assert_eq!(limit(DAY_ONE + DAY), SERIES);
    let without = limit(DAY_ONE);
    assert!(without.contains("SUMMARY:Lunch") && !without.contains("SUMMARY:Late"), "{without}");
}

#[test]
fn overrides_in_or_from_the_window_are_returned() {
    let moved = SERIES.replace("20260108T140000", "20260118T140000").replace("20260108T150000", "20260118T150000");
    let future = SERIES.replace("RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;");
    let event = SERIES.find("BEGIN:VEVENT").expect("there is one");
    let second = SERIES.rfind("BEGIN:VEVENT").expect("there is one");
    let alone = format!("{}{}", &SERIES[..event], &SERIES[second..]);
    let rows = [
        ("where it is", &moved, 11, true),
        ("where it would be", &moved, 1, true),
        ("neither", &moved, 2, false),
        ("one for all that follow", &future, 30, true),
        ("without a master, where it is", &alone, 1, true),
        ("without a master, elsewhere", &alone, 2, false),
    ];
    for (title, ics, day, expected) in rows {
        let window = Window { start: DAY_ONE + day * DAY, end: DAY_ONE + (day + 1) * DAY };
        let shown =
            shown(ics, &CalendarData { recurrence: Some(Recurrence::Limit(window)), ..CalendarData::default() });
        assert_eq!(shown.contains("SUMMARY:Late"), expected, "{title}");
    }
}

/// Of two overrides for one instance, the later one in the document counts. If only the first were
/// returned, a client would show that one.
#[test]
fn a_superseded_override_is_dropped_with_its_successor() {
    let twice = |first: &str| {
        let component = |title: &str| {
            format!(
                "BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:20260115T120000Z\r\nDTSTART:20260115T140000Z\r\n\
                 SUMMARY:{title}\r\nEND:VEVENT\r\n"
            )
        };
        format!("BEGIN:VCALENDAR\r\n{first}{}END:VCALENDAR\r\n", component("Last"))
    };
    let first = "BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:20260115T120000Z\r\nDTSTART:nonsense\r\nEND:VEVENT\r\n";
    let limited = |start: i64| {
        let window = Window { start, end: start + DAY };
        let wanted = CalendarData { recurrence: Some(Recurrence::Limit(window)), ..CalendarData::default() };
        shown(&twice(first), &wanted)
    };
    assert_eq!(limited(DAY_ONE), "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
    assert_eq!(limited(DAY_ONE + 8 * DAY), twice(first));
}

#[test]
fn periods_outside_of_a_limit_are_left_out() {
    let published = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VFREEBUSY\r\nUID:1\r\n\
        FREEBUSY:20260107T100000Z/PT1H,20260109T100000Z/PT1H\r\nFREEBUSY:20260109T150000Z/PT1H\r\n\
        END:VFREEBUSY\r\nEND:VCALENDAR\r\n";
    let window = Window { start: DAY_ONE, end: DAY_ONE + DAY };
    let wanted = CalendarData { limit_freebusy_set: Some(window), ..CalendarData::default() };
    let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VFREEBUSY\r\nUID:1\r\nFREEBUSY:20260107T100000Z/PT1H\r\n\
        END:VFREEBUSY\r\nEND:VCALENDAR\r\n";
    assert_eq!(shown(published, &wanted), expected);
}

#[test]
fn only_selected_parts_are_returned() {
    let property = |name: &str, no_value| SelectedProperty { name: name.to_owned(), no_value };
    let event = Selection {
        component: "VEVENT".to_owned(),
        properties: Properties::These(vec![property("UID", false), property("SUMMARY", true)]),
        components: Components::These(vec![]),
    };
    let selection = Selection {
        component: "VCALENDAR".to_owned(),
        properties: Properties::All,
        components: Components::These(vec![event]),
    };
    let wanted = CalendarData { selection: Some(selection), ..CalendarData::default() };
    let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    assert_eq!(shown(SERIES, &wanted), expected);
    let nothing =
        Selection { component: "VCARD".to_owned(), properties: Properties::These(vec![]), components: Components::All };
    let wanted = CalendarData { selection: Some(nothing), ..CalendarData::default() };
    assert_eq!(shown(SERIES, &wanted), SERIES, "a selection of another component removes nothing");
}

#[test]
fn a_component_without_a_selection_of_its_parts_is_returned_whole() {
    let select = |component: &str, components| Selection {
        component: component.to_owned(),
        properties: Properties::These(vec![]),
        components: Components::These(components),
    };
    let wanted = |selection| CalendarData { selection: Some(selection), ..CalendarData::default() };
    assert_eq!(shown(SERIES, &wanted(select("VCALENDAR", vec![]))), SERIES);
    let events = wanted(select("VCALENDAR", vec![select("VEVENT", vec![])]));
    let zone = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\n";
    let expected = SERIES.replace("VERSION:2.0\r\n", "").replace(zone, "");
    assert_eq!(shown(SERIES, &events), expected);
}

/// Returns the lines of the instances to which a series expands, on `days` days from 2026-01-07 on.
fn instances(master: &str, overrides: &[&str], days: i64) -> Vec<String> {
    let event = |lines: &str| format!("BEGIN:VEVENT\r\nUID:1\r\n{}\r\nEND:VEVENT\r\n", lines.replace(' ', "\r\n"));
    let events: String = std::iter::once(master).chain(overrides.iter().copied()).map(event).collect();
    let text = expanded(&format!("BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n"), DAY_ONE, DAY_ONE + days * DAY);
    let events = text.split("BEGIN:VEVENT\r\nUID:1\r\n").skip(1);
    events.filter_map(|event| Some(event.split_once("\r\nEND:VEVENT")?.0.replace("\r\n", " "))).collect()
}

#[test]
fn an_override_replaces_its_instance() {
    let daily = "DTSTART:20260106T120000Z DURATION:PT1H RRULE:FREQ=DAILY SUMMARY:usual";
    let usual = |day: &str| format!("DTSTART:{day}T120000Z DURATION:PT1H SUMMARY:usual RECURRENCE-ID:{day}T120000Z");
    let rows: [(&str, &[&str], Vec<String>); 5] = [
        ("nothing", &[], vec![usual("20260107"), usual("20260108")]),
        (
            "one on another day comes into the window",
            &["RECURRENCE-ID:20260120T120000Z DTSTART:20260107T180000Z DURATION:PT2H SUMMARY:moved"],
            vec![
                usual("20260107"),
                "DTSTART:20260107T180000Z DURATION:PT2H SUMMARY:moved RECURRENCE-ID:20260120T120000Z".to_owned(),
                usual("20260108"),
            ],
        ),
        (
            "one leaves it",
            &["RECURRENCE-ID:20260108T120000Z DTSTART:20260120T180000Z DURATION:PT2H SUMMARY:moved"],
            vec![usual("20260107")],
        ),
        (
            "this and all that follow, an hour later",
            &[
                "RECURRENCE-ID;RANGE=THISANDFUTURE:20260108T120000Z DTSTART:20260108T130000Z DURATION:PT2H SUMMARY:later",
            ],
            vec![
                usual("20260107"),
                "DTSTART:20260108T130000Z DURATION:PT2H SUMMARY:later RECURRENCE-ID:20260108T120000Z".to_owned(),
            ],
        ),
        (
            "an instance after one before the window",
            &[
                "RECURRENCE-ID;RANGE=THISANDFUTURE:20260106T120000Z DTSTART:20260106T130000Z DURATION:PT2H SUMMARY:later",
            ],
            ["20260107", "20260108"]
                .map(|day| format!("DTSTART:{day}T130000Z DURATION:PT2H SUMMARY:later RECURRENCE-ID:{day}T120000Z"))
                .to_vec(),
        ),
    ];
    for (title, overrides, expected) in rows {
        assert_eq!(instances(daily, overrides, 2), expected, "{title}");
    }
}
