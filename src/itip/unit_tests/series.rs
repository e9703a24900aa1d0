//! Tests of the changes of a series after which attendees must answer again, and of the limit for
//! compared instances.

use super::world::{World, object};
use crate::diff::MAX_COMPARED_INSTANCES;
use crate::times::utc;

/// The start of the series: 2026-01-05T10:00:00Z.
const START: i64 = 1_767_607_200;

#[test]
fn so_many_instances_are_compared_one_by_one() {
    // The excluded instance counts towards the limit, too.
    for (count, is_asked_again) in [(MAX_COMPARED_INSTANCES - 1, false), (MAX_COMPARED_INSTANCES, true)] {
        let series = format!(
            "DTSTART:20260105T100000Z\nRRULE:FREQ=HOURLY;COUNT={count}\nORGANIZER:mailto:anna@example.org\n\
             ATTENDEE:mailto:bob@example.org\n"
        );
        let mut world = World::new();
        world.put("anna", Some(&object(&[&series]))).expect("anna may invite");
        let answered = world.copies["bob"].replace("ATTENDEE:", "ATTENDEE;PARTSTAT=ACCEPTED:");
        world.put("bob", Some(&answered)).expect("bob may answer");
        let excluded = utc(START + 3_600 * i64::try_from(count).expect("a small number"));
        let longer = format!("COUNT={}\r\nEXDATE:{excluded}", count + 1);
        let changed = world.copies["anna"].replace(&format!("COUNT={count}"), &longer);
        world.put("anna", Some(&changed)).expect("anna may change it");
        assert_eq!(world.copies["anna"].contains("NEEDS-ACTION"), is_asked_again, "{count}");
    }
}

/// Returns whether Bob, who accepted `series`, is asked again when Anna replaces `before` by
/// `after` in its text.
fn asks_again(series: &str, before: &str, after: &str) -> bool {
    let mut world = World::new();
    let people = "ORGANIZER:mailto:anna@example.org\nATTENDEE:mailto:bob@example.org\n";
    world.put("anna", Some(&object(&[&format!("{series}\n{people}")]))).expect("anna may invite");
    let answered = world.copies["bob"].replace("ATTENDEE:", "ATTENDEE;PARTSTAT=ACCEPTED:");
    world.put("bob", Some(&answered)).expect("bob may answer");
    let changed = world.copies["anna"].replace(before, after);
    assert_ne!(changed, world.copies["anna"], "{before}");
    world.put("anna", Some(&changed)).expect("anna may change it");
    !world.copies["anna"].contains("PARTSTAT=ACCEPTED")
}

#[test]
fn another_name_of_the_same_clock_asks_nobody_again() {
    let rows = [
        ("Europe/Berlin", "/mozilla.org/20050126_1/Europe/Berlin", false),
        ("Europe/Berlin", "W. Europe Standard Time", false),
        ("Europe/Berlin", "europe/berlin", false),
        ("Europe/Berlin", "Arctic/Longyearbyen", false),
        ("Europe/Kiev", "Europe/Kyiv", false),
        ("US/Eastern", "America/New_York", false),
        ("Asia/Calcutta", "Asia/Kolkata", false),
        ("UTC", "Etc/UTC", false),
        ("Europe/Berlin", "Europe/Paris", false),
        // Lagos has the same offset as Berlin in winter, and no summer time.
        ("Europe/Berlin", "Africa/Lagos", true),
        ("Europe/Berlin", "Europe/London", true),
    ];
    for (before, after, is_asked_again) in rows {
        for rule in ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=MONTHLY;UNTIL=20270105T100000Z", "FREQ=HOURLY"] {
            let series = format!("DTSTART;TZID={before}:20260105T100000\nDURATION:PT1H\nRRULE:{rule}");
            let again = asks_again(&series, &format!("TZID={before}"), &format!("TZID={after}"));
            assert_eq!(again, is_asked_again, "{before} {after} {rule}");
        }
    }
}

#[test]
fn a_clock_counts_as_long_as_its_series_lasts() {
    // Summer time begins on March 29, the seventh day. London is one hour behind Berlin.
    let rows = [("Africa/Lagos", "100000", false), ("Africa/Lagos", "090000", true), ("Europe/London", "090000", true)];
    for (zone, time, is_asked_again) in rows {
        let series = "DTSTART;TZID=Europe/Berlin:20260323T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=6";
        let after = format!("TZID={zone}:20260323T{time}");
        assert_eq!(asks_again(series, "TZID=Europe/Berlin:20260323T100000", &after), is_asked_again, "{after}");
        let longer = series.replace("COUNT=6", "COUNT=7");
        assert!(asks_again(&longer, "TZID=Europe/Berlin:20260323T100000", &after), "{after}");
    }
}

#[test]
fn a_clock_counts_at_every_instance_beside_a_rule_with_too_many() {
    // Summer time begins on March 29.
    let many = "RRULE:FREQ=SECONDLY;UNTIL=20260323T120000Z";
    let rows = [
        ("RRULE:FREQ=DAILY;COUNT=6", false),
        ("RRULE:FREQ=DAILY;COUNT=7", true),
        ("RRULE:FREQ=DAILY;BYDAY=MO;COUNT=2", true),
        ("RRULE:FREQ=SECONDLY;COUNT=4000", false),
        ("RRULE:FREQ=SECONDLY;BYDAY=MO;COUNT=50401", true),
    ];
    for (rule, is_asked_again) in rows {
        let series = format!("DTSTART;TZID=Europe/Berlin:20260323T100000\nDURATION:PT1S\n{many}\n{rule}");
        assert_eq!(asks_again(&series, "TZID=Europe/Berlin", "TZID=Africa/Lagos"), is_asked_again, "{rule}");
    }
}

#[test]
fn a_period_as_long_as_its_series_is_as_good_as_its_start() {
    let rows = [
        ("DURATION:PT60M", "RDATE:20260112T100000Z", false),
        ("DURATION:PT60M", "RDATE;VALUE=PERIOD:20260112T100000Z/20260112T110000Z", false),
        ("DTEND:20260105T110000Z", "RDATE:20260112T100000Z", false),
        ("DURATION:PT60M", "RDATE;VALUE=PERIOD:20260112T100000Z/PT2H", true),
        ("DURATION:PT2H", "RDATE:20260112T100000Z", true),
        ("DTEND:20260105T120000Z", "RDATE:20260112T100000Z", true),
    ];
    let period = "RDATE;VALUE=PERIOD:20260112T100000Z/PT1H";
    for (end, dates, is_asked_again) in rows {
        for (before, after) in [(period, dates), (dates, period)] {
            let series = format!("DTSTART:20260105T100000Z\n{end}\n{before}");
            assert_eq!(asks_again(&series, before, after), is_asked_again, "{end} {before} {after}");
        }
    }
}
