//! Repair of values that name instances of a series: RECURRENCE-ID, EXDATE and RDATE (RFC 5545
//! §3.8.4.4, §3.8.5.1, §3.8.5.2).
//!
//! **Invariant:** the repaired value has the type of the DTSTART of the series and names the same
//! instance. A date names the instance of that day. If a day may have several instances, the date
//! stays as it is.

use super::{Context, Repair, RepairKind};
use crate::rule::{Frequency, Rule};
use crate::series::start_property;
use crate::text::{Component, Document, Edit, Property};
use crate::value::DateTime;
use chrono::NaiveTime;
use std::{cell::OnceCell, collections::BTreeMap};

pub(super) fn repair(document: &Document, edit: &mut Edit<'_>, _: Context) -> Vec<Repair> {
    let mut repairs = Vec::new();
    let masters = masters(document);
    for component in document.root().components() {
        let names: &[&str] =
            if component.property("RECURRENCE-ID").is_some() { &["RECURRENCE-ID"] } else { &["RDATE", "EXDATE"] };
        let wanted = |property: &Property<'_>| names.iter().any(|name| property.is(name));
        // The master with the component's type and UID, which may be the component itself.
        let Some(series) = masters.get(&key(component)) else { continue };
        for property in component.properties().filter(wanted) {
            if let Some(line) = of_its_type(property, series) {
                edit.replace(property.id(), &line);
                repairs.push(Repair::property(RepairKind::InstanceType, component, property.name()));
            }
        }
    }
    repairs
}

/// Repairs the RECURRENCE-IDs of a document without a master. `series` is the master of its
/// overrides, from another document.
pub(super) fn repair_names(document: &Document, series: Component<'_>, edit: &mut Edit<'_>) {
    let series = Series::of(series);
    let named = document.root().components().filter_map(|component| component.property("RECURRENCE-ID"));
    for (id, line) in named.filter_map(|id| Some((id, of_its_type(id, &series)?))) {
        edit.replace(id.id(), &line);
    }
}

/// A master, with the facts about it that the repair of each value needs. A series may have
/// thousands of values, so these facts are read once.
struct Series<'a> {
    master: Component<'a>,
    /// DTSTART, or the DUE of a task without it.
    start: Option<DateTime>,
    has_one_a_day: OnceCell<bool>,
}

impl<'a> Series<'a> {
    fn of(master: Component<'a>) -> Self {
        let start = start_property(master).and_then(|line| line.date_time().ok());
        Self { master, start, has_one_a_day: OnceCell::new() }
    }

    fn has_one_a_day(&self) -> bool {
        *self.has_one_a_day.get_or_init(|| has_one_a_day(self.master))
    }
}

/// Type and UID of a component.
type Key = (String, Option<String>);

fn key(component: Component<'_>) -> Key {
    (component.name().to_ascii_uppercase(), component.uid().map(str::to_owned))
}

/// Returns the first master of each type and UID.
fn masters(document: &Document) -> BTreeMap<Key, Series<'_>> {
    let mut masters = BTreeMap::new();
    for component in document.root().components().filter(|component| component.property("RECURRENCE-ID").is_none()) {
        masters.entry(key(component)).or_insert_with(|| Series::of(component));
    }
    masters
}

/// Returns the property's line with its values converted to the type of DTSTART, DATE or DATE-TIME.
/// Returns `None` if they have that type already, or if DTSTART or a value cannot be read, or the
/// instance of a value is uncertain.
fn of_its_type(property: Property<'_>, series: &Series<'_>) -> Option<String> {
    let (start, times) = (series.start.as_ref()?, property.date_times().ok()?);
    if times.iter().all(|time| time.is_date() == start.is_date()) {
        return None;
    }
    let values: Option<Vec<_>> = if start.is_date() {
        times.iter().map(day).collect()
    } else {
        let at = |time: &DateTime| time.is_date().then(|| start.at(time.date().and_time(start.local().time())));
        series.has_one_a_day().then(|| times.iter().map(at).collect()).flatten()
    };
    let values: Vec<_> = values?.iter().map(DateTime::to_string).collect();
    let range = property.param("RANGE").map(|range| format!(";RANGE={range}")).unwrap_or_default();
    let form = match start {
        DateTime::Date(_) => ";VALUE=DATE".to_owned(),
        DateTime::Zoned(_, tzid) => format!(";TZID={}", crate::quote_param(tzid)),
        DateTime::Floating(_) | DateTime::Utc(_) => String::new(),
    };
    Some(format!("{}{form}{range}:{}", property.name(), values.join(",")))
}

/// Returns the date of a time. Returns `None` for a time in UTC other than midnight, because it may
/// be on another day for the user.
fn day(time: &DateTime) -> Option<DateTime> {
    let is_certain = !matches!(time, DateTime::Utc(utc) if utc.time() != NaiveTime::MIN);
    is_certain.then(|| DateTime::Date(time.date()))
}

/// True only if every instance has the time of day of DTSTART, so that a day has at most one
/// instance.
fn has_one_a_day(series: Component<'_>) -> bool {
    let is_daily = |rule: Property<'_>| {
        let rule = Rule::parse(rule.value());
        rule.is_ok_and(|rule| {
            let times = [&rule.by_hour, &rule.by_minute, &rule.by_second];
            rule.frequency >= Frequency::Daily && times.iter().all(|times| times.is_empty())
        })
    };
    let is_dates = |dates: Property<'_>| dates.date_times().is_ok_and(|dates| dates.iter().all(DateTime::is_date));
    series.properties_named("RRULE").all(is_daily) && series.properties_named("RDATE").all(is_dates)
}
