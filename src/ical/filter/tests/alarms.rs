//! Tests of alarms in a time range (RFC 4791 §9.9).

use super::*;

#[test]
fn alarms_ring_before_each_instance_and_again() {
    let rows = [
        ("before the start", "TRIGGER:-PT30M\n", true),
        ("at the start", "TRIGGER:PT0S\n", false),
        ("after the end", "TRIGGER;RELATED=END:-PT90M\n", true),
        ("at a time", "TRIGGER;VALUE=DATE-TIME:20260107T114000Z\n", true),
        ("repeated into the range", "TRIGGER:-PT90M\nREPEAT:2\nDURATION:PT30M\n", true),
        ("repeated, not far enough", "TRIGGER:-PT120M\nREPEAT:1\nDURATION:PT30M\n", false),
    ];
    for (title, lines, expected) in rows {
        let alarm = format!("BEGIN:VALARM\nACTION:AUDIO\n{lines}END:VALARM\n");
        let weekly = "DTSTART:20251231T120000Z\nDTEND:20251231T130000Z\nRRULE:FREQ=WEEKLY\n";
        let alarms = within("VALARM", Some(NOON - HOUR), Some(NOON));
        let filter = CompFilter { comp_filters: vec![alarms], ..comp("VEVENT") };
        assert_eq!(asks(&event(&format!("{weekly}{alarm}")), filter), expected, "{title}");
    }
}

#[test]
fn an_alarm_days_before_rings_at_the_same_time_of_day() {
    // The clocks change on 2026-03-29, so the time from noon to noon is 23 hours.
    let object =
        event("DTSTART;TZID=Europe/Berlin:20260329T120000\nBEGIN:VALARM\nTRIGGER:-P1D\nACTION:AUDIO\nEND:VALARM\n");
    let noon_before = 1_774_695_600;
    let ask = |at: i64| {
        let alarms = within("VALARM", Some(at), Some(at + 1));
        asks(&object, CompFilter { comp_filters: vec![alarms], ..comp("VEVENT") })
    };
    assert_eq!([ask(noon_before), ask(noon_before - HOUR), ask(noon_before + HOUR)], [true, false, false]);
}

#[test]
fn an_alarm_that_repeats_without_end_costs_no_more() {
    let repeats = "BEGIN:VALARM\nTRIGGER:PT0S\nREPEAT:2147483647\nDURATION:PT1S\nACTION:AUDIO\nEND:VALARM\n";
    let object = event(&format!("DTSTART:20200101T120000Z\n{repeats}"));
    let alarms = within("VALARM", Some(NOON), Some(NOON + 1));
    assert!(asks(&object, CompFilter { comp_filters: vec![alarms], ..comp("VEVENT") }));
}

/// Returns the minutes after NOON, in steps of ten, in which the alarm triggers. Fails if it
/// triggers in one of the surrounding hours at other minutes.
fn rings(object: &Document, name: &str) -> Vec<i64> {
    let ten_minutes = 600;
    let at = |minutes: i64| NOON + minutes * 60;
    let rings = |minutes: &i64| {
        let alarms = within("VALARM", Some(at(*minutes)), Some(at(*minutes) + ten_minutes));
        asks(object, CompFilter { comp_filters: vec![alarms], ..comp(name) })
    };
    (-180..180).step_by(10).filter(rings).collect()
}

#[test]
fn an_alarm_rings_as_its_trigger_relates_to_start_or_end() {
    let hour = "DTSTART:20260107T120000Z\nDURATION:PT1H\n";
    let rows: [(&str, &str, &str, &str, &[i64]); 18] = [
        ("before the start", "VEVENT", hour, "TRIGGER:-PT30M\n", &[-30]),
        ("as it starts", "VEVENT", hour, "TRIGGER:PT0S\n", &[0]),
        ("after the start", "VEVENT", hour, "TRIGGER;RELATED=START:PT20M\n", &[20]),
        ("before the end", "VEVENT", hour, "TRIGGER;RELATED=END:-PT10M\n", &[50]),
        ("after the end", "VEVENT", hour, "TRIGGER;RELATED=END:PT10M\n", &[70]),
        (
            "the end is a DTEND",
            "VEVENT",
            "DTSTART:20260107T120000Z\nDTEND:20260107T123000Z\n",
            "TRIGGER;RELATED=END:PT0S\n",
            &[30],
        ),
        ("the end of a moment", "VEVENT", "DTSTART:20260107T120000Z\n", "TRIGGER;RELATED=END:PT10M\n", &[10]),
        ("the end of a day", "VEVENT", "DTSTART;VALUE=DATE:20260106\n", "TRIGGER;RELATED=END:PT13H\n", &[60]),
        ("again, twice", "VEVENT", hour, "TRIGGER:-PT30M\nREPEAT:2\nDURATION:PT20M\n", &[-30, -10, 10]),
        ("again, from the end on", "VEVENT", hour, "TRIGGER;RELATED=END:PT0S\nREPEAT:1\nDURATION:PT1H\n", &[60, 120]),
        ("repeated without DURATION", "VEVENT", hour, "TRIGGER:-PT30M\nREPEAT:2\n", &[-30]),
        (
            "at a time, whenever the event is",
            "VEVENT",
            "DTSTART:20300107T120000Z\n",
            "TRIGGER;VALUE=DATE-TIME:20260107T113000Z\n",
            &[-30],
        ),
        (
            "at a time, again",
            "VEVENT",
            "DTSTART:20300107T120000Z\n",
            "TRIGGER;VALUE=DATE-TIME:20260107T113000Z\nREPEAT:1\nDURATION:PT1H\n",
            &[-30, 30],
        ),
        ("before a task is due", "VTODO", "DUE:20260107T120000Z\n", "TRIGGER;RELATED=END:-PT10M\n", &[-10]),
        (
            "before a task starts",
            "VTODO",
            "DTSTART:20260107T110000Z\nDUE:20260107T120000Z\n",
            "TRIGGER:-PT10M\n",
            &[-70],
        ),
        (
            "at a time, of a task of no time",
            "VTODO",
            "SUMMARY:x\n",
            "TRIGGER;VALUE=DATE-TIME:20260107T113000Z\n",
            &[-30],
        ),
        ("of no trigger", "VEVENT", hour, "SUMMARY:x\n", &[]),
        ("of a task without times", "VTODO", "SUMMARY:x\n", "TRIGGER:-PT10M\n", &[]),
    ];
    for (title, name, lines, alarm, expected) in rows {
        let alarm = format!("BEGIN:VALARM\nACTION:AUDIO\n{alarm}END:VALARM\n");
        let object = calendar(&format!("BEGIN:{name}\nUID:1\n{lines}{alarm}END:{name}\n"));
        assert_eq!(rings(&object, name), expected, "{title}");
    }
}

#[test]
fn an_alarm_rings_for_the_instances_of_its_own_component() {
    let alarm = |trigger: &str| format!("BEGIN:VALARM\nACTION:AUDIO\nTRIGGER:{trigger}\nEND:VALARM\n");
    let series = |moved: &str| {
        calendar(&format!(
            "BEGIN:VEVENT\nUID:1\nDTSTART:20260101T120000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\n{}END:VEVENT\n\
            BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260107T120000Z\nDTSTART:20260107T130000Z\nDURATION:PT1H\n{moved}\
            END:VEVENT\n",
            alarm("-PT30M")
        ))
    };
    assert_eq!(rings(&series(""), "VEVENT"), [], "the moved one has none");
    assert_eq!(rings(&series(&alarm("-PT10M")), "VEVENT"), [50], "the moved one has its own");
}
