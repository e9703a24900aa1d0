//! Tests of the examples of RFC 5545 §3.8.5.3, which all start at nine o'clock in New York.

use crate::recur::{Budget, Clock, Occurrences, Pattern};
use crate::rule::Rule;
use crate::time::Window;
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use chrono::{Datelike, NaiveDateTime};
use std::fmt::Write;

pub(super) fn expand(start: &DateTime, rule: &str, window: Window, most: usize) -> Vec<NaiveDateTime> {
    let clock = Clock::of(start, &Zones::default(), &Zone::Utc);
    let rule = Rule::parse(rule).expect("the rule is well-formed");
    let pattern = Pattern::new(&rule, start.local(), &clock);
    let first = (clock.mark(start.local()) >= window.start).then(|| start.local());
    let budget = Budget::new(u32::MAX);
    let others = Occurrences::new(&pattern, &clock, window, &budget).map(|occurrence| occurrence.local);
    first.into_iter().chain(others).take(most).collect()
}

fn new_york(start: &str, rule: &str, most: usize) -> Vec<NaiveDateTime> {
    let start = DateTime::parse(start, Some("America/New_York")).expect("it is a time");
    expand(&start, rule, Window::ALL, most)
}

/// Returns the days as text, such as `1997/9:2,4 1997/10:1`.
fn days(times: &[NaiveDateTime]) -> String {
    let mut text = String::new();
    let mut month = (0, 0);
    for time in times {
        if month == (time.year(), time.month()) {
            let _ = write!(text, ",{}", time.day());
        } else {
            month = (time.year(), time.month());
            let _ = write!(text, " {}/{}:{}", month.0, month.1, time.day());
        }
    }
    text.trim_start().to_owned()
}

const ALL_DAYS: usize = 1000;

#[rustfmt::skip]
const EXAMPLES: &[(&str, &str, usize, &str)] = &[
    ("19970902T090000", "FREQ=DAILY;COUNT=10", ALL_DAYS, "1997/9:2,3,4,5,6,7,8,9,10,11"),
    ("19970902T090000", "FREQ=DAILY;INTERVAL=2", 20,
     "1997/9:2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 1997/10:2,4,6,8,10"),
    ("19970902T090000", "FREQ=DAILY;INTERVAL=10;COUNT=5", ALL_DAYS, "1997/9:2,12,22 1997/10:2,12"),
    ("19970902T090000", "FREQ=WEEKLY;COUNT=10", ALL_DAYS, "1997/9:2,9,16,23,30 1997/10:7,14,21,28 1997/11:4"),
    ("19970902T090000", "FREQ=WEEKLY;UNTIL=19971224T000000Z", ALL_DAYS,
     "1997/9:2,9,16,23,30 1997/10:7,14,21,28 1997/11:4,11,18,25 1997/12:2,9,16,23"),
    ("19970902T090000", "FREQ=WEEKLY;INTERVAL=2;WKST=SU", 11,
     "1997/9:2,16,30 1997/10:14,28 1997/11:11,25 1997/12:9,23 1998/1:6,20"),
    ("19970902T090000", "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", ALL_DAYS,
     "1997/9:2,4,9,11,16,18,23,25,30 1997/10:2"),
    ("19970902T090000", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", ALL_DAYS, "1997/9:2,4,9,11,16,18,23,25,30 1997/10:2"),
    ("19970901T090000", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR", ALL_DAYS,
     "1997/9:1,3,5,15,17,19,29 1997/10:1,3,13,15,17,27,29,31 1997/11:10,12,14,24,26,28 1997/12:8,10,12,22"),
    ("19970902T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", ALL_DAYS,
     "1997/9:2,4,16,18,30 1997/10:2,14,16"),
    ("19970905T090000", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR", ALL_DAYS,
     "1997/9:5 1997/10:3 1997/11:7 1997/12:5 1998/1:2 1998/2:6 1998/3:6 1998/4:3 1998/5:1 1998/6:5"),
    ("19970905T090000", "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", ALL_DAYS,
     "1997/9:5 1997/10:3 1997/11:7 1997/12:5"),
    ("19970907T090000", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", ALL_DAYS,
     "1997/9:7,28 1997/11:2,30 1998/1:4,25 1998/3:1,29 1998/5:3,31"),
    ("19970922T090000", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", ALL_DAYS,
     "1997/9:22 1997/10:20 1997/11:17 1997/12:22 1998/1:19 1998/2:16"),
    ("19970928T090000", "FREQ=MONTHLY;BYMONTHDAY=-3", 6,
     "1997/9:28 1997/10:29 1997/11:28 1997/12:29 1998/1:29 1998/2:26"),
    ("19970902T090000", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", ALL_DAYS,
     "1997/9:2,15 1997/10:2,15 1997/11:2,15 1997/12:2,15 1998/1:2,15"),
    ("19970930T090000", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", ALL_DAYS,
     "1997/9:30 1997/10:1,31 1997/11:1,30 1997/12:1,31 1998/1:1,31 1998/2:1"),
    ("19970910T090000", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", ALL_DAYS,
     "1997/9:10,11,12,13,14,15 1999/3:10,11,12,13"),
    ("19970902T090000", "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", 18,
     "1997/9:2,9,16,23,30 1997/11:4,11,18,25 1998/1:6,13,20,27 1998/3:3,10,17,24,31"),
    ("19970610T090000", "FREQ=YEARLY;COUNT=10;BYMONTH=6,7", ALL_DAYS,
     "1997/6:10 1997/7:10 1998/6:10 1998/7:10 1999/6:10 1999/7:10 2000/6:10 2000/7:10 2001/6:10 2001/7:10"),
    ("19970310T090000", "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3", ALL_DAYS,
     "1997/3:10 1999/1:10 1999/2:10 1999/3:10 2001/1:10 2001/2:10 2001/3:10 2003/1:10 2003/2:10 2003/3:10"),
    ("19970101T090000", "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", ALL_DAYS,
     "1997/1:1 1997/4:10 1997/7:19 2000/1:1 2000/4:9 2000/7:18 2003/1:1 2003/4:10 2003/7:19 2006/1:1"),
    ("19970519T090000", "FREQ=YEARLY;BYDAY=20MO", 3, "1997/5:19 1998/5:18 1999/5:17"),
    ("19970512T090000", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", 3, "1997/5:12 1998/5:11 1999/5:17"),
    ("19970313T090000", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH", 11, "1997/3:13,20,27 1998/3:5,12,19,26 1999/3:4,11,18,25"),
    ("19970605T090000", "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8", 26,
     "1997/6:5,12,19,26 1997/7:3,10,17,24,31 1997/8:7,14,21,28 1998/6:4,11,18,25 1998/7:2,9,16,23,30 1998/8:6,13,20,27"),
    // DTSTART is an instance although the rule does not generate it; the RFC removes it with an
    // EXDATE.
    ("19970902T090000", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", 6,
     "1997/9:2 1998/2:13 1998/3:13 1998/11:13 1999/8:13 2000/10:13"),
    ("19970913T090000", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", 10,
     "1997/9:13 1997/10:11 1997/11:8 1997/12:13 1998/1:10 1998/2:7 1998/3:7 1998/4:11 1998/5:9 1998/6:13"),
    ("19961105T090000", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", 3,
     "1996/11:5 2000/11:7 2004/11:2"),
    ("19970904T090000", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", ALL_DAYS, "1997/9:4 1997/10:7 1997/11:6"),
    ("19970929T090000", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", 7,
     "1997/9:29 1997/10:30 1997/11:27 1997/12:30 1998/1:29 1998/2:26 1998/3:30"),
    ("19970805T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", ALL_DAYS, "1997/8:5,10,19,24"),
    ("19970805T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", ALL_DAYS, "1997/8:5,17,19,31"),
    ("20070115T090000", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", ALL_DAYS, "2007/1:15,30 2007/2:15 2007/3:15,30"),
];

#[test]
fn rfc5545_examples_generate_their_days() {
    for (start, rule, most, expected) in EXAMPLES {
        let times = new_york(start, rule, *most);
        assert_eq!(days(&times), *expected, "{rule}");
        assert!(times.iter().all(|time| time.format("%H%M").to_string() == "0900"), "{rule}");
    }
}

#[test]
fn rfc5545_examples_generate_whole_months() {
    let daily = new_york("19970902T090000", "FREQ=DAILY;UNTIL=19971224T000000Z", ALL_DAYS);
    assert_eq!(daily.len(), 29 + 31 + 30 + 23);
    let rules = [
        "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
        "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
    ];
    for rule in rules {
        let times = new_york("19980101T090000", rule, ALL_DAYS);
        assert_eq!((times.len(), times.iter().all(|time| time.month() == 1)), (93, true), "{rule}");
    }
}

#[test]
fn rfc5545_examples_generate_hours_and_minutes() {
    let rows = [
        // UNTIL is 13:00 in local time, although the RFC lists 15:00 as an instance as well.
        ("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z", 9, "0900 1200"),
        ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", 9, "0900 0915 0930 0945 1000 1015"),
        ("FREQ=MINUTELY;INTERVAL=90;COUNT=4", 9, "0900 1030 1200 1330"),
    ];
    for (rule, most, expected) in rows {
        let times = new_york("19970902T090000", rule, most);
        let times: Vec<_> = times.iter().map(|time| time.format("%H%M").to_string()).collect();
        assert_eq!(times.join(" "), expected, "{rule}");
    }
    let by_day = new_york("19970902T090000", "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", 72);
    let by_minute = new_york("19970902T090000", "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", 72);
    assert_eq!(by_day, by_minute);
    assert_eq!(by_day.last().map(|time| time.format("%d %H%M").to_string()).as_deref(), Some("04 1640"));
}
