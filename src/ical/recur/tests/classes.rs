//! Tests of known faults of other recurrence engines, one case for each kind of fault.

use super::{events, instant, show, window};
use crate::recur::budget::MAX_WORK;
use crate::recur::{Budget, Clock, Occurrences, Pattern, instances};
use crate::rule::Rule;
use crate::series::Series;
use crate::time::{DAY, Window};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use chrono_tz::Tz;

/// A title, the lines of the event, the zone for floating times, the window, and the instances in
/// UTC.
type Row = (&'static str, &'static str, Option<Tz>, (&'static str, &'static str), &'static str);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("1: floating times are in the reader's zone", "DTSTART:20260105T120000 DURATION:PT1H RRULE:FREQ=DAILY;COUNT=2", Some(Tz::Asia__Tokyo),
     ("20260101", "20260201"), "0105T0300-0400 0106T0300-0400"),
    ("1: a day is a day of the reader's zone", "DTSTART;VALUE=DATE:20260105 RRULE:FREQ=DAILY;COUNT=2", Some(Tz::Asia__Tokyo),
     ("20260101", "20260201"), "0104T1500-0105T1500 0105T1500-0106T1500"),
    ("2: in a gap the instance shifts", "DTSTART;TZID=Europe/Berlin:20260328T023000 RRULE:FREQ=DAILY;COUNT=3", None,
     ("20260101", "20270101"), "0328T0130-0130 0329T0130-0130 0330T0030-0030"),
    ("2: in a fold it is the first", "DTSTART;TZID=Europe/Berlin:20261024T023000 RRULE:FREQ=DAILY;COUNT=3", None,
     ("20260101", "20270101"), "1024T0030-0030 1025T0030-0030 1026T0130-0130"),
    ("2: DTSTART and EXDATE in a gap", "DTSTART;TZID=Europe/Berlin:20260329T023000 RRULE:FREQ=DAILY;COUNT=3 EXDATE;TZID=Europe/Berlin:20260330T023000", None,
     ("20260101", "20270101"), "0329T0130-0130 0331T0030-0030"),
    ("3: a midnight that is missing is counted", "DTSTART;TZID=America/Havana:20260307T000000 RRULE:FREQ=DAILY;COUNT=3", None,
     ("20260101", "20270101"), "0307T0500-0500 0308T0500-0500 0309T0400-0400"),
    ("4: hours run through a gap", "DTSTART;TZID=Europe/Berlin:20260329T003000 RRULE:FREQ=HOURLY;COUNT=4", None,
     ("20260101", "20270101"), "0328T2330-2330 0329T0030-0030 0329T0130-0130 0329T0230-0230"),
    ("4: and through both passes of a fold", "DTSTART;TZID=Europe/Berlin:20261025T013000 RRULE:FREQ=HOURLY;COUNT=4", None,
     ("20260101", "20270101"), "1024T2330-2330 1025T0030-0030 1025T0130-0130 1025T0230-0230"),
    ("5: the fifth last weekday of a month", "DTSTART:20260101T000000Z RRULE:FREQ=MONTHLY;BYDAY=-5MO", None,
     ("20260102", "20260801"), "0302T0000-0000 0601T0000-0000"),
    ("5: the 53rd last of a year", "DTSTART:20240101T000000Z RRULE:FREQ=YEARLY;BYDAY=-53MO", None,
     ("20240101", "20310101"), "0101T0000-0000 0101T0000-0000"),
    ("6: positions in the first, partial week", "DTSTART:20260107T000000Z RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1,-1;COUNT=3", None,
     ("20260101", "20260201"), "0107T0000-0000 0109T0000-0000 0112T0000-0000"),
    ("6: a week of the year means the weekday of DTSTART", "DTSTART:20260512T000000Z RRULE:FREQ=YEARLY;BYWEEKNO=20", None,
     ("20260101", "20280101"), "0512T0000-0000 0518T0000-0000"),
    ("6: a week may begin before its year", "DTSTART:20260101T000000Z RRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", None,
     ("20260201", "20320201"), "0104T0000-0000 0103T0000-0000 0101T0000-0000 1231T0000-0000 1230T0000-0000 1229T0000-0000"),
    ("6: the last week, counted from the end", "DTSTART:20260101T000000Z RRULE:FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU", None,
     ("20260201", "20290101"), "0103T0000-0000 0102T0000-0000 1231T0000-0000"),
    ("6: an hour means nothing for a day", "DTSTART;VALUE=DATE:20260105 RRULE:FREQ=DAILY;BYHOUR=9;BYMINUTE=30;COUNT=2", None,
     ("20260101", "20260201"), "0105T0000-0106T0000 0106T0000-0107T0000"),
    ("6: hours of days are days", "DTSTART;VALUE=DATE:20260105 RRULE:FREQ=HOURLY;COUNT=2", None,
     ("20260101", "20260201"), "0105T0000-0106T0000 0106T0000-0107T0000"),
    ("6: so many hours are so many days", "DTSTART;VALUE=DATE:20260105 RRULE:FREQ=HOURLY;INTERVAL=48;COUNT=2", None,
     ("20260101", "20260201"), "0105T0000-0106T0000 0107T0000-0108T0000"),
    ("7: an RDATE that the rule gives too", "DTSTART:20260105T120000Z RRULE:FREQ=DAILY;COUNT=2 RDATE:20260106T120000Z,20260109T120000Z", None,
     ("20260101", "20260201"), "0105T1200-1200 0106T1200-1200 0109T1200-1200"),
    ("7: RDATEs alone leave DTSTART", "DTSTART:20260105T120000Z RDATE:20260107T120000Z RDATE;VALUE=DATE:20260110", None,
     ("20260101", "20260201"), "0105T1200-1200 0107T1200-1200 0110T1200-1200"),
    ("7: periods", "DTSTART:20260105T120000Z DURATION:PT1H RDATE;VALUE=PERIOD:20260106T120000Z/PT2H,20260107T120000Z/20260108T130000Z", None,
     ("20260101", "20260201"), "0105T1200-1300 0106T1200-1400 0107T1200-0108T1300"),
    ("7: a period reaches into the window", "DTSTART:20260105T120000Z DURATION:PT1H RDATE;VALUE=PERIOD:20260107T120000Z/P20D", None,
     ("20260120", "20260201"), "0107T1200-0127T1200"),
    ("7: days excluded from times", "DTSTART;TZID=Asia/Tokyo:20260105T080000 RRULE:FREQ=DAILY;COUNT=3 EXDATE;VALUE=DATE:20260106", None,
     ("20260101", "20260201"), "0104T2300-2300 0106T2300-2300"),
    ("7: DTSTART counts, though the rule does not give it", "DTSTART:20260106T120000Z RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3", None,
     ("20260101", "20260301"), "0106T1200-1200 0112T1200-1200 0119T1200-1200"),
    ("7: DTSTART excluded", "DTSTART:20260105T120000Z RRULE:FREQ=DAILY;COUNT=2 EXDATE:20260105T120000Z", None,
     ("20260101", "20260201"), "0106T1200-1200"),
    ("8: UNTIL as a day, in the zone of the series", "DTSTART;TZID=America/New_York:20260105T220000 RRULE:FREQ=DAILY;UNTIL=20260106", None,
     ("20260101", "20260201"), "0106T0300-0300 0107T0300-0300"),
    ("8: UNTIL as a local time", "DTSTART;TZID=America/New_York:20260105T220000 RRULE:FREQ=DAILY;UNTIL=20260106T220000", None,
     ("20260101", "20260201"), "0106T0300-0300 0107T0300-0300"),
    ("8: UNTIL before DTSTART", "DTSTART:20260105T120000Z RRULE:FREQ=DAILY;UNTIL=20250101T000000Z", None,
     ("20260101", "20260201"), "0105T1200-1200"),
    ("8: UNTIL as a time for days", "DTSTART;VALUE=DATE:20260105 RRULE:FREQ=DAILY;UNTIL=20260106T000000Z", None,
     ("20260101", "20260201"), "0105T0000-0106T0000 0106T0000-0107T0000"),
    ("9: a leap second", "DTSTART:20260105T120000Z RRULE:FREQ=DAILY;BYSECOND=60;COUNT=2", None,
     ("20260101", "20260201"), "0105T1200-1200 0105T1200-1200"),
    ("9: other months are not known, and DTSTART stays", "DTSTART:20260105T120000Z RRULE:RSCALE=HEBREW;FREQ=YEARLY", None,
     ("20260101", "20280201"), "0105T1200-1200"),
    ("9: a day the month does not have moves backward", "DTSTART:20260131T120000Z RRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=4", None,
     ("20260101", "20270101"), "0131T1200-1200 0228T1200-1200 0331T1200-1200 0430T1200-1200"),
    ("9: or forward", "DTSTART:20240229T120000Z RRULE:RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD;COUNT=3", None,
     ("20240101", "20300101"), "0229T1200-1200 0301T1200-1200 0301T1200-1200"),
    ("10: an interval no calendar has", "DTSTART:20260105T120000Z RRULE:FREQ=YEARLY;INTERVAL=4294967295", None,
     ("20260101", "99990101"), "0105T1200-1200"),
    ("an EXRULE excludes what it generates, DTSTART too", "DTSTART:20260105T120000Z RRULE:FREQ=DAILY;COUNT=8 EXRULE:FREQ=WEEKLY;BYDAY=MO,WE", None,
     ("20260101", "20260201"), "0106T1200-1200 0108T1200-1200 0109T1200-1200 0110T1200-1200 0111T1200-1200"),
    ("an EXRULE that does not give DTSTART counts without it", "DTSTART:20260105T120000Z RRULE:FREQ=DAILY;COUNT=5 EXRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=2", None,
     ("20260101", "20260201"), "0105T1200-1200 0107T1200-1200 0109T1200-1200"),
    ("an EXRULE at another time takes nothing", "DTSTART:20260105T120000Z RRULE:FREQ=DAILY;COUNT=2 EXRULE:FREQ=DAILY;BYHOUR=13", None,
     ("20260101", "20260201"), "0105T1200-1200 0106T1200-1200"),
    ("an EXRULE of hours, entered late", "DTSTART:20000101T000000Z RRULE:FREQ=HOURLY;INTERVAL=6 EXRULE:FREQ=HOURLY;INTERVAL=12", None,
     ("20260105", "20260106"), "0105T0600-0600 0105T1800-1800"),
    ("a DURATION in days ends at the same time of day", "DTSTART;TZID=Europe/Berlin:20260328T120000 DURATION:P1D", None,
     ("20260101", "20270101"), "0328T1100-0329T1000"),
    ("a DTEND lasts exactly as long", "DTSTART;TZID=Europe/Berlin:20260327T120000 DTEND;TZID=Europe/Berlin:20260328T120000 RRULE:FREQ=DAILY;COUNT=2", None,
     ("20260101", "20270101"), "0327T1100-0328T1100 0328T1100-0329T1100"),
    ("an end before the start is none", "DTSTART:20260105T120000Z DTEND:20260104T120000Z", None, ("20260101", "20260201"), "0105T1200-1200"),
    ("DURATION of nothing beside DTEND", "DTSTART:20260105T120000Z DTEND:20260105T130000Z DURATION:PT0S", None, ("20260101", "20260201"), "0105T1200-1300"),
];

#[test]
fn known_faults_of_other_engines_are_avoided() {
    for (title, event, zone, (from, to), expected) in ROWS {
        let document = events(&[event]);
        let floating = zone.map_or(Zone::Utc, Zone::Iana);
        assert_eq!(show(&document, &floating, window(from, to)), *expected, "{title}");
    }
}

fn pattern(rule: &str, start: &str) -> (Clock, Pattern) {
    let start = DateTime::parse(start, None).expect("it is a time");
    let clock = Clock::of(&start, &Zones::default(), &Zone::Utc);
    let pattern = Pattern::new(&Rule::parse(rule).expect("it is a rule"), start.local(), &clock);
    (clock, pattern)
}

#[test]
fn a_rule_without_instances_ends() {
    for rule in [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1;COUNT=9",
    ] {
        let (clock, pattern) = pattern(rule, "20260101T000000Z");
        let budget = Budget::new(MAX_WORK);
        assert_eq!(Occurrences::new(&pattern, &clock, Window::ALL, &budget).next(), None, "{rule}");
    }
}

#[test]
fn an_old_series_is_expanded_from_the_window() {
    let rules = [
        "FREQ=DAILY",
        "FREQ=DAILY;COUNT=100000",
        "FREQ=WEEKLY;BYDAY=MO,TU;INTERVAL=2",
        "FREQ=HOURLY;COUNT=4000000",
        "FREQ=SECONDLY;INTERVAL=60",
    ];
    for rule in rules {
        let (clock, pattern) = pattern(rule, "19960101T000000Z");
        let from = instant("20260105");
        let budget = Budget::new(10);
        let mut occurrences = Occurrences::new(&pattern, &clock, Window::new(from, from + 14 * DAY), &budget);
        assert!(occurrences.next().is_some_and(|occurrence| occurrence.mark < from + 14 * DAY), "{rule}");
    }
}

#[test]
fn sub_daily_rules_cost_only_their_window() {
    for (rule, expected) in
        [("SECONDLY;BYSECOND=0", 44_640), ("SECONDLY;BYMINUTE=7,30;BYSECOND=59", 1_488), ("MINUTELY;BYMINUTE=59", 744)]
    {
        let document = events(&[&format!("DTSTART:19960101T000000Z RRULE:FREQ={rule}")]);
        let series = Series::of(&document, &Zones::default()).remove(0);
        let found =
            instances(&series, &Zones::default(), &Zone::Utc, window("20260101", "20260201"), &Budget::default());
        assert_eq!(found.map(|found| found.len()), Ok(expected), "{rule}");
    }
}

#[test]
fn a_count_of_seconds_in_one_minute_is_counted() {
    let document = events(&["DTSTART:20260105T000000Z RRULE:FREQ=SECONDLY;BYMINUTE=7;COUNT=63"]);
    let series = Series::of(&document, &Zones::default()).remove(0);
    let later = Window::new(instant("20260105T010000Z"), instant("20260106"));
    let found = instances(&series, &Zones::default(), &Zone::Utc, later, &Budget::default()).expect("there are few");
    let seconds: Vec<_> = found.iter().map(|instance| instance.start - later.start).collect();
    assert_eq!(seconds, [420, 421], "one is DTSTART, 60 are in the first hour");
}

#[test]
fn a_query_over_its_budget_is_an_error() {
    let numbers = |last: u32| (0..=last).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    let every_second = format!("BYHOUR={};BYMINUTE={};BYSECOND={}", numbers(23), numbers(59), numbers(59));
    let rows = [
        ("a year of seconds", format!("RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;{every_second};BYSETPOS=-1")),
        ("one second of each day of seconds", format!("RRULE:FREQ=DAILY;{every_second};BYSETPOS=-1")),
        ("seconds counted from the start", "RRULE:FREQ=SECONDLY;BYMINUTE=7;COUNT=4000000000".to_owned()),
        ("a thousand rules", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3 ".repeat(1000)),
    ];
    for (title, rules) in rows {
        let document = events(&[&format!("DTSTART:19960101T000000Z {}", rules.trim())]);
        let series = Series::of(&document, &Zones::default()).remove(0);
        let found =
            instances(&series, &Zones::default(), &Zone::Utc, window("20260101", "20260201"), &Budget::default());
        assert!(found.is_err(), "{title}");
    }
}
