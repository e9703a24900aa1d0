//! Tests of expansion against the crate `rrule`, in the cases that it gets right. Other rules are
//! expanded in two ways, and the results compared.

use super::rfc5545::expand;
use crate::time::{DAY, Window, civil};
use crate::value::DateTime;
use chrono::NaiveDateTime;
use proptest::prelude::*;
use rrule::Tz;

const MOST: usize = 60;

/// Returns the results of the crate `rrule`, in UTC; `None` if it refuses the rule.
fn by_rrule(start: &DateTime, rule: &str) -> Option<Vec<NaiveDateTime>> {
    let start = start.local().and_utc().with_timezone(&Tz::UTC);
    let rule: rrule::RRule<rrule::Unvalidated> = rule.parse().ok()?;
    let set = rule.build(start).ok()?.limit();
    let mut times: Vec<_> = set.into_iter().take(MOST).map(|time| time.naive_utc()).collect();
    // DTSTART is always an instance, and COUNT includes it.
    if times.first() != Some(&start.naive_utc()) {
        times.insert(0, start.naive_utc());
    }
    times.truncate(MOST);
    Some(times)
}

fn numbers(least: i32, most: i32, len: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(least..=most, 1..=len).prop_map(|numbers| {
        let numbers: Vec<_> =
            numbers.into_iter().filter(|number| *number != 0).map(|number| number.to_string()).collect();
        if numbers.is_empty() { "1".to_owned() } else { numbers.join(",") }
    })
}

fn weekdays() -> impl Strategy<Value = String> {
    proptest::sample::subsequence(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 1..=3).prop_map(|days| days.join(","))
}

fn part(name: &'static str, values: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::option::weighted(0.35, values)
        .prop_map(move |value| value.map_or_else(String::new, |value| format!(";{name}={value}")))
}

fn week_start() -> impl Strategy<Value = String> {
    part("WKST", prop_oneof![Just("SU".to_owned()), Just("TH".to_owned())])
}

fn rule() -> impl Strategy<Value = String> {
    let interval = || part("INTERVAL", numbers(1, 5, 1));
    let months = || part("BYMONTH", numbers(1, 12, 3));
    let times = || (part("BYHOUR", numbers(0, 23, 2)), part("BYMINUTE", numbers(0, 59, 2)));
    let yearly = (
        interval(),
        months(),
        part("BYMONTHDAY", numbers(-31, 31, 3)),
        part("BYDAY", weekdays()),
        part("BYYEARDAY", numbers(-366, 366, 3)),
    )
        .prop_map(|(a, b, c, d, e)| format!("FREQ=YEARLY{a}{b}{c}{d}{e}"));
    let monthly = (
        interval(),
        months(),
        part("BYMONTHDAY", numbers(-31, 31, 3)),
        part("BYDAY", weekdays()),
        part("BYSETPOS", Just("-1,2".to_owned())),
    )
        .prop_filter("BYSETPOS needs another part", |(_, _, days, weekdays, positions)| {
            positions.is_empty() || !days.is_empty() || !weekdays.is_empty()
        })
        .prop_map(|(a, b, c, d, e)| format!("FREQ=MONTHLY{a}{b}{c}{d}{e}"));
    let nth =
        (interval(), months(), prop_oneof![Just("MONTHLY"), Just("YEARLY")], 1..=4_i32, any::<bool>(), weekdays())
            .prop_map(|(a, b, frequency, nth, back, days)| {
                let nth = if back { -nth } else { nth };
                let days: Vec<_> = days.split(',').map(|day| format!("{nth}{day}")).collect();
                format!("FREQ={frequency}{a}{b};BYDAY={}", days.join(","))
            });
    let weekly = (interval(), months(), part("BYDAY", weekdays()), times(), week_start())
        .prop_map(|(a, b, c, (d, e), f)| format!("FREQ=WEEKLY{a}{b}{c}{d}{e}{f}"));
    let daily = (interval(), months(), part("BYMONTHDAY", numbers(-31, 31, 3)), part("BYDAY", weekdays()), times())
        .prop_map(|(a, b, c, d, (e, f))| format!("FREQ=DAILY{a}{b}{c}{d}{e}{f}"));
    prop_oneof![yearly, monthly, nth, weekly, daily]
}

/// Generates sub-daily rules. They are not compared with the crate, which generates
/// `FREQ=MINUTELY;BYDAY=TH;BYHOUR=1;BYMINUTE=1` only every tenth week.
fn finer() -> impl Strategy<Value = String> {
    let frequency = prop_oneof![Just("HOURLY"), Just("MINUTELY")];
    let limits = (part("BYDAY", weekdays()), part("BYHOUR", numbers(0, 23, 2)), part("BYMINUTE", numbers(0, 59, 2)));
    (frequency, part("INTERVAL", numbers(1, 50, 1)), limits)
        .prop_map(|(frequency, interval, (a, b, c))| format!("FREQ={frequency}{interval}{a}{b}{c}"))
}

/// Generates rules with SKIP. They are not compared with the crate, which does not support RSCALE.
fn skipping() -> impl Strategy<Value = String> {
    let frequency = prop_oneof![Just("MONTHLY"), Just("YEARLY")];
    let skip = prop_oneof![Just("BACKWARD"), Just("FORWARD")];
    let days = prop_oneof![
        part("BYMONTHDAY", numbers(28, 31, 3)),
        part("BYMONTHDAY", numbers(-31, -28, 3)),
        Just(";BYMONTHDAY=1,-1,30,-30,31,-31".to_owned()),
    ];
    (
        frequency,
        part("INTERVAL", numbers(1, 3, 1)),
        part("BYMONTH", numbers(1, 12, 4)),
        days,
        part("BYDAY", weekdays()),
        skip,
    )
        .prop_map(|(a, b, c, d, e, f)| format!("RSCALE=GREGORIAN;FREQ={a}{b}{c}{d}{e};SKIP={f}"))
}

fn start() -> impl Strategy<Value = DateTime> {
    (0..20_000_i64, 0..24_i64).prop_map(|(day, hour)| DateTime::Utc(crate::time::local(day * DAY + hour * 3600)))
}

/// Returns the first difference of two lists; `None` if they are equal.
fn difference(
    left: &[NaiveDateTime],
    right: &[NaiveDateTime],
) -> Option<(usize, Option<NaiveDateTime>, Option<NaiveDateTime>)> {
    let at = (0..left.len().max(right.len())).find(|at| left.get(*at) != right.get(*at))?;
    Some((at, left.get(at).copied(), right.get(at).copied()))
}

/// Returns the instances in a window twice: expanded from the window on, and expanded from DTSTART
/// on.
fn in_window(start: &DateTime, rule: &str, from: i64, days: i64) -> (Vec<NaiveDateTime>, Vec<NaiveDateTime>) {
    let begin = civil(start.local());
    let from = begin + from * DAY;
    let window = Window::new(from, from + days * DAY);
    let all = expand(start, rule, Window::new(begin, window.end), usize::MAX);
    let counted = all.into_iter().filter(|time| civil(*time) >= from).collect();
    (expand(start, rule, window, usize::MAX), counted)
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn rules_give_what_another_implementation_gives(start in start(), rule in rule()) {
        if let Some(expected) = by_rrule(&start, &rule) {
            // Compare only the first 30 years: the crate searches thousands of years for rare or
            // nonexistent instances.
            let horizon = civil(start.local()) + 30 * 366 * DAY;
            let expected: Vec<_> = expected.into_iter().filter(|time| civil(*time) < horizon).collect();
            let found = expand(&start, &rule, Window::new(civil(start.local()), horizon), MOST);
            prop_assert_eq!(difference(&found, &expected), None, "{}", rule);
        }
    }

    #[test]
    fn entering_at_a_window_gives_what_counting_from_the_start_gives(
        start in start(), rule in rule(), count in part("COUNT", numbers(1, 200, 1)), from in 0..4000_i64, days in 1..400_i64
    ) {
        let (entered, counted) = in_window(&start, &format!("{rule}{count}"), from, days);
        prop_assert_eq!(difference(&entered, &counted), None, "{}", rule);
    }

    #[test]
    fn entering_a_fine_rule_at_a_window_gives_what_counting_from_the_start_gives(
        start in start(), rule in finer(), count in part("COUNT", numbers(1, 9999, 1)), from in 0..60_i64, days in 1..20_i64
    ) {
        let (entered, counted) = in_window(&start, &format!("{rule}{count}"), from, days);
        prop_assert_eq!(difference(&entered, &counted), None, "{}", rule);
    }

    #[test]
    fn entering_a_rule_that_moves_days_at_a_window_gives_what_counting_from_the_start_gives(
        start in start(), rule in skipping(), count in part("COUNT", numbers(1, 99, 1)), from in 0..4000_i64, days in 1..400_i64
    ) {
        let (entered, counted) = in_window(&start, &format!("{rule}{count}"), from, days);
        prop_assert_eq!(difference(&entered, &counted), None, "{}", rule);
        prop_assert!(counted.windows(2).all(|pair| pair[0] < pair[1]), "{}: each once, in order", rule);
    }

    #[test]
    fn the_same_rule_four_hundred_years_later_gives_the_same(
        start in start(), rule in prop_oneof![rule(), finer(), skipping()], count in part("COUNT", numbers(1, 200, 1))
    ) {
        shifted_gives_the_same(&start, &format!("{rule}{count}"), GREGORIAN_CYCLE);
    }

    #[test]
    fn a_rule_of_weekdays_some_weeks_later_gives_the_same(
        start in start(), weeks in 1..2000_i64, days in part("BYDAY", weekdays()),
        frequency in prop_oneof![Just("WEEKLY;WKST=TH"), Just("DAILY"), Just("HOURLY"), Just("MINUTELY")],
        interval in part("INTERVAL", numbers(1, 9, 1)), count in part("COUNT", numbers(1, 200, 1))
    ) {
        shifted_gives_the_same(&start, &format!("FREQ={frequency}{interval}{days}{count}"), weeks * 7 * DAY);
    }
}

/// The time after which weekdays and leap years repeat, in seconds.
const GREGORIAN_CYCLE: i64 = 146_097 * DAY;

fn shifted_gives_the_same(start: &DateTime, rule: &str, by: i64) {
    const YEARS: i64 = 12;
    let begin = civil(start.local());
    let from = |start: &DateTime, begin: i64| expand(start, rule, Window::new(begin, begin + YEARS * 366 * DAY), MOST);
    let here: Vec<_> = from(start, begin).into_iter().map(|time| crate::time::local(civil(time) + by)).collect();
    let there = from(&start.at(crate::time::local(begin + by)), begin + by);
    assert_eq!(difference(&there, &here), None, "{rule}");
}
