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

pub(super) fn repair(document: &Document, edit: &mut Edit<'_>, _: Context) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for component in document.root().components() {
        let names: &[&str] =
            if component.property("RECURRENCE-ID").is_some() { &["RECURRENCE-ID"] } else { &["RDATE", "EXDATE"] };
        let wanted = |property: &Property<'_>| names.iter().any(|name| property.is(name));
        for property in component.properties().filter(wanted) {
            if let Some(line) = series_of(document, component).and_then(|series| of_its_type(property, series)) {
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
    let named = document.root().components().filter_map(|component| component.property("RECURRENCE-ID"));
    for (id, line) in named.filter_map(|id| Some((id, of_its_type(id, series)?))) {
        edit.replace(id.id(), &line);
    }
}

/// Returns the master with the same UID, which may be the component itself; `None` if the document
/// has none.
fn series_of<'a>(document: &'a Document, component: Component<'a>) -> Option<Component<'a>> {
    let mut same = document.root().components_named(component.name());
    same.find(|it| it.property("RECURRENCE-ID").is_none() && it.uid() == component.uid())
}

/// Returns the property's line with its values converted to the type of DTSTART, DATE or DATE-TIME.
/// Returns `None` if they have that type already, or if one of them could mean two instances.
fn of_its_type(property: Property<'_>, series: Component<'_>) -> Option<String> {
    let (start_line, times) = (start_property(series)?, property.date_times().ok()?);
    let start = start_line.date_time().ok()?;
    if times.iter().all(|time| time.is_date() == start.is_date()) {
        return None;
    }
    let values: Option<Vec<_>> = if start.is_date() {
        times.iter().map(day).collect()
    } else {
        let at = |time: &DateTime| time.is_date().then(|| start.at(time.date().and_time(start.local().time())));
        has_one_a_day(series).then(|| times.iter().map(at).collect()).flatten()
    };
    let values: Vec<_> = values?.iter().map(DateTime::to_string).collect();
    let range = property.param("RANGE").map(|range| format!(";RANGE={range}")).unwrap_or_default();
    let form = match &start {
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

/// True if every instance has the time of day of DTSTART, so that a day has at most one instance.
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
