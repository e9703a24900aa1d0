//! THISANDFUTURE: ends a series before the instance that a CANCEL names (RFC 5546 §3.2.5).
//!
//! **Invariant:** earlier instances do not change. No instance is added, unless it takes too much
//! work to find out whether a rule ends earlier.

use crate::meeting::Meeting;
use crate::times::{self, InstanceKey};
use chrono::TimeDelta;
use ical::recur::InstanceChange;
use ical::rule::Rule;
use ical::value::DateTime;
use ical::{Edit, Property};

/// Ends the series of a copy before an instance. Returns false if there is no series, or if the
/// instance does not come after the start of the series.
pub(super) fn end_before(key: InstanceKey, copy: &Meeting<'_>, edit: &mut Edit<'_>) -> bool {
    let Some((master, start)) = copy.master.as_ref().zip(copy.start()) else { return false };
    if key <= copy.times.key(&start) {
        return false;
    }
    let until = until(key, &start);
    for rule in master.component.properties_named("RRULE") {
        let ended = ending(rule.value(), &until);
        if !ends_before(rule.value(), &ended, &start, copy) {
            edit.set_value(rule.id(), &ended);
        }
    }
    for dates in master.component.properties_named("RDATE") {
        let (kept, gone): (Vec<_>, Vec<_>) = values(dates).partition(|value| before(value, dates, key, copy));
        if kept.is_empty() {
            edit.remove(dates.id());
        } else if !gone.is_empty() {
            edit.set_value(dates.id(), &kept.join(","));
        }
    }
    true
}

/// Returns whether a rule has no instance beyond `ended`, which is the same rule with another end.
/// False if a rule is unreadable, or if the comparison takes too much work.
fn ends_before(rule: &str, ended: &str, start: &DateTime, copy: &Meeting<'_>) -> bool {
    let (Ok(rule), Ok(ended)) = (Rule::parse(rule), Rule::parse(ended)) else { return false };
    match copy.times.compare_rules(start, &[rule], &[ended]) {
        InstanceChange::Same | InstanceChange::Added => true,
        InstanceChange::Removed | InstanceChange::Unknown => false,
    }
}

fn values(dates: Property<'_>) -> impl Iterator<Item = &str> {
    dates.value().split(',').map(str::trim)
}

fn before(value: &str, dates: Property<'_>, key: InstanceKey, copy: &Meeting<'_>) -> bool {
    let start = value.split_once('/').map_or(value, |(start, _)| start);
    let time = DateTime::parse(start, dates.param("TZID").as_deref());
    time.is_ok_and(|time| copy.times.instance_key(&time, copy.start().as_ref()) < key)
}

/// Returns the rule with this UNTIL in place of its UNTIL or COUNT.
fn ending(rule: &str, until: &str) -> String {
    let is_end = |part: &&str| {
        let name = part.split_once('=').map_or(*part, |(name, _)| name);
        ["UNTIL", "COUNT"].iter().any(|end| end.eq_ignore_ascii_case(name))
    };
    let parts = rule.split(';').filter(|part| !is_end(part));
    parts.chain([format!("UNTIL={until}").as_str()]).collect::<Vec<_>>().join(";")
}

/// Returns the last moment before an instance, in the form that UNTIL needs for this start (RFC
/// 5545 §3.3.10).
fn until(key: InstanceKey, start: &DateTime) -> String {
    match key {
        InstanceKey::Instant(instant) => times::utc(instant.saturating_sub(1)),
        InstanceKey::Local(local) if start.is_date() => (local - TimeDelta::days(1)).format("%Y%m%d").to_string(),
        InstanceKey::Local(local) => (local - TimeDelta::seconds(1)).format("%Y%m%dT%H%M%S").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Context;
    use ical::{Address, Document};

    /// Returns the rules and dates of a series that was ended before the instance at `key`.
    fn ended(lines: &str, key: &str) -> Vec<String> {
        let text = specimens::event("1", &format!("DTSTART:20260105T120000Z\n{lines}"));
        let document = Document::parse(text).expect("well-formed");
        let context = Context { now: 0, owns: &|_| true, canonical: &Address::clone, knows: &|_| true };
        let copy = Meeting::of(&document, &context);
        let key = copy.times.key(&DateTime::parse(key, None).expect("a time"));
        let mut edit = document.edit();
        assert!(end_before(key, &copy, &mut edit), "{lines}");
        let text = edit.finish();
        let recurs = |line: &&str| line.starts_with("RRULE:") || line.starts_with("RDATE:");
        text.lines().filter(recurs).map(str::to_owned).collect()
    }

    #[test]
    fn a_rule_that_ends_before_the_instance_keeps_its_end() {
        for end in ["COUNT=3", "UNTIL=20260107T120000Z", "UNTIL=20260107", "COUNT=1"] {
            let rule = format!("RRULE:FREQ=DAILY;{end}");
            let lines = format!("{rule}\nRDATE:20260201T120000Z,20260205T120000Z\n");
            assert_eq!(ended(&lines, "20260205T120000Z"), [rule.as_str(), "RDATE:20260201T120000Z"], "{end}");
        }
        for end in ["COUNT=9", "UNTIL=20260109T120000Z", "BYDAY=MO,TH"] {
            let found = ended(&format!("RRULE:FREQ=DAILY;{end}\n"), "20260108T120000Z");
            let end = if end.starts_with("BYDAY") { format!("{end};") } else { String::new() };
            assert_eq!(found, [format!("RRULE:FREQ=DAILY;{end}UNTIL=20260108T115959Z")]);
        }
    }

    #[test]
    fn each_rule_of_a_series_is_ended() {
        let rules = "RRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=WEEKLY\nRRULE:FREQ=MONTHLY;COUNT=9\n";
        let expected = [
            "RRULE:FREQ=DAILY;COUNT=2",
            "RRULE:FREQ=WEEKLY;UNTIL=20260201T235959Z",
            "RRULE:FREQ=MONTHLY;UNTIL=20260201T235959Z",
        ];
        assert_eq!(ended(rules, "20260202T000000Z"), expected);
    }
}
