use super::*;
use crate::query::{Components, Properties, SelectedProperty, Selection};
use crate::time::Window;

/// 2026-01-07T00:00:00Z
const DAY_ONE: i64 = 1_767_744_000;
const DAY: i64 = 86_400;

const SERIES: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Europe/Berlin:20260106T120000\r\nDTEND;TZID=Europe/Berlin:20260106T130000\r\n\
    RRULE:FREQ=DAILY;COUNT=4\r\nSUMMARY:Lunch\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID;TZID=Europe/Berlin:20260108T120000\r\n\
    DTSTART;TZID=Europe/Berlin:20260108T140000\r\nDTEND;TZID=Europe/Berlin:20260108T150000\r\nSUMMARY:Late\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";

fn shown(ics: &str, wanted: &CalendarData) -> String {
    render(ics, wanted, &Zone::Utc).expect("shown").into_owned()
}

fn expanded(ics: &str, start: i64, end: i64) -> String {
    shown(ics, &CalendarData { recurrence: Some(Recurrence::Expand(Window { start, end })), ..CalendarData::default() })
}

#[test]
fn what_nobody_asks_to_change_is_shown_as_it_is() {
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
fn days_stay_days() {
    let days = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260105\r\n\
        DTEND;VALUE=DATE:20260107\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260112\r\n\
        DTEND;VALUE=DATE:20260114\r\nRECURRENCE-ID;VALUE=DATE:20260112\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    assert_eq!(expanded(days, DAY_ONE + 5 * DAY, DAY_ONE + 6 * DAY), expected);
}

#[test]
fn what_does_not_recur_has_no_recurrence_id() {
    let single = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260107T120000Z\r\nEND:VEVENT\r\n\
        END:VCALENDAR\r\n";
    assert_eq!(expanded(single, DAY_ONE, DAY_ONE + DAY), single);
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
fn only_what_is_selected_is_shown() {
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
}
