//! Compares two versions of an event or task.
//!
//! **Invariant:** a different spelling is no change: the case of names, the order of parameters,
//! `DTEND` instead of `DURATION`.

mod clock;
mod dates;

use crate::body::Body;
use crate::line::Line;
use crate::meeting::{ComponentKey, Meeting};
use crate::nested::shared;
use crate::outgoing::is_shown;
use crate::times::{End, InstanceKey, Times};
use chrono::NaiveDateTime;
use clock::has_same_clock;
#[cfg(test)]
pub(crate) use dates::MAX_COMPARED_INSTANCES;
pub(crate) use dates::added_dates;
use dates::{Growth, Recurs, adds_dates, excluded, start_of};
use ical::recur::InstanceChange;
use ical::rule::Rule;
use ical::unescape_text;
use ical::value::{DateTime, Duration};
use std::collections::BTreeSet;

/// The properties whose change may reschedule a meeting (RFC 6638 §3.2.8).
pub(crate) const TIMES: [&str; 8] = ["DTSTART", "DTEND", "DURATION", "DUE", "RRULE", "RDATE", "EXDATE", "EXRULE"];

/// The properties, besides [`TIMES`] and STATUS, that messages contain, but whose change is not
/// [`notable`](Difference::notable): bookkeeping, ORGANIZER and ATTENDEE, which are compared
/// elsewhere, and properties that each user sets privately.
const QUIET: [&str; 10] = [
    "UID",
    "SEQUENCE",
    "DTSTAMP",
    "CREATED",
    "LAST-MODIFIED",
    "RECURRENCE-ID",
    "ORGANIZER",
    "ATTENDEE",
    "TRANSP",
    "CATEGORIES",
];

/// The differences between two versions of a component.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each with its own consequence")]
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Existing instances start or end at other times, new ones appear (or it takes too much work
    /// to find out), or a series becomes a single meeting, so every attendee must answer again (RFC
    /// 6638 §3.2.8).
    pub(crate) rescheduled: bool,
    /// The series loses instances by a change of its rules or dates other than EXDATE alone.
    pub(crate) shortened: bool,
    /// EXDATE excludes further instances.
    pub(crate) excluded: bool,
    /// STATUS differs (RFC 5546 §2.1.4).
    pub(crate) status: bool,
    /// Another property that attendees see, except those in [`QUIET`], or a nested component that
    /// they see differs.
    pub(crate) notable: bool,
}

impl Difference {
    /// Returns whether SEQUENCE must increase (RFC 5546 §2.1.4).
    pub(crate) fn revises(self) -> bool {
        self.rescheduled || self.shortened || self.excluded || self.status
    }

    /// Returns whether the attendees who stay invited get a REQUEST because of the difference.
    /// Excluded instances alone do not count, because they cause a CANCEL.
    pub(crate) fn tells(self) -> bool {
        self.rescheduled || self.shortened || self.status || self.notable
    }
}

pub(crate) fn between(before: &Body<'_>, after: &Body<'_>, was: &Times, is: &Times) -> Difference {
    of_series(before, after, [was, is], &Recurs::UNKNOWN)
}

/// Returns the differences of the component with this key between two versions of a meeting. An
/// instance without an override is compared as its series describes it; `None` if one version has
/// no such component or instance.
pub(crate) fn of_component(was: &Meeting<'_>, is: &Meeting<'_>, component_key: ComponentKey) -> Option<Difference> {
    let (before, after) = (was.body_at(component_key)?, is.body_at(component_key)?);
    let all = |limit| Some([was.all_instances(limit)?, is.all_instances(limit)?]);
    let end = |meeting: &Meeting<'_>, key| Timing::of(&meeting.derive(key)?, &meeting.times).end;
    let recurs = match component_key {
        ComponentKey::Instance(_) => Recurs::UNKNOWN,
        ComponentKey::Master => Recurs {
            was: &|key| was.recurs_at(key),
            is: &|key| is.recurs_at(key),
            all: &all,
            ends_elsewhere: &|key| end(was, key) != end(is, key),
        },
    };
    Some(of_series(&before, &after, [&was.times, &is.times], &recurs))
}

/// Returns the differences between two versions of a component. RDATE and EXDATE are compared by
/// the instances that they add and exclude (RFC 6638 §3.2.8).
fn of_series(before: &Body<'_>, after: &Body<'_>, [was, is]: [&Times; 2], recurs: &Recurs<'_>) -> Difference {
    let (before_span, after_span) = (Timing::of(before, was), Timing::of(after, is));
    let rule = rule_change(before, after, "RRULE", is);
    let excluding = exclusion_change(before, after, is);
    let (dates_before, dates_after) = (added_dates(before, was), added_dates(after, is));
    let added = recurs.gains(dates_after.difference(&dates_before).map(|(start, _)| start));
    let starts_after: BTreeSet<_> = dates_after.iter().map(|(start, _)| start).collect();
    let removed = dates_before.iter().any(|(start, _)| !starts_after.contains(start));
    let resized = recurs.resizes(dates_after.symmetric_difference(&dates_before));
    let (left_out_before, left_out_after) = (excluded(before, was), excluded(after, is));
    let grows = matches!(rule, InstanceChange::Added | InstanceChange::Unknown)
        || matches!(excluding, InstanceChange::Added | InstanceChange::Unknown)
        || added
        || recurs.gains(left_out_before.difference(&left_out_after));
    let shrinks = rule == InstanceChange::Removed || excluding == InstanceChange::Removed || removed;
    let Growth { grows, shrinks } = recurs.changes(Growth { grows, shrinks });
    let moved = before_span.differs(&after_span) || !has_same_clock(before, after, was, is);
    let status = texts(before, |line| line.is("STATUS")) != texts(after, |line| line.is("STATUS"));
    let notable =
        |line: &Line<'_>| !line.is("STATUS") && is_shown(line) && !TIMES.iter().chain(&QUIET).any(|name| line.is(name));
    Difference {
        rescheduled: moved || resized || grows || becomes_single(before, after),
        shortened: shrinks,
        excluded: left_out_after.difference(&left_out_before).next().is_some(),
        status,
        notable: texts(before, notable) != texts(after, notable) || shared(&before.nested) != shared(&after.nested),
    }
}

/// Returns true if the series lost its rule and became a single meeting. RFC 6638 §3.2.8 leaves
/// this case open; attendees who answered the series are asked about the single meeting.
fn becomes_single(before: &Body<'_>, after: &Body<'_>) -> bool {
    before.line("RRULE").is_some() && after.line("RRULE").or_else(|| after.line("RDATE")).is_none()
}

/// Returns whether an override differs from its series in something that attendees are told
/// ([`Difference::tells`]), or is of an instance that the series does not contain.
pub(crate) fn has_own_content(key: InstanceKey, body: &Body<'_>, meeting: &Meeting<'_>) -> bool {
    meeting.derive(key).is_none_or(|series| between(&series, body, &meeting.times, &meeting.times).tells())
}

/// Returns the name of the first property, of those that define the times, whose change is not
/// allowed to an attendee; `None` if there is none. An RDATE that is left out does not count, nor
/// does RRULE or EXRULE if all lines of that name are left out. RFC 6638 §3.2.2.1 (8) allows
/// changes of EXDATE, but not of EXRULE.
pub(crate) fn time_changed(before: &Body<'_>, after: &Body<'_>, was: &Times, is: &Times) -> Option<&'static str> {
    let (before_span, after_span) = (Timing::of(before, was), Timing::of(after, is));
    let rule = rule_change(before, after, "RRULE", is);
    let is_lost = |name: &str| after.line(name).is_none();
    let starts_elsewhere = before_span.start != after_span.start || before_span.is_date != after_span.is_date;
    if starts_elsewhere || !has_same_clock(before, after, was, is) {
        Some("DTSTART")
    } else if before_span.end != after_span.end {
        Some(["DTEND", "DUE", "DURATION"].into_iter().find(|name| after.line(name).is_some()).unwrap_or("DTEND"))
    } else if rule != InstanceChange::Same && !is_lost("RRULE") {
        Some("RRULE")
    } else if exclusion_change(before, after, is) != InstanceChange::Same && !is_lost("EXRULE") {
        Some("EXRULE")
    } else if adds_dates(before, after, was, is) {
        Some("RDATE")
    } else {
        None
    }
}

/// The time at which a component takes place.
#[derive(Debug)]
struct Timing {
    start: Option<InstanceKey>,
    is_date: bool,
    /// The local time of the start, if the component recurs by a rule in a time zone.
    local: Option<NaiveDateTime>,
    end: Option<InstanceKey>,
}

impl Timing {
    /// Returns whether the times differ. If both versions recur by a rule in a time zone, the local
    /// time of the start counts too, because instances follow the local clock. Zones with the same
    /// local time are compared by [`has_same_clock`].
    fn differs(&self, other: &Self) -> bool {
        let recurs_elsewhere = self.local.zip(other.local).is_some_and(|(local, other)| local != other);
        (self.start, self.is_date, self.end) != (other.start, other.is_date, other.end) || recurs_elsewhere
    }

    fn of(body: &Body<'_>, times: &Times) -> Self {
        let time = |name: &str| body.line(name).and_then(|line| DateTime::parse(line.value(), line.param("TZID")).ok());
        let start = time("DTSTART");
        let written = time("DTEND").or_else(|| time("DUE"));
        let duration = body.value("DURATION").and_then(|value| Duration::parse(value).ok());
        let end = match (&written, &start, duration) {
            (Some(end), start, _) => times.end(start.as_ref().unwrap_or(end), End::At(end)),
            (None, Some(start), Some(duration)) => times.end(start, End::After(duration)),
            // RFC 5545 §3.6.1: an event without an end lasts one day if it starts with a date, and
            // has no duration if it starts with a time.
            (None, Some(start), None) if start.is_date() && body.name.eq_ignore_ascii_case("VEVENT") => {
                times.end(start, End::After(Duration { days: 1, seconds: 0 }))
            }
            (None, Some(start), None) if body.name.eq_ignore_ascii_case("VEVENT") => Some(times.key(start)),
            (None, _, _) => None,
        };
        Self {
            is_date: start.as_ref().is_some_and(DateTime::is_date),
            local: start
                .as_ref()
                .filter(|start| start.tzid().is_some() && body.line("RRULE").is_some())
                .map(DateTime::local),
            start: start.map(|start| times.key(&start)),
            end,
        }
    }
}

/// Compares the rules of that name by the instances they generate, so that another spelling is no
/// change (RFC 6638 §3.2.8).
fn rule_change(before: &Body<'_>, after: &Body<'_>, name: &str, is: &Times) -> InstanceChange {
    let (before, written) = (rules(before, name), rules(after, name));
    if before == written {
        return InstanceChange::Same;
    }
    let read = |lines: &[String]| lines.iter().map(|rule| Rule::parse(rule)).collect::<Result<Vec<_>, _>>().ok();
    match (start_of(after), read(&before), read(&written)) {
        (Some(start), Some(before), Some(after)) => is.compare_rules(&start, &before, &after),
        _ => InstanceChange::Unknown,
    }
}

/// Returns how a change of EXRULE changes the instances of the series: a new exclusion rule removes
/// instances.
fn exclusion_change(before: &Body<'_>, after: &Body<'_>, is: &Times) -> InstanceChange {
    // An absent RRULE still generates DTSTART. An absent EXRULE generates nothing.
    match (rules(before, "EXRULE").is_empty(), rules(after, "EXRULE").is_empty()) {
        (true, true) => InstanceChange::Same,
        (true, false) => InstanceChange::Removed,
        (false, true) => InstanceChange::Added,
        (false, false) => rule_change(after, before, "EXRULE", is),
    }
}

/// Returns the values of the RRULEs or EXRULEs of a component, sorted.
fn rules(body: &Body<'_>, name: &str) -> Vec<String> {
    let lines = body.lines.iter().filter(|line| line.is(name));
    let mut rules: Vec<_> = lines.map(|line| line.value().to_owned()).collect();
    rules.sort();
    rules
}

/// Returns whether the line is a text for people, such as SUMMARY, whose escapes clients write
/// differently (RFC 5545 §3.3.11).
fn is_text(line: &Line<'_>) -> bool {
    ["SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT"].into_iter().any(|name| line.is(name))
}

/// Returns the selected lines in canonical spelling, sorted. Lines that are empty or state a
/// default are left out.
fn texts(body: &Body<'_>, counts: impl Fn(&Line<'_>) -> bool) -> Vec<String> {
    let lines = body.lines.iter().filter(|line| counts(line) && !line.says_nothing());
    let mut texts: Vec<_> = lines
        .map(|line| if is_text(line) { unescape_text(&line.normal()).into_owned() } else { line.normal() })
        .collect();
    texts.sort();
    texts
}
