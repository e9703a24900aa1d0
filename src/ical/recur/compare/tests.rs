//! Tests of the comparison of rules by their instances.

use super::*;

fn change(start: &str, before: &str, after: &str) -> InstanceChange {
    let (tzid, value) = start.split_once(':').map_or((None, start), |(tzid, value)| (Some(tzid), value));
    let start = DateTime::parse(value, tzid).expect("it is a time");
    let rules = |text: &str| -> Vec<Rule> {
        text.split_whitespace().map(|rule| Rule::parse(rule).expect("it is a rule")).collect()
    };
    compare_rules(&start, &Zones::default(), &rules(before), &rules(after))
}

#[test]
fn spelling_of_a_rule_makes_no_difference() {
    const VIENNA: &str = "Europe/Vienna:20260316T160000";
    let rows = [
        ("the same text", VIENNA, "FREQ=WEEKLY", "FREQ=WEEKLY"),
        ("the order of parts", VIENNA, "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1", "BYSETPOS=1;BYDAY=MO;FREQ=MONTHLY"),
        ("the order of a list", VIENNA, "FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=WEEKLY;BYDAY=WE,MO"),
        ("defaults", VIENNA, "FREQ=WEEKLY;COUNT=4", "FREQ=WEEKLY;COUNT=4;INTERVAL=1;WKST=MO"),
        ("WKST without effect", VIENNA, "FREQ=WEEKLY", "FREQ=WEEKLY;WKST=SU"),
        ("the weekday of DTSTART", VIENNA, "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO"),
        ("COUNT and UNTIL in UTC", VIENNA, "FREQ=WEEKLY;COUNT=6", "FREQ=WEEKLY;UNTIL=20260420T140000Z"),
        ("COUNT and a later UNTIL", VIENNA, "FREQ=WEEKLY;COUNT=6", "FREQ=WEEKLY;UNTIL=20260425T000000Z"),
        ("UNTIL in UTC and local", VIENNA, "FREQ=DAILY;UNTIL=20260401T140000Z", "FREQ=DAILY;UNTIL=20260401T160000"),
        ("UNTIL as a date", VIENNA, "FREQ=DAILY;UNTIL=20260401T140000Z", "FREQ=DAILY;UNTIL=20260401"),
        (
            "seven weekdays are every day",
            VIENNA,
            "FREQ=DAILY;COUNT=9",
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=9",
        ),
        ("24 hours are a day in UTC", "20260316T160000Z", "FREQ=HOURLY;INTERVAL=24;COUNT=9", "FREQ=DAILY;COUNT=9"),
        ("a date", "20260316", "FREQ=DAILY;COUNT=3", "FREQ=DAILY;UNTIL=20260318"),
        ("one instance", VIENNA, "", "FREQ=DAILY;COUNT=1"),
        ("thousands", "20260316T160000Z", "FREQ=DAILY;COUNT=4000", "FREQ=DAILY;UNTIL=20370225T160000Z"),
        ("two rules and one", VIENNA, "FREQ=WEEKLY;BYDAY=MO FREQ=WEEKLY;BYDAY=WE", "FREQ=WEEKLY;BYDAY=MO,WE"),
        (
            "two rules and one, with thousands",
            "20260316T080000Z",
            "FREQ=DAILY;BYHOUR=8;UNTIL=20310905T230000Z FREQ=DAILY;BYHOUR=20;UNTIL=20310905T230000Z",
            "FREQ=DAILY;BYHOUR=8,20;COUNT=4000",
        ),
        (
            "two rules and one, beside a rule that reaches further",
            "20260316T080000Z",
            "FREQ=DAILY;BYHOUR=8 FREQ=DAILY;BYHOUR=20 FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25;BYHOUR=9",
            "FREQ=DAILY;BYHOUR=8,20 FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25;BYHOUR=9",
        ),
        (
            "an end of many minutes",
            "20260316T160000Z",
            "FREQ=MINUTELY;UNTIL=20270401T160000Z",
            "FREQ=MINUTELY;UNTIL=20270401T160030Z",
        ),
        (
            "an end after a long pause",
            "20260316T160000Z",
            "FREQ=YEARLY;INTERVAL=5;BYMONTH=1,3;UNTIL=90010601T000000Z",
            "FREQ=YEARLY;INTERVAL=5;BYMONTH=1,3;UNTIL=90051231T000000Z",
        ),
    ];
    for (title, start, one, other) in rows {
        assert_eq!(change(start, one, other), InstanceChange::Same, "{title}");
        assert_eq!(change(start, other, one), InstanceChange::Same, "{title}, reversed");
    }
}

#[test]
fn a_shorter_rule_only_removes_and_any_other_change_adds() {
    const NOON: &str = "20260316T120000Z";
    let rows = [
        ("an end", "FREQ=DAILY", "FREQ=DAILY;COUNT=5", InstanceChange::Removed),
        ("an end after thousands", "FREQ=DAILY", "FREQ=DAILY;COUNT=5000", InstanceChange::Removed),
        ("an earlier UNTIL", "FREQ=WEEKLY;COUNT=6", "FREQ=WEEKLY;UNTIL=20260329T215959Z", InstanceChange::Removed),
        ("fewer days", "FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=WEEKLY;BYDAY=MO", InstanceChange::Removed),
        ("every other", "FREQ=DAILY", "FREQ=DAILY;INTERVAL=2", InstanceChange::Removed),
        ("no rule", "FREQ=DAILY", "", InstanceChange::Removed),
        ("a later end", "FREQ=DAILY;COUNT=5", "FREQ=DAILY;COUNT=6", InstanceChange::Added),
        ("no end", "FREQ=DAILY;COUNT=5000", "FREQ=DAILY", InstanceChange::Added),
        ("a later end of thousands", "FREQ=DAILY;COUNT=5000", "FREQ=DAILY;COUNT=5001", InstanceChange::Added),
        ("another day", "FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=TU", InstanceChange::Added),
        ("a first rule", "", "FREQ=DAILY", InstanceChange::Added),
        ("the 29th of February", "FREQ=YEARLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", InstanceChange::Added),
    ];
    for (title, before, after, expected) in rows {
        assert_eq!(change(NOON, before, after), expected, "{title}");
    }
}

#[test]
fn a_comparison_over_its_budget_is_given_up() {
    let never = "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30";
    assert_eq!(change("20260316T120000Z", never, "FREQ=DAILY"), InstanceChange::Unknown);
    let seconds = change("20260316T120000Z", "FREQ=SECONDLY", "FREQ=SECONDLY;COUNT=2147483647");
    assert!(matches!(seconds, InstanceChange::Unknown | InstanceChange::Removed), "{seconds:?}");
}

#[test]
fn so_many_instances_are_compared_on_two_clocks() {
    let start = |tzid| DateTime::parse("20260316T160000", Some(tzid)).expect("it is a time");
    let alike = |rule: &str, other, days| {
        let zones = Zones::default();
        let rules = [Rule::parse(rule).expect("it is a rule")];
        same_on_both_clocks(&rules, [(&start("Europe/Vienna"), &zones), (&start(other), &zones)], days)
    };
    // MAX_COMPARED limits the instances after DTSTART.
    assert_eq!(alike(&format!("FREQ=HOURLY;COUNT={}", MAX_COMPARED + 1), "Europe/Berlin", 400), Some(true));
    assert_eq!(alike(&format!("FREQ=HOURLY;COUNT={}", MAX_COMPARED + 2), "Europe/Berlin", 400), None);
    // Instances after the given days are not compared, and the work is bounded.
    assert_eq!(alike("FREQ=DAILY", "Africa/Lagos", 12), Some(true));
    assert_eq!(alike("FREQ=DAILY", "Africa/Lagos", 13), Some(false));
    assert_eq!(alike("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "Africa/Lagos", i64::MAX), None);
}
