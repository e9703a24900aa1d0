//! Tests of rules that are accepted or refused.

use super::*;
use proptest::prelude::*;

#[test]
fn a_rule_is_read_whatever_its_spelling() {
    let rule = Rule::parse("freq=monthly; INTERVAL=2;BYDAY=-1fr,+2MO,TU;WKST=SU;BYSETPOS=-1,1;BYHOUR=9,8,9;X-PART=y;")
        .expect("the rule is well-formed");
    assert_eq!((rule.frequency, rule.interval, rule.week_start), (Frequency::Monthly, 2, Weekday::Sun));
    let days: Vec<_> = rule.by_day.iter().map(|day| (day.nth, day.weekday)).collect();
    assert_eq!(days, [(-1, Weekday::Fri), (2, Weekday::Mon), (0, Weekday::Tue)]);
    assert_eq!((rule.by_set_pos, rule.by_hour), (vec![-1, 1], vec![8, 9]));
    let rule = Rule::parse("FREQ=SECONDLY;BYSECOND=60,59,0").expect("a leap second may be asked for");
    assert_eq!(rule.by_second, [0, 59]);
    let rule = Rule::parse("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=BACKWARD").expect("the scale is known");
    assert_eq!(rule.skip, Skip::Backward);
}

#[test]
fn invalid_rules_are_refused() {
    let rows = [
        ("nothing", "", "FREQ is missing"),
        ("no frequency", "COUNT=3", "FREQ is missing"),
        ("an interval of zero", "FREQ=DAILY;INTERVAL=0", "`0` is not allowed for INTERVAL"),
        ("a count of zero", "FREQ=DAILY;COUNT=0", "`0` is not allowed for COUNT"),
        ("two ends", "FREQ=DAILY;COUNT=1;UNTIL=20260101", "COUNT and UNTIL exclude each other; keep one"),
        ("twice", "FREQ=DAILY;FREQ=DAILY", "FREQ occurs twice"),
        ("no part", "FREQ=DAILY;COUNT", "`COUNT` is not of the form NAME=value"),
        ("the zeroth", "FREQ=MONTHLY;BYMONTHDAY=0", "`0` is not allowed for BYMONTHDAY"),
        ("the 32nd", "FREQ=MONTHLY;BYMONTHDAY=1,32", "`1,32` is not allowed for BYMONTHDAY"),
        ("no weekday", "FREQ=WEEKLY;BYDAY=XX", "`XX` is not allowed for BYDAY"),
        ("the 54th", "FREQ=YEARLY;BYDAY=54MO", "`54MO` is not allowed for BYDAY"),
        ("half a letter", "FREQ=YEARLY;BYDAY=aä", "`aä` is not allowed for BYDAY"),
        ("UNTIL never", "FREQ=DAILY;UNTIL=tomorrow", "`tomorrow` is not allowed for UNTIL"),
        (
            "a month of a leap year, first",
            "FREQ=YEARLY;BYMONTH=5L;RSCALE=HEBREW",
            "RSCALE=HEBREW is not supported, only GREGORIAN",
        ),
        ("other months, and no interval", "RSCALE=HEBREW;FREQ=YEARLY;INTERVAL=0", "`0` is not allowed for INTERVAL"),
        ("SKIP alone", "FREQ=YEARLY;SKIP=FORWARD", "SKIP requires RSCALE (RFC 7529, section 4)"),
        ("SKIP of no kind", "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=SIDEWAYS", "`SIDEWAYS` is not allowed for SKIP"),
        ("no months of its own", "RSCALE=GREGORIAN;FREQ=YEARLY;BYMONTH=5L", "`5L` is not allowed for BYMONTH"),
        ("other months", "RSCALE=CHINESE;FREQ=YEARLY", "RSCALE=CHINESE is not supported, only GREGORIAN"),
    ];
    for (title, text, expected) in rows {
        let error = Rule::parse(text).expect_err(title);
        assert_eq!(error.to_string(), expected, "{title}");
    }
    let long = format!("FREQ=YEARLY;BYDAY={}", vec!["MO"; 1000].join(","));
    assert!(Rule::parse(&long).is_err());
    let many: Vec<_> = (0..200_000).map(|part| format!("X-{part}=")).collect();
    assert_eq!(Rule::parse(&format!("FREQ=YEARLY;{}", many.join(";"))), Err(RuleError::TooManyParts));
}

proptest! {
    #[test]
    fn any_text_is_a_rule_or_none_without_panic(text in "(FREQ=DAILY;)?[A-Z]{0,8}=[0-9A-Z,+-]{0,12};?\\PC{0,10}") {
        let _ = Rule::parse(&text);
    }
}
