//! Tests of nonexistent days, which are omitted or moved (RFC 7529 §4.1).

use super::rfc5545::expand;
use crate::time::Window;
use crate::value::DateTime;

/// A title, DTSTART, the rule without RSCALE, and its results.
#[rustfmt::skip]
const ROWS: &[(&str, &str, &str, &str)] = &[
    ("a leap day, as in RFC 7529 §4.3.4", "20120229", "FREQ=YEARLY;SKIP=FORWARD;COUNT=6", "20120229 20130301 20140301 20150301 20160229 20170301"),
    ("a leap day, backward", "20120229", "FREQ=YEARLY;SKIP=BACKWARD;COUNT=5", "20120229 20130228 20140228 20150228 20160229"),
    ("left out, as ever", "20120229", "FREQ=YEARLY;SKIP=OMIT;COUNT=3", "20120229 20160229 20200229"),
    ("the last of the month, backward", "20260131", "FREQ=MONTHLY;SKIP=BACKWARD;COUNT=5", "20260131 20260228 20260331 20260430 20260531"),
    ("the last of the month, forward", "20260131", "FREQ=MONTHLY;SKIP=FORWARD;COUNT=5", "20260131 20260301 20260331 20260501 20260531"),
    ("every other month, forward", "20260430", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=31;SKIP=FORWARD;COUNT=4", "20260430 20260501 20260701 20260831"),
    ("forward to a day of the rule", "20260401", "FREQ=MONTHLY;BYMONTHDAY=1,31;SKIP=FORWARD;COUNT=5", "20260401 20260501 20260531 20260601 20260701"),
    ("backward to a day of the rule", "20260430", "FREQ=MONTHLY;BYMONTHDAY=30,31;SKIP=BACKWARD;COUNT=4", "20260430 20260530 20260531 20260630"),
    ("counted from the end, backward", "20260501", "FREQ=MONTHLY;BYMONTHDAY=-31;SKIP=BACKWARD;COUNT=4", "20260501 20260531 20260701 20260801"),
    ("counted from the end, forward", "20260501", "FREQ=MONTHLY;BYMONTHDAY=-31;SKIP=FORWARD;COUNT=4", "20260501 20260601 20260701 20260801"),
    ("in certain months", "20260131", "FREQ=YEARLY;BYMONTH=2,4;BYMONTHDAY=30,31;SKIP=BACKWARD;COUNT=5", "20260131 20260228 20260430 20270228 20270430"),
    ("BYDAY is asked where the day is moved to", "20260131", "FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=SA,SU;SKIP=FORWARD;COUNT=4", "20260131 20260301 20260531 20261031"),
    ("BYSETPOS chooses among them", "20260131", "FREQ=MONTHLY;BYMONTHDAY=15,31;BYSETPOS=-1;SKIP=BACKWARD;COUNT=3", "20260131 20260228 20260331"),
    ("a day of the year, backward", "20241231", "FREQ=YEARLY;BYYEARDAY=366;SKIP=BACKWARD;COUNT=3", "20241231 20251231 20261231"),
    ("a day of the year, forward", "20241231", "FREQ=YEARLY;BYYEARDAY=366;SKIP=FORWARD;COUNT=3", "20241231 20260101 20270101"),
    ("a day of the year from its end", "20240101", "FREQ=YEARLY;BYYEARDAY=-366;SKIP=BACKWARD;COUNT=3", "20240101 20241231 20251231"),
    ("both days of the year forward, to one day", "20210101", "FREQ=YEARLY;BYYEARDAY=366,-366;SKIP=FORWARD;COUNT=5", "20210101 20220101 20230101 20240101 20241231"),
    ("both days of the year backward, to one day", "20211231", "FREQ=YEARLY;BYYEARDAY=366,-366;SKIP=BACKWARD;COUNT=5", "20211231 20221231 20231231 20240101 20241231"),
    ("both days, by BYSETPOS", "20220101", "FREQ=YEARLY;BYYEARDAY=366,-366;BYSETPOS=-1;SKIP=FORWARD;COUNT=4", "20220101 20230101 20241231 20250101"),
    ("a day of the year in a monthly rule, which it limits", "20210102", "FREQ=MONTHLY;BYYEARDAY=2,366;SKIP=FORWARD;COUNT=3", "20210102 20220102 20230102"),
    ("a day of the year that limits", "20240131", "FREQ=YEARLY;BYYEARDAY=366;BYMONTHDAY=31;SKIP=BACKWARD;COUNT=3", "20240131 20241231 20281231"),
    ("days are limited to, not made", "20260131", "FREQ=DAILY;BYMONTHDAY=31;SKIP=BACKWARD;COUNT=3", "20260131 20260331 20260531"),
    ("weeks are left out", "20261231", "FREQ=YEARLY;BYWEEKNO=53;BYDAY=TH;SKIP=BACKWARD;COUNT=2", "20261231 20321230"),
];

fn days(start: &DateTime, rule: &str, window: Window, most: usize) -> Vec<String> {
    let found = expand(start, &format!("RSCALE=GREGORIAN;{rule}"), window, most);
    found.iter().map(|time| time.format("%Y%m%d").to_string()).collect()
}

#[test]
fn a_day_that_does_not_exist_is_left_out_or_moved() {
    for (title, start, rule, listed) in ROWS {
        let start = DateTime::parse(start, None).expect("it is a day");
        let expected: Vec<_> = listed.split(' ').collect();
        assert_eq!(days(&start, rule, Window::ALL, expected.len() + 1), expected, "{title}");
    }
}

#[test]
fn skip_gives_the_same_days_from_any_window() {
    for (title, start, rule, _) in ROWS {
        let start = DateTime::parse(start, None).expect("it is a day");
        let rule = rule.split_once(";COUNT").map_or(*rule, |(rule, _)| rule);
        let all = days(&start, rule, Window::ALL, 60);
        for (at, day) in all.iter().enumerate().skip(1) {
            let from = crate::time::civil(DateTime::parse(day, None).expect("it is a day").local());
            let entered = days(&start, rule, Window::new(from, Window::ALL.end), 3);
            assert!(all[at..].starts_with(&entered[..entered.len().min(all.len() - at)]), "{title}: {day} {entered:?}");
        }
    }
}
